"""What does counting need of the world, and what does it hand over to be kept?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from schemas.generations import Generations
from schemas.registry import RegistryDepartment
from streams.ports import AtPoint
from streams.rules.figures.indicators import Cell
from streams.rules.figures.watched import Watched


class CountedTo(NamedTuple):
    """How far one partition is counted.

    Attributes:
        decided_next: next offset of `insp.decided` to be read.
        journal_next: next journal offset whose answer is to be counted.
        since: the first journal offset that was counted; -1 for none yet.
    """

    decided_next: int = 0
    journal_next: int = 0
    since: int = -1


@dataclass(slots=True)
class CountBatch:
    """What a stretch of answers changes; written whole or not at all.

    `confidential`: special inspections of whose objects nobody outside may learn.
    """

    partition: int
    before: CountedTo
    after: CountedTo
    subjects: dict[str, bytes] = field(default_factory=dict)
    cells: dict[Cell, list[int]] = field(default_factory=dict)
    watched: dict[str, list[Watched]] = field(default_factory=dict)
    confidential: set[str] = field(default_factory=set)


class Names(NamedTuple):
    """What the registries call departments and items. For showing; no figure rests on it."""

    departments: Mapping[str, RegistryDepartment]
    items: Mapping[str, str]


Tell = Callable[[Mapping[int, int]], Awaitable[None]]
"""Hears of partitions up to which offset of `insp.decided` each is counted."""


async def untold(_positions: Mapping[int, int]) -> None:
    """Nobody wants to hear."""


class CountStore(Protocol):
    """Keeps figures, what they rest on, and the position, in one place."""

    def position(self, partition: int) -> tuple[int, int, int]:
        """How far the partition is counted: the fields of `CountedTo`."""
        ...

    def subjects(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """What is remembered of these enterprises; unknown ones are left out."""
        ...

    def write(self, batch: CountBatch) -> None:
        """Write all of it if the position is still `batch.before`; raises otherwise."""
        ...

    def name(self, names: Names) -> None:
        """Replace the names of departments and items."""
        ...


class CountingProcess(Protocol):
    """What the process that counts brings along."""

    stop: asyncio.Event
    at_point: AtPoint

    @property
    def settings(self) -> CountSettings:
        """How it is set up."""
        ...

    async def follow(
        self, stack: AsyncExitStack, topics: list[str], take: Callable[[bytes, bytes], None]
    ) -> object:
        """Hand every entry of control topics to `take`."""
        ...

    async def generations(self, stack: AsyncExitStack) -> Generations:
        """How keys are spread over the journal."""
        ...

    def telling(self, every_s: float) -> AbstractAsyncContextManager[Tell]:
        """Tells whoever watches how far is counted, at least every `every_s` seconds."""
        ...


class CountSettings(Protocol):
    """The settings that counting asks for."""

    @property
    def statistics_every_s(self) -> float:
        """How often new answers are counted."""
        ...
