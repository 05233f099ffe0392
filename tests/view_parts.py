"""What the tests of both views share: batches, a view in Redis, and how a refusal looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio as aioredis

from connectors.redis_view import RedisView, ViewMovedError
from streams.ports import Fenced, ViewBatch

NOT_OURS = (Fenced, ViewMovedError)


def a_batch(next_offset: int, **parts: Any) -> ViewBatch:
    return ViewBatch(**{"next_offset": next_offset, "decided_next": next_offset + 100, **parts})


async def a_redis_view(url: str) -> AsyncIterator[RedisView]:
    async with aioredis.from_url(url) as client:
        yield RedisView(client, url)
