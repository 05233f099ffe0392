"""Where does every process read the administrators' calendar? In Redis, as the scheduler keeps it.

The registry topic is the truth; this is a copy that is made again within seconds of being lost.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from connectors.redis_retry import patient

KEY = "insp:calendar"


class RedisCalendar:
    """Keeps and reads the entries in force (see `schemas.calendar_entries.pack`)."""

    def __init__(self, client: Redis, address: str) -> None:
        self._redis = client
        self._address = address

    async def keep(self, content: bytes) -> None:
        """Replace what is kept."""
        await patient(lambda: self._redis.set(KEY, content), self._address)

    async def read(self) -> bytes | None:
        """What is kept; None: nothing was kept yet, or it was lost."""
        found: Any = await patient(lambda: self._redis.get(KEY), self._address)
        return found if isinstance(found, bytes) else None
