"""How does a partition's view come by what earlier generations of the journal decided?

Their recorded facts are applied, generation after generation; nothing is decided anew. Each log is
read once for all partitions that are to be filled. Until the last fact is applied the position says
CARRYING, so that a view filled half is never taken for a whole one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from schemas.facts import Decided
from schemas.generations import Cut, Generations, Stretch
from schemas.topics import DECIDED, JOURNAL
from streams.answer import decode_decided
from streams.changes import Changes
from streams.ports import AtPoint, Log, Record, View, ViewBatch, passed
from streams.rules.apply import apply
from streams.rules.publicity.feeds import Forms
from streams.rules.state import EMPTY, SubjectState, decode_state

log = structlog.get_logger()

CARRYING = -1
"""The position of a view that does not hold yet all that earlier generations decided."""
STATES_HELD_MAX = 200_000
Heard = Callable[[int, int], None]


class RefusedStartError(Exception):
    """The logs and the view contradict each other; going on would be guessing."""


@dataclass(slots=True)
class _Target:
    """A partition that is being filled. Several logs are read for it side by side."""

    partition: int
    fence: str
    held: dict[str, SubjectState] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class CarryOver:
    """Fills partitions' views from all generations before the one in force."""

    def __init__(
        self,
        view: View,
        logs: Log,
        generations: Generations,
        forms: Forms,
        at_point: AtPoint = passed,
    ) -> None:
        self._view, self._logs, self._forms = view, logs, forms
        self._generations = generations
        self._at_point = at_point

    async def run(self, fences: Mapping[int, str], heard: Heard = lambda _done, _all: None) -> int:
        """Drop the views of these partitions, which we claimed, and fill them.

        `heard` is told how many records were read of how many; returns how many there were.

        Raises:
            RefusedStartError: facts of an earlier generation are gone.
        """
        for partition, fence in fences.items():
            await self._view.begin(partition, fence, self._generations.number)
        targets = {number: _Target(number, fence) for number, fence in fences.items()}
        earlier = self._generations.earlier()
        total = sum(s.end.decided - s.start.decided for some in earlier for s in some)
        done = 0

        def read(count: int) -> None:
            nonlocal done
            done += count
            heard(done, total)
            self._at_point("in carrying over")

        for stretches in earlier:
            await asyncio.gather(*(self._read(one, targets, read) for one in stretches))
        for one in targets.values():
            await self._write(one, ViewBatch(*self._begin(one.partition)))
            log.info("earlier generations are in the view", partition=one.partition)
        return total

    def _begin(self, partition: int) -> tuple[int, int]:
        cut = self._generations.begin(partition)
        return cut.journal, cut.decided

    async def _read(
        self, stretch: Stretch, targets: Mapping[int, _Target], read: Callable[[int], None]
    ) -> None:
        """Hand what one partition decided in one generation to those whose keys it is about."""
        number, start, end = stretch
        await self._check_kept(number, start)
        is_whole, want = len(targets) == self._generations.partitions, start.journal
        async for chunk in self._logs.scan(DECIDED, number, start.decided, end.decided):
            shares: dict[int, list[Decided]] = defaultdict(list)
            for record in chunk:
                target = self._generations.partition(_key(record))
                if target not in targets:
                    continue
                decided = decode_decided(record.value or b"")
                if decided.src.offset < want:
                    # A publication repeated after a crash stands twice; the first one counts.
                    continue
                if is_whole and decided.src.offset > want:
                    await check_hole(self._logs, number, want, decided.src.offset)
                want = decided.src.offset + 1
                shares[target].append(decided)
            for target, some in shares.items():
                await self._take(targets[target], some)
            read(len(chunk))
        if is_whole:
            await check_hole(self._logs, number, want, end.journal)

    async def _check_kept(self, partition: int, start: Cut) -> None:
        first, _ = await self._logs.span(DECIDED, partition)
        if first > start.decided:
            raise RefusedStartError(
                f"{DECIDED}/{partition} begins at {first} and the view is empty: earlier facts are "
                "gone. Restore Redis from a backup"
            )

    async def _take(self, target: _Target, answers: Sequence[Decided]) -> None:
        async with target.turn:
            await self._hold(target, {decided.key for decided in answers})
            changes = Changes(target.partition, self._forms, self._generations)
            for decided in answers:
                source, after = decided.src, target.held[decided.key]
                rank = source.offset + self._generations.base(source.partition, source.offset)
                for fact in decided.facts:
                    after = apply(after, fact, rank)
                target.held[decided.key] = after
                # What followed for departments and sites left long ago.
                changes.show(decided, after)
            await self._write(target, changes.view_batch(CARRYING, 0, (), 0))

    async def _hold(self, target: _Target, keys: set[str]) -> None:
        if len(target.held) > STATES_HELD_MAX:
            target.held.clear()
        missing = sorted(key for key in keys if key not in target.held)
        found = await self._view.states(target.partition, missing)
        for key, value in zip(missing, found, strict=True):
            target.held[key] = EMPTY if value is None else decode_state(value)

    async def _write(self, target: _Target, batch: ViewBatch) -> None:
        await self._view.apply(target.partition, target.fence, CARRYING, batch)


async def check_hole(logs: Log, partition: int, start: int, end: int) -> None:
    """Refuse a hole between two answers, unless the journal has nothing there either.

    Raises:
        RefusedStartError: the journal has a record there.
    """
    async for records in logs.scan(JOURNAL, partition, start, end):
        raise RefusedStartError(
            f"{DECIDED}/{partition} lacks the answer to {JOURNAL} offset "
            f"{records[0].offset}: facts were lost. Restore it from a backup"
        )


def _key(record: Record) -> str:
    return (record.key or b"").decode("utf-8", "backslashreplace")
