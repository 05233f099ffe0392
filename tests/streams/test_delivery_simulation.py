"""Lives of a deliver process over days: outages, deaths at every named point, losses of Redis.

The system counts effects by key; in the end every stop was carried out in time, none twice, and
every receipt is true.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date
from typing import Any

import pytest
from delivery_world import DeliveryWorld, Process, now_ms, until
from odd_parts import Died
from virtual_time import run_virtual

from schemas.feed import DisclosureState, Stage
from streams.rules.delivery.ledger import Standing
from streams.rules.delivery.retry import end_of_ms

DUE_MS = end_of_ms(date(2026, 3, 19))
POINTS = (
    "recover", "in recovery", "before publish", "before script", "before attempt", "after attempt",
    "before call", "after answer", "before receipt", "after receipt", "before cursor",
)  # fmt: skip


def dying_at(point: str, times: int) -> Any:
    """Dies when it gets to the point the so-and-so-many-th time."""
    left = times

    def at(here: str) -> None:
        nonlocal left
        left -= here == point
        if left == 0:
            raise Died(point)

    return at


def wrong_with(world: DeliveryWorld, side_by_side: int = 1) -> list[str]:
    """Every promise that was broken."""
    system, wrong = world.system, []
    keys = Counter(effect.key for effect in system.effects)
    wrong += [f"{key} took effect {count} times" for key, count in keys.items() if count > 1]
    wrong += [
        f"{effect.name} stopped after its due day"
        for effect in system.effects
        if effect.state is not DisclosureState.DISCLOSED and effect.at_ms > DUE_MS
    ]
    arrived = {one.key for one in system.arrivals}
    for receipt in world.receipts():
        has = keys if receipt.stage in (Stage.PROCESSED, Stage.OBSERVED) else arrived
        if receipt.key not in has:
            wrong.append(f"false receipt {receipt.stage} of {receipt.result_id}")
    stands = {name: one.version for name, one in system.stands.items()}
    for value in world.ledger.content.entries:
        result_id = value.split("\x1f")[1]
        if stands.get(value) != world.entry(result_id).version:
            wrong.append(f"{result_id} does not stand at its newest version")
    if system.side_by_side > side_by_side:
        wrong.append("one result was sent twice side by side")
    return wrong


def test_an_hours_outage_delays_and_loses_nothing():
    async def main() -> None:
        world = DeliveryWorld(poll_every_s=120.0)
        process = Process(world).start()
        for minute in range(120):
            world.system.down = 20 <= minute < 80
            world.ask(f"R-{minute:03}")
            if minute % 3 == 0:
                world.ask(f"D-{minute:03}", 1, "DISCLOSED")
            if minute % 6 == 0 and minute:
                world.ask(f"D-{minute - 6:03}", 2)
            await asyncio.sleep(60)
        await until(lambda: world.all(Standing.OBSERVED), 3.0)

        assert wrong_with(world) == []
        assert len(world.standings()) == 160
        assert not process.causes

    run_virtual(main())


async def live(world: DeliveryWorld, point: str, times: int) -> int:
    """Processes one after another, each dying at the point, until one gets through."""
    deaths = 0
    for number in range(12):
        world.ask(f"R-{number}")
        world.ask(f"D-{number}", 1, "DISCLOSED")
    for turn in range(60):
        process = Process(world, dying_at(point, times + turn // 3)).start()
        await until(lambda: process.causes or world.all(Standing.OBSERVED), 30.0)  # noqa: B023
        process.kill()
        await asyncio.sleep(0)
        if not process.causes:
            return deaths
        assert all(_is_death(cause) for cause in process.causes), process.causes
        deaths += 1
        if turn == 2:
            world.ask("D-3", 2)
    return deaths


def _is_death(cause: BaseException) -> bool:
    if isinstance(cause, BaseExceptionGroup):
        return all(_is_death(one) for one in cause.exceptions)
    return isinstance(cause, Died)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_death_at_any_point_doubles_nothing_and_loses_nothing(point: str, times: int):
    async def main() -> None:
        world = DeliveryWorld(seed=times, poll_every_s=120.0)
        deaths = await live(world, point, times)

        assert world.all(Standing.OBSERVED)
        assert wrong_with(world) == []
        assert deaths or point in ("recover", "in recovery"), "the point was never reached"
        assert now_ms() < DUE_MS

    run_virtual(main())


def test_every_point_of_the_code_is_named_here():
    from pathlib import Path

    import streams

    folder = Path(streams.__file__).parent
    named = {
        line.split('self._at("')[1].split('"')[0]
        for file in (
            "deliver",
            *(f"delivery/{one}" for one in ("courier", "outcome", "polling", "observing")),
        )
        for line in (folder / f"{file}.py").read_text(encoding="utf-8").splitlines()
        if 'self._at("' in line
    }

    assert named == set(POINTS)


class Life:
    """A process and its successors among faults of every kind, under one seed."""

    def __init__(self, seed: int) -> None:
        self.world = DeliveryWorld(seed=seed, poll_every_s=300.0)
        self.rng = self.world.rng
        self.world.system.key_memory_s = 1800  # half an hour: whoever sends blindly doubles
        self.world.system.fault = lambda _: self.rng.choice((None, None, None, "no answer", "lose"))
        self.asked: dict[str, list[str]] = {}
        self.copies: list[Any] = []
        self.processes = [Process(self.world).start()]

    def ask(self) -> None:
        """A new version; sometimes an old one again, as a frozen worker would write it."""
        name = f"R-{self.rng.randrange(25)}"
        states = self.asked.setdefault(name, [])
        if not states or self.rng.random() < 0.8:
            states.append(self.rng.choice(("STOPPED", "DISCLOSED", "WITHDRAWN")))
            self.world.ask(name, len(states), states[-1])
        else:
            version = self.rng.randint(1, len(states))
            self.world.ask(name, version, states[version - 1])

    async def act(self) -> None:
        """One fault, or none."""
        draw, world = self.rng.random(), self.world
        if draw < 0.05:  # frozen, not dead: it goes on beside its successor
            self.processes.append(Process(world).start())
        elif draw < 0.20 or self.processes[-1].causes:
            for process in self.processes:
                process.kill()
            await asyncio.sleep(0)
            if draw < 0.10:
                await world.ledger.forget()
            elif draw < 0.15 and self.copies:
                world.ledger.restore(self.rng.choice(self.copies[-2:]))
            self.processes.append(Process(world).start())
        elif draw < 0.35:
            world.system.down = not world.system.down
        elif draw < 0.45:
            self.copies.append(world.ledger.snapshot())

    async def run(self) -> list[str]:
        """Live it; returns every broken promise."""
        for _ in range(60):
            for _ in range(self.rng.randrange(4)):
                self.ask()
            await self.act()
            await asyncio.sleep(self.rng.choice((1, 30, 300)))
        self.world.system.down = False
        self.world.system.fault = lambda _: None
        while not self.processes[-1].alive:
            self.processes.append(Process(self.world).start())
            await asyncio.sleep(60)
        await until(lambda: self.world.all(Standing.OBSERVED), 30.0)
        newest = {name: len(states) for name, states in self.asked.items()}
        if {name: self.world.entry(name).version for name in newest} != newest:
            return ["an older version stands in the ledger"]
        return wrong_with(self.world, side_by_side=len(self.processes))


@pytest.mark.parametrize("seed", range(8))
def test_any_life_ends_with_everything_carried_out_once(seed: int):
    async def main() -> None:
        assert await Life(seed).run() == []

    run_virtual(main())
