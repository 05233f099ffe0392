"""When is a task decided? All who wait share one look at the view every few milliseconds."""

from __future__ import annotations

import asyncio
from typing import Protocol

LOOK_EVERY_S = 0.004
LOOK_RARELY_S = 0.05
_RARELY_AFTER_S = 1.0


class Decisions(Protocol):
    """Knows the first decisions."""

    async def decision(self, partition: int, uscc: str, task_id: str) -> bytes | None:
        """The first decision on a task, as it was published."""


class Waiting:
    """Waits for first decisions. Every look of every waiter goes out in one round trip."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._tick: asyncio.Task[None] | None = None

    async def decision(
        self, partition: int, uscc: str, task_id: str, wait_s: float
    ) -> bytes | None:
        """The first decision on a task as soon as it is there; None if it is not in time."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            made = await self._decisions.decision(partition, uscc, task_id)
            now = loop.time()
            if made is not None or now - began >= wait_s:
                return made
            # Whatever took a second is held up by something: no need to look so often.
            await self._next_look(rarely=now - began > _RARELY_AFTER_S)

    async def _next_look(self, *, rarely: bool) -> None:
        if rarely:
            await asyncio.sleep(LOOK_RARELY_S)
            return
        if self._tick is None or self._tick.done():
            self._tick = asyncio.create_task(asyncio.sleep(LOOK_EVERY_S))
        await asyncio.wait([self._tick])
