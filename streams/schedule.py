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
from streams.agreed_day import AgreedToday
from streams.asked_before import AskedBefore
from streams.changes import HUB_SOURCE
from streams.intake import journal_record
from streams.ports import Outgoing
from streams.timers import TIMER_TOPIC, Portions

log = structlog.get_logger()

BATCH_MAX = 1000


class OpenCodes(Protocol):
    """Knows the open codes, and dispatches that wait, by their last day."""

    async def open_until(
        self, partition: int, last_day: int, limit: int, skip: int
    ) -> Sequence[bytes]:
        """Names whose last day is `last_day` (ordinal) or earlier, but for so many first ones.

        `credit code US task id`, or `special:ID US department`.
        """
        ...


class Scheduler:
    """Appends `inspection.code.expired` and `special.overdue` for what is past its last day."""

    def __init__(
        self,
        *,
        codes: OpenCodes,
        portions: Portions,
        partitions: int,
        policy_version: Callable[[], str | None],
    ) -> None:
        self._codes = codes
        self._portions = portions
        self._partitions = partitions
        self._policy_version = policy_version
        self._before = AskedBefore()

    async def expire(self, today: date) -> int:
        """Ask for the expiry of all whose last day is before `today`. Returns how many.

        What was asked for is not asked for again before decide has come to it.
        """
        version = self._policy_version()
        if version is None:
            return 0
        asked = 0
        self._before.look()
        for partition in range(self._partitions):
            if not await self._portions.waits(partition):
                asked += await self._expire(partition, today, version)
        if asked:
            log.info(
                "codes and dispatches past their last day", asked=asked, today=today.isoformat()
            )
        return asked

    async def _expire(self, partition: int, today: date, version: str) -> int:
        """Page after page: what was asked for has left the view once it is decided."""
        asked, skip, last_day = 0, 0, today.toordinal() - 1
        while page := await self._codes.open_until(partition, last_day, BATCH_MAX, skip):
            names = self._before.due([name.decode() for name in page])
            records = [_expiry(name, today, version) for name in names]
            appended = await self._portions.append(partition, records)
            self._before.asked(names[:appended])
            asked, skip = asked + appended, skip + len(page) - len(names)
            if appended < len(names):
                break
        return asked

    async def run(self, stop: asyncio.Event, every_s: float, today: AgreedToday) -> None:
        """Look every `every_s` seconds until `stop` is set."""
        while not stop.is_set():
            await self.expire(await today())
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue


def _expiry(name: str, today: date, policy_version: str) -> Outgoing:
    key, of = name.split("\x1f")
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
