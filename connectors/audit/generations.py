"""Which generations did the journal have, and where did each begin? Read from insp.generations.

Source: semantics §17.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from aiokafka.partitioner import murmur2

from connectors.audit.dump import Dump
from connectors.audit.report import Book
from connectors.audit.wire import DECIDED, GENERATIONS, JOURNAL

Cut = tuple[int, int]
"""The first offset of the journal, and of insp.decided, that belong to a generation."""


class Part(NamedTuple):
    """One partition's share of one generation; the ends do not belong to it."""

    partition: int
    journal_end: int
    decided_end: int


@dataclass(slots=True)
class Generations:
    """Says where a key's records must lie, and what puts those of one key in order.

    Attributes:
        cuts: of each generation where it begins in each partition; the first has no cuts.
        first: how many partitions the first one had.
    """

    first: int
    cuts: list[list[Cut]] = field(default_factory=list)

    @property
    def has_grown(self) -> bool:
        """Whether there is more than one."""
        return bool(self.cuts)

    def parts(self, dump: Dump) -> Iterator[Part]:
        """Every share, generation after generation."""
        for number in range(len(self.cuts)):
            before = self.first if number == 0 else len(self.cuts[number - 1])
            for partition in range(before):
                yield Part(partition, *self.cuts[number][partition])
        for partition in sorted({*dump.records.get(JOURNAL, {}), *dump.records.get(DECIDED, {})}):
            ends = (dump.end(JOURNAL, partition), dump.end(DECIDED, partition))
            yield Part(partition, *ends)

    def of(self, partition: int, offset: int) -> int:
        """The generation of a journal record: 0 for the first."""
        for number in range(len(self.cuts), 0, -1):
            cuts = self.cuts[number - 1]
            if partition < len(cuts) and offset >= cuts[partition][0]:
                return number
        return 0

    def base(self, generation: int) -> int:
        """What stands before the records of a generation in the order of any key."""
        found, before = 0, self.first
        for cuts in self.cuts[:generation]:
            found += max(cuts[partition][0] for partition in range(before))
            before = len(cuts)
        return found

    def rank(self, partition: int, offset: int) -> int:
        """The record's place in the order of its key."""
        return offset + self.base(self.of(partition, offset))

    def partition(self, key: str, generation: int = -1) -> int:
        """Where a key's records lie; in the newest generation, unless another is named."""
        counts = [self.first, *map(len, self.cuts)]
        return int((murmur2(key.encode()) & 0x7FFFFFFF) % counts[generation])

    def place(self, key: str, rank: int, partition: int) -> tuple[int, int]:
        """Partition and offset of the record with this place in the order of its key.

        `partition`: where the key's records lie if the journal never grew.
        """
        if not self.has_grown:
            return partition, rank
        generation = max(n for n in range(len(self.cuts) + 1) if self.base(n) <= rank)
        return self.partition(key, generation), rank - self.base(generation)

    def fault(self, key: str, partition: int, offset: int) -> str:
        """Why a record cannot lie where it does; empty when it may."""
        if not self.has_grown:
            return ""
        right = self.partition(key, self.of(partition, offset))
        return "" if right == partition else f"{key} belongs to partition {right}"


def read_generations(dump: Dump, book: Book) -> Generations:
    """What the newest record says; a journal that never grew has no such record."""
    found = Generations(len(dump.records.get(JOURNAL, {})))
    for _, partition, records in dump.walk(GENERATIONS):
        for record in records:
            book.ask("I6.generations")
            where = f"{GENERATIONS}/{partition}/{record.offset}"
            try:
                told = orjson.loads(record.value or b"")
                newest = Generations(int(told["first"]), list(map(_cuts, told["later"])))
            except (KeyError, TypeError, ValueError) as cause:
                book.fail("I6.generations", where, f"unreadable: {cause!r}")
                continue
            book.expect("I6.generations", where, _history_fault(found, newest))
            found = newest
    for number, cuts in enumerate(found.cuts):
        for partition, cut in enumerate(cuts):
            where = f"{JOURNAL}/{partition}/{cut[0]}"
            book.expect("I6.generations", where, _cut_fault(dump, found, number, partition))
    return found


def _cuts(generation: Any) -> list[Cut]:  # noqa: ANN401 - JSON
    return [(int(cut["journal"]), int(cut["decided"])) for cut in generation["cuts"]]


def _history_fault(before: Generations, after: Generations) -> str:
    if before.has_grown and (
        after.first != before.first or after.cuts[: len(before.cuts)] != before.cuts
    ):
        return "what was said of earlier generations is said otherwise"
    return ""


def _cut_fault(dump: Dump, found: Generations, number: int, partition: int) -> str:
    """Why a generation cannot begin there."""
    cut = found.cuts[number][partition]
    ends = dump.end(JOURNAL, partition), dump.end(DECIDED, partition)
    if cut[0] > ends[0] or cut[1] > ends[1]:
        return f"a generation begins at {cut}, the logs end at {ends}"
    before = found.first if number == 0 else len(found.cuts[number - 1])
    if partition >= before:
        return "" if cut == (0, 0) else f"a new partition begins at {cut}"
    earlier = (0, 0) if number == 0 else found.cuts[number - 1][partition]
    return "" if cut[0] >= earlier[0] and cut[1] >= earlier[1] else "it begins before the last one"
