"""Hostile records for property tests: what no honest system sends, and honest records damaged."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from hypothesis import strategies as st
from wire_builders import avro_text, zigzag

from schemas.avro_schemas import JOURNAL_PREFIX, newest, subjects
from schemas.codec import AVRO, JSON, decode, encode_avro
from schemas.messages import ENTRY_RECORDED, RESULT_RECORDED, TASK_SUBMITTED

TASK = {
    "task_id": "WJW-2026-000123", "uscc": "91120116MA05ABCD0A", "entity_name": "天津某某有限公司",
    "mode": "ONSITE", "kind": "DAILY", "trigger": "PLAN", "items": ["1101-001"],
    "planned_on": "2026-03-16", "premises_region": "120116", "officers": ["TJ0001", "TJ0002"],
    "approval": {"no": "A-1", "by": "Li", "at": "2026-03-10T09:00:00+08:00", "mode": "PRIOR"},
}  # fmt: skip
ENTRY = {"task_id": "T", "uscc": "U", "how": "SCANNED", "at": "2026-03-10T09:00:00Z", "note": "é"}
RESULT = {
    "task_id": "T", "result_id": "R", "uscc": "U", "inspected_on": "2026-03-16", "outcomes": ["1"],
    "found_problem": False, "negative": True, "publish": True,
    "items": [{"item": "1", "points": [{"point": "p", "ok": True, "note": "n"}]}],
}  # fmt: skip
HONEST = {TASK_SUBMITTED: TASK, ENTRY_RECORDED: ENTRY, RESULT_RECORDED: RESULT}
HONEST_BYTES = [json.dumps(content).encode() for content in HONEST.values()] + [
    encode_avro(decode(json.dumps(content).encode(), JSON, name), name)
    for name, content in HONEST.items()
]
TYPES = [*HONEST, *(name for name in subjects() if not name.startswith(JOURNAL_PREFIX)), "no.such"]

NASTY_TEXT = st.sampled_from(
    ["", " ", "\x00", "a\x00b", "\x1b[31m", "\u202etxt", "\u200b", "\ufeff", "\ud800", "\r\n",
     "２０２６", "𠮷" * 99, "a|b", "{x}", "9" * 400, "x" * 10_000, "NaN", "null", "-0", "20260230"]
)  # fmt: skip
NASTY = st.one_of(
    NASTY_TEXT,
    st.integers(-(2**70), 2**70),
    st.sampled_from(
        [None, True, 1e308, float("nan"), float("inf"), -0.0, [], {}, [[[]]], {"": {}}]
    ),
    st.integers(1, 60).map(lambda depth: json.loads("[" * depth + "]" * depth)),
    st.integers(0, 500).map(lambda length: ["x"] * length),
    st.text(max_size=20),
)
NUMBERS = st.sampled_from(
    [zigzag(n) for n in (-1, 1, 63, 64, 2**31, 2**40, -(2**40), 2**62, 2**63 - 1, -(2**63))]
    + [b"\xff" * 11, b"\x80" * 9 + b"\x00", b"\x82\x80\x00"]
)


class HostileRecord(NamedTuple):
    """One Kafka record as an attacker, or a broken program, might write it."""

    headers: list[tuple[str, bytes | None]]
    value: bytes | None
    content_type: str | None
    type_name: str


@st.composite
def wrong_json(draw: st.DrawFn) -> bytes:
    """An honest message with some of its fields changed, lost, added or given twice."""
    content: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(list(HONEST.values())))))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([*content, "extra", "x.y", "", "class"]) | NASTY_TEXT)
        if draw(st.booleans()):
            content[name] = draw(NASTY)
        else:
            content.pop(name, None)
    text = json.dumps(content)
    if draw(st.integers(0, 9)) == 0:
        text = text[:-1] + ',"task_id":"twice"}'
    return text.encode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Honest bytes with some flipped, cut off, doubled, or numbers put among them."""
    value = bytearray(draw(st.sampled_from(HONEST_BYTES)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(value) - 1, 0)))
        how = draw(st.integers(0, 4))
        if how == 0:
            value[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif how == 1:
            del value[at:]
        elif how == 2:
            value[at:at] = draw(NUMBERS)
        elif how == 3:
            value[at : at + 1] = draw(NUMBERS)
        else:
            value += value[at:]
    return bytes(value)


@st.composite
def wrong_avro(draw: st.DrawFn) -> bytes:
    """A schema id, often one of ours, and texts, numbers and noise after it."""
    schema_id = draw(
        st.sampled_from([newest(name).schema_id for name in HONEST]) | st.integers(0, 40)
    )
    parts = draw(
        st.lists(NUMBERS | st.text(max_size=8).map(avro_text) | st.binary(max_size=8), max_size=9)
    )
    return b"\x00" + schema_id.to_bytes(4, "big") + b"".join(parts)


header_values = st.one_of(
    st.none(),
    st.binary(max_size=20),
    NASTY_TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([b"1.0", b"2026-03-10T09:00:00Z", b"e-1", b"WJW-120116", b"registry.item"]),
)
header_names = st.sampled_from(
    ["ce_id", "ce_source", "ce_type", "ce_time", "ce_specversion", "CE_ID", "ce_subject", "ce_", "",
     "traceparent", "content-type", "Content-Type", "hub-dlq-stage", "x" * 5000, "\x00"]
)  # fmt: skip
good_headers = [
    ("ce_id", b"e-1"), ("ce_source", b"WJW-120116"), ("ce_type", b"registry.item"),
    ("ce_time", b"2026-03-10T09:00:00Z"), ("ce_specversion", b"1.0"),
]  # fmt: skip
hostile_headers = st.one_of(
    st.lists(st.tuples(header_names, header_values), max_size=8),
    st.lists(st.tuples(header_names, header_values), max_size=2).map(
        lambda few: good_headers + few
    ),
)
hostile_records = st.builds(
    HostileRecord,
    hostile_headers,
    st.one_of(st.none(), st.binary(max_size=60), wrong_json(), damaged(), wrong_avro()),
    st.sampled_from([JSON, AVRO, None, "text/plain", "application/json;charset=gbk", "", "\x00"]),
    st.sampled_from(TYPES),
)
