"""Which generation of the journal is in force? Every part that runs asks before it begins.

The record of `insp.generations` is the one place where it stands. Who has begun ends as soon as
another one is being made: with other partitions it would look for enterprises where they are not.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import structlog

from connectors.control_topics import ControlFollower
from connectors.kafka_log import KafkaLog
from connectors.partitioner import partition_of
from connectors.readiness import topics_of, wait_for_topics
from schemas.generations import GENERATIONS_KEY, Generations, JournalGenerations
from schemas.topics import GENERATIONS, JOURNAL

log = structlog.get_logger()

EXIT_AGAIN = 70  # as after any failure that a new start may cure


class JournalGrowsError(Exception):
    """The journal is given more partitions, or has others than it should: nobody may work on it."""


async def read_generations(bootstrap: str) -> JournalGenerations | None:
    """What the newest record says; None if the journal never grew."""
    if GENERATIONS not in await topics_of(bootstrap):
        return None
    log, newest = KafkaLog(bootstrap), None
    for partition in range(await log.partitions(GENERATIONS)):
        first, end = await log.span(GENERATIONS, partition)
        async for chunk in log.scan(GENERATIONS, partition, first, end):
            for record in chunk:
                if record.key == GENERATIONS_KEY and record.value:
                    newest = JournalGenerations.model_validate_json(record.value)
    return newest


def in_force(told: JournalGenerations | None, partitions: int) -> Generations:
    """The generations of a journal that has so many partitions.

    Raises:
        JournalGrowsError: the next one is being made, or somebody else added partitions.
    """
    if told is None:
        return Generations.only(partitions, partition_of)
    if told.growing is not None:
        raise JournalGrowsError(
            f"the journal is being given {len(told.growing.cuts)} partitions: until that is done "
            f"nobody may work on it. `hub journal grow --partitions {len(told.growing.cuts)}` "
            "finishes it"
        )
    if told.partitions != partitions:
        raise JournalGrowsError(
            f"{JOURNAL} has {partitions} partitions, the generation in force has "
            f"{told.partitions}: see docs/runbooks/add-a-partition.md"
        )
    return Generations(told, partition_of)


def end_now(cause: BaseException) -> None:
    """End the process: a record that it appends from now on may lie where nobody looks for it."""
    log.critical("the process ends, to be started again", error=str(cause))
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(EXIT_AGAIN)


async def follow_generations(
    stack: AsyncExitStack,
    bootstrap: str,
    stop: asyncio.Event,
    die: Callable[[BaseException], Any] = end_now,
) -> Generations:
    """What is in force now; `die` is called when another generation is begun.

    Raises:
        JournalGrowsError: nobody may work on the journal now.
        ToldToEnd: `stop` was set before the topics were there.
    """
    told: list[JournalGenerations] = []
    is_known = False

    def take(_key: bytes, value: bytes) -> None:
        found = JournalGenerations.model_validate_json(value)
        if is_known and found not in told[-1:]:
            die(JournalGrowsError("the journal has a new generation: this worker must start over"))
        told.append(found)

    # Without it nobody begins: who may not see it would take the journal for one that never grew.
    for topic in (JOURNAL, GENERATIONS):
        await wait_for_topics(bootstrap, topic, stop)
    follower = ControlFollower(bootstrap, [GENERATIONS], take)
    await follower.start()
    stack.push_async_callback(follower.stop)
    is_known = True
    return in_force(told[-1] if told else None, await KafkaLog(bootstrap).partitions(JOURNAL))
