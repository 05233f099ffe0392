"""How far is counted, and does somebody count? Told to Redis by the role, read by the watch.

    insp:statistics:counted   hash: partition -> next offset of `insp.decided` to be counted;
                              at_ms when that was told, every_ms how often it is at least

The position itself lies in the file of the figures, beside them. This is a copy for whoever watches
from elsewhere: nothing is counted by it, and losing it loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aioredis
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()

KEY = "insp:statistics:counted"
AT_MS, EVERY_MS = "at_ms", "every_ms"
REDIS_WAIT_S = 3.0
GONE_AFTER = 3
GONE_AFTER_MS = 60_000
"""Nothing told for three times as long as it takes, and for a minute: nobody counts."""

Tell = Callable[[Mapping[int, int]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Counted:
    """How far is counted, as it was told last."""

    next_of: Mapping[int, int]
    at_ms: int
    every_ms: int

    def alive(self, now_ms: int) -> bool:
        """Whether somebody still counts."""
        return now_ms - self.at_ms <= max(GONE_AFTER * self.every_ms, GONE_AFTER_MS)


@asynccontextmanager
async def telling(
    redis_url: str, every_s: float, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
) -> AsyncIterator[Tell]:
    """Tells how far is counted. Without an address nobody is told; counting never waits for long.

    Args:
        redis_url: Of Redis; empty: whoever counts is not the role.
        every_s: How often it will at least be told.
        now_ms: The moment, Unix milliseconds.
    """
    if not redis_url:
        yield _nobody
        return
    client = aioredis.from_url(
        redis_url, socket_timeout=REDIS_WAIT_S, socket_connect_timeout=REDIS_WAIT_S
    )

    async def tell(positions: Mapping[int, int]) -> None:
        fields: dict[Any, Any] = {str(number): at for number, at in positions.items()}
        fields |= {AT_MS: now_ms(), EVERY_MS: int(1000 * every_s)}
        try:
            await client.hset(KEY, mapping=fields)
        except RedisError as cause:
            log.debug("how far is counted could not be told", error=str(cause))

    try:
        yield tell
    finally:
        await client.aclose()


async def read_counted(client: aioredis.Redis) -> Counted | None:
    """What was told last; None: nobody ever told anything."""
    kept: dict[Any, Any] = await client.hgetall(KEY)
    told = {name.decode(): int(value) for name, value in kept.items()}
    if AT_MS not in told:
        return None
    at_ms, every_ms = told.pop(AT_MS), told.pop(EVERY_MS)
    return Counted({int(number): at for number, at in told.items()}, at_ms, every_ms)


async def _nobody(_positions: Mapping[int, int]) -> None:
    """Counting once, by hand, is no sign that somebody does so all the time."""
