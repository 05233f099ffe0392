"""Which answers did the departments get? Everything on insp.out.<dept>, indexed by its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.compare import message_differences
from connectors.audit.decode import Decoder, UnreadableError, read_place
from connectors.audit.dump import Dump, Record
from connectors.audit.generations import Generations
from connectors.audit.report import Book
from connectors.audit.wire import (
    CE_ID,
    CE_TYPE,
    DECISION_MADE,
    DISCLOSURE_UPDATED,
    DRAW_UPDATED,
    EVENT_REFUSED,
    JOINT_UPDATED,
    JOURNAL,
    OUT_PREFIX,
    REPAIR_UPDATED,
    SPECIAL_UPDATED,
    SURVEY_UPDATED,
    TASK_UPDATED,
)

_OF_SEVERAL = frozenset({REPAIR_UPDATED, DISCLOSURE_UPDATED, JOINT_UPDATED, SPECIAL_UPDATED})
"""What several are told in the same bytes; who is owed it, `settle` judges."""
_SEVERAL = frozenset({REPAIR_UPDATED, TASK_UPDATED})
"""Of what one record may lead to several answers to one department."""
_AVRO_MAGIC = b"\x00"
SourceKey = tuple[int, int]
Origin = tuple[str, int, int]
_TYPES = _OF_SEVERAL | {DECISION_MADE, TASK_UPDATED, DRAW_UPDATED, SURVEY_UPDATED, EVENT_REFUSED}


@dataclass(slots=True)
class Sent:
    """One distinct answer: how often its bytes were sent, and how often they had to be.

    `matched`: some decision asked for it, be it so long ago that copies may be gone.
    """

    topic: str
    where: str
    type: str
    record: Record
    copies: int = 1
    owed: int = 0
    matched: bool = False


@dataclass(slots=True)
class Answers:
    """All answers of a dump.

    Attributes:
        generations: how keys were spread over the journal.
        by_source: journal partition and offset -> what was answered to it.
        refusals: inbound record -> refusals of it.
    """

    dump: Dump
    decoder: Decoder
    book: Book
    generations: Generations = field(default_factory=lambda: Generations(1))
    by_source: dict[SourceKey, list[Sent]] = field(default_factory=dict)
    refusals: dict[Origin, list[tuple[Sent, Mapping[str, Any]]]] = field(default_factory=dict)
    _last: dict[tuple[str, int, str], SourceKey] = field(default_factory=dict)

    def read_all(self) -> None:
        """Index every record of every department's topic."""
        for topic, partition, records in self.dump.walk(OUT_PREFIX):
            for record in records:
                self._read(topic, partition, record)
        repeats = sum(s.copies - 1 for rows in self.by_source.values() for s in rows)
        self.book.note("I3", f"{repeats:,} repeated answers")

    def settle(self, source: SourceKey, to: str, kind: str, expected: Mapping[str, Any]) -> None:
        """Check that an owed answer was sent to department `to` and says what was decided."""
        where = f"{JOURNAL}/{source[0]}/{source[1]}"
        topic = OUT_PREFIX + to
        sent = self._next(source, topic, kind)
        gone = self.is_expired(topic, self._journal_time(source))
        self.book.saw("I4.out", 0 if gone else 1)
        if sent is None:
            if not gone:
                self.book.fail("I4.out", where, f"no {kind} about it on {topic}")
            return
        sent.matched = True
        sent.owed += not gone
        body = self.decoder.body(sent.record)
        for difference in message_differences(expected, body):
            self.book.fail("I5.out", sent.where, f"decided | sent: {difference}")

    def owe_again(self, source: SourceKey, to: str, again: SourceKey) -> None:
        """Note that a first decision had to be sent once more, for the record at `again`."""
        topic = OUT_PREFIX + to
        sent = self._find(source, topic, DECISION_MADE)
        if sent is not None:
            sent.matched = True
        if self.is_expired(topic, self._journal_time(again)):
            return
        self.book.saw("I4.out")
        where = f"{JOURNAL}/{again[0]}/{again[1]}"
        if sent is None:
            self.book.fail("I4.out", where, f"its first decision ({source[1]}) was never sent")
            return
        sent.owed += 1
        if sent.copies < sent.owed:
            text = f"sent {sent.copies} times, owed {sent.owed} times"
            self.book.fail("I4.out", where, f"first decision of the task ({source[1]}) {text}")

    def bytes_of(self, source: SourceKey, to: str) -> bytes | None:
        """The very bytes of the decision on a journal record; None when it was not sent."""
        sent = self._find(source, OUT_PREFIX + to, DECISION_MADE)
        return sent.record.value if sent else None

    def says_the_same(self, sent: bytes, kept: bytes) -> bool:
        """Whether a decision as it is kept is the one that was sent.

        To the byte, unless the department is answered in Avro: what is kept is JSON always.
        """
        if sent == kept or sent[:1] != _AVRO_MAGIC:
            return sent == kept
        bodies = [self.decoder.body(Record(0, 0, None, value)) for value in (kept, sent)]
        return not message_differences(*bodies)

    def is_expired(self, topic: str, at_ms: int) -> bool:
        """Whether retention may have removed what a topic held at this time."""
        for partition, records in self.dump.records.get(topic, {}).items():
            if self.dump.begin(topic, partition) and (
                not records or at_ms <= records[0].timestamp_ms
            ):
                return True
        return False

    def close(self) -> None:
        """Check that nothing was answered that nobody owed."""
        for source, rows in self.by_source.items():
            for sent in rows:
                if not sent.matched:
                    text = f"{sent.type} names source {JOURNAL}/{source[0]}/{source[1]}"
                    self.book.fail("I5.out", sent.where, f"{text}, which owes no such answer")

    def _journal_time(self, source: SourceKey) -> int:
        """Append time of a journal record, Unix milliseconds; 0 when there is none."""
        rows = self.dump.records.get(JOURNAL, {}).get(source[0], [])
        number = source[1] - self.dump.begin(JOURNAL, source[0])
        return rows[number].timestamp_ms if 0 <= number < len(rows) else 0

    def _find(self, source: SourceKey, topic: str, kind: str) -> Sent | None:
        for sent in self.by_source.get(source, ()):
            if sent.topic == topic and sent.type == kind:
                return sent
        return None

    def _next(self, source: SourceKey, topic: str, kind: str) -> Sent | None:
        """The answer that is looked for. One source may owe several of a kind, one each fact."""
        if kind not in _SEVERAL:
            return self._find(source, topic, kind)
        rows = self.by_source.get(source, ())
        fitting = (s for s in rows if (s.topic, s.type) == (topic, kind) and not s.matched)
        return next(fitting, None)

    def _read(self, topic: str, partition: int, record: Record) -> None:
        where = f"{topic}/{partition}/{record.offset}"
        self.book.saw("I5.out")
        kind = record.header(CE_TYPE) or ""
        try:
            body = self.decoder.body(record)
            if kind not in _TYPES:
                raise UnreadableError(f"its type {kind!a} is none that the hub sends")
            sent = Sent(topic, where, kind, record)
            if kind == EVENT_REFUSED:
                names = ("topic", "partition", "offset")
                origin = read_place({name: body[f"origin_{name}"] for name in names})
                self.refusals.setdefault(origin, []).append((sent, body))
                self._judge_refusal_order(sent, origin)
                return
            topic_of_source, *source = read_place(body["source"])
            if topic_of_source != JOURNAL:
                raise UnreadableError(f"its source lies in {topic_of_source}")
            self._index(sent, (source[0], source[1]))
            self._judge_owner(sent, body)
        except (UnreadableError, KeyError, TypeError) as cause:
            self.book.fail("I5.out", where, f"unreadable: {cause}")

    def _index(self, sent: Sent, source: SourceKey) -> None:
        rows = self.by_source.setdefault(source, [])
        for earlier in rows:
            if _name(earlier) == _name(sent):
                earlier.copies += 1
                if earlier.record.value != sent.record.value:
                    text = f"other bytes than at {earlier.where}, for one source"
                    self.book.fail("I3", sent.where, text)
                if earlier.record.key != sent.record.key:
                    text = f"other key than at {earlier.where}, for one source"
                    self.book.fail("I12", sent.where, text)
                return
        rows.append(sent)
        self._judge_order(sent, source)

    def _judge_order(self, sent: Sent, source: SourceKey) -> None:
        """First occurrences of one enterprise's answers come in the order of their sources."""
        _, partition, _ = sent.where.rsplit("/", 2)
        row = (sent.topic, int(partition), sent.record.key_text())
        last = self._last.get(row)
        wrong = ""
        gone = self.is_expired(sent.topic, self._journal_time(source))
        if last is not None and self._order(source) < self._order(last) and not gone:
            text = f"source {source[1]} of partition {source[0]} comes after {last[1]}"
            wrong = f"{text} of partition {last[0]}"
        self.book.expect("I6.out", sent.where, wrong)
        self._last[row] = max(source, last or source, key=self._order)

    def _order(self, source: SourceKey) -> SourceKey:
        """What puts the sources of one enterprise in order."""
        grown = self.generations
        return (0, grown.rank(*source)) if grown.has_grown else source

    def _judge_refusal_order(self, sent: Sent, origin: Origin) -> None:
        """First refusals of one inbound partition come in its order, on each partition of out."""
        if len(self.refusals[origin]) > 1:
            return
        topic, partition, offset = origin
        _, told_on, _ = sent.where.rsplit("/", 2)
        row = (sent.topic, partition, f"refused {topic} on {told_on}")
        last = self._last.get(row, (partition, -1))[1]
        wrong = f"refuses offset {offset} of {topic} after {last}" if offset < last else ""
        self.book.expect("I6.out", sent.where, wrong)
        self._last[row] = (partition, max(last, offset))

    def _judge_owner(self, sent: Sent, body: Mapping[str, Any]) -> None:
        """Source: art. 14 (a department acts, and is answered, in its own name only)."""
        owner = sent.topic.removeprefix(OUT_PREFIX)
        wrong = ""
        if sent.type not in _OF_SEVERAL and body["dept"] != owner:
            wrong = f"an answer to {body['dept']} lies on the topic of {owner}"
        elif sent.record.key_text() != (about := _key_of(body)):
            wrong = f"key {sent.record.key_text()} on an answer about {about}"
        self.book.expect("I12", sent.where, wrong)


def _key_of(body: Mapping[str, Any]) -> str:
    """The key of the log that an answer is about."""
    if body.get("special_id") is not None:
        return f"special:{body['special_id']}"
    survey = body.get("survey_task_id")
    return str(body["uscc"]) if survey is None else f"survey:{survey}"


def _name(sent: Sent) -> tuple[str, str, str]:
    """What tells an answer from the others of its source: where there are several, its own id."""
    own = sent.record.header(CE_ID) if sent.type in _SEVERAL else ""
    return sent.topic, sent.type, own or ""
