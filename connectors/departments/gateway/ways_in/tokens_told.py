"""Until when do departments' bearer tokens last? Told by every gateway, read by the watch.

    insp:gateway:tokens   hash: department -> end of its last token, in Unix seconds

The watch often runs where the gateway's files are not: its host and its rights are others.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import redis.asyncio as aioredis
import structlog
from redis.exceptions import RedisError

from connectors.departments.gateway.ways_in.token_file import TokenFileError, read_tokens

log = structlog.get_logger()

KEY = "insp:gateway:tokens"
TOLD_EVERY_S = 20.0


class TokensTold:
    """Tells now and then what the file of departments' tokens says. Gateways share one file."""

    def __init__(self, client: aioredis.Redis, path: Path) -> None:
        """Prepare. `client`: where it is told; `path`: of the file."""
        self._redis, self._path = client, path

    async def run(self, stop: asyncio.Event, every_s: float = TOLD_EVERY_S) -> None:
        """Tell until `stop` is set."""
        while not stop.is_set():
            await self.tell()
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue

    async def tell(self) -> None:
        """Tell, in the place of what was told before; a file or a Redis that is unfit is left."""
        try:
            ends = ends_of_tokens(self._path)
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.delete(KEY)
                for dept, end_s in ends.items():
                    pipe.hset(KEY, dept, str(end_s))
                await pipe.execute()
        except (TokenFileError, OSError, RedisError) as cause:
            log.debug("the ends of tokens could not be told", error=str(cause))


def ends_of_tokens(path: Path) -> dict[str, int]:
    """By department when its last token ends, in Unix seconds; officers' own are not its way in.

    Raises:
        TokenFileError: the file is unfit.
    """
    found: dict[str, int] = {}
    for row in read_tokens(path).values():
        if not row.officer:
            found[row.dept] = max(row.expires_at, found.get(row.dept, 0))
    return found


async def read_tokens_told(client: aioredis.Redis) -> dict[str, int]:
    """What gateways told last, by department, in Unix seconds."""
    told: dict[Any, Any] = await client.hgetall(KEY)
    return {dept.decode(): int(end_s) for dept, end_s in told.items()}
