"""Every refusal has a row; nothing is dropped; a department hears of what was refused."""

import json
from hashlib import sha256
from typing import Any

import pytest
from builders import a_document, a_task
from fakes import FakeKafka
from hostile import HostileRecord, hostile_records
from hypothesis import HealthCheck, given, settings

from schemas.codec import AVRO, JSON, decode_journal
from schemas.dead_letter import from_headers
from schemas.decision import EventRefused
from schemas.enums import Standing
from schemas.inbound_draw import DrawCommitted
from schemas.messages import (
    CODE_EXPIRED,
    DRAW_COMMITTED,
    DRAW_REVEALED,
    INBOUND,
    POLICY_PUBLISHED,
    SUBJECT_CLASSIFIED,
    TASK_SUBMITTED,
    WHITELIST_CHANGED,
)
from schemas.policy import Scheme
from schemas.reasons import REFUSALS, Refusal
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.ports import Outgoing
from streams.registry import Registry

DEPT, USCC, WRONG_DIGIT = "WJW-120116", "91120116MA05ABCD0C", "91120116MA05ABCD0A"
LISTED_WRONG_DIGIT = "91350211M0000XUF46"
TIME = "2026-02-01T09:00:00+08:00"
SCHEME = Scheme.model_validate_json(
    '{"id":"GENERAL_RISK","source":"a test","class":[{"class":"A","percent":1}]}'
)


class AlwaysLevel:
    """Control topics with nothing new."""

    async def level(self, *, now=False):
        pass


def a_registry(*, policy: bool = True) -> Registry:
    registry = Registry()
    entries: list[tuple[str, dict[str, Any]]] = [
        ("registry.department", {
            "dept": DEPT, "name": "卫生健康委", "region": "120116", "level": "DISTRICT",
            "system": "WJW", "listed": True, "valid_from": "2020-01-01"}),
        ("registry.officer", {
            "cert_no": "TJ0001", "name": "甲", "dept": DEPT, "valid_from": "2020-01-01",
            "status": "VALID"}),
        ("registry.officer", {
            "cert_no": "TJ0002", "name": "乙", "dept": DEPT, "valid_from": "2020-01-01",
            "valid_to": "2026-03-01", "status": "VALID"}),
        ("registry.subject", {
            "uscc": LISTED_WRONG_DIGIT, "name": "云上晴空", "object_type": "企业",
            "industry": "5199", "region": "120116", "status": "ACTIVE"}),
    ]  # fmt: skip
    for kind, entry in entries:
        registry.put(kind, INBOUND[kind].model.model_validate_json(json.dumps(entry)))
    if policy:
        document = a_document()
        registry.put("policy.published", document)
        registry.policies[document.full_version] = document.model_copy(update={"scheme": (SCHEME,)})
    registry.put(DRAW_COMMITTED, DrawCommitted.model_validate_json(json.dumps(a_commitment())))
    return registry


def a_commitment(**changes: Any) -> dict[str, Any]:
    """A draw that was committed to, its seed being zeros."""
    plain = {
        "draw_id": "D-1", "dept": DEPT, "quarter": "2026Q1", "frame_sha256": "ab" * 32,
        "seed_sha256": sha256(bytes(32)).hexdigest(), "objects": 9, "take": 1, "officers": 3,
        "committed_at": TIME,
    }  # fmt: skip
    return {**plain, **changes}


def a_seed(**changes: Any) -> bytes:
    plain = {
        "draw_id": "D-1", "dept": DEPT, "seed": "00" * 32, "chosen_sha256": "cd" * 32,
        "revealed_at": TIME,
    }  # fmt: skip
    return json.dumps({**plain, **changes}).encode()


def a_class(**changes: Any) -> bytes:
    plain = {"uscc": USCC, "scheme": "GENERAL_RISK", "class": "A", "as_of": "2026-01-01"}
    return json.dumps({**plain, **changes}).encode()


def headers(**changes: str | None) -> list[tuple[str, bytes]]:
    values = {
        "ce_specversion": "1.0", "ce_id": "E-1", "ce_source": DEPT, "ce_type": TASK_SUBMITTED,
        "ce_time": TIME, "content-type": JSON, **changes,
    }  # fmt: skip
    return [(name, value.encode()) for name, value in values.items() if value is not None]


def task_bytes(**changes: Any) -> bytes:
    return json.dumps(a_task(**{"uscc": USCC, **changes})).encode()


def a_record(
    value: bytes | None, *, key: bytes | None = None, dept: str = DEPT, **changes: str | None
) -> Outgoing:
    return Outgoing(f"insp.in.{dept}", 0, key, value, headers(**changes))


async def take(*messages: Outgoing, registry: Registry | None = None) -> FakeKafka:
    """What lies on the topics after intake."""
    kafka = FakeKafka()
    handler = IntakeHandler(
        registry=registry or a_registry(), control=AlwaysLevel(), publisher=kafka
    )
    for message in messages:
        record = kafka.append(message)
        await handler.handle(Partition(record.topic, record.partition), [record])
    return kafka


NOT_OURS = b"\x00\x00\x00\xff\xff" + b"x"


ITEM = {"id": "LH-1", "title": "t", "initiator": "WJW", "items": ["1"]}
TWICE = json.dumps({"policy": {"version": "v"}, "joint_item": [ITEM, ITEM]}).encode()
ROWS = [
    pytest.param(Refusal.EMPTY, a_record(None), id="no value"),
    pytest.param(Refusal.TOO_LARGE, a_record(b" " * 300_000), id="too large"),
    pytest.param(Refusal.TOO_DEEP, a_record(task_bytes(x=json.loads("[" * 40 + "]" * 40))),
                 id="too deep"),
    pytest.param(Refusal.UNDECODABLE, a_record(b"\xff\xfe{"), id="no JSON"),
    pytest.param(Refusal.UNKNOWN_SCHEMA, a_record(NOT_OURS, **{"content-type": AVRO}),
                 id="a schema of somebody else"),
    pytest.param(Refusal.ENVELOPE, a_record(task_bytes(), ce_id=None), id="no id"),
    pytest.param(Refusal.ENVELOPE, a_record(task_bytes(), ce_id="x" * 10_000), id="endless id"),
    pytest.param(Refusal.FOREIGN_SOURCE, a_record(task_bytes(), ce_source="XFJ-120116"),
                 id="in another's name"),
    pytest.param(Refusal.UNKNOWN_DEPARTMENT,
                 a_record(task_bytes(), dept="ZZZ-1", ce_source="ZZZ-1"), id="nobody registered"),
    pytest.param(Refusal.UNKNOWN_TYPE, a_record(task_bytes(), ce_type="no.such"), id="no type"),
    pytest.param(Refusal.NOT_FOR_DEPARTMENTS, a_record(b"{}", ce_type=CODE_EXPIRED),
                 id="the hub's own type"),
    pytest.param(Refusal.FUTURE_TIME, a_record(task_bytes(), ce_time="2030-01-01T00:00:00Z"),
                 id="from the future"),
    pytest.param(Refusal.INVALID_FIELD, a_record(task_bytes(items=[])), id="no items"),
    pytest.param(Refusal.INVALID_FIELD, a_record(task_bytes(task_id="a\u202eb")), id="turned text"),
    pytest.param(Refusal.CREDIT_CODE, a_record(task_bytes(uscc="91120116MAO5")), id="no code"),
    pytest.param(Refusal.CREDIT_CODE_CHECK_DIGIT, a_record(task_bytes(uscc=WRONG_DIGIT)),
                 id="a wrong digit nobody vouches for"),
    pytest.param(Refusal.OLD_REGISTRATION_NUMBER, a_record(task_bytes(uscc="120116000012345")),
                 id="fifteen digits"),
    pytest.param(Refusal.DRAW_TAKEN, a_record(json.dumps(a_commitment(take=2)).encode(),
                                              ce_type=DRAW_COMMITTED), id="another draw"),
    pytest.param(Refusal.DRAW_NOT_COMMITTED, a_record(a_seed(draw_id="D-2"), ce_type=DRAW_REVEALED),
                 id="a seed of no draw"),
    pytest.param(Refusal.DRAW_SEED, a_record(a_seed(seed="11" * 32), ce_type=DRAW_REVEALED),
                 id="another seed"),
    pytest.param(Refusal.DRAW_SPECIAL,
                 a_record(json.dumps(a_commitment(draw_id="D-3", special_id="ZX-9")).encode(),
                          ce_type=DRAW_COMMITTED), id="drawn for nothing that stands"),
    pytest.param(Refusal.FOREIGN_SOURCE, a_record(a_seed(dept="XFJ-120116"), ce_type=DRAW_REVEALED),
                 id="another's draw"),
    pytest.param(Refusal.FUTURE_DAY, a_record(a_class(as_of="2026-12-31"),
                                              ce_type=SUBJECT_CLASSIFIED), id="tomorrow's class"),
    pytest.param(Refusal.CLASS_OUT_OF_RANGE, a_record(a_class(**{"class": "Z"}),
                                                      ce_type=SUBJECT_CLASSIFIED), id="no class"),
    pytest.param(Refusal.INVALID_FIELD,
                 a_record(TWICE, dept="REGISTRY", ce_source="REGISTRY", ce_type=POLICY_PUBLISHED),
                 id="one id twice"),
    pytest.param(Refusal.WRONG_KEY, a_record(task_bytes(), key=LISTED_WRONG_DIGIT.encode()),
                 id="keyed by another enterprise"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "message"), ROWS)
async def test_a_refused_record_waits_with_its_bytes_and_its_department_is_told(
    reason: Refusal, message: Outgoing
):
    kafka = await take(message)

    (dead,) = kafka.all("insp.dlq.intake")
    letter = from_headers(dead.headers, dead.value)
    dept = message.topic.removeprefix("insp.in.")
    (told,) = kafka.all(f"insp.out.{dept}")
    refused = EventRefused.model_validate_json(told.value or b"")
    assert (letter.reason, dead.value, dead.key) == (reason, message.value, message.key)
    assert (letter.topic, letter.partition, letter.offset) == (message.topic, 0, 0)
    assert refused.reason == reason
    assert refused.advice == REFUSALS[reason][1]
    assert not kafka.all("insp.journal")


async def test_without_a_policy_nothing_can_be_judged_and_nothing_is_lost():
    kafka = await take(a_record(task_bytes()), registry=a_registry(policy=False))

    (dead,) = kafka.all("insp.dlq.intake")
    assert from_headers(dead.headers, dead.value).reason is Refusal.NO_POLICY


async def test_a_fault_of_our_own_parks_the_record_and_the_next_goes_on():
    registry = a_registry()
    broken = registry.departments
    registry.departments = None  # type: ignore[assignment] # our own mistake

    kafka = await take(a_record(task_bytes()), registry=registry)
    registry.departments = broken

    (dead,) = kafka.all("insp.dlq.intake")
    assert from_headers(dead.headers, dead.value).reason is Refusal.FAULTED


def test_every_reason_is_shown_here():
    shown = {row.values[0] for row in ROWS} | {Refusal.NO_POLICY, Refusal.FAULTED}
    of_later_stages = {Refusal.UNASKED, Refusal.WRONG_PARTITION, Refusal.TOO_MANY}

    assert shown | of_later_stages == set(Refusal)
    assert shown & of_later_stages == set()


async def test_an_accepted_task_stands_in_the_journal_with_what_was_found():
    kafka = await take(a_record(task_bytes(premises_region="120101", seal=1)))

    (record,) = kafka.all("insp.journal")
    entry = decode_journal(record.value)
    found = entry.findings
    assert record.key == USCC.encode()
    assert (entry.origin.topic, entry.origin.offset) == (f"insp.in.{DEPT}", 0)
    assert entry.policy_version == a_document().full_version
    assert [one.standing for one in found.officers] == [Standing.VALID, Standing.EXPIRED]
    assert (found.in_territory, found.in_scope, found.unknown_fields) == (False, True, ("seal",))


async def test_a_trace_goes_on_in_the_journal():
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    traced = await take(a_record(task_bytes(), traceparent=parent))
    plain = await take(a_record(task_bytes()))
    broken = await take(a_record(task_bytes(), traceparent="00-nonsense"))

    (one,), (other,), (third,) = (kafka.all("insp.journal") for kafka in (traced, plain, broken))
    assert dict(one.headers)["traceparent"] == parent.encode()
    assert "traceparent" not in dict(other.headers) | dict(third.headers)
    assert one.value == other.value == third.value, "what is decided does not depend on it"


async def test_a_code_that_fails_its_digit_passes_if_the_object_list_knows_it():
    kafka = await take(a_record(task_bytes(uscc=LISTED_WRONG_DIGIT.lower())))

    (record,) = kafka.all("insp.journal")
    entry = decode_journal(record.value)
    assert record.key == LISTED_WRONG_DIGIT.encode()
    assert not entry.findings.check_digit_ok
    assert entry.findings.subject is not None


async def test_a_whitelisted_item_concerns_every_worker():
    value = json.dumps(
        {"item": "1101-001", "listed": True, "from": "2026-01-01", "until": None, "ground": "x"}
    ).encode()

    kafka = await take(a_record(value, ce_type=WHITELIST_CHANGED))

    (record,) = kafka.all("insp.ctl.registry")
    assert record.key == b"whitelist.changed:1101-001"
    assert dict(record.headers)["hub-origin"] == f"insp.in.{DEPT}/0/0".encode()


async def test_a_replayed_letter_that_is_refused_again_counts_its_replays():
    first = await take(a_record(b"junk"))
    (dead,) = first.all("insp.dlq.intake")
    again = a_record(b"junk")._replace(
        headers=[*headers(), ("hub-dlq-replay-count", b"2"), ("hub-dlq-first-failed-at", b"1234")]
    )

    second = await take(again)

    (letter,) = (from_headers(r.headers, r.value) for r in second.all("insp.dlq.intake"))
    assert from_headers(dead.headers, dead.value).replay_count == 0
    assert (letter.replay_count, letter.first_failed_at_ms) == (2, 1234)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile=hostile_records)
def test_every_hostile_record_comes_out_somewhere(hostile: HostileRecord):
    import asyncio

    message = Outgoing(f"insp.in.{DEPT}", 0, b"k", hostile.value, hostile.headers)

    kafka = asyncio.run(take(message))

    went = [r.topic for log in kafka.logs.values() for r in log if r.topic != message.topic]
    assert sum(topic != f"insp.out.{DEPT}" for topic in went) == 1, went
