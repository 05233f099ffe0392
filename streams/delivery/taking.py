"""Which entries are tried next? Those that are due, stops first, each as a job ready to leave."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import date

from schemas.calendar_file import WorkingDays
from schemas.delivery import Delivery
from streams.delivery.exchange import Job
from streams.delivery.site_desk import SiteDesk
from streams.rules.delivery.attempts import DueDays, begun, decode_attempt, must_ask, so_far
from streams.rules.delivery.ledger import Entry, Lane
from streams.rules.delivery.retry import next_try
from streams.rules.delivery.turns import share

CALL_MS_MAX = 30_000
"""An attempt is not made again before this has passed, even if we die meanwhile."""


class Taker:
    """Takes due entries of one site. Whoever calls it holds the desk's lock."""

    def __init__(
        self,
        desk: SiteDesk,
        *,
        key_memory_s: float,
        rnd: Callable[[], float],
        calendar: WorkingDays,
    ) -> None:
        self._desk = desk
        self._key_memory_ms = int(key_memory_s * 1000)
        self._rnd = rnd
        self._calendar = calendar
        self._turn = 0

    async def take(self, count: int, but: Collection[str]) -> list[Job]:
        """At most so many jobs, none of an entry that is with us already."""
        now = self._desk.clock()
        names = await self._due(now, count, but)
        return await self._jobs(names, now) if names else []

    async def _due(self, now: int, count: int, but: Collection[str]) -> list[str]:
        stops, others = await self._free(now, count, but)
        first, second = share(count, len(stops), len(others), self._turn)
        if stops and others:
            self._turn += first + second
        return _mixed(stops[:first], others[:second])

    async def _free(self, now: int, count: int, but: Collection[str]) -> list[list[str]]:
        """Of each lane as many as are due, or `count`, of those that are not with us."""
        lanes = (Lane.STOP, Lane.DISCLOSE)
        found = await self._desk.ledger.due(lanes, now, count)
        free = [[name for name in names if name not in but] for names in found]
        if free == found:
            return free
        # Those with us may be due again; looking further, they cannot hide the others.
        found = await self._desk.ledger.due(lanes, now, count + len(but))
        return [[name for name in names if name not in but] for names in found]

    async def _jobs(self, names: Sequence[str], now: int) -> list[Job]:
        desk = self._desk
        entries = await desk.entries(names)
        known = [name for name in names if name in entries]
        tried = await desk.ledger.attempts(known)
        values = await desk.ledger.values(known)
        jobs, due = [], DueDays(self._calendar)
        for name, attempt, value in zip(known, tried, values, strict=True):
            if value is None:
                raise RuntimeError(f"the ledger of {desk.site} has an entry without its value")
            entry = entries[name]
            jobs.append(self._job(entry, attempt, value, (now, due.of(entry))))
        return jobs

    def _job(
        self, entry: Entry, attempt: bytes | None, value: bytes, at: tuple[int, date | None]
    ) -> Job:
        """One job; `at` is now, and the entry's due day."""
        now, due_on = at
        before = so_far(entry, decode_attempt(attempt) if attempt else None)
        again = next_try(now, due_on, before.count + 1, rnd=self._rnd(), calendar=self._calendar)
        return Job(
            entry=entry,
            attempt=begun(before, now, max(again, now + CALL_MS_MAX)),
            lane=Lane.STOP if entry.stops else Lane.DISCLOSE,
            fence=self._desk.fence,
            ask=must_ask(
                entry, before,
                now_ms=now, key_memory_ms=self._key_memory_ms, doubt=self._desk.doubt,
            ),
            delivery=Delivery(
                entry.key, entry.uscc, entry.result_id, entry.version, entry.state, value,
                entry.body_sha256, before.count + 1, due_on,
            ),
            asked_ms=before.asked_ms,
        )  # fmt: skip


def _mixed(stops: list[str], others: list[str]) -> list[str]:
    """Three stops, then one other, while there are both."""
    mixed: list[str] = []
    rest = deque(others)
    for number, name in enumerate(stops, 1):
        mixed.append(name)
        if number % 3 == 0 and rest:
            mixed.append(rest.popleft())
    return mixed + list(rest)
