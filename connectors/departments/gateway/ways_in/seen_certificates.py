"""Until when do the client certificates last with which departments come? Kept for the watch.

    insp:gateway:certificates   hash: registry code and serial number -> end, in Unix seconds

The gateway issues none of them, so it can only tell of those that it has seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis.asyncio as aioredis
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()

KEY = "insp:gateway:certificates"
TOLD_EVERY_S = 3600
KEPT_S = 30 * 86_400
"""So long after its end one is still told of: a department that is away is not forgotten."""


class SeenCertificates:
    """Tells of each certificate once, and every hour again: Redis may have been emptied."""

    def __init__(self, client: aioredis.Redis, now_s: Callable[[], float]) -> None:
        """Prepare. `now_s`: Unix time."""
        self._redis, self._now_s = client, now_s
        self._told: dict[str, float] = {}

    async def saw(self, dept: str, serial: str, until_s: int) -> None:
        """A department came with it. That Redis does not answer keeps nobody out."""
        name, now = f"{dept} {serial}", self._now_s()
        if now - self._told.get(name, float("-inf")) < TOLD_EVERY_S:
            return
        self._told[name] = now
        try:
            await self._redis.hset(KEY, name, str(until_s))
        except RedisError as cause:
            del self._told[name]
            log.debug("the end of a certificate could not be told", error=str(cause))


async def read_seen(client: aioredis.Redis, now_s: float) -> dict[str, int]:
    """When the certificate of each department that lasts longest ends, in Unix seconds.

    Those that ended long ago are struck off.
    """
    found: dict[str, int] = {}
    gone = []
    kept: dict[Any, Any] = await client.hgetall(KEY)
    for name, value in kept.items():
        dept, until_s = name.decode().rpartition(" ")[0], int(value)
        if until_s + KEPT_S < now_s:
            gone.append(name)
        else:
            found[dept] = max(until_s, found.get(dept, 0))
    if gone:
        await client.hdel(KEY, *gone)
    return found
