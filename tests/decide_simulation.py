"""Seeded lives of a journal partition: the real handler and lane, on logs in memory, among faults.

Workers take over from each other, are killed between any two steps, freeze and go on as zombies;
the view is wiped or an old copy restored; publications are cut short, come late or twice. Only the
order of steps is simulated, not time: a seed always gives the same life.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from decide_oracle import wrong_with
from decide_world import World
from fakes import FakeRecord
from journal_events import events
from simulated_worker import Build, Worker

from schemas.topics import JOURNAL
from streams.ports import Outgoing

STEPS = 60
EVENTS = 40
TURNS_MAX = 20_000
CALM_TURNS = 400


@dataclass
class Life:
    """One partition from its first record to rest, under one seed."""

    seed: int
    build: Build = field(default_factory=Build)
    committed: int = 0
    faulty: bool = True
    workers: list[Worker] = field(default_factory=list)
    late: list[list[Outgoing]] = field(default_factory=list)
    causes: list[BaseException] = field(default_factory=list)
    copies: list[Any] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.world = World(view=self.build.view())
        self.policies = self.world.policies

    @property
    def owner(self) -> Worker:
        """Who has the partition, as the broker sees it."""
        return self.workers[-1]

    def first_position(self) -> int:
        """Where a new owner's first fetch begins: sometimes at one from before the rebalance."""
        end = len(self.world.kafka.logs[JOURNAL, 0])
        stale = self.faulty and self.rng.random() < 0.3
        return (
            self.rng.randrange(self.committed, end)
            if stale and end > self.committed
            else (self.committed)
        )

    def commit(self, worker: Worker, offset: int) -> None:
        """Commit, unless the broker knows another owner by now."""
        if worker is self.owner and worker.alive:
            self.committed = offset

    def pieces(self, records: Sequence[Outgoing]) -> list[list[Outgoing]]:
        """Requests in the order in which the broker takes them: each topic's own order holds."""
        waiting: dict[str, list[Outgoing]] = defaultdict(list)
        for record in records:
            waiting[record.topic].append(record)
        pieces = []
        while waiting:
            topic = self.rng.choice(sorted(waiting))
            size = self.rng.randint(1, 4)
            pieces.append(waiting[topic][:size])
            del waiting[topic][:size]
            if not waiting[topic]:
                del waiting[topic]
        return pieces

    def deliver(self, piece: list[Outgoing]) -> list[FakeRecord]:
        """The broker takes a request, now and then twice."""
        twice = self.faulty and self.rng.random() < 0.03
        return [self.world.kafka.append(record) for record in piece * (2 if twice else 1)]

    async def run(self) -> list[str]:
        """Live it; returns every broken promise."""
        self.workers.append(Worker(self, 0))
        year = events(EVENTS, self.rng)
        for _ in range(STEPS):
            for kind, uscc, dept, data in islice(year, self.rng.choice((0, 0, 1, 3))):
                self.world.write(kind, data, uscc=uscc, dept=dept)
            self._act()
            for _ in range(self.rng.randint(1, 40)):
                await asyncio.sleep(0)
        self.faulty = False
        for worker in self.workers:
            worker.thawed.set()
        level = await self._rest()
        for worker in self.workers:
            worker.kill()
        await asyncio.sleep(0)
        if not level:
            return [f"never level: {self.causes[-1:]}"]
        return await wrong_with(self.world, one_mint=self.build.one_mint)

    async def _rest(self) -> bool:
        end, calm = len(self.world.kafka.logs[JOURNAL, 0]), 0
        for _ in range(TURNS_MAX):
            if not self.owner.alive:
                self._take_over()
                calm = 0
            if self.late:
                self.deliver(self.late.pop(0))
            calm = calm + 1 if self.committed >= end else 0
            if calm == CALM_TURNS:
                return True
            await asyncio.sleep(0)
        return False

    def _act(self) -> None:
        faults: Sequence[tuple[float, Callable[[], None]]] = (
            (0.08, self._kill), (0.16, self._freeze), (0.22, self._thaw), (0.26, self._take_over),
            (0.32, self._copy), (0.37, self._restore), (0.40, self._wipe), (0.60, self._late),
        )  # fmt: skip
        draw = self.rng.random()
        act = next((act for share, act in faults if draw < share), None)
        if act is not None:
            act()
            self.done[act.__name__] += 1
        if not self.owner.alive:
            self._take_over()

    def _take_over(self) -> None:
        self.workers.append(Worker(self, len(self.workers)))

    def _kill(self) -> None:
        self.owner.kill()

    def _freeze(self) -> None:
        """The owner stands still; after its session another one has the partition."""
        self.owner.thawed.clear()
        self._take_over()

    def _thaw(self) -> None:
        for worker in self.workers:
            worker.thawed.set()

    def _copy(self) -> None:
        self.copies.append(self.world.view.snapshot())

    def _restore(self) -> None:
        if self.copies and self._may_lose():
            self.world.view.restore(self.rng.choice(self.copies[-3:]))

    def _wipe(self) -> None:
        if self._may_lose():
            self.world.view.parts.clear()

    def _late(self) -> None:
        if self.late:
            self.deliver(self.late.pop(0))

    def _may_lose(self) -> bool:
        """Workers of different versions: what left only half may not be lost as well.

        A department may have been told what the facts do not hold yet. With one version that is no
        harm: the same is decided again.
        """
        part, facts = self.world.view.parts[0], self.world.decided()
        return self.build.one_mint or (part.next_offset or 0) <= len(
            {record.value for record in facts}
        )
