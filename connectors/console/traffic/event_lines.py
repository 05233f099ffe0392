"""Which Kafka record does a line of a file stand for? One structured CloudEvent a line.

Nothing is judged but where it goes: a line with a wrong time, an unknown type or a credit code that
is none is sent as it stands, for intake to refuse and the department to hear of. Only what names no
department, or is no JSON object at all, cannot be sent.

Two extensions serve tests and rehearsals: `hub_raw` (base64) is the value, whatever it holds, and
`hub_topic` names the department on whose topic the event is put, whatever its `source` says.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any, NamedTuple

import msgspec

from schemas.codec import JSON
from schemas.identity import CreditCodeOutcome, dept_fault, read_credit_code
from schemas.messages import INBOUND, REGISTRY_DEPARTMENT, WHITELIST_CHANGED, Place
from schemas.registry import REGISTRY_SOURCE
from schemas.special_words import log_named

RAW = "hub_raw"
TOPIC_OWNER = "hub_topic"
LINE_BYTES_MAX = 8 << 20

_READABLE = frozenset({CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT})
_BODY = frozenset({"data", "data_base64", RAW, TOPIC_OWNER})
_HEADER_OF = {"datacontenttype": "content-type", "traceparent": "traceparent"}
_CREDIT_CODES_REMEMBERED_MAX = 200_000


class _Ids(msgspec.Struct):
    """What of the data says where the record belongs. Any JSON may stand there."""

    uscc: Any = None
    task_id: Any = None
    dept: Any = None
    special_id: Any = None
    survey_task_id: Any = None


_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_ids = msgspec.json.Decoder(_Ids).decode
_anything = msgspec.json.Decoder().decode


class Posting(NamedTuple):
    """One record for a department's topic.

    Attributes:
        dept: on whose topic it is put.
        type: the event type as it stands; empty when it is no text.
        subject: whose order it belongs to: enterprise, special inspection or survey, else task;
            None when none can be read.
        registers: the department that a `registry.department` event registers.
        line: the line's number in its file.
        id: the event's own id as it stands; empty when there is none.
    """

    dept: str
    type: str
    subject: str | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    registers: str | None = None
    line: int = 0
    id: str = ""

    @property
    def key(self) -> bytes | None:
        """The record's key: the credit code or the log that it names, else the task id."""
        return None if self.subject is None else self.subject.encode("utf-8", "replace")

    @property
    def from_registry(self) -> bool:
        """Do the platform's administrators send it?"""
        return self.dept == REGISTRY_SOURCE

    @property
    def is_control(self) -> bool:
        """Does it change by what others are judged, not the case of one enterprise?"""
        if self.type == WHITELIST_CHANGED:
            return self.subject is None
        row = INBOUND.get(self.type)
        return self.from_registry and row is not None and row.place is not Place.JOURNAL


class LineFault(ValueError):  # noqa: N818 - it names what is wrong with the line
    """A line from which no record can be made; the message says why."""


class LineReader:
    """Reads lines; remembers credit codes, which come again and again."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def read(self, line: bytes, number: int = 0) -> Posting:
        """The record for one line; `number` is that of the line in its file.

        Raises:
            LineFault: it is no JSON object, names no department, or is too long.
        """
        members = _object(line)
        attributes = {name: _text(raw) for name, raw in members.items() if name not in _BODY}
        source = attributes.get("source", "")
        owner = _text(members[TOPIC_OWNER]) if TOPIC_OWNER in members else source
        fault = dept_fault(owner)
        if fault is not None:
            name = TOPIC_OWNER if TOPIC_OWNER in members else "source"
            raise LineFault(
                f"{name} {owner[:80]!a} {fault}: the department's registry code expected"
            )
        data = members.get("data")
        ids = _ids_in(data)
        kind = attributes.get("type", "")
        registers = ids.dept if kind == REGISTRY_DEPARTMENT and isinstance(ids.dept, str) else None
        return Posting(
            owner,
            kind,
            log_named(kind, msgspec.structs.asdict(ids)) or self._subject(ids),
            _value(members, data),
            _headers(attributes),
            registers,
            number,
            attributes.get("id", ""),
        )

    def _subject(self, ids: _Ids) -> str | None:
        if isinstance(ids.uscc, str):
            known = self._known.get(ids.uscc, "")
            if known == "":
                if len(self._known) >= _CREDIT_CODES_REMEMBERED_MAX:
                    self._known.clear()
                reading = read_credit_code(ids.uscc)
                known = reading.code if reading.outcome in _READABLE else None
                self._known[ids.uscc] = known
            if known:
                return known
        return ids.task_id if isinstance(ids.task_id, str) and ids.task_id else None


def _object(line: bytes) -> dict[str, msgspec.Raw]:
    if len(line) > LINE_BYTES_MAX:
        raise LineFault(f"{len(line):,} bytes long, at most {LINE_BYTES_MAX:,} expected")
    try:
        return _members(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
        raise LineFault(f"not a CloudEvent in JSON: {cause}") from None


def _text(raw: msgspec.Raw) -> str:
    """An attribute as the header says it: text as it stands, anything else as its JSON."""
    if bytes(raw)[:1] != b'"':
        return bytes(raw).decode("utf-8", "replace")
    try:
        return str(_anything(raw))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return bytes(raw).decode("utf-8", "replace")


def _ids_in(data: msgspec.Raw | None) -> _Ids:
    if data is None:
        return _Ids()
    try:
        return _ids(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Ids()


def _value(members: dict[str, msgspec.Raw], data: msgspec.Raw | None) -> bytes | None:
    for name in (RAW, "data_base64"):
        if name in members:
            try:
                return b64decode(_text(members[name]), validate=True)
            except binascii.Error as cause:
                raise LineFault(f"{name} is not base64: {cause}") from None
    return None if data is None else bytes(data)


def _headers(attributes: dict[str, str]) -> list[tuple[str, bytes]]:
    attributes.setdefault("datacontenttype", JSON)
    return [
        (_HEADER_OF.get(name) or f"ce_{name}", value.encode("utf-8", "replace"))
        for name, value in attributes.items()
    ]
