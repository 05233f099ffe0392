"""May this record enter the journal?

Raw bytes in; a journal record, a registry entry or a dead letter out.

Pure given the registry: the stream, `hub replay` and the gateway's dry run all ask the same
function. The department is the topic's owner, never what the payload says (design §2).
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from schemas.codec import decode
from schemas.envelope import Envelope, check_time, read_record
from schemas.identity import CreditCodeOutcome, CreditCodeReading, read_credit_code
from schemas.inbound import SubjectClassified, WhitelistChanged
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.inbound_joint import DrawSubmitted
from schemas.inbound_special import SurveyObjectFound
from schemas.journal import Findings, JournalRecord, Origin
from schemas.malformed import Malformed, shown
from schemas.messages import (
    DRAW_OBJECT,
    INBOUND,
    RESUME_ORDERED,
    STOP_ORDERED,
    SUBJECT_CLASSIFIED,
    WHITELIST_CHANGED,
    InboundType,
    Place,
    Sender,
)
from schemas.reasons import Refusal
from schemas.registry import REGISTRY_SOURCE
from schemas.special_words import SPECIAL_PREFIX
from schemas.topics import dept_of_in_topic
from streams.accept_special import check_own_log, no_enterprise, own_log, special_findings
from streams.classes import check_class
from streams.draw_checks import check_draw
from streams.findings import findings_of, findings_with
from streams.ports import Record
from streams.registry import Registry
from streams.rules.built import builder
from streams.spread import check_draw_key, objects_of


@dataclass(frozen=True, slots=True)
class ForJournal:
    """An accepted event, to be appended to the journal under `key`.

    `traceparent`: the trace that it came with, which goes on in the journal.
    """

    key: str
    record: JournalRecord[BaseModel]
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class ForJournals:
    """An accepted event that concerns many enterprises: a record for each, under its own key."""

    type: str
    entry: BaseModel
    records: tuple[ForJournal, ...]


@dataclass(frozen=True, slots=True)
class ForControl:
    """An accepted registry or policy entry, to be put on a control topic."""

    place: Place
    type: str
    entry: BaseModel


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be accepted: reason, path of the field, what was found and expected."""

    reason: Refusal
    field: str
    message: str
    dept: str | None
    envelope: Envelope | None


Accepted = ForJournal | ForJournals | ForControl | Refused

# The administrators push classes and whitelists too (art. 3: three feeds), and have results stopped
# on behalf of any department (art. 13).
_ALSO_FROM_REGISTRY = frozenset(
    {SUBJECT_CLASSIFIED, WHITELIST_CHANGED, STOP_ORDERED, RESUME_ORDERED}
)
_BUSINESS_IDS = ("task_id", "result_id", "repair_id", "joint_id")
_NO_CODE = frozenset({CreditCodeOutcome.MALFORMED, CreditCodeOutcome.OLD_REGISTRATION_NUMBER})

# What is put together here from checked parts is not checked again: that took a third of the time.
_build_record, _build_origin = builder(JournalRecord[BaseModel]), builder(Origin)


def accept(record: Record, registry: Registry) -> Accepted:
    """Judge one inbound record.

    Whatever its bytes are, the answer is one of four; nothing is raised.
    """
    dept = dept_of_in_topic(record.topic) or ""
    envelope: Envelope | None = None
    try:
        envelope, content = read_record(record.headers, record.value)
        row = _row_of(envelope, dept, registry)
        check_time(envelope.time, record.timestamp)
        data = decode(content.value, content.type, row.type)
        if isinstance(data, (DrawCommitted, DrawRevealed)):
            check_draw(dept, data, registry)
        if isinstance(data, DrawSubmitted):
            return _for_journals(record, registry, _Event(dept, envelope, data), data)
        if row.place is not Place.JOURNAL:
            return ForControl(row.place, row.type, data)
        return _for_journal(record, registry, _Event(dept, envelope, data))
    except Malformed as cause:
        return Refused(cause.reason, cause.field, cause.message, dept or None, envelope)
    except Exception as cause:  # noqa: BLE001 - one record must never stop the others: it is parked
        message = f"{type(cause).__name__}: {cause}"
        return Refused(Refusal.FAULTED, "", message, dept or None, envelope)


@dataclass(frozen=True, slots=True)
class _Event:
    dept: str
    envelope: Envelope
    data: BaseModel


def _row_of(envelope: Envelope, dept: str, registry: Registry) -> InboundType:
    """The event type's row, if this department may send it (art. 14; invariant I12)."""
    if envelope.source != dept:
        raise Malformed(
            Refusal.FOREIGN_SOURCE,
            "source",
            f"{shown(envelope.source)} found: {dept} expected here",
        )
    row = INBOUND.get(envelope.type)
    if row is None:
        raise Malformed(Refusal.UNKNOWN_TYPE, "type", f"{shown(envelope.type)} is no type of ours")
    if dept == REGISTRY_SOURCE:
        allowed = row.sender is Sender.REGISTRY or row.type in _ALSO_FROM_REGISTRY
    else:
        allowed = row.sender is Sender.DEPARTMENT
        if dept not in registry.departments:
            raise Malformed(
                Refusal.UNKNOWN_DEPARTMENT, "source", f"{shown(dept)} is not in the registry"
            )
    if not allowed:
        raise Malformed(
            Refusal.NOT_FOR_DEPARTMENTS, "type", f"{row.type} is not for {dept} to send"
        )
    return row


def _for_journal(record: Record, registry: Registry, event: _Event) -> Accepted:
    data = event.data
    if isinstance(data, WhitelistChanged) and data.uscc is None:
        return _item_whitelist(data)
    version = _policy_version(registry)
    envelope = event.envelope
    key = own_log(data)
    if key is not None:
        check_own_log(record.key, key, data)
    if key is not None and key.startswith(SPECIAL_PREFIX):
        findings = special_findings(event.dept, data, envelope.time, registry)
        return _journal(record, version, event, (envelope.id, envelope.type, data, findings))
    if key is not None and not isinstance(data, SurveyObjectFound):
        reading = no_enterprise(key)
    else:
        text = data.uscc  # type: ignore[attr-defined] # every other journal type has one
        reading = _credit_code(_code_in_key(record.key) if text is None else text, registry)
        if key is None:
            _check_key(record.key, reading.code, data)
        if text != reading.code:
            data = data.model_copy(update={"uscc": reading.code})
    if isinstance(data, SubjectClassified):
        check_class(data, envelope.time, registry.policies.get(version))
    findings = findings_of(event.dept, data, reading, registry)
    return _journal(record, version, event, (envelope.id, envelope.type, data, findings))


def _for_journals(
    record: Record, registry: Registry, event: _Event, draw: DrawSubmitted
) -> ForJournals:
    """A draw, object by object; one that is no credit code refuses the whole (art. 2)."""
    version = _policy_version(registry)
    check_draw_key(record.key, draw)
    read = (
        _credit_code(text, registry, f"objects[{place}]") for place, text in enumerate(draw.objects)
    )
    readings = {reading.code: reading for reading in read}
    records = []
    for one, found in objects_of(event.dept, draw, readings, registry):
        part = (f"{event.envelope.id}/{one.uscc}", DRAW_OBJECT, one, findings_with(found))
        records.append(_journal(record, version, event, part))
    return ForJournals(event.envelope.type, draw, tuple(records))


def _policy_version(registry: Registry) -> str:
    if registry.policy_version is None:
        raise Malformed(Refusal.NO_POLICY, "", "there is no policy to judge it by")
    return registry.policy_version


def _journal(
    record: Record, version: str, event: _Event, part: tuple[str, str, BaseModel, Findings]
) -> ForJournal:
    """The journal record of an event, or of one of its objects: id, type, content and findings."""
    id_, type_, data, findings = part
    return ForJournal(
        own_log(data) or data.uscc,  # type: ignore[attr-defined] # all others have one
        _build_record(
            {
                "id": id_,
                "type": type_,
                "time": event.envelope.time,
                "dept": event.dept,
                "policy_version": version,
                "origin": _build_origin(
                    {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                ),
                "findings": findings,
                "data": data,
            }
        ),
        event.envelope.traceparent,
    )


def _item_whitelist(data: WhitelistChanged) -> Accepted:
    """An item concerns no single enterprise: every worker must know of it."""
    if data.item is None:
        raise Malformed(Refusal.INVALID_FIELD, "item", "neither uscc nor item given: one expected")
    return ForControl(Place.CTL_REGISTRY, WHITELIST_CHANGED, data)


def _credit_code(text: str, registry: Registry, field: str = "uscc") -> CreditCodeReading:
    """The enterprise meant, if it is one (GB 32100-2015)."""
    reading = read_credit_code(text)
    if reading.outcome is CreditCodeOutcome.VALID:
        return reading
    if reading.outcome is CreditCodeOutcome.CHECK_DIGIT:
        if registry.knows_subject(reading.code):
            return reading
        reason = Refusal.CREDIT_CODE_CHECK_DIGIT
    elif reading.outcome is CreditCodeOutcome.OLD_REGISTRATION_NUMBER:
        reason = Refusal.OLD_REGISTRATION_NUMBER
    else:
        reason = Refusal.CREDIT_CODE
    hint = f"; perhaps {reading.suggestion} is meant" if reading.suggestion else ""
    raise Malformed(reason, field, f"{shown(text)} found: {reading.problem}{hint}")


def _code_in_key(key: bytes | None) -> str:
    """The credit code that the record's key gives where the content gives none."""
    text = (key or b"").decode("utf-8", "replace")
    if read_credit_code(text).outcome in _NO_CODE:
        found = f"neither uscc given nor a credit code as key: key {shown(text)} found"
        raise Malformed(Refusal.INVALID_FIELD, "uscc", found)
    return text


def _check_key(key: bytes | None, credit_code: str, data: BaseModel) -> None:
    """The record's key orders it on the department's topic; it must not name another enterprise."""
    if key is None or key == credit_code.encode():
        return
    try:
        text = key.decode()
    except UnicodeDecodeError:
        raise Malformed(Refusal.WRONG_KEY, "key", "the key is not UTF-8") from None
    ids = {getattr(data, name, None) for name in _BUSINESS_IDS}
    if text not in ids and read_credit_code(text).code != credit_code:
        found = f"{shown(text)} found: {credit_code}, or the id of the task, result or repair"
        raise Malformed(Refusal.WRONG_KEY, "key", f"{found}, expected")
