"""Seeded lives of a journal partition: the real handler and lane, on logs in memory, among faults.

Workers take over from each other, are killed between any two steps, freeze and go on as zombies; the
view is wiped or an old copy restored; publications are cut short, come late or twice. Only the order
of steps is simulated, not time: a seed always gives the same life.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from decide_world import World, wrong_with
from fakes import FakeRecord, FakeView
from journal_events import events
from odd_parts import Died, FaultyMint

from schemas.topics import JOURNAL
from streams.decide import DecideHandler
from streams.lanes import Lane, Partition
from streams.ports import Outgoing

TP = Partition(JOURNAL, 0)
STEPS = 60
EVENTS = 40
TURNS_MAX = 20_000
CALM_TURNS = 400
CRASH_SHARE = 0.02


class IdleLane(Lane):
    """A lane that looks at once when nothing comes: time is not simulated."""

    idle_s = 0.0


@dataclass(frozen=True)
class Build:
    """What the simulated workers are made of; tests plant faults here."""

    lane: type[Lane] = IdleLane
    handler: type[DecideHandler] = DecideHandler
    view: type[FakeView] = FakeView
    mint: Callable[[Random, int], FaultyMint] = lambda _rng, _number: FaultyMint()
    one_mint: bool = True


class Worker:
    """One incarnation of a worker with its lane, its share of the group, and its connections."""

    def __init__(self, life: Life, number: int) -> None:
        self.life, self.number = life, number
        self.thawed = asyncio.Event()
        self.thawed.set()
        self.alive = True
        self.durable_at = 0
        self.position = life.first_position()
        handler = life.build.handler(
            view=ViewLink(self),
            logs=LogLink(self),
            publisher=PublishLink(self),
            policies=life.policies(),
            mint=life.build.mint(life.rng, number),
            states_cached_max=4,
            at_point=self.at_point,
        )
        self.lane = life.build.lane(TP, handler, self, self.die)
        self.feeding = asyncio.create_task(self.feed())

    async def turn(self) -> None:
        """Let others go first, for as long as the seed says, or while frozen."""
        for _ in range(self.life.rng.choice((0, 0, 1, 1, 2, 6))):
            await asyncio.sleep(0)
        await self.thawed.wait()

    def at_point(self, _point: str) -> None:
        if self.life.faulty and self.life.rng.random() < CRASH_SHARE:
            raise Died(_point)

    def die(self, cause: BaseException) -> None:
        self.life.causes.append(cause)
        self.kill()

    def kill(self) -> None:
        """Nothing of it runs any more; what it had sent may still arrive."""
        self.alive = False
        self.feeding.cancel()
        self.lane._task.cancel()

    async def feed(self) -> None:
        """Fetch and hand over, as the engine does."""
        while True:
            await self.turn()
            log = self.life.world.kafka.logs[JOURNAL, 0]
            some = log[self.position : self.position + self.life.rng.randint(1, 6)]
            if some and self.lane.offer(some):
                self.position = some[-1].offset + 1
            if self.durable_at > self.life.committed and self.life.rng.random() < 0.3:
                self.life.commit(self, self.durable_at)
            await asyncio.sleep(0)

    # what the lane asks for ---------------------------------------------------------------------

    async def committed(self, _tp: Partition) -> int | None:
        await self.turn()
        return self.life.committed or None

    async def beginning(self, _tp: Partition) -> int:
        return 0

    async def rewind(self, _tp: Partition, offset: int) -> None:
        self.position = offset

    def lane_ready(self, _tp: Partition) -> None:
        """Room for one more batch."""

    def durable(self, _tp: Partition, next_offset: int) -> None:
        self.durable_at = next_offset


class LogLink:
    """Reading the logs."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._kafka = worker, worker.life.world.kafka

    async def span(self, topic: str, partition: int) -> tuple[int, int]:
        await self._worker.turn()
        return await self._kafka.span(topic, partition)

    async def scan(self, topic: str, partition: int, start: int, end: int) -> Any:
        async for chunk in self._kafka.scan(topic, partition, start, end):
            await self._worker.turn()
            yield chunk


class ViewLink:
    """A connection to the view: before and after every step somebody else may act."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def __getattr__(self, name: str) -> Any:
        async def ask(*args: Any) -> Any:
            worker = self._worker
            await worker.turn()
            answer = await getattr(worker.life.world.view, name)(*args)
            await worker.turn()
            if worker.life.rng.random() < 0.05:  # the answer was lost: asked again
                answer = await getattr(worker.life.world.view, name)(*args)
            return answer

        return ask


class PublishLink:
    """Publishing: topic by topic side by side, in pieces; what was sent by the dead may come late."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        life, ends = self._worker.life, dict[tuple[str, int], int]()
        pieces = life.pieces(records)
        try:
            while pieces:
                await self._worker.turn()
                for record in life.deliver(pieces.pop(0)):
                    ends[record.topic, record.partition] = record.offset + 1
                await self._worker.turn()
        except asyncio.CancelledError:
            if life.rng.random() < 0.3:
                life.late += pieces
            raise
        return ends


@dataclass
class Life:
    """One partition from its first record to rest, under one seed."""

    seed: int
    build: Build = Build()
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
        return (await wrong_with(self.world)) if level else [f"never level: {self.causes[-1:]}"]

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
