"""What runs in a deliver process beside the engine? All parts of one site, until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from streams.courier import Courier
from streams.site_desk import SiteDesk


class Round(NamedTuple):
    """Something done again and again; `turn` says whether it is worth going on at once."""

    turn: Callable[[], Awaitable[bool]]
    every_s: float


async def run_site(
    desk: SiteDesk, rounds: Sequence[Round], courier: Courier | None, stop: asyncio.Event
) -> None:
    """Run all parts until `stop` is set; the first failure of I/O ends all with an exception."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_again(desk, one)) for one in rounds]
        if courier is not None:
            group.create_task(courier.run(stop))
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _again(desk: SiteDesk, one: Round) -> None:
    while True:
        await desk.ready.wait()
        if not await one.turn():
            await asyncio.sleep(one.every_s)
