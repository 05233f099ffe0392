"""Are control records and dead letters true to the inputs they name?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.audit.answers import Origin
from connectors.audit.compare import kept_fault
from connectors.audit.decode import UnreadableError
from connectors.audit.draws_kept import KINDS as DRAWS
from connectors.audit.draws_kept import name_in_key
from connectors.audit.dump import Record
from connectors.audit.inputs import Inputs, read_input
from connectors.audit.policies import Policy, canonical, full_version, read_policy
from connectors.audit.wire import (
    CE_ID,
    CE_SOURCE,
    CE_TIME,
    CE_TYPE,
    CTL_POLICY,
    CTL_REGISTRY,
    DLQ_DECIDE,
    DLQ_INTAKE,
    DLQ_OFFSET,
    DLQ_PARTITION,
    DLQ_REASON,
    DLQ_TOPIC,
    HUB_ORIGIN,
    IN_PREFIX,
    JOURNAL,
    OUT_PREFIX,
    REGISTRY,
    REGISTRY_SPECIAL,
    WHITELIST_CHANGED,
)

POLICY_PUBLISHED = "policy.published"
_ID_FIELDS = ("dept", "cert_no", "item", "uscc", "day", "year", "draw_id")
_DEPARTMENTS_SEND = (WHITELIST_CHANGED, *DRAWS)


def read_policies(inputs: Inputs) -> dict[str, Policy]:
    """Every published policy by its full version; each must carry the hash of its content."""
    found: dict[str, Policy] = {}
    for _, partition, records in inputs.dump.walk(CTL_POLICY):
        for record in records:
            if record.value is None:
                continue
            where = f"{CTL_POLICY}/{partition}/{record.offset}"
            inputs.book.saw("I5.ctl")
            try:
                document = orjson.loads(record.value)
                policy = read_policy(document)
            except (AttributeError, KeyError, TypeError, ValueError) as cause:
                inputs.book.fail("I5.ctl", where, f"no policy document: {cause!r}")
                continue
            if record.value != canonical(document):
                inputs.book.fail("I5.ctl", where, "not in canonical form")
            if record.key_text() != full_version(document):
                text = f"key {record.key_text()}, its content hashes to {policy.full_version}"
                inputs.book.fail("I5.ctl", where, text)
            found[record.key_text()] = policy
            _judge_origin(inputs, record, where, document, POLICY_PUBLISHED)
    return found


def judge_registry(inputs: Inputs) -> None:
    """Check every record of the registry topic against the input it names."""
    for _, partition, records in inputs.dump.walk(CTL_REGISTRY):
        for record in records:
            if record.value is None:
                continue
            where = f"{CTL_REGISTRY}/{partition}/{record.offset}"
            inputs.book.saw("I5.ctl")
            kind, _, name = record.key_text().partition(":")
            try:
                body = inputs.decoder.body(record)
            except UnreadableError as cause:
                inputs.book.fail("I5.ctl", where, f"unreadable: {cause}")
                continue
            if kind == REGISTRY_SPECIAL:
                _judge_special(inputs, record, where, body)
                continue
            inner = body.get("data")
            data = inner if isinstance(inner, dict) else body
            version = f"{data.get('item')}@{data.get('version')}"
            if name_in_key(kind, name) not in {
                version,
                *(str(data.get(field)) for field in _ID_FIELDS),
            }:
                inputs.book.fail("I5.ctl", where, f"key names {name}, the record does not")
            stands = kind not in DRAWS or inputs.kept.stands(kind, data)
            _judge_origin(inputs, record, where, data, kind, stands=stands)
    _forgive_compacted(inputs)


def _judge_special(inputs: Inputs, record: Record, where: str, body: Mapping[str, Any]) -> None:
    """How a special inspection stands is what decide made of its log, and nobody else says it."""
    origin = _parse_origin(record.header(HUB_ORIGIN))
    named = f"{REGISTRY_SPECIAL}:{body.get('special_id')}:{body.get('version')}"
    if origin is None or origin[0] != JOURNAL:
        text = f"its origin {record.header(HUB_ORIGIN)} is no journal record"
        inputs.book.fail("I5.ctl", where, text)
    elif record.key_text() != named:
        inputs.book.fail("I5.ctl", where, f"key {record.key_text()}, its content is {named}")
    else:
        inputs.relayed.registered((origin[1], origin[2]), where, body)


def _judge_origin(
    inputs: Inputs,
    record: Record,
    where: str,
    kept: Mapping[str, Any],
    kind: str,
    *,
    stands: bool = True,
) -> None:
    origin = _parse_origin(record.header(HUB_ORIGIN))
    if origin is None:
        inputs.book.fail("I5.ctl", where, f"no header {HUB_ORIGIN} with topic/partition/offset")
        return
    if stands:
        inputs.account(origin, "control")
    sender = origin[0].removeprefix(IN_PREFIX)
    if sender != REGISTRY and kind not in _DEPARTMENTS_SEND:
        inputs.book.fail("I12", where, f"{kind} from {origin[0]}: only {REGISTRY} sends it")
    found = inputs.find(origin)
    if found is None:
        if not inputs.is_expired(origin):
            inputs.book.fail("I5.ctl", where, f"its origin {_text(origin)} does not exist")
        return
    try:
        said = read_input(inputs.decoder, found)
    except UnreadableError as cause:
        inputs.book.fail("I5.ctl", where, f"its origin {_text(origin)} is unreadable: {cause}")
        return
    fault = kept_fault(said.data, kept, all_of_it=False)
    if said.type != kind:
        fault = f"its origin is of type {said.type}, the record of {kind}"
    elif said.source != sender:
        fault = f"its origin names {said.source} as its source"
    if fault:
        inputs.book.fail("I5.ctl", where, fault)


def _forgive_compacted(inputs: Inputs) -> None:
    """A compacted topic keeps the last record of a key: earlier ones of that key may be gone."""
    gaps, last = 0, dict[str, int]()
    for topic, partition, records in inputs.dump.walk(CTL_REGISTRY):
        kept = inputs.dump.end(topic, partition) - len(records)
        gaps += kept
        for record in records:
            origin = _parse_origin(record.header(HUB_ORIGIN))
            if origin is not None:
                last[f"{origin[0]}/{origin[1]}/{record.key_text()}"] = origin[2]
    if not gaps:
        return
    for topic, partition, records in inputs.dump.walk(IN_PREFIX + REGISTRY):
        for record in records:
            key = _registry_key(inputs, record)
            if key and last.get(f"{topic}/{partition}/{key}", -1) > record.offset:
                inputs.account((topic, partition, record.offset), "control")


def _registry_key(inputs: Inputs, record: Record) -> str:
    try:
        said = read_input(inputs.decoder, record)
    except UnreadableError:
        return ""
    fields = {
        "registry.department": ("dept",),
        "registry.officer": ("cert_no",),
        "registry.item": ("item",),
        "registry.subject": ("uscc",),
        "registry.calendar": ("day", "year"),
        WHITELIST_CHANGED: ("item",),
        "draw.committed": ("draw_id",),
        "draw.revealed": ("draw_id",),
    }
    names = fields.get(said.type or "", ())
    about = next((said.data[name] for name in names if said.data.get(name) is not None), None)
    version = f"@{said.data.get('version')}" if said.type == "registry.item" else ""
    return f"{said.type}:{about}{version}" if names else ""


def judge_dead_letters(inputs: Inputs, faulted: set[tuple[int, int]]) -> None:
    """Check every dead letter: its bytes, its reason, and that the department was told.

    Args:
        inputs: The inbound side of the dump.
        faulted: Journal partition and offset of the records that deciding failed on.
    """
    told: set[Origin] = set()
    for topic in (DLQ_INTAKE, DLQ_DECIDE):
        for _, partition, records in inputs.dump.walk(topic):
            for record in records:
                where = f"{topic}/{partition}/{record.offset}"
                origin = _parse_parts(record)
                inputs.book.saw("I5.dlq")
                if origin is None:
                    inputs.book.fail("I5.dlq", where, "its headers do not say where it came from")
                elif topic == DLQ_INTAKE:
                    told.add(origin)
                    _judge_letter(inputs, record, where, origin)
                else:
                    _judge_fault(inputs, record, where, origin, faulted)
    for partition, offset in sorted(faulted):
        inputs.book.fail("I4.journal", f"{JOURNAL}/{partition}/{offset}", "FAULTED, no dead letter")
    for origin, refusals in inputs.answers.refusals.items():
        if origin not in told:
            for sent, _ in refusals:
                text = f"refuses {_text(origin)}, which is no dead letter"
                inputs.book.fail("I5.out", sent.where, text)


def _judge_letter(inputs: Inputs, record: Record, where: str, origin: Origin) -> None:
    inputs.account(origin, "dead letter")
    found = inputs.find(origin)
    if found is None:
        if not inputs.is_expired(origin):
            inputs.book.fail("I5.dlq", where, f"its origin {_text(origin)} does not exist")
    elif (found.value or b"", found.key) != (record.value or b"", record.key):
        inputs.book.fail("I5.dlq", where, f"other bytes or key than its origin {_text(origin)}")
    elif altered := _altered_header(record, found):
        inputs.book.fail("I5.dlq", where, f"other {altered} than its origin {_text(origin)}")
    reason = record.header(DLQ_REASON)
    if not reason:
        inputs.book.fail("I5.dlq", where, f"no header {DLQ_REASON}")
    dept = origin[0].removeprefix(IN_PREFIX)
    if not inputs.answers.is_expired(OUT_PREFIX + dept, record.timestamp_ms):
        wrong = _refusal_fault(inputs, origin, reason, found)
        inputs.book.expect("I4.refusals", where, wrong)


def _altered_header(kept: Record, found: Record) -> str:
    """The name of an envelope header that a record carries on from its origin, but changed."""
    for name in (CE_ID, CE_SOURCE, CE_TYPE, CE_TIME):
        if kept.header(name) not in (None, found.header(name)):
            return name
    return ""


def _refusal_fault(inputs: Inputs, origin: Origin, reason: str | None, found: Record | None) -> str:
    topic = OUT_PREFIX + origin[0].removeprefix(IN_PREFIX)
    for sent, body in inputs.answers.refusals.get(origin, ()):
        same_id = found is None or body.get("event_id") in (None, found.header(CE_ID))
        same_type = found is None or body.get("event_type") in (None, found.header(CE_TYPE))
        told = all(body.get(name) for name in ("message", "advice"))
        if sent.topic == topic and body.get("reason") == reason and same_id and same_type and told:
            return ""
    return f"no refusal for {reason} of {_text(origin)} on {topic}"


def _judge_fault(
    inputs: Inputs, record: Record, where: str, origin: Origin, faulted: set[tuple[int, int]]
) -> None:
    topic, partition, offset = origin
    rows = inputs.dump.records.get(JOURNAL, {}).get(partition, [])
    number = offset - inputs.dump.begin(JOURNAL, partition)
    journal = rows[number] if topic == JOURNAL and 0 <= number < len(rows) else None
    if journal is None or (journal.value, journal.key) != (record.value, record.key):
        inputs.book.fail("I5.dlq", where, f"other bytes or key than its origin {_text(origin)}")
    faulted.discard((partition, offset))


def _parse_parts(record: Record) -> Origin | None:
    parts = [record.header(name) for name in (DLQ_TOPIC, DLQ_PARTITION, DLQ_OFFSET)]
    return _parse_origin("/".join(part or "" for part in parts))


def _parse_origin(text: str | None) -> Origin | None:
    parts = (text or "").rsplit("/", 2)
    if len(parts) != 3 or not (parts[1].isdigit() and parts[2].isdigit()):
        return None
    return parts[0], int(parts[1]), int(parts[2])


def _text(origin: Origin) -> str:
    return "/".join(map(str, origin))
