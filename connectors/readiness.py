"""Is the broker there? We wait for it, say so with its address, and go on by ourselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from connectors.kafka_login import python_options

log = structlog.get_logger()

AGAIN_S = 1.0
LOOK_EVERY_S = 2.0


async def wait_for_broker(bootstrap: str) -> None:
    """Return when the broker answers."""
    told = False
    while True:
        try:
            await topics_of(bootstrap)
        except (KafkaError, OSError) as cause:
            if not told:
                log.warning(
                    "the broker does not answer, waiting", address=bootstrap, error=str(cause)
                )
                told = True
            await asyncio.sleep(AGAIN_S)
        else:
            if told:
                log.info("the broker answers", address=bootstrap)
            return


async def topics_of(bootstrap: str) -> set[str]:
    """Names of all topics of the cluster."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, **python_options())
    try:
        await consumer.start()
        names: set[str] = await consumer.topics()
        return names
    finally:
        await consumer.stop()


async def wait_for_topics(bootstrap: str, prefix: str) -> list[str]:
    """Names that begin with `prefix`, sorted; waits until there is at least one."""
    told = False
    while not (found := sorted(n for n in await topics_of(bootstrap) if n.startswith(prefix))):
        if not told:
            log.warning("no such topics yet, waiting: see `hub topics apply`", prefix=prefix)
            told = True
        await asyncio.sleep(AGAIN_S)
    return found


async def follow_topics(
    bootstrap: str, prefix: str, known: list[str], tell: Callable[[list[str]], Awaitable[None]]
) -> None:
    """Tell of all topics with this prefix whenever new ones have come; never ends by itself."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            now = sorted(name for name in await topics_of(bootstrap) if name.startswith(prefix))
        except (KafkaError, OSError) as cause:
            log.warning("topics could not be listed", address=bootstrap, error=str(cause))
            continue
        new = set(now).difference(known)
        if new:
            log.info("new topics", count=len(new), first=min(new))
            await tell(now)
            known = now
