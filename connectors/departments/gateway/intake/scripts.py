"""How are scripts run in Redis at the cost of one command each, whatever Redis has forgotten?

While some are under way the next gather: one round trip carries all that came meanwhile, whichever
script they run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha1
from typing import Any, NamedTuple

import redis.asyncio as aioredis
from redis.exceptions import NoScriptError

from connectors.departments.gateway.intake.gather import Gatherer


class _Call(NamedTuple):
    text: str
    keys: Sequence[str]
    arguments: Sequence[Any]


class Scripts:
    """Runs scripts by their hash; tells Redis the text where it does not know it."""

    def __init__(self, client: aioredis.Redis) -> None:
        self._redis = client
        self._calls: Gatherer[_Call, Any] = Gatherer(self._carry, lambda call: len(call.keys))

    def run(self, text: str, keys: Sequence[str], arguments: Sequence[Any]) -> asyncio.Future[Any]:
        """The answer of a script.

        Raises:
            RedisError: whatever went wrong; it may have been carried out or not.
        """
        return self._calls.enqueue(_Call(text, keys, arguments))

    async def _carry(self, calls: Sequence[_Call]) -> list[Any]:
        try:
            return await self._pipelined(calls)
        except NoScriptError:
            # It was started anew. What the first calls did, if any, they do again to no effect.
            for text in {call.text: None for call in calls}:
                await self._redis.script_load(text)
            return await self._pipelined(calls)

    async def _pipelined(self, calls: Sequence[_Call]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for text, keys, arguments in calls:
                pipe.evalsha(_name(text), len(keys), *keys, *arguments)
            return await pipe.execute()


@lru_cache
def _name(text: str) -> str:
    return sha1(text.encode(), usedforsecurity=False).hexdigest()
