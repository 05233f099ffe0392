"""Which day is it for the timers? The earlier of what two clocks say.

What lapses cannot be taken back: a clock that runs ahead would void codes whose day has not come,
and close windows while departments still draw. A day late does no harm: the next look makes it up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Protocol

import structlog

from streams.rules.deadlines import day_of_ms

log = structlog.get_logger()

DIFFER_MAX_MS = 60_000
AgreedToday = Callable[[], Awaitable[date]]


class OtherClock(Protocol):
    """A clock that is not this machine's: Redis'."""

    async def now_ms(self) -> int:
        """Unix milliseconds."""
        ...


class AgreedDay:
    """The day in Asia/Shanghai that both clocks have reached."""

    def __init__(self, now_ms: Callable[[], int], other: OtherClock) -> None:
        self._now_ms = now_ms
        self._other = other

    async def today(self) -> date:
        """The day. Clocks more than a minute apart are an error, and told at each look."""
        ours, others = self._now_ms(), await self._other.now_ms()
        if abs(ours - others) > DIFFER_MAX_MS:
            log.error(
                "the clocks of this machine and of Redis differ: nothing lapses and no window "
                "closes before both have reached the day; set the wrong one right",
                ahead_s=round((ours - others) / 1000),
            )
        return day_of_ms(min(ours, others))
