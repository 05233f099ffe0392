"""One worker in a simulated life: the real handler and lane, and its connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from decide_world import FORMS
from fakes import FakeView
from odd_parts import Died, FaultyMint

from schemas.topics import JOURNAL
from streams.decide import DecideHandler
from streams.lanes import Lane, Partition
from streams.ports import Outgoing

if TYPE_CHECKING:
    from decide_simulation import Life

TP = Partition(JOURNAL, 0)
CRASH_SHARE = 0.02
AHEAD_MAX = 12  # records that may wait for the lane


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
            forms=FORMS,
            at_point=self.at_point,
        )
        self.ahead = 0
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
            if some and self.ahead < AHEAD_MAX:
                self.lane.offer(some)
                self.ahead += len(some)
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

    def taken(self, _tp: Partition, records: Sequence[Any]) -> None:
        self.ahead -= len(records)

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
    """Publishing: topics side by side, in pieces; what the dead had sent may come late."""

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
