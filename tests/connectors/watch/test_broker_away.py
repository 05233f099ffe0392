"""The broker goes away while the watch looks: it says so, and goes on when the broker is back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as aioredis
from aiokafka.errors import UnknownTopicOrPartitionError

from connectors.kafka_admin import BrokerUnreachable, Position
from connectors.kafka_log import KafkaLog
from connectors.watch import role
from connectors.watch.canary import Canary
from connectors.watch.departments import DepartmentWatch
from connectors.watch.role import look_at_departments, run_watch
from connectors.watch.store import DEPARTMENTS, DEPARTMENTS_MEMORY
from schemas.calendar_file import shipped_calendar
from schemas.settings import Settings
from schemas.topics import in_topic
from schemas.watch import Verdict
from streams import watching

NOWHERE = "127.0.0.1:1"
NOON_MS = 1_773_115_200_000


class Silent:
    """A publisher that must not be asked."""

    async def publish(self, records: Sequence[Any]) -> dict[tuple[str, int], int]:
        raise AssertionError(f"{len(records)} records published")


def a_canary(log: KafkaLog | None = None) -> Canary:
    return Canary(NOWHERE, Silent(), Settings().sizing(), lambda: NOON_MS, log=log)  # type: ignore[arg-type]


def test_a_song_without_a_broker_fails_and_the_canary_lives():
    canary = a_canary()

    told = [asyncio.run(canary.sing()) for _ in range(2)]

    assert [one and (one.verdict, one.failed) for one in told] == [
        (Verdict.STOP, 1),
        (Verdict.STOP, 2),
    ]
    assert canary.last is not None
    assert canary.last.fault


class NoTopics(KafkaLog):
    """A broker that makes no topics by itself, before `hub topics apply`."""

    async def partitions(self, topic: str) -> int:
        raise UnknownTopicOrPartitionError(topic)


def test_before_there_are_topics_there_is_no_policy_to_be_judged_by():
    assert asyncio.run(a_canary(NoTopics(NOWHERE)).sing()) is None


class DyingCanary(Canary):
    """One with a mistake in it."""

    async def run(self, stop: asyncio.Event, every_s: float) -> None:
        raise ZeroDivisionError("a mistake of ours")


def test_a_canary_that_dies_ends_the_watch(fresh_broker, redis_url, tmp_path: Path, monkeypatch):
    """Its last song would look fresh for ever."""
    monkeypatch.setattr(role, "Canary", DyingCanary)
    settings = Settings(data_dir=tmp_path, watch_every_s=0.2)

    async def run() -> None:
        async with asyncio.timeout(60):
            addresses = fresh_broker.bootstrap, redis_url
            await run_watch(settings, addresses, watching, asyncio.Event())

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())


class Flaky:
    """Positions of a broker that goes away between two questions."""

    def __init__(self) -> None:
        self.ends: dict[Position, int] = {(in_topic("WJW-120116"), 0): 7}
        self.closed = 0

    def offsets_at(self, there: Sequence[Position], at_ms: int) -> dict[Position, int] | None:
        raise BrokerUnreachable(f"{NOWHERE} does not answer")

    def close(self) -> None:
        self.closed += 1


def test_departments_that_cannot_be_looked_at_are_looked_at_next_time(redis_url, tmp_path: Path):
    positions: Any = Flaky()

    async def run() -> tuple[bool, list[bytes | None]]:
        async with aioredis.from_url(redis_url) as client:
            await client.delete(DEPARTMENTS, DEPARTMENTS_MEMORY)
            watch = DepartmentWatch(
                bootstrap=NOWHERE, redis=(client, redis_url), positions=positions,
                rules=watching, clock=lambda: NOON_MS,
            )  # fmt: skip
            await look_at_departments(watch, positions, shipped_calendar())
            kept = await client.mget(DEPARTMENTS, DEPARTMENTS_MEMORY)
            ledger = await watch._remembered()
            return not ledger.departments, kept

    forgotten, kept = asyncio.run(run())

    assert kept == [None, None]
    assert forgotten, "half of a look is no look"
    assert positions.closed == 1
