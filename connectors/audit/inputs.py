"""Is every inbound record accounted for, and truthfully?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.answers import Answers, Origin
from connectors.audit.compare import kept_fault
from connectors.audit.decode import Decoder, Entry, UnreadableError
from connectors.audit.draw_inputs import DrawInputs
from connectors.audit.draws_kept import DrawsKept
from connectors.audit.dump import Dump, Record
from connectors.audit.relayed import Relayed
from connectors.audit.report import Book
from connectors.audit.wire import (
    ABOUT_DISCLOSURES,
    ABOUT_REPAIRS,
    ABOUT_SPECIALS,
    ABOUT_SURVEYS,
    CE_ID,
    CE_SOURCE,
    CE_TIME,
    CE_TYPE,
    CONTENT_TYPE,
    DRAW_OBJECT,
    DRAW_SUBMITTED,
    HUB,
    HUB_ONLY,
    IN_PREFIX,
    JOINT_ABSENT,
    JOINT_WITHDRAWN,
    JOURNAL,
    RELAYED,
    SPECIAL,
    SPECIAL_OBJECT_REPORTED,
    SURVEY,
)

_CREDIT_CODE = re.compile(rb"[0-9A-Z]{18}")
_KEYED = ABOUT_DISCLOSURES | ABOUT_REPAIRS | {JOINT_WITHDRAWN, JOINT_ABSENT}
_OF_OBJECTS = {DRAW_OBJECT: DRAW_SUBMITTED}
"""Types whose records each hold one object of an inbound event of another type."""
_STRUCTURED = "application/cloudevents"


@dataclass(slots=True)
class Said:
    """One event as its sender sent it."""

    id: str | None
    source: str | None
    type: str | None
    time: str | None
    data: dict[str, Any]


def read_input(decoder: Decoder, record: Record) -> Said:
    """An inbound record: CloudEvents in binary mode, or structured.

    Raises:
        UnreadableError: It is none.
    """
    body = decoder.body(record)
    if (record.header(CONTENT_TYPE) or "").startswith(_STRUCTURED):
        data = body.get("data")
        if not isinstance(data, dict):
            raise UnreadableError("a structured event without data")
        named = (body.get(name) for name in ("id", "source", "type", "time"))
        event_id, source, kind, time = (None if v is None else str(v) for v in named)
        return Said(event_id, source, kind, time, data)
    names = (CE_ID, CE_SOURCE, CE_TYPE, CE_TIME)
    event_id, source, kind, time = (record.header(name) for name in names)
    return Said(event_id, source, kind, time, body)


@dataclass(slots=True)
class Inputs:
    """The inbound topics of a dump.

    Attributes:
        accounted: inbound record -> in which ways it was taken care of.
        draws: what was drawn, and what of it stands in the journal.
        relayed: what one log has from another.
        kept: what stands of each random draw.
    """

    dump: Dump
    decoder: Decoder
    book: Book
    answers: Answers
    relayed: Relayed = field(init=False)
    kept: DrawsKept = field(default_factory=DrawsKept)
    accounted: dict[Origin, set[str]] = field(default_factory=dict)
    draws: DrawInputs = field(init=False)
    _records: dict[tuple[str, int], dict[int, Record]] = field(default_factory=dict)
    _copies: dict[tuple[Origin, str], tuple[str, int, Any]] = field(default_factory=dict)
    _last: dict[tuple[str, int, str], int] = field(default_factory=dict)
    _home: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is known yet of any draw, nor of what logs owe each other."""
        self.draws = DrawInputs(self.book)
        self.relayed = Relayed(self.book)

    def index(self) -> None:
        """Make every inbound record findable by its place."""
        for topic, partition, records in self.dump.walk(IN_PREFIX):
            self._records[topic, partition] = {record.offset: record for record in records}

    def find(self, origin: Origin) -> Record | None:
        """The inbound record at a place."""
        topic, partition, offset = origin
        return self._records.get((topic, partition), {}).get(offset)

    def is_expired(self, origin: Origin) -> bool:
        """Whether the broker no longer keeps that part of the inbound topic."""
        topic, partition, offset = origin
        return offset < self.dump.begin(topic, partition)

    def account(self, origin: Origin, way: str) -> None:
        """Note that an inbound record was taken care of."""
        self.accounted.setdefault(origin, set()).add(way)

    def journaled(self, entry: Entry, record: Record) -> None:
        """Check a journal record against the inbound record it names."""
        where = f"insp.journal/{entry.partition}/{entry.offset}"
        self.account(entry.origin, "journal")
        self.relayed.heard(entry)
        self.book.expect("I5.journal", where, self._journal_fault(entry, record))
        self.book.expect("I12", where, _owner_fault(entry))
        self._judge_order(entry, where)

    def close(self) -> None:
        """Check that nothing inbound was lost, or taken care of in two ways."""
        for (topic, partition), records in self._records.items():
            for offset, record in records.items():
                origin = (topic, partition, offset)
                ways = self.accounted.get(origin) or self._repeated(record)
                wrong = "" if len(ways) == 1 else f"taken care of as {sorted(ways) or 'nothing'}"
                self.book.expect("I4.inputs", f"{topic}/{partition}/{offset}", wrong)
        self.draws.close()

    def _repeated(self, record: Record) -> set[str]:
        """What stands of a draw is not published once more: this is how a repeat is accounted."""
        try:
            said = read_input(self.decoder, record)
        except UnreadableError:
            return set()
        return {"control"} if self.kept.is_repeat(said.type, said.data) else set()

    def _journal_fault(self, entry: Entry, record: Record) -> str:
        for name, own in ((CE_ID, entry.id), (CE_TYPE, entry.type), (CE_SOURCE, entry.dept)):
            header = record.header(name)
            if header is not None and header != own:
                return f"header {name} {header!a}, the record says {own!a}"
        origin = entry.origin
        if not origin[0].startswith(IN_PREFIX):
            is_ours = entry.dept == HUB or entry.type in RELAYED
            return "" if is_ours else f"its origin {origin[0]} is no inbound topic"
        found = self.find(origin)
        if found is None:
            known = self.is_expired(origin)
            return "" if known else f"its origin {'/'.join(map(str, origin))} does not exist"
        return self._content_fault(entry, found)

    def _content_fault(self, entry: Entry, found: Record) -> str:
        if entry.type == DRAW_OBJECT and self.draws.knows(entry.origin):
            return self.draws.object_fault(entry)
        try:
            said = read_input(self.decoder, found)
        except UnreadableError as cause:
            return f"its origin is unreadable: {cause}"
        own = (_OF_OBJECTS.get(entry.type, entry.type), entry.dept)
        if (said.type, said.source) != own:
            return f"its origin says {said.type}, {said.source}, the record {own[0]}, {own[1]}"
        # One inbound event may lead to several records with ids derived from its own.
        if not said.id or not entry.id.startswith(said.id):
            return f"its origin has id {said.id!a}, the record {entry.id!a}"
        if fault := kept_fault(said.time, entry.time, "time"):
            return fault
        may_be = {entry.key.encode(), str(entry.data.get("uscc")).encode()}
        if _CREDIT_CODE.fullmatch(found.key or b"") and found.key not in may_be:
            return f"its origin has key {found.key!a}, the record {entry.key}"
        if entry.type == DRAW_OBJECT:
            self.draws.read(entry.origin, said.data)
            return self.draws.object_fault(entry)
        data = said.data
        if entry.type in _KEYED and not data.get("uscc") and found.key == entry.key.encode():
            # The credit code may be left out where it is the record's key: intake fills it in.
            data = {**data, "uscc": entry.key}
        return kept_fault(data, entry.data)

    def _judge_order(self, entry: Entry, where: str) -> None:
        topic, partition, offset = entry.origin
        wrong = ""
        grown = self.answers.generations
        generation = grown.of(entry.partition, entry.offset)
        home = self._home.setdefault((entry.key, generation), entry.partition)
        if home != entry.partition:
            wrong = f"{entry.key} lies in partition {home} already"
        wrong = wrong or grown.fault(entry.key, entry.partition, entry.offset)
        copy = (entry.key, entry.partition, entry.data)
        first = self._copies.setdefault((entry.origin, entry.id), copy)
        if first is not copy:
            if first != copy:
                wrong = wrong or "another record with its origin and id says something else"
        elif topic.startswith(IN_PREFIX):
            row = (topic, partition, entry.key)
            last = self._last.get(row, -1)
            if offset < last:
                wrong = wrong or f"its origin {offset} comes after {last} of {topic}/{partition}"
            self._last[row] = max(last, offset)
        self.book.expect("I6.journal", where, wrong)


def _owner_fault(entry: Entry) -> str:
    """Source: art. 14 (no department acts in another's name)."""
    topic = entry.origin[0]
    if topic.startswith(IN_PREFIX) and topic != IN_PREFIX + entry.dept:
        return f"from {topic}, but said to be of {entry.dept}"
    if entry.type in HUB_ONLY and entry.dept != HUB:
        return f"{entry.type} from {entry.dept}: only the hub's own scheduler sends it"
    if entry.type in RELAYED and topic != JOURNAL:
        return f"{entry.type} from {topic}: only another log tells it"
    about = _log_of(entry)
    return "" if about == entry.key else f"key {entry.key}, but about {about}"


def _log_of(entry: Entry) -> str:
    """The key of the log that an event belongs to by what it says."""
    data = entry.data
    if entry.type in ABOUT_SPECIALS or entry.type == SPECIAL_OBJECT_REPORTED:
        return f"{SPECIAL}{data['special_id']}"
    if entry.type in ABOUT_SURVEYS:
        return f"{SURVEY}{data['survey_task_id']}"
    return str(data.get("uscc"))
