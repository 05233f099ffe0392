"""How are the statistics kept up to date?

The journal and `insp.decided` are read side by side; what each answered record adds to the figures
is written in one transaction with how far was read, so that nothing is counted twice or left out,
whenever the process is killed. Nothing but these two logs enters a figure.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack

import structlog
from pydantic import BaseModel

from schemas.codec import decode_journal
from schemas.facts import Decided
from schemas.generations import UNGROWN, Generations
from schemas.messages import REGISTRY_DEPARTMENT, REGISTRY_ITEM
from schemas.registry import RegistryDepartment, RegistryItem
from schemas.special_words import SPECIAL_PREFIX
from schemas.topics import CTL_REGISTRY, DECIDED, JOURNAL
from streams.answer import decode_decided
from streams.counting_ports import (
    CountBatch,
    CountedTo,
    CountingProcess,
    CountStore,
    Names,
    Tell,
    untold,
)
from streams.ports import AtPoint, Log, Record, passed
from streams.registry import read_ctl, type_of_key
from streams.rules.figures.counted import (
    ASKED_OF_JOURNAL,
    NOTHING_COUNTED,
    SubjectCount,
    accumulate,
    decode_count,
    encode_count,
)
from streams.rules.figures.indicators import Cell, changes
from streams.rules.figures.watched import watched

log = structlog.get_logger()

Heard = Callable[[int, int], None]


def unheard(_done: int, _total: int) -> None:
    """Nobody watches how far the counting is."""


class NameBook:
    """Collects names from the registry's control topic; an item's is that of its newest version."""

    def __init__(self) -> None:
        self.names = Names({}, {})
        self._departments: dict[str, RegistryDepartment] = {}
        self._items: dict[str, str] = {}
        self._versions: dict[str, int] = {}

    def take(self, key: bytes, value: bytes) -> None:
        """Take in one record of the control topic; raises ValueError if it cannot be read."""
        if type_of_key(key) in (REGISTRY_DEPARTMENT, REGISTRY_ITEM):
            self.put(read_ctl(key, value)[1])

    def put(self, entry: BaseModel) -> None:
        """Take in one entry."""
        match entry:
            case RegistryDepartment():
                self._departments[entry.dept] = entry
            case RegistryItem() if entry.version >= self._versions.get(entry.item, entry.version):
                self._versions[entry.item] = entry.version
                self._items[entry.item] = entry.title
            case _:
                return
        self.names = Names(self._departments, self._items)


class Statistics:
    """Counts what was answered since it last looked."""

    def __init__(
        self,
        store: CountStore,
        logs: Log,
        partitions: int,
        *,
        names: Callable[[], Names] = lambda: Names({}, {}),
        at_point: AtPoint = passed,
        tell: Tell = untold,
        generations: Generations = UNGROWN,
    ) -> None:
        """Nothing is read yet.

        Args:
            store: Where the figures are kept.
            logs: The two logs.
            partitions: How many the journal has.
            names: What the registries call departments and items now.
            at_point: Hears the named points in the life of a batch.
            tell: Hears how far is counted, after every chunk and whenever it was looked.
            generations: How keys were spread over the journal: an enterprise's answers are counted
                in their order.
        """
        self._generations = generations
        self._store = store
        self._logs = logs
        self._partitions = partitions
        self._names = names
        self._named: Names | None = None
        self._at_point = at_point
        self._tell = tell

    async def level(self, heard: Heard = unheard) -> int:
        """Count everything answered so far. Returns how many records of `insp.decided` were read.

        `heard` hears how many were read of how many there are.
        """
        self._tell_names()
        todo = []
        for partition in range(self._partitions):
            first, end = await self._logs.span(DECIDED, partition)
            at = CountedTo(*self._store.position(partition))
            if end > at.decided_next:
                todo.append((partition, max(first, at.decided_next), end))
        todo = self._in_order(todo)
        total = sum(end - start for _, start, end in todo)
        done = 0
        for partition, start, end in todo:
            async for read in self._count(partition, start, end):
                done += read
                heard(done, total)
                await self._tell({partition: self._store.position(partition)[0]})
        await self._tell({n: self._store.position(n)[0] for n in range(self._partitions)})
        return done

    async def run(self, stop: asyncio.Event, every_s: float, heard: Heard = unheard) -> None:
        """Look every `every_s` seconds until `stop` is set, and once if it is set already."""
        while True:
            read = await self.level(heard)
            if read:
                log.info("answers counted", read=read)
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue
            return

    def _in_order(self, todo: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """The same stretches of `insp.decided`, those of earlier generations first."""
        found = []
        for stretches in self._generations.earlier():
            ends = {one.partition: one.end.decided for one in stretches}
            early = [(n, start, min(end, ends[n])) for n, start, end in todo if n in ends]
            found += [one for one in early if one[1] < one[2]]
            todo = [(n, max(start, ends.get(n, start)), end) for n, start, end in todo]
        return found + [one for one in todo if one[1] < one[2]]

    def _tell_names(self) -> None:
        names = self._names()
        told = Names(dict(names.departments), dict(names.items))
        if told != self._named:
            self._store.name(told)
            self._named = told

    async def _count(self, partition: int, start: int, end: int) -> AsyncIterator[int]:
        """Count a stretch of `insp.decided`; gives the number of records read, chunk by chunk."""
        at = CountedTo(*self._store.position(partition))
        first, journal_end = await self._logs.span(JOURNAL, partition)
        # Asked after the end of the answers, so every record they answer lies before it.
        journal = _Journal(
            self._logs.scan(JOURNAL, partition, max(first, at.journal_next), journal_end)
        )
        async for chunk in self._logs.scan(DECIDED, partition, start, end):
            batch = CountBatch(partition, at, at)
            fresh: list[tuple[Decided, BaseModel | None]] = []
            for record in chunk:
                decided = decode_decided(record.value or b"")
                # A publication repeated after a crash stands twice; the first one was counted.
                if decided.src.offset >= at.journal_next:
                    fresh.append((decided, await journal.told(decided)))
                    at = CountedTo(record.offset + 1, decided.src.offset + 1, at.since)
            since = at.since if at.since >= 0 else min((d.src.offset for d, _ in fresh), default=-1)
            at = CountedTo(chunk[-1].offset + 1, at.journal_next, since)
            batch.after = at
            fill(batch, fresh, self._store.subjects)
            self._at_point("before counting")
            self._store.write(batch)
            self._at_point("after counting")
            yield len(chunk)


async def keep_counting(
    by: CountingProcess,
    opened: AbstractContextManager[CountStore],
    logs: Log,
    heard: Heard,
) -> None:
    """Count until the process is to stop; once, if it is to stop already."""
    async with AsyncExitStack() as stack:
        book = NameBook()
        await by.follow(stack, [CTL_REGISTRY], book.take)
        generations = await by.generations(stack)
        store, partitions = stack.enter_context(opened), generations.partitions
        tell = await stack.enter_async_context(by.telling(by.settings.statistics_every_s))
        counting = Statistics(
            store, logs, partitions, names=lambda: book.names, at_point=by.at_point, tell=tell,
            generations=generations,
        )  # fmt: skip
        await counting.run(by.stop, by.settings.statistics_every_s, heard)


def fill(
    batch: CountBatch,
    fresh: Sequence[tuple[Decided, BaseModel | None]],
    known: Callable[[Sequence[str]], Mapping[str, bytes]],
) -> None:
    """Put into the batch what these answers change."""
    keys = sorted({decided.key for decided, _ in fresh})
    found = known(keys)
    before = {key: decode_count(found[key]) if key in found else NOTHING_COUNTED for key in keys}
    after: dict[str, SubjectCount] = dict(before)
    for decided, told in fresh:
        after[decided.key] = accumulate(after[decided.key], told, decided)
    sums: dict[Cell, list[int]] = defaultdict(list)
    for key in keys:
        if after[key] == before[key]:
            continue
        batch.subjects[key] = encode_count(after[key])
        batch.watched[key] = watched(key, after[key])
        if after[key].is_confidential:
            batch.confidential.add(key.removeprefix(SPECIAL_PREFIX))
        _merge(sums, changes(key, before[key], after[key]).items())
    batch.cells.update(sums)


def _merge(sums: dict[Cell, list[int]], deltas: Iterable[tuple[Cell, tuple[int, ...]]]) -> None:
    for cell, delta in deltas:
        there = sums[cell]
        if there:
            for at, value in enumerate(delta):
                there[at] += value
        else:
            there.extend(delta)


class _Journal:
    """The journal of a partition, read alongside its answers, never backwards."""

    def __init__(self, chunks: AsyncIterator[Sequence[Record]]) -> None:
        self._chunks = chunks
        self._held: Sequence[Record] = ()
        self._at = 0

    async def told(self, decided: Decided) -> BaseModel | None:
        """The data of the record that was answered, if its type has something to say."""
        if decided.type not in ASKED_OF_JOURNAL:
            return None
        record = await self._record(decided.src.offset)
        return None if record is None else decode_journal(record.value).data

    async def _record(self, offset: int) -> Record | None:
        while True:
            while self._at < len(self._held):
                record = self._held[self._at]
                if record.offset >= offset:
                    return record if record.offset == offset else None
                self._at += 1
            try:
                self._held, self._at = await anext(self._chunks), 0
            except StopAsyncIteration:
                return None
