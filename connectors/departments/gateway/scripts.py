"""How are scripts run in Redis at the cost of one command each, whatever Redis has forgotten?"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

import redis.asyncio as aioredis
from redis.exceptions import NoScriptError

Call = tuple[Sequence[str], Sequence[Any]]
"""Keys and arguments."""


class Scripts:
    """Runs scripts by their hash; tells Redis the text where it does not know it."""

    def __init__(self, client: aioredis.Redis) -> None:
        self._redis = client

    async def run(self, text: str, calls: Sequence[Call]) -> list[Any]:
        """The answer to each call, all in one round trip.

        Raises:
            RedisError: whatever went wrong; the calls may have been carried out or not.
        """
        name = sha1(text.encode(), usedforsecurity=False).hexdigest()
        try:
            return await self._pipelined(name, calls)
        except NoScriptError:
            # It was started anew. What the first calls did, if any, they do again to no effect.
            await self._redis.script_load(text)
            return await self._pipelined(name, calls)

    async def _pipelined(self, name: str, calls: Sequence[Call]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for keys, arguments in calls:
                pipe.evalsha(name, len(keys), *keys, *arguments)
            return await pipe.execute()
