"""Which department has fallen silent, and how well does each publish?

Counted from positions and from a few records: the last one of each topic that moved, the dead
letters of intake, and a sample of the answers. Nothing is read twice, and never everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import redis.asyncio as aioredis

from connectors.kafka_admin import Position
from connectors.redis_retry import patient
from connectors.watch.department_memory import (
    DAYS_KEPT,
    DepartmentMemory,
    Ledger,
    by_department,
    decode_ledger,
    encode_ledger,
    top_reason,
)
from connectors.watch.department_reading import (
    SHANGHAI,
    ahead_ms,
    day_of,
    schema_of,
    take_answer,
    take_letter,
)
from connectors.watch.gateway_told import GatewayTold, ask_gateways
from connectors.watch.peek import peek, stretch
from connectors.watch.ports import WatchRules
from connectors.watch.positions import Positions
from connectors.watch.store import DEPARTMENTS, DEPARTMENTS_MEMORY
from schemas.calendar_file import CalendarTable
from schemas.canary import is_canary
from schemas.topics import DECIDED, REGISTRY, dept_of_in_topic, dlq_topic, in_topic
from schemas.watch import Departments, DepartmentView, encode_departments
from schemas.watch_input import Quality

READ = (DECIDED, dlq_topic("intake"))
READ_MAX = 500
"""So many records of a partition are looked at in one turn, the newest."""
PEEKED_MAX = 200
KEPT_EVERY_TURNS = 10


class DepartmentWatch:
    """Looks at all departments, less often than at the stages."""

    def __init__(
        self,
        *,
        bootstrap: str,
        redis: tuple[aioredis.Redis, str],
        positions: Positions,
        rules: WatchRules,
        clock: Callable[[], int],
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            bootstrap: Of the broker.
            redis: A connection, and its address.
            positions: Asks where logs end.
            rules: Judge.
            clock: Unix milliseconds.
        """
        self._bootstrap = bootstrap
        (self._redis, self._address), self._positions = redis, positions
        self._rules, self._clock = rules, clock
        self._ledger: Ledger | None = None
        self._turns = 0

    async def look(self, ends: Mapping[Position, int], calendar: CalendarTable) -> Departments:
        """Look once; what was found is kept for all screens. `ends`: of departments' topics."""
        ledger = await self._remembered()
        now = self._clock()
        today = day_of(now)
        before = {dept: dict(one.ends) for dept, one in ledger.departments.items()}
        dept_of = {topic: dept for topic, _ in ends if (dept := _watched(topic)) is not None}
        found = by_department(ends, dept_of)
        await self._fill(ledger, ends, dept_of, today)
        moved = []
        for dept, parts in found.items():
            one = ledger.departments.setdefault(dept, DepartmentMemory())
            came = one.take_ends(parts)
            # Of what lay there before the very first look nobody knows of which day it is.
            one.day(today).events += came if before else 0
            moved += [
                (dept, number, end)
                for number, end in parts.items()
                if end and (end != before.get(dept, {}).get(number) or not one.last_ms)
            ]
            one.forget(today)
        await self._peek(ledger, moved, now)
        await self._read(ledger)
        told = await patient(lambda: ask_gateways(self._redis, now), self._address)
        views = [
            self._view(code, ledger.departments[code], calendar, now, told)
            for code in sorted(found)
        ]
        picture = Departments(at_ms=now, departments=tuple(views))
        await self._keep(ledger, picture)
        return picture

    def forget(self) -> None:
        """Go back to what was last kept: a look that ended half-way has counted only half."""
        self._ledger = None

    async def _remembered(self) -> Ledger:
        if self._ledger is None:
            kept: Any = await patient(lambda: self._redis.get(DEPARTMENTS_MEMORY), self._address)
            self._ledger = decode_ledger(kept)
        return self._ledger

    async def _keep(self, ledger: Ledger, picture: Departments) -> None:
        content = {DEPARTMENTS: encode_departments(picture)}
        if self._turns % KEPT_EVERY_TURNS == 0:
            content[DEPARTMENTS_MEMORY] = encode_ledger(ledger)
        self._turns += 1
        await patient(lambda: self._redis.mset(content), self._address)

    async def _fill(
        self,
        ledger: Ledger,
        ends: Mapping[Position, int],
        dept_of: Mapping[str, str],
        today: date,
    ) -> None:
        """Count former days from where the logs stood at each midnight; once a day, and at first.

        Of today what came before this look, too.
        """
        if ledger.filled == today.isoformat():
            return
        there = [at for at in ends if at[0] in dept_of]
        since = date.fromisoformat(ledger.filled) if ledger.filled else None
        first = max(since or date.min, today - timedelta(days=DAYS_KEPT - 1))
        days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
        stood = []
        for day in days:
            found = await asyncio.to_thread(self._positions.offsets_at, there, _midnight_ms(day))
            if found is None:
                break
            stood.append(found)
        for day, before, after in zip(days, stood, [*stood[1:], ends], strict=False):
            for at in there:
                one = ledger.departments.setdefault(dept_of[at[0]], DepartmentMemory())
                one.day(day).events = 0
            for at in there:
                ledger.departments[dept_of[at[0]]].day(day).events += after[at] - before[at]
        for at in there if stood else ():
            ledger.departments[dept_of[at[0]]].ends[at[1]] = ends[at]
        ledger.filled = today.isoformat()

    async def _peek(self, ledger: Ledger, moved: Sequence[tuple[str, int, int]], now: int) -> None:
        """Read the last record of what moved: when it came, by which clock, in which schema."""
        places = {(in_topic(dept), number): end - 1 for dept, number, end in moved[:PEEKED_MAX]}
        found = await peek(self._bootstrap, places)
        for (topic, _), record in found.items():
            one = ledger.departments[dept_of_in_topic(topic) or ""]
            if record.timestamp >= one.last_ms:
                one.last_ms = min(record.timestamp, now)
                one.ahead_ms = ahead_ms(record)
                one.schema, one.schema_behind = schema_of(record.value)

    async def _read(self, ledger: Ledger) -> None:
        """Look at what intake refused, and at answers, since the last look; the newest of many."""
        spans = {}
        for (topic, number), end in self._positions.ends.items():
            if topic in READ:
                start = max(ledger.read.get(f"{topic} {number}", 0), end - READ_MAX)
                spans[topic, number] = min(start, end), end
        for record in await stretch(self._bootstrap, spans):
            if record.topic == DECIDED:
                take_answer(ledger, record.value)
            else:
                take_letter(ledger, record)
        ledger.read = {f"{at[0]} {at[1]}": end for at, (_, end) in spans.items()}

    def _view(
        self,
        dept: str,
        one: DepartmentMemory,
        calendar: CalendarTable,
        now: int,
        told: GatewayTold,
    ) -> DepartmentView:
        today = day_of(now)
        counts = {date.fromisoformat(day): some.events for day, some in one.days.items()}
        known = self._rules.rhythm(counts, today, calendar)
        due = self._rules.expected_by_ms(one.last_ms, known, calendar)
        week = one.week(today)
        refused, reason = top_reason(week)
        used, quotas = told.used(dept), told.quotas
        token, certificate = told.tokens.get(dept), told.certificates.get(dept)
        quality = Quality(
            events=sum(day.events for day in week), refused=refused,
            answered=sum(day.answered for day in week),
            duplicates=sum(day.duplicates for day in week), ahead_ms=one.ahead_ms,
            schema_behind=one.schema_behind, quota_used=told.share(dept),
            turned_away=used.turned_away, expires_on=token, certificate_until=certificate,
        )  # fmt: skip
        notes = self._rules.notes_of(quality, today, silent=0 < due < now)
        return DepartmentView(
            dept=dept, verdict=self._rules.judge_department(notes), notes=notes,
            last_ms=one.last_ms, expected_by_ms=due, today=one.day(today).events,
            usual_per_day=None if known is None else known.per_day, events=quality.events,
            refused=refused, top_reason=reason, answered=quality.answered,
            duplicates=quality.duplicates, skew_ms=one.ahead_ms, schema=one.schema,
            schema_behind=one.schema_behind, quota_peak=round(used.peak),
            quota_at_once=round(quotas.burst), quota_per_s=quotas.per_s,
            quota_used=quality.quota_used, turned_away=used.turned_away,
            credentials_until=_text(token), certificate_until=_text(certificate),
        )  # fmt: skip


def _watched(topic: str) -> str | None:
    """The department whose topic this is; the administrators and the canary have no rhythm."""
    dept = dept_of_in_topic(topic)
    return None if dept is None or dept == REGISTRY or is_canary(dept) else dept


def _midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp() * 1000)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
