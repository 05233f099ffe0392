"""Which codes, and which dispatches of special inspections, have passed their last day?

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
from schemas.inbound_special import SpecialOverdue
from schemas.journal import Findings, JournalRecord, Origin
from schemas.messages import CODE_EXPIRED, SPECIAL_OVERDUE
from schemas.special_words import SPECIAL_PREFIX
from streams.accept import ForJournal
from streams.changes import HUB_SOURCE
from streams.intake import journal_record
from streams.ports import Outgoing, Publisher
from streams.timers import TIMER_TOPIC, Decided, Underway

log = structlog.get_logger()

BATCH_MAX = 1000


class OpenCodes(Decided, Protocol):
    """Knows the open codes, and dispatches that wait, by their last day."""

    async def open_until(self, partition: int, last_day: int, limit: int) -> Sequence[bytes]:
        """Names whose last day is `last_day` (ordinal) or earlier.

        `credit code US task id`, or `special:ID US department`.
        """
        ...


class Scheduler:
    """Appends `inspection.code.expired` and `special.overdue` for what is past its last day."""

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
        self._underway = Underway(codes)

    async def expire(self, today: date) -> int:
        """Ask for the expiry of all whose last day is before `today`. Returns how many.

        What was asked for is not asked for again before decide has come to it.
        """
        version = self._policy_version()
        if version is None:
            return 0
        asked = 0
        for partition in range(self._partitions):
            if await self._underway.waits(partition):
                continue
            names = await self._codes.open_until(partition, today.toordinal() - 1, BATCH_MAX)
            records = [_expiry(name, today, version) for name in names]
            self._underway.appended(partition, await self._publisher.publish(records))
            asked += len(names)
        if asked:
            log.info(
                "codes and dispatches past their last day", asked=asked, today=today.isoformat()
            )
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
    key, of = name.decode().split("\x1f")
    record_id, type_, data = _overdue(key, of, today) or _expired(key, of, today)
    record = JournalRecord[BaseModel].model_construct(
        id=record_id,
        type=type_,
        time=f"{today.isoformat()}T00:00:00+08:00",
        dept=HUB_SOURCE,
        policy_version=policy_version,
        # No inbound record asked for it: the natural id stands for one.
        origin=Origin(topic=TIMER_TOPIC, partition=0, offset=0),
        findings=Findings(),
        data=data,
    )
    return journal_record(ForJournal(key, record))


def _expired(credit_code: str, task_id: str, today: date) -> tuple[str, str, BaseModel]:
    data = CodeExpired(task_id=task_id, uscc=credit_code, on=today)
    return f"expire:{task_id}:{today.isoformat()}", CODE_EXPIRED, data


def _overdue(key: str, dept: str, today: date) -> tuple[str, str, BaseModel] | None:
    """The mark on a dispatch that nobody claimed or refused; None if the name is a task's.

    Source: art. 5.
    """
    special_id = key.removeprefix(SPECIAL_PREFIX)
    if special_id == key:
        return None
    data = SpecialOverdue(special_id=special_id, dept=dept, on=today)
    return f"overdue:{special_id}:{dept}:{today.isoformat()}", SPECIAL_OVERDUE, data
