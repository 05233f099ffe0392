"""Many screens look at one hub, and it is looked at once; a slow look keeps nobody waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from waiting import until_async

from connectors.console.context import CommandError
from connectors.dashboard.looks import Look

FRESH_S = 10.0


class Thing:
    """Something that changes whenever it is looked at, and may be slow or gone."""

    def __init__(self) -> None:
        self.looks = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.gone = ""
        self.held: dict[int, threading.Event] = {}

    def __call__(self) -> int:
        self.looks += 1
        number = self.looks
        assert self.held.get(number, self.go_on).wait(30)
        if self.gone:
            raise CommandError(self.gone)
        return number


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def thing() -> Thing:
    return Thing()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def look(thing: Thing, threads: ThreadPoolExecutor, clock: Clock) -> Look[int]:
    return Look(thing, threads, clock, fresh_s=FRESH_S, patience_s=0.0)


async def test_a_hundred_screens_are_one_look(look: Look[int], thing: Thing):
    found = await asyncio.gather(*(look.get() for _ in range(100)))

    assert thing.looks == 1
    assert {one.value for one in found} == {1}


async def test_it_is_looked_again_only_when_what_was_seen_is_old(
    look: Look[int], thing: Thing, clock: Clock
):
    await look.get()
    clock.now += FRESH_S - 1
    assert (await look.get()).value == 1
    clock.now += 1
    await look.get()

    await until_async(lambda: thing.looks == 2, "a second look")


async def test_while_a_look_is_slow_the_last_one_is_shown(
    look: Look[int], thing: Thing, clock: Clock
):
    await look.get()
    clock.now += FRESH_S
    thing.go_on.clear()

    seen = await look.get()

    assert seen.value == 1
    thing.go_on.set()
    await until_async(lambda: _running_is_done(look), "the slow look ends")
    assert (await look.get()).value == 2


async def test_what_was_seen_stays_when_a_look_fails_and_the_failure_is_told(
    look: Look[int], thing: Thing, clock: Clock
):
    await look.get()
    clock.now += FRESH_S
    thing.gone = "Redis does not answer"
    await look.get()
    await until_async(lambda: _running_is_done(look), "the look that fails ends")

    seen = await look.get()

    assert (seen.value, seen.fault) == (1, "Redis does not answer")


async def test_after_a_change_a_look_that_began_before_it_is_not_believed(
    look: Look[int], thing: Thing
):
    thing.held[1] = threading.Event()
    before = asyncio.create_task(look.get())
    await until_async(lambda: thing.looks == 1, "the first look begins")
    look.forget()

    assert (await look.get()).value == 2
    thing.held[1].set()
    await before
    assert (await look.get()).value == 2


async def test_a_mistake_of_ours_is_not_kept_quiet(threads: ThreadPoolExecutor, clock: Clock):
    def wrong() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Look(wrong, threads, clock, fresh_s=1.0).get()


def _running_is_done(look: Look[int]) -> bool:
    running = look._running
    return running is not None and running.done()
