"""How does a role reach the broker and Redis? Connections that end with it, in order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

from redis.asyncio import Redis

from connectors.control_topics import ControlFollower
from connectors.publisher import KafkaPublisher
from connectors.redis_view import connect


class Connected:
    """Addresses, and parts that are stopped again when the stack they are put on is left."""

    def __init__(self, bootstrap: str, redis_url: str) -> None:
        self.bootstrap, self.redis_url = bootstrap, redis_url

    async def publisher(self, stack: AsyncExitStack) -> KafkaPublisher:
        """A started publisher."""
        publisher = KafkaPublisher(self.bootstrap)
        await publisher.start()
        stack.push_async_callback(publisher.stop)
        return publisher

    async def follow(
        self, stack: AsyncExitStack, topics: list[str], take: Callable[[bytes, bytes], None]
    ) -> ControlFollower:
        """A started follower of control topics; `take` gets every entry."""
        follower = ControlFollower(self.bootstrap, topics, take)
        await follower.start()
        stack.push_async_callback(follower.stop)
        return follower

    def redis(self, stack: AsyncExitStack) -> tuple[Redis, str]:
        """A connection to Redis, and its address."""
        client = connect(self.redis_url)
        stack.push_async_callback(client.aclose)
        return client, self.redis_url
