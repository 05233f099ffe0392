"""When is a task decided? Whoever waits looks at the view, at first often, then ever more rarely.

Looking every few milliseconds for as long as it takes made a slow hub slower: the longer decisions
took the more were waiting, and all of the gateway's time went into looks.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

LOOK_EVERY_S = 0.004
LOOK_RARELY_S = 0.2
LATE_SHARE = 0.25
"""By how much of the time that a decision took it may be told later than it was made."""


class Decisions(Protocol):
    """Knows the first decisions."""

    async def decision(self, partition: int, uscc: str, task_id: str) -> bytes | None:
        """The first decision on a task, as it was published."""


class Waiting:
    """Waits for first decisions."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

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
            pause_s = min(max(LOOK_EVERY_S, (now - began) * LATE_SHARE), LOOK_RARELY_S)
            await asyncio.sleep(min(pause_s, max(began + wait_s - now, LOOK_EVERY_S)))
