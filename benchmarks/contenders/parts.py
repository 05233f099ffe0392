"""What do the contenders on the product's own rules share? Built as hub.py builds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.job import Job
from connectors.control_topics import ControlFollower
from connectors.kafka_log import KafkaLog
from connectors.keys import open_key_ring
from connectors.publisher import KafkaPublisher
from connectors.redis_view import RedisView, connect
from schemas.settings import Settings
from schemas.topics import CTL_POLICY, CTL_REGISTRY, OUT_PREFIX
from streams.decide import DecideHandler
from streams.intake import IntakeHandler
from streams.mint import KeyMint
from streams.policies import PolicyBook
from streams.registry import Registry, read_ctl

BASE_URL = "https://hub.invalid"
ONE_OUT_TOPIC = f"{OUT_PREFIX}ALL"


class OneOutTopic:
    """A publisher that puts what is meant for hundreds of departments on one topic."""

    def __init__(self, publisher: KafkaPublisher) -> None:
        self._publisher = publisher

    async def publish(self, records: Sequence[Any]) -> Mapping[tuple[str, int], int]:
        """Deliver all."""
        return await self._publisher.publish(
            [
                record._replace(topic=ONE_OUT_TOPIC)
                if record.topic.startswith(OUT_PREFIX)
                else record
                for record in records
            ]
        )


def mint_of(job: Job) -> KeyMint:
    """The maker of codes, with the keys of the benchmark."""
    ring = open_key_ring(Path(job.extra["keys"]))
    return KeyMint(ring.year_key, ring.signer(), BASE_URL)


async def follow(job: Job, topics: Sequence[str], registry: Registry) -> ControlFollower:
    """A started follower of control topics that fills the registry."""
    follower = ControlFollower(
        job.bootstrap, topics, lambda key, value: registry.put(*read_ctl(key, value))
    )
    await follower.start()
    return follower


async def policies_of(job: Job) -> PolicyBook:
    """Every policy on the policy topic."""
    registry = Registry()
    return PolicyBook(registry, await follow(job, [CTL_POLICY], registry))


async def recorded_policies(job: Job) -> PolicyBook:
    """Every policy that lies on the policy topic now, for a program that does not follow it."""
    registry = Registry()
    for record in await records_of(job.bootstrap, CTL_POLICY):
        registry.put(*read_ctl(record.key, record.value))
    return PolicyBook(registry)


async def publisher_of(job: Job) -> KafkaPublisher:
    """A started publisher."""
    publisher = KafkaPublisher(job.bootstrap)
    await publisher.start()
    return publisher


async def decide_handler(job: Job, publisher: Any) -> Any:
    """The product's decide stage."""
    client = connect(job.redis_url)
    return DecideHandler(
        view=RedisView(client, job.redis_url),
        logs=KafkaLog(job.bootstrap),
        publisher=publisher,
        policies=await policies_of(job),
        mint=mint_of(job),
        states_cached_max=Settings().states_cached_max,
    )


async def intake_handler(job: Job, publisher: Any) -> IntakeHandler:
    """The product's intake stage."""
    registry = Registry()
    control = await follow(job, [CTL_REGISTRY, CTL_POLICY], registry)
    return IntakeHandler(registry=registry, control=control, publisher=publisher)


async def records_of(bootstrap: str, topic: str) -> list[Any]:
    """Every record of a topic, partition after partition."""
    logs = KafkaLog(bootstrap)
    found: list[Any] = []
    for partition in range(await logs.partitions(topic)):
        first, end = await logs.span(topic, partition)
        async for chunk in logs.scan(topic, partition, first, end):
            found += chunk
    return found
