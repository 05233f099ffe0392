"""Whose draws are compared now? The quarter's window is over, enterprise by enterprise (art. 2).

The scheduler appends a record for each enterprise that was drawn; only the fold acts on it. Saying
it twice, or on two machines, does no harm: a window that is closed stays closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Protocol

import structlog
from pydantic import BaseModel

from schemas.calendar_entries import with_entries
from schemas.inbound_joint import WindowClosed
from schemas.journal import CalendarFinding, Findings, JournalRecord, Origin
from schemas.messages import WINDOW_CLOSED
from streams.accept import ForJournal
from streams.agreed_day import AgreedToday
from streams.asked_before import AskedBefore
from streams.changes import HUB_SOURCE
from streams.intake import journal_record
from streams.ports import Outgoing
from streams.registry import Registry
from streams.rules.entry.caps import draw_days_of
from streams.rules.joint.draw_window import window_end
from streams.timers import TIMER_TOPIC, Portions

log = structlog.get_logger()

PAGE = 500
"""Enterprises read from the view at once."""


class PendingDraws(Protocol):
    """Knows which enterprises were drawn and not compared yet."""

    async def drawn_quarters(self, partition: int) -> Sequence[str]:
        """The quarters for which draws wait."""
        ...

    async def drawn(self, partition: int, quarter: str, after: str, limit: int) -> Sequence[str]:
        """At most so many enterprises whose draws for a quarter wait, after this one, in order."""
        ...


class WindowKeeper:
    """Appends `draw.window.closed` for enterprises whose draws wait after the window."""

    def __init__(
        self,
        draws: PendingDraws,
        portions: Portions,
        partitions: int,
        registry: Registry,
    ) -> None:
        """Close windows from now on.

        Args:
            draws: What waits.
            portions: Appends to the journal, so that decisions are not held up.
            partitions: How many the journal has.
            registry: The policy in force, and the administrators' entries on working days.
        """
        self._draws = draws
        self._portions = portions
        self._partitions = partitions
        self._registry = registry
        self._before = AskedBefore()

    async def close(self, today: date) -> int:
        """Close what is over by today. Returns for how many enterprises.

        What was asked for is not asked for again before decide has come to it.
        """
        version = self._registry.policy_version
        if version is None:
            return 0
        draw_days = draw_days_of(self._registry.policies[version].policy)
        entries = self._registry.calendar_finding()
        asked = 0
        self._before.look()
        async for partition, quarter in self._waiting():
            end = window_end(quarter, draw_days, with_entries(entries))
            if end is None:
                log.error(
                    "draws wait, and no calendar says when their window ends: enter the notice of "
                    "holidays with `hub calendar publish`", quarter=quarter,
                )  # fmt: skip
            elif today > end:
                asked += await self._close(partition, quarter, (today, version, entries))
        if asked:
            log.info("windows for draws closed", enterprises=asked, today=today.isoformat())
        return asked

    async def run(self, stop: asyncio.Event, every_s: float, today: AgreedToday) -> None:
        """Look every `every_s` seconds until `stop` is set."""
        while not stop.is_set():
            await self.close(await today())
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue

    async def _waiting(self) -> AsyncIterator[tuple[int, str]]:
        for partition in range(self._partitions):
            if await self._portions.waits(partition):
                continue
            for quarter in await self._draws.drawn_quarters(partition):
                yield partition, quarter

    async def _close(
        self, partition: int, quarter: str, said: tuple[date, str, CalendarFinding | None]
    ) -> int:
        """Page after page by name: what was asked for leaves the view only once it is decided."""
        asked, after = 0, ""
        while page := await self._draws.drawn(partition, quarter, after, PAGE):
            names = self._before.due([f"{quarter}\x1f{uscc}" for uscc in page])
            records = [closing(name.partition("\x1f")[2], quarter, *said) for name in names]
            appended = await self._portions.append(partition, records)
            self._before.asked(names[:appended])
            asked, after = asked + appended, page[-1]
            if appended < len(names):
                break
        return asked


def closing(
    uscc: str, quarter: str, on: date, policy_version: str, entries: CalendarFinding | None
) -> Outgoing:
    """The journal record by which a window is over for one enterprise."""
    record = closing_record(uscc, quarter, on, policy_version, entries)
    return journal_record(ForJournal(uscc, record))


def closing_record(
    uscc: str, quarter: str, on: date, policy_version: str, entries: CalendarFinding | None
) -> JournalRecord[BaseModel]:
    """What is said by it. The same day gives the same id."""
    return JournalRecord[BaseModel].model_construct(
        id=f"window:{quarter}:{uscc}:{on.isoformat()}",
        type=WINDOW_CLOSED,
        time=f"{on.isoformat()}T00:00:00+08:00",
        dept=HUB_SOURCE,
        policy_version=policy_version,
        # No inbound record asked for it: the natural id stands for one.
        origin=Origin(topic=TIMER_TOPIC, partition=0, offset=0),
        findings=Findings(calendar=entries),
        data=WindowClosed(uscc=uscc, quarter=quarter, on=on),
    )
