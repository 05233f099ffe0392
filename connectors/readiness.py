"""Is the broker there? We wait for it, say so with its address, and go on by ourselves.

A role that is told to end while it waits ends: nothing is in work that would have to be finished.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from connectors.kafka_login import python_options

log = structlog.get_logger()
Found = TypeVar("Found")

AGAIN_S = 1.0
LOOK_EVERY_S = 2.0


class ToldToEnd(Exception):  # noqa: N818 - an order, not a mistake
    """The role was told to end before what it waited for came about."""


async def wait_for_broker(bootstrap: str, stop: asyncio.Event) -> None:
    """Return when the broker answers.

    Raises:
        ToldToEnd: `stop` was set before that.
    """
    await _unless_told(stop, _broker(bootstrap))


async def wait_for_topics(bootstrap: str, prefix: str, stop: asyncio.Event) -> list[str]:
    """Names that begin with `prefix`, sorted; waits until there is at least one.

    Raises:
        ToldToEnd: `stop` was set before that.
    """
    return await _unless_told(stop, _topics(bootstrap, prefix))


async def _unless_told(stop: asyncio.Event, waiting: Coroutine[Any, Any, Found]) -> Found:
    told, found = asyncio.ensure_future(stop.wait()), asyncio.ensure_future(waiting)
    try:
        await asyncio.wait((told, found), return_when=asyncio.FIRST_COMPLETED)
        if not found.done():
            raise ToldToEnd
        return found.result()
    finally:
        told.cancel()
        found.cancel()
        with suppress(asyncio.CancelledError):
            await found


async def _broker(bootstrap: str) -> None:
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


async def _topics(bootstrap: str, prefix: str) -> list[str]:
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
