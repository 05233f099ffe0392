"""Which codes have passed their last day?

The scheduler appends a record; only the fold acts on it (design §2).

Running it twice, or on two machines, does no harm: expiring an expired code changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

import structlog
from pydantic import BaseModel

from schemas.inbound import CodeExpired
from schemas.journal import Findings, JournalRecord, Origin
from schemas.messages import CODE_EXPIRED
from streams.accept import ForJournal
from streams.changes import HUB_SOURCE
from streams.intake import journal_record
from streams.ports import Outgoing, Publisher

log = structlog.get_logger()

BATCH_MAX = 1000
TIMER_TOPIC = "hub.schedule"


class OpenCodes(Protocol):
    """Knows the open codes by their last day."""

    async def open_until(self, partition: int, last_day: int, limit: int) -> Sequence[bytes]:
        """Names (`credit code US task id`) whose last day is `last_day` (ordinal) or earlier."""
        ...


class Scheduler:
    """Appends `inspection.code.expired` for codes past their last day."""

    def __init__(
        self,
        *,
        codes: OpenCodes,
        publisher: Publisher,
        partitions: int,
        policy_version: Callable[[], str | None],
    ) -> None:
        self._codes = codes
        self._publisher = publisher
        self._partitions = partitions
        self._policy_version = policy_version

    async def expire(self, today: date) -> int:
        """Ask for the expiry of every code whose last day is before `today`. Returns how many."""
        version = self._policy_version()
        if version is None:
            return 0
        asked = 0
        for partition in range(self._partitions):
            names = await self._codes.open_until(partition, today.toordinal() - 1, BATCH_MAX)
            await self._publisher.publish([_expiry(name, today, version) for name in names])
            asked += len(names)
        if asked:
            log.info("codes past their last day", asked=asked, today=today.isoformat())
        return asked

    async def run(self, stop: asyncio.Event, every_s: float, today: Callable[[], date]) -> None:
        """Look every `every_s` seconds until `stop` is set."""
        while not stop.is_set():
            await self.expire(today())
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue


def _expiry(name: bytes, today: date, policy_version: str) -> Outgoing:
    credit_code, task_id = name.decode().split("\x1f")
    record = JournalRecord[BaseModel].model_construct(
        id=f"expire:{task_id}:{today.isoformat()}",
        type=CODE_EXPIRED,
        time=f"{today.isoformat()}T00:00:00+08:00",
        dept=HUB_SOURCE,
        policy_version=policy_version,
        # No inbound record asked for it: the natural id stands for one.
        origin=Origin(topic=TIMER_TOPIC, partition=0, offset=0),
        findings=Findings(),
        data=CodeExpired(task_id=task_id, uscc=credit_code, on=today),
    )
    return journal_record(ForJournal(credit_code, record))
