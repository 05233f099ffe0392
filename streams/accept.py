"""May this record enter the journal?

Raw bytes in; a journal record, a registry entry or a dead letter out.

Pure given the registry: the stream, `hub replay` and the gateway's dry run all ask the same
function. The department is the topic's owner, never what the payload says (design §2).
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from schemas.codec import decode
from schemas.envelope import Content, Envelope, check_time, read_record
from schemas.identity import CreditCodeReading
from schemas.inbound import SubjectClassified, WhitelistChanged
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.inbound_joint import DrawSubmitted
from schemas.inbound_special import SurveyObjectFound
from schemas.journal import Findings, JournalRecord, Origin
from schemas.malformed import Malformed
from schemas.messages import (
    DRAW_OBJECT,
    WHITELIST_CHANGED,
    InboundType,
    Place,
)
from schemas.policy import PolicyDocument
from schemas.policy_twice import check_names
from schemas.reasons import Refusal
from schemas.special_words import SPECIAL_PREFIX
from schemas.topics import dept_of_in_topic
from streams.accept_special import check_own_log, no_enterprise, own_log, special_findings
from streams.classes import check_class
from streams.draw_checks import check_draw
from streams.enterprise_meant import check_key, code_in_key, credit_code
from streams.findings import findings_of, findings_with
from streams.ports import Record
from streams.registry import Registry
from streams.rules.built import builder
from streams.senders import row_of
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


@dataclass(frozen=True, slots=True)
class Passed:
    """An event that `accept` accepts: its key on the journal, if it has one, type and content."""

    key: str | None
    type: str
    data: BaseModel


Accepted = ForJournal | ForJournals | ForControl | Refused

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
        event, row = _event_of(record, dept, envelope, content, registry)
        if isinstance(event.data, DrawSubmitted):
            return _for_journals(record, registry, event, event.data)
        if row.place is not Place.JOURNAL:
            return ForControl(row.place, row.type, event.data)
        return _for_journal(record, registry, event)
    except Exception as cause:  # noqa: BLE001 - one record must never stop the others: it is parked
        return _refused(cause, dept, envelope)


def pass_judgement(
    record: Record, envelope: Envelope, content: Content, registry: Registry
) -> Passed | Refused:
    """Judge one record that was read before, as `accept` does, and leave out what comes of it.

    What the registries say of an event is half of what accepting costs, and refuses nothing.
    """
    dept = dept_of_in_topic(record.topic) or ""
    try:
        event, row = _event_of(record, dept, envelope, content, registry)
        if isinstance(event.data, DrawSubmitted):
            _for_journals(record, registry, event, event.data)
            return Passed(None, row.type, event.data)
        if row.place is not Place.JOURNAL:
            return Passed(None, row.type, event.data)
        checked = _checked(record, registry, event)
        if isinstance(checked, ForControl):
            return Passed(None, checked.type, checked.entry)
        return Passed(_key_of(checked.data), row.type, checked.data)
    except Exception as cause:  # noqa: BLE001 - as in `accept`
        return _refused(cause, dept, envelope)


def _refused(cause: Exception, dept: str, envelope: Envelope | None) -> Refused:
    if isinstance(cause, Malformed):
        return Refused(cause.reason, cause.field, cause.message, dept or None, envelope)
    message = f"{type(cause).__name__}: {cause}"
    return Refused(Refusal.FAULTED, "", message, dept or None, envelope)


@dataclass(frozen=True, slots=True)
class _Event:
    dept: str
    envelope: Envelope
    data: BaseModel


@dataclass(frozen=True, slots=True)
class _Checked:
    """An event for one log; `reading` None: that of a special inspection, without enterprise."""

    version: str
    data: BaseModel
    reading: CreditCodeReading | None


def _event_of(
    record: Record, dept: str, envelope: Envelope, content: Content, registry: Registry
) -> tuple[_Event, InboundType]:
    row = row_of(envelope, dept, registry)
    check_time(envelope.time, record.timestamp)
    data = decode(content.value, content.type, row.type)
    if isinstance(data, (DrawCommitted, DrawRevealed)):
        check_draw(dept, data, registry)
    elif isinstance(data, PolicyDocument):
        check_names(data)
    return _Event(dept, envelope, data), row


def _for_journal(record: Record, registry: Registry, event: _Event) -> Accepted:
    checked = _checked(record, registry, event)
    if isinstance(checked, ForControl):
        return checked
    envelope, data, reading = event.envelope, checked.data, checked.reading
    if reading is None:
        findings = special_findings(event.dept, data, envelope.time, registry)
    else:
        findings = findings_of(event.dept, data, reading, registry)
    part = (envelope.id, envelope.type, data, findings)
    return _journal(record, checked.version, event, part)


def _checked(record: Record, registry: Registry, event: _Event) -> _Checked | ForControl:
    data = event.data
    if isinstance(data, WhitelistChanged) and data.uscc is None:
        return _item_whitelist(data)
    version = _policy_version(registry)
    key = own_log(data)
    if key is not None:
        check_own_log(record.key, key, data)
    if key is not None and key.startswith(SPECIAL_PREFIX):
        return _Checked(version, data, None)
    if key is not None and not isinstance(data, SurveyObjectFound):
        reading = no_enterprise(key)
    else:
        text = data.uscc  # type: ignore[attr-defined] # every other journal type has one
        reading = credit_code(code_in_key(record.key) if text is None else text, registry)
        if key is None:
            check_key(record.key, reading.code, data)
        if text != reading.code:
            data = data.model_copy(update={"uscc": reading.code})
    if isinstance(data, SubjectClassified):
        check_class(data, event.envelope.time, registry.policies.get(version))
    return _Checked(version, data, reading)


def _for_journals(
    record: Record, registry: Registry, event: _Event, draw: DrawSubmitted
) -> ForJournals:
    """A draw, object by object; one that is no credit code refuses the whole (art. 2)."""
    version = _policy_version(registry)
    check_draw_key(record.key, draw)
    read = (
        credit_code(text, registry, f"objects[{place}]") for place, text in enumerate(draw.objects)
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
        _key_of(data),
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


def _key_of(data: BaseModel) -> str:
    return own_log(data) or data.uscc  # type: ignore[attr-defined] # all others have one


def _item_whitelist(data: WhitelistChanged) -> ForControl:
    """An item concerns no single enterprise: every worker must know of it."""
    if data.item is None:
        raise Malformed(Refusal.INVALID_FIELD, "item", "neither uscc nor item given: one expected")
    return ForControl(Place.CTL_REGISTRY, WHITELIST_CHANGED, data)
