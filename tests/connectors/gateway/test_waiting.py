"""A decision is told soon after it was made, and waiting for it costs ever less."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from virtual_time import run_virtual

from connectors.departments.gateway.intake.waiting import (
    LATE_SHARE,
    LOOK_EVERY_S,
    LOOK_RARELY_S,
    REST_TIMES,
    Waiting,
    Wanted,
)


class View:
    """Has decisions from an instant of the loop's clock on; counts the looks."""

    def __init__(self, made_at: float, look_s: float = 0.0) -> None:
        self.made_at, self.look_s = made_at, look_s
        self.looks: list[int] = []

    async def decisions(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        self.looks.append(len(wanted))
        await asyncio.sleep(self.look_s)
        is_made = asyncio.get_running_loop().time() >= self.made_at
        return [one.task_id.encode() if is_made else None for one in wanted]


@pytest.mark.parametrize(
    ("made_s", "looks_max"), [(0.0, 1), (0.02, 6), (0.2, 18), (2.0, 34), (8.0, 64)]
)
def test_it_is_told_soon_after_it_was_made_and_looked_for_few_times(made_s: float, looks_max: int):
    async def wait() -> tuple[bytes | None, float, int]:
        began = asyncio.get_running_loop().time()
        view = View(began + made_s)
        made = await Waiting(view).decision(0, "U", "T", 10.0)
        return made, asyncio.get_running_loop().time() - began, len(view.looks)

    made, took_s, looks = run_virtual(wait())

    late_max = max(LOOK_EVERY_S, min(LATE_SHARE * took_s, LOOK_RARELY_S))
    assert made == b"T"
    assert took_s - made_s <= late_max + 1e-6
    assert looks <= looks_max


@pytest.mark.parametrize("wait_s", [0.0, 0.003, 1.0, 10.0])
def test_who_waits_in_vain_waits_no_longer_than_was_asked(wait_s: float):
    async def wait() -> tuple[bytes | None, float]:
        began = asyncio.get_running_loop().time()
        made = await Waiting(View(began + 99)).decision(0, "U", "T", wait_s)
        return made, asyncio.get_running_loop().time() - began

    made, took_s = run_virtual(wait())

    assert made is None
    assert wait_s <= took_s <= wait_s + LOOK_EVERY_S + 1e-6


def test_all_who_wait_are_looked_for_together_and_each_hears_of_its_own():
    async def wait() -> tuple[list[bytes | None], View]:
        view = View(asyncio.get_running_loop().time() + 0.1)
        waiting = Waiting(view)
        asked = [waiting.decision(0, "U", f"T-{number}", 1.0) for number in range(50)]
        return await asyncio.gather(*asked, waiting.decision(0, "U", "T-0", 1.0)), view

    made, view = run_virtual(wait())

    assert made == [*(b"T-%d" % number for number in range(50)), b"T-0"]
    assert len(view.looks) <= 18
    assert set(view.looks) == {50}


def test_who_comes_late_is_told_as_soon_as_who_waits_alone():
    async def wait() -> float:
        loop = asyncio.get_running_loop()
        view = View(loop.time() + 5.0)
        waiting = Waiting(view)
        early = asyncio.create_task(waiting.decision(0, "U", "T", 10.0))
        await asyncio.sleep(4.99)
        await waiting.decision(0, "U", "T-2", 10.0)
        took_s = loop.time() - view.made_at
        await early
        return took_s

    assert run_virtual(wait()) <= LOOK_EVERY_S + 1e-6


def test_slow_looks_leave_the_gateway_its_time():
    async def wait() -> View:
        view = View(asyncio.get_running_loop().time() + 5.0, look_s=0.1)
        waiting = Waiting(view)

        async def one(number: int) -> None:
            await asyncio.sleep(number * 0.01)
            await waiting.decision(0, "U", f"T-{number}", 10.0)

        await asyncio.gather(*map(one, range(400)))
        return view

    view = run_virtual(wait())

    assert len(view.looks) * view.look_s <= 5.5 / (1 + REST_TIMES) + view.look_s


async def test_a_view_that_is_away_is_told_to_all_who_wait_and_the_next_ask_anew():
    class Away:
        gone = True

        async def decisions(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
            if self.gone:
                raise ConnectionError("gone")
            return [b"made"] * len(wanted)

    view = Away()
    waiting = Waiting(view)
    asked = [waiting.decision(0, "U", name, 5.0) for name in ("T-1", "T-2")]
    failed = await asyncio.gather(*asked, return_exceptions=True)
    view.gone = False

    assert [type(one) for one in failed] == [ConnectionError, ConnectionError]
    assert await waiting.decision(0, "U", "T-3", 5.0) == b"made"


async def test_who_goes_away_while_waiting_leaves_nothing_behind():
    view = View(float("inf"))
    waiting = Waiting(view)
    gone = asyncio.create_task(waiting.decision(0, "U", "T-1", 60.0))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await waiting.decision(0, "U", "T-2", 0.05)

    assert set(view.looks) == {1}
