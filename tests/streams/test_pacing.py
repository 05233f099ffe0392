"""What is owed leaves first; proof keeps an eighth of the time meanwhile, and all of it after."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from delivery_fakes import FakeLedger, FakeSystem
from delivery_world import DeliveryWorld, Process, now_ms, until
from virtual_time import run_virtual

from schemas.calendar_file import NO_OVERRIDES
from streams.delivery.courier import CourierSettings
from streams.delivery.taking import Taker
from streams.rules.delivery.attempts import Doubt
from streams.rules.delivery.ledger import Standing, decode_entry

STOPS, PAGE = 400, 2


class SlowSystem(FakeSystem):
    """Its receipts come two at a time, in `poll_s` seconds each time."""

    def __init__(self, *args: Any, poll_s: float, **settings: Any) -> None:
        super().__init__(*args, **settings, batch_max=4, latency_s=1.0, receipt_after_ms=0)
        self.poll_s = poll_s
        self.polls: list[tuple[float, int]] = []

    async def poll_receipts(self, cursor: str) -> Any:
        self.polls.append((asyncio.get_running_loop().time(), len(self.arrivals)))
        await asyncio.sleep(self.poll_s)
        page, _ = await super().poll_receipts(cursor)
        return page[:PAGE], str(int(cursor or 0) + len(page[:PAGE]))


@pytest.mark.parametrize(
    ("every_s", "poll_s", "rest_s"),
    [
        pytest.param(60.0, 1.0, 7.0, id="seven times as long as it took"),
        pytest.param(2.0, 1.0, 7.0, id="however short its pace is"),
        pytest.param(2.0, 2.0, 10.0, id="never longer than ten seconds"),
        pytest.param(12.0, 2.0, 12.0, id="or than it always rests"),
    ],
)
def test_while_deliveries_wait_proof_rests_and_still_has_its_share(every_s, poll_s, rest_s):
    async def main() -> None:
        world = DeliveryWorld(
            system=SlowSystem("CREDIT-TJ", now_ms, poll_s=poll_s), poll_every_s=every_s,
            courier=CourierSettings(calls_max=1, taken_max=STOPS, idle_s=20.0),
        )  # fmt: skip
        for number in range(STOPS):
            world.ask(f"R-{number:03}")
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        polls = world.system.polls
        # From the third on there were receipts each time, so nothing but the queue made it wait.
        queued = [at for at, arrived in polls[2:] if arrived < STOPS - 8]
        free = [at for at, arrived in polls if arrived == STOPS][1:50]
        assert {round(b - a, 6) for a, b in pairwise(queued)} == {poll_s + rest_s}
        assert {round(b - a, 6) for a, b in pairwise(free)} == {poll_s}

    run_virtual(main())


class SlowLedger(FakeLedger):
    """Takes its time to give out what is to be sent."""

    async def values(self, names: Any) -> list[bytes | None]:
        await asyncio.sleep(2.0)
        return await super().values(names)


def test_a_queue_is_one_also_while_the_next_of_it_are_being_taken():
    async def main() -> None:
        world = DeliveryWorld(
            ledger=SlowLedger(), system=FakeSystem("CREDIT-TJ", now_ms, batch_max=4, latency_s=1.0),
            courier=CourierSettings(calls_max=2, taken_max=32, idle_s=20.0),
        )  # fmt: skip
        for number in range(STOPS):
            world.ask(f"R-{number:03}")
        courier = Process(world).start().site.courier
        await until(lambda: world.system.arrivals)

        seen = []
        while len(world.system.arrivals) < STOPS - 32:
            seen.append(courier.has_a_queue or not world.system.calls)
            await asyncio.sleep(0.3)
        await until(lambda: len(world.system.arrivals) == STOPS)
        await asyncio.sleep(30)

        assert len(seen) > 20
        assert all(seen)
        assert not courier.has_a_queue

    run_virtual(main())


class CountingLedger(FakeLedger):
    """Counts how often it was asked what is due."""

    asked = 0

    async def due(self, lanes: Any, until_ms: int, limit: int) -> list[list[str]]:
        self.asked += 1
        return await super().due(lanes, until_ms, limit)


@pytest.mark.parametrize(
    ("with_us", "taken", "asked"),
    [
        pytest.param([], ["R-0", "R-1"], 1, id="none is with us"),
        pytest.param(["R-4"], ["R-0", "R-1"], 1, id="one that is not among the first"),
        pytest.param(["R-0", "R-1", "R-2"], ["R-3", "R-4"], 2, id="the first are with us"),
        pytest.param(["R-0", "R-1", "R-2", "R-3", "R-4"], [], 2, id="all are with us"),
    ],
)
def test_what_is_with_us_and_due_again_hides_nobody(with_us, taken, asked):
    async def main() -> None:
        world = DeliveryWorld(ledger=CountingLedger())
        for number in range(5):
            world.ask(f"R-{number}")
        process = Process(world)
        process.take()
        await until(lambda: len(world.standings()) == 5)
        ledger = world.ledger
        names = {decode_entry(v).result_id: n for n, v in ledger.content.entries.items()}
        ledger.asked = 0
        desk = SimpleNamespace(
            clock=now_ms, ledger=ledger, entries=process.site.desk.entries, fence="f",
            doubt=Doubt(), site=world.site,
        )  # fmt: skip
        taker = Taker(desk, key_memory_s=1e6, rnd=lambda: 0.5, calendar=NO_OVERRIDES)

        jobs = await taker.take(2, {names[one] for one in with_us})

        assert [job.entry.result_id for job in jobs] == taken
        assert ledger.asked == asked

    run_virtual(main())
