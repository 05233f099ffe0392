"""Where does an enterprise's log go on after the journal was given more partitions?

A generation is a stretch of the journal in which keys are spread over one number of partitions. The
next one begins where the last one ended, in the same two topics: no record is moved or written
again, and a place (topic, partition, offset) names one record for ever. An enterprise's log is its
stretch of the first generation, then that of the second, and so on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from schemas.base import Message
from schemas.journal import Source

PartitionOf = Callable[[str, int], int]
"""The partition of a key among so many, as every Kafka client chooses it."""
GENERATIONS_KEY = b"journal"
_KEYS_REMEMBERED_MAX = 100_000


class Cut(Message):
    """Where a generation begins in one partition.

    Attributes:
        journal: the first offset of the journal that belongs to it.
        decided: the first offset of `insp.decided` that answers a record of it.
    """

    journal: int = Field(ge=0)
    decided: int = Field(ge=0)


class Generation(Message):
    """One generation: where it begins in each of its partitions."""

    cuts: tuple[Cut, ...] = Field(min_length=1)


class JournalGenerations(Message):
    """The record of `insp.generations`: all that there were, so that compaction loses none.

    Attributes:
        first: how many partitions the journal had in the beginning.
        later: the generations after the first, oldest first; the last one is in force.
        growing: the next one, while it is made: until it is in force nobody may decide or append.
        view: what the view held before, as a digest, while the next one is made.
    """

    first: int = Field(ge=1)
    later: tuple[Generation, ...] = ()
    growing: Generation | None = None
    view: str = ""

    @property
    def partitions(self) -> int:
        """How many partitions the generation in force has."""
        return len(self.later[-1].cuts) if self.later else self.first

    @model_validator(mode="after")
    def _grows(self) -> Self:
        counts = [self.first, *(len(one.cuts) for one in (*self.later, *self._growing()))]
        if any(after <= before for before, after in pairwise(counts)):
            raise ValueError(f"a generation has more partitions than the one before it: {counts}")
        return self

    def _growing(self) -> tuple[Generation, ...]:
        return () if self.growing is None else (self.growing,)

    def grown(self) -> JournalGenerations:
        """The same with the next generation in force."""
        return JournalGenerations(first=self.first, later=(*self.later, *self._growing()))


class Stretch(NamedTuple):
    """What one generation holds of one partition; the end does not belong to it."""

    partition: int
    start: Cut
    end: Cut


_BEGINNING = Cut(journal=0, decided=0)


class Generations:
    """Answers where a key's records lie, and in which order they stand."""

    def __init__(self, told: JournalGenerations, partition_of: PartitionOf) -> None:
        """Take what is in force; a generation that is only being made is left out."""
        first = [_BEGINNING] * told.first
        # The hash is computed in Python, and decide asks for two a record.
        self._partition_of = lru_cache(_KEYS_REMEMBERED_MAX)(partition_of)
        self._cuts: list[list[Cut]] = [first, *(list(one.cuts) for one in told.later)]
        self._bases = [0]
        for before, after in pairwise(self._cuts):
            ends = (after[number].journal for number in range(len(before)))
            self._bases.append(self._bases[-1] + max(ends))
        self.number = len(self._cuts)
        self.partitions = len(self._cuts[-1])
        self.is_first = self.number == 1

    @classmethod
    def only(cls, partitions: int, partition_of: PartitionOf) -> Generations:
        """Those of a journal that never grew."""
        return cls(JournalGenerations(first=partitions), partition_of)

    def partition(self, key: str) -> int:
        """Where the key's next record goes."""
        return self._partition_of(key, self.partitions)

    def home(self, key: str) -> int:
        """Where the key's records went in the first generation: its codes name that for ever."""
        return self._partition_of(key, len(self._cuts[0]))

    def partitions_of(self, key: str) -> list[int]:
        """Every partition in which records of the key may lie, the newest generation's last."""
        found = (self._partition_of(key, len(cuts)) for cuts in self._cuts)
        return list(dict.fromkeys([*found][::-1]))[::-1]

    def source(self, topic: str, partition: int, offset: int, key: str) -> Source:
        """A journal record's place, with what its order and its code follow from."""
        if self.is_first:
            return Source(topic, partition, offset)
        return Source(topic, partition, offset, self.base(partition, offset), self.home(key))

    def base(self, partition: int, offset: int) -> int:
        """What is added to the offset of a record so that later generations stand later."""
        return 0 if self.is_first else self._bases[self._of(partition, offset)]

    def place(self, key: str, rank: int) -> tuple[int, int]:
        """Partition and offset of the key's record of a rank, which is offset and base together."""
        number = max(at for at, base in enumerate(self._bases) if base <= rank)
        return self._partition_of(key, len(self._cuts[number])), rank - self._bases[number]

    def belongs(self, key: str, partition: int, offset: int) -> bool:
        """Whether a record of the key may lie there."""
        if self.is_first:
            return True
        return self._partition_of(key, len(self._cuts[self._of(partition, offset)])) == partition

    def begin(self, partition: int) -> Cut:
        """Where the generation in force begins."""
        return _BEGINNING if self.is_first else self._cuts[-1][partition]

    def earlier(self) -> list[list[Stretch]]:
        """What lies before the generation in force: of each generation, oldest first, its part."""
        return [
            [Stretch(number, start, after[number]) for number, start in enumerate(before)]
            for before, after in pairwise(self._cuts)
        ]

    def _of(self, partition: int, offset: int) -> int:
        for number in range(self.number - 1, 0, -1):
            cuts = self._cuts[number]
            if partition < len(cuts) and offset >= cuts[partition].journal:
                return number
        return 0


UNGROWN = Generations.only(1, lambda _key, _partitions: 0)
"""Those of any journal that never grew: nothing but the partition itself is asked for."""
