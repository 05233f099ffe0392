"""What do all roles share? Addresses, settings, figures, and parts that must be stopped again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from redis.asyncio import Redis

from connectors.control_topics import ControlFollower
from connectors.kafka_log import KafkaLog
from connectors.kafka_login import python_options
from connectors.metrics.meter import Meter
from connectors.metrics.stages import Handler, MeasuredHandler, MeasuredPublisher, Publisher
from connectors.metrics.tracing import open_spans
from connectors.process import rehearsed
from connectors.publisher import KafkaPublisher
from connectors.redis_view import RedisView, connect
from connectors.statistics.told import Tell, telling
from schemas.generations import Generations
from schemas.settings import Settings


class RoleParts:
    """Parts of one running role.

    Attributes:
        stop: set when the role is to end.
        meter: what it measures; spans: where its traces go.
        at_point: told of each point in the life of a batch.
    """

    def __init__(
        self, role: str, settings: Settings, bootstrap: str, redis_url: str, site: str = ""
    ) -> None:
        self.role, self.settings, self.site = role, settings, site
        self.bootstrap, self.redis_url = bootstrap, redis_url
        self.stop, self.at_point = asyncio.Event(), rehearsed()
        self.meter, self.spans = Meter(), open_spans(role, settings.otlp_url)

    @staticmethod
    def now_ms() -> int:
        """This moment, Unix milliseconds."""
        return time.time_ns() // 1_000_000

    def tied(self, group: str) -> dict[str, Any]:
        """How a stage is tied to Kafka, as its engine has it; times in seconds."""
        told = self.settings.model_dump(
            include={"session_timeout_s", "heartbeat_s", "commit_interval_s", "batch_records_max"}
        )
        instance, login = self.settings.instance_id or None, python_options()
        return {
            "bootstrap": self.bootstrap, "group": group, "instance_id": instance, "login": login,
            **told,
        }  # fmt: skip

    def logs(self) -> KafkaLog:
        """Reads whole logs of the cluster."""
        return KafkaLog(self.bootstrap)

    async def generations(self, stack: AsyncExitStack) -> Generations:
        """How keys are spread over the journal; the process ends when that is about to change."""
        from connectors.generations import follow_generations

        # Who works once, by hand, is told to end from the start.
        stop = asyncio.Event() if self.stop.is_set() else self.stop
        return await follow_generations(stack, self.bootstrap, stop)

    async def publisher(self, stack: AsyncExitStack) -> MeasuredPublisher:
        """A started publisher."""
        return self.counted(await self.uncounted(stack))

    async def uncounted(self, stack: AsyncExitStack) -> KafkaPublisher:
        """A started publisher whose records somebody above it counts."""
        publisher = KafkaPublisher(self.bootstrap)
        await publisher.start()
        stack.push_async_callback(publisher.stop)
        return publisher

    def counted(self, publisher: Publisher) -> MeasuredPublisher:
        """A publisher whose records are counted."""
        return MeasuredPublisher(publisher, self.role, self.meter)

    def measured(self, handler: Handler) -> MeasuredHandler:
        """A stage's handler, measured and traced."""
        return MeasuredHandler(handler, self.role, self.meter, self.spans)

    async def follow(
        self, stack: AsyncExitStack, topics: list[str], take: Callable[[bytes, bytes], None]
    ) -> ControlFollower:
        """A started follower of control topics; `take` gets every entry."""
        follower = ControlFollower(self.bootstrap, topics, take)
        await follower.start()
        stack.push_async_callback(follower.stop)
        return follower

    def telling(self, every_s: float) -> AbstractAsyncContextManager[Tell]:
        """Tells the watch how far is counted, by the role; counting once by hand tells nobody."""
        return telling(self.redis_url, every_s)

    def redis(self, stack: AsyncExitStack) -> tuple[Redis, str]:
        """A connection to Redis, and its address."""
        client = connect(self.redis_url)
        stack.push_async_callback(client.aclose)
        return client, self.redis_url

    def view(self, stack: AsyncExitStack) -> RedisView:
        """The view in Redis."""
        return RedisView(*self.redis(stack))
