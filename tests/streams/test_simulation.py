"""Does the decide stage keep its promises through any life? Hundreds of seeded ones are tried.

A seed that once failed stays here for ever. Each planted fault must be found within the seeds: a
simulation that finds nothing proves nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
import structlog
from decide_simulation import Life
from fakes import FakeView
from odd_parts import FaultyMint
from simulated_worker import Build, IdleLane

from connectors.redis_view import Position
from streams.decide import DecideHandler, _Owned
from streams.lanes import Partition
from streams.ports import Record, ViewBatch

SEEDS = 250
SEEDS_TO_FIND = 250
FAILED_ONCE = (10, 21, 74, 491, 506)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of workers start and die here; nobody reads what they say."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


class NewKeys(FaultyMint):
    """Every worker comes with other keys than the one before: what was decided must stay."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        return super().code(uscc, f"{self._number} {task_id}", year, shard)


MANY_MINTS = Build(mint=lambda _rng, number: NewKeys(number), one_mint=False)


@pytest.mark.parametrize("build", [Build(), MANY_MINTS], ids=["one version", "many versions"])
def test_every_life_ends_as_it_should(build: Build):
    done: Counter[str] = Counter()
    for seed in (*FAILED_ONCE, *range(SEEDS)):
        life = Life(seed, build)
        wrong = asyncio.run(life.run())
        assert not wrong, f"seed {seed}: {wrong[:3]}, faults {dict(life.done)}"
        done.update(life.done)
        done.update(type(cause).__name__ for cause in life.causes)
    print(f"{SEEDS} lives: {dict(done)}")  # noqa: T201 - the figures of the run
    for fault in ("_kill", "_freeze", "_thaw", "_restore", "_wipe", "_late", "Died", "Fenced"):
        assert done[fault] > SEEDS / 4, f"{fault} hardly happened: {done}"


def test_a_seed_always_gives_the_same_life():
    def life() -> Any:
        one = Life(7)
        asyncio.run(one.run())
        return [(r.topic, r.offset, r.value) for log in one.world.kafka.logs.values() for r in log]

    assert life() == life()


# Planted faults ---------------------------------------------------------------------------------


class NoFence(FakeView):
    """Whoever is at the right position may write."""

    async def apply(self, partition: int, fence: str, expect: int | None, batch: ViewBatch) -> None:
        await super().apply(partition, str(self.parts[partition].fence), expect, batch)

    async def check(self, partition: int, fence: str, expect: int | None) -> None:
        await super().check(partition, str(self.parts[partition].fence), expect)


class NoPosition(FakeView):
    """The owner may write wherever the view is."""

    async def apply(self, partition: int, fence: str, expect: int | None, batch: ViewBatch) -> None:
        await super().apply(partition, fence, self.parts[partition].next_offset, batch)

    async def check(self, partition: int, fence: str, expect: int | None) -> None:
        await super().check(partition, fence, self.parts[partition].next_offset)


class NoOutbox(FakeView):
    """What was applied but not published is not published again."""

    async def claim(self, partition: int, fence: str) -> Position:
        found = await super().claim(partition, fence)
        return Position(found.next_offset, found.decided_next, b"", found.outbox_from)


class NoRecovery(DecideHandler):
    """Goes on where the view stands, whatever was decided since."""

    async def open(self, tp: Partition, committed: int | None) -> int:
        found = await self._view.claim(tp.partition, fence := str(id(object())))
        at = found.next_offset or 0
        self._owned[tp.partition] = _Owned(fence, at, found.decided_next)
        return at


class NoLook(DecideHandler):
    """Does not look after the view while nothing comes."""

    async def idle(self, tp: Partition) -> None:
        return


class NoGuard(IdleLane):
    """Takes any batch that brings something new, as the unguarded engine of the design."""

    async def _contiguous(self, records: Sequence[Record]) -> Sequence[Record]:
        assert self._want is not None
        fresh = [record for record in records if record.offset >= self._want]
        self._want = fresh[-1].offset + 1 if fresh else self._want
        return fresh


class EarlyWatermark(IdleLane):
    """Lets the offset be committed before the handler has made it durable."""

    async def _contiguous(self, records: Sequence[Record]) -> Sequence[Record]:
        todo = await super()._contiguous(records)
        if todo:
            self._consumer.durable(self.tp, todo[-1].offset + 1)
        return todo


class RandomCode(FaultyMint):
    """A code drawn by lot."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._rng = rng

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        return super().code(uscc, f"{self._rng.random()}", year, shard)


def many(**parts: Any) -> Build:
    return Build(mint=MANY_MINTS.mint, one_mint=False, **parts)


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(many(view=NoFence), id="no fence"),
        pytest.param(Build(view=NoPosition), id="no position"),
        pytest.param(Build(view=NoOutbox), id="outbox not published again"),
        pytest.param(many(handler=NoRecovery), id="recovery skipped"),
        pytest.param(Build(handler=NoLook), id="no look while idle"),
        pytest.param(Build(lane=NoGuard), id="no contiguity guard"),
        pytest.param(Build(lane=EarlyWatermark), id="watermark before the publication"),
        pytest.param(Build(mint=lambda rng, _: RandomCode(rng)), id="random code"),
    ],
)
def test_a_planted_fault_is_found(build: Build):
    for seed in range(SEEDS_TO_FIND):
        wrong = asyncio.run(Life(seed, build).run())
        if wrong:
            print(f"found by seed {seed}: {wrong[0][:200]}")  # noqa: T201 - by which life
            return
    pytest.fail(f"not found in {SEEDS_TO_FIND} lives: the simulation is too kind")
