"""What is over leaves the feeds by itself, once a night."""

from __future__ import annotations

import asyncio

from delivery_world import SITE, USCC, DeliveryWorld, Process, now_ms, until
from virtual_time import run_virtual

from schemas.topics import feed_topic
from streams.delivery.nightly import Retirement
from streams.rules.delivery.ledger import Standing


def test_what_is_over_is_retired_by_itself_once_a_night():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-old")
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))
        stop = asyncio.Event()
        nightly = Retirement({SITE: world.ledger}, world.kafka, retention_days=3, clock=now_ms)
        task = asyncio.create_task(nightly.run(stop, 600.0))
        await asyncio.sleep(2 * 86_400)
        assert set(world.standings()) == {"R-old"}, "it is not over yet"
        await until(lambda: not world.standings(), 72)
        graves = [one for one in world.kafka.all(feed_topic(SITE)) if one.value is None]
        assert [one.key for one in graves] == [f"{USCC}|R-old".encode()]
        stop.set()
        await task

    run_virtual(main())


def test_nothing_is_retired_twice_in_a_night():
    async def main() -> None:
        world = DeliveryWorld()
        nightly = Retirement({SITE: world.ledger}, world.kafka, retention_days=1, clock=now_ms)
        world.ask("R-old")
        process = Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))
        await asyncio.sleep(3 * 86_400)
        process.kill()

        assert [await nightly.turn() for _ in range(3)] == [1, 0, 0]

    run_virtual(main())
