"""Was one journal partition decided as it had to be? Journal and insp.decided, side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.decode import Decoder, Entry, UnreadableError, read_entry, read_place
from connectors.audit.dump import Dump, Record
from connectors.audit.generations import Generations, Part
from connectors.audit.judge import Judge
from connectors.audit.report import Book
from connectors.audit.wire import DECIDED, JOURNAL


@dataclass(slots=True, kw_only=True)
class PartitionAudit:
    """Walks one journal partition and its twin of `insp.decided`."""

    dump: Dump
    decoder: Decoder
    book: Book
    judge: Judge
    partition: int
    on_entry: Callable[[Entry, Record], None]
    generations: Generations
    _journal: list[Record] = field(default_factory=list)
    _begin: int = 0
    _next: int = 0
    _read: int = 0
    _seen: dict[int, bytes] = field(default_factory=dict)

    def open(self) -> None:
        """See that the journal is whole."""
        self._journal = self.dump.partition(JOURNAL, self.partition)
        self._judge_journal_offsets()

    def run(self, part: Part) -> None:
        """Check every record of both logs that belongs to one generation."""
        decided = self.dump.partition(DECIDED, self.partition)
        while self._read < len(decided) and decided[self._read].offset < part.decided_end:
            self._take(decided[self._read], part.journal_end)
            self._read += 1
        self._skip_to(min(part.journal_end, self._begin + len(self._journal)))

    def close(self) -> None:
        """See that every record was decided."""
        self.book.saw("I4.journal", len(self._journal))
        for row in self._journal:
            if row.offset not in self._seen:
                self.book.fail("I4.journal", self._at(row.offset), "was never decided")

    def _judge_journal_offsets(self) -> None:
        """The fold needs the journal whole, from its first record."""
        self._begin = self._next = self.dump.begin(JOURNAL, self.partition)
        if self._begin:
            text = f"the journal begins at {self._begin}: what came before cannot be folded"
            self.book.fail("I4.journal", self._at(self._begin), text)
        for number, record in enumerate(self._journal):
            if record.offset != self._begin + number:
                text = f"offset {self._begin + number} is missing"
                self.book.fail("I4.journal", self._at(record.offset), text)
                self._journal = _without_holes(self._journal, self._begin)
                return

    def _take(self, record: Record, journal_end: int) -> None:
        where = f"{DECIDED}/{self.partition}/{record.offset}"
        self.book.saw("I5.decided")
        self.book.saw("I6.decided")
        try:
            body = self.decoder.body(record)
            topic, partition, offset = read_place(body["src"])
        except (UnreadableError, KeyError, TypeError) as cause:
            self.book.fail("I5.decided", where, f"unreadable: {cause}")
            return
        if (topic, partition) != (JOURNAL, self.partition):
            text = f"answers {topic}/{partition}/{offset}, but lies in partition {self.partition}"
            self.book.fail("I6.decided", where, text)
            return
        if self._row(offset) is None:
            self.book.fail("I5.decided", where, f"its source {self._at(offset)} does not exist")
            return
        if offset in self._seen:
            self._judge_repeat(record, offset, where)
            return
        self._seen[offset] = _fingerprint(record)
        if offset >= journal_end:
            text = f"answers source {offset} of the next generation, which begins at {journal_end}"
            self.book.fail("I6.decided", where, text)
        if offset < self._next:
            text = f"source {offset} comes after source {self._next - 1}"
            self.book.fail("I6.decided", where, text)
            return
        if offset > self._next:
            text = f"source {offset} follows source {self._next - 1}: a hole"
            self.book.fail("I6.decided", where, text)
            self._skip_to(offset)
        self._next = offset + 1
        entry = self._entry(offset)
        if entry is not None:
            self._judge_names(record, body, entry, where)
            self.judge.judge(entry, body)

    def _judge_repeat(self, record: Record, offset: int, where: str) -> None:
        if self._seen[offset] != _fingerprint(record):
            self.book.fail("I3", where, f"other bytes than the first decision on source {offset}")

    def _judge_names(self, record: Record, body: dict[str, Any], entry: Entry, where: str) -> None:
        """What a decided record says of its source must be true."""
        said = (body.get("digest"), body.get("type"), body.get("at"), body.get("policy_version"))
        true = (entry.digest, entry.type, entry.at_ms, entry.policy_version)
        names = ("digest", "type", "at", "policy_version")
        for name, own, recorded in zip(names, true, said, strict=True):
            if own != recorded:
                self.book.fail("I5.decided", where, f"{name}: journal {own} | decided {recorded}")
        wrong = ""
        if body.get("dept") != entry.dept:
            wrong = f"decided for {body.get('dept')}, sent by {entry.dept}"
        elif not body.get("key") == record.key_text() == entry.key:
            keys = f"{body.get('key')} in it, {record.key_text()} on it"
            wrong = f"keys: {entry.key} in the journal, {keys}"
        self.book.expect("I12", where, wrong)

    def _skip_to(self, offset: int) -> None:
        """Let undecided records take their effect, so that later ones are judged rightly."""
        for missing in range(self._next, offset):
            entry = self._entry(missing)
            if entry is not None:
                self.judge.miss(entry)
        self._next = max(self._next, offset)

    def _entry(self, offset: int) -> Entry | None:
        record = self._row(offset)
        if record is None:
            return None
        try:
            entry = read_entry(self.decoder, self.partition, record)
        except UnreadableError as cause:
            self.book.fail("I5.journal", self._at(offset), f"unreadable: {cause}")
            return None
        if self.generations.has_grown:
            entry.rank = self.generations.rank(self.partition, offset)
            entry.shard = self.generations.partition(entry.key, 0)
        self.on_entry(entry, record)
        return entry

    def _row(self, offset: int) -> Record | None:
        number = offset - self._begin
        if 0 <= number < len(self._journal):
            found = self._journal[number]
            return found if found.offset == offset else None
        return None

    def _at(self, offset: int) -> str:
        return f"{JOURNAL}/{self.partition}/{offset}"


def _fingerprint(record: Record) -> bytes:
    key, value = record.key or b"", record.value or b""
    return hashlib.sha256(len(key).to_bytes(4, "big") + key + value).digest()[:16]


def _without_holes(records: list[Record], begin: int) -> list[Record]:
    """The records with an unreadable one in each hole: the place of each is its offset."""
    at = {record.offset: record for record in records}
    last = max(at, default=begin - 1)
    return [at.get(offset) or Record(-1, 0, None, None) for offset in range(begin, last + 1)]
