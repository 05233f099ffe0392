"""How a deliver process ends: when it is told to, whatever its parts do with a cancellation."""

from __future__ import annotations

import asyncio

from delivery_world import DeliveryWorld, Process
from virtual_time import run_virtual

from streams.delivery.run import Round


def test_a_part_that_keeps_a_cancellation_to_itself_does_not_keep_the_process():
    # Seen at a SIGTERM: `asyncio.wait_for` of Python 3.11 does so when the answer comes with it.
    async def main() -> None:
        kept: list[bool] = []

        async def turn() -> bool:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                kept.append(True)
            return False

        process = Process(DeliveryWorld())
        process.site._rounds = [Round(turn, 5.0), Round(turn, 5.0)]
        process.start()
        await process.site.desk.ready.wait()
        await asyncio.sleep(1)

        process.stop.set()
        await process.lose()
        await asyncio.wait_for(process.tasks[0], 60)

        assert kept == [True, True]

    run_virtual(main())
