"""A city in memory whose journal is given more partitions in the middle of the year."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiokafka.partitioner import murmur2
from audited_hub import Level, audit_of
from fakes import FakeKafka, FakeView

from connectors.audit import AuditReport
from connectors.console.traffic.event_lines import LineFault, LineReader
from connectors.generate import CitySpec, generate
from connectors.keys import create_demo_keys, open_key_ring
from connectors.sites.table import FORMS
from schemas.generations import (
    GENERATIONS_KEY,
    Cut,
    Generation,
    Generations,
    JournalGenerations,
)
from schemas.topics import DECIDED, GENERATIONS, JOURNAL
from streams.decide import DecideHandler
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.mint import KeyMint
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.recovery import Recovery
from streams.registry import Registry

BATCH = 50


def partition_of(key: str, count: int) -> int:
    """As every client chooses it."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % count)


@dataclass
class GrownCity:
    """A hub over fakes. It takes in and decides stretch by stretch; between them it may grow."""

    keys: Path
    partitions: int = 2
    kafka: FakeKafka = field(init=False)
    view: FakeView = field(default_factory=FakeView)
    registry: Registry = field(default_factory=Registry)
    generations: Generations = field(init=False)
    told: JournalGenerations = field(init=False)
    committed: dict[int, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.keys.exists():
            create_demo_keys(self.keys, years=range(2023, 2029))
        self.kafka = FakeKafka(1, {JOURNAL: self.partitions})
        self.kafka.now_ms = 1_770_000_000_000
        self.told = JournalGenerations(first=self.partitions)
        self.generations = Generations(self.told, partition_of)
        self.control = Level(self.kafka, self.registry)
        self.intake = IntakeHandler(
            registry=self.registry, control=self.control, publisher=self.kafka
        )

    async def live(self, lines: list[Any]) -> None:
        """Take in these lines, then decide until no log has anything more to tell another."""
        reader = LineReader()
        for line in lines:
            try:
                posting = reader.read(line)
            except LineFault:
                continue
            to = f"insp.in.{posting.dept}"
            message = Outgoing(to, 0, posting.key, posting.value, posting.headers)
            await self.intake.handle(Partition(to, 0), [self.kafka.append(message)])
        await self.control.level()
        await self.decide()

    def handler(self, **parts: Any) -> DecideHandler:
        """A decide stage of the generation in force."""
        ring = open_key_ring(self.keys)
        usual: dict[str, Any] = {
            "view": self.view,
            "logs": self.kafka,
            "publisher": self.kafka,
            "policies": PolicyBook(self.registry),
            "mint": KeyMint(ring.year_key, ring.signer(), "https://hub.example"),
            "states_cached_max": 100,
            "forms": FORMS,
            "generations": self.generations,
        }
        return DecideHandler(**usual | parts)

    async def decide(self, **parts: Any) -> None:
        """Decide what there is, by a worker that has just been started."""
        handler, numbers = self.handler(**parts), range(self.generations.partitions)
        at = {}
        for number in numbers:
            at[number] = await handler.open(Partition(JOURNAL, number), self.committed.get(number))
        while any(at[number] < len(self.kafka.logs[JOURNAL, number]) for number in numbers):
            for number in numbers:
                batch = self.kafka.logs[JOURNAL, number][at[number] : at[number] + BATCH]
                if batch:
                    await handler.handle(Partition(JOURNAL, number), batch)
                    at[number] = self.committed[number] = batch[-1].offset + 1

    def grow(self, partitions: int) -> None:
        """Put the next generation in force; nobody works meanwhile."""
        cuts = tuple(
            Cut(
                journal=len(self.kafka.logs[JOURNAL, number]),
                decided=len(self.kafka.logs[DECIDED, number]),
            )
            for number in range(partitions)
        )
        growing = JournalGenerations(
            first=self.told.first, later=self.told.later, growing=Generation(cuts=cuts)
        )
        self.told = growing.grown()
        value = self.told.model_dump_json().encode()
        self.kafka.append(Outgoing(GENERATIONS, 0, GENERATIONS_KEY, value))
        self.kafka.counts[JOURNAL] = partitions
        self.generations = Generations(self.told, partition_of)

    async def rebuilt(self) -> FakeView:
        """What the recorded facts of all generations say the view must be."""
        view = FakeView()
        recovery = Recovery(view, self.kafka, FakeKafka(), FORMS, generations=self.generations)
        await recovery.rebuild(
            dict.fromkeys(range(self.generations.partitions)), lambda _done, _total: None
        )
        return view

    def audit(self) -> AuditReport:
        """What the auditor says of all generations."""
        return audit_of(self.kafka, self.view, self.keys)

    def answers(self) -> list[dict[str, Any]]:
        """Everything in `insp.decided`."""
        return [orjson.loads(record.value) for record in self.kafka.all(DECIDED)]


async def grown(keys: Path, spec: CitySpec, seed: int, *sizes: int) -> GrownCity:
    """A city that is first of one size, then, after equal parts of its year, of the next."""
    city, lines = GrownCity(keys, sizes[0]), list(generate(spec, seed))
    for number, part in enumerate(_parts(lines, len(sizes))):
        if number and sizes[number] != sizes[number - 1]:
            city.grow(sizes[number])
        await city.live(part)
    return city


def _parts(lines: list[Any], count: int) -> list[list[Any]]:
    each = len(lines) // count + 1
    return [lines[at : at + each] for at in range(0, len(lines), each)]


def live_through(keys: Path, spec: CitySpec, seed: int, *sizes: int) -> GrownCity:
    """`grown`, to its end."""
    return asyncio.run(grown(keys, spec, seed, *sizes))


class KilledError(Exception):
    """The worker is gone."""


class Dying:
    """A view whose owner dies after so many writes."""

    def __init__(self, view: Any, writes: int) -> None:
        self._view, self._left = view, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    async def apply(self, *args: Any) -> None:
        if self._left == 0:
            raise KilledError
        self._left -= 1
        await self._view.apply(*args)
