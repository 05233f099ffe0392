"""How are owed entries brought to a system that is pushed to?

    due entries -> attempts written -> call (ask first where in doubt) -> answers of many calls at
    once -> chained receipts published -> the receipt topic moves the ledger

An entry that was taken stays with us until the ledger has taken its receipt in, or until a failure
was written: nothing is sent twice side by side. Dying in between leaves a written attempt: the
entry is tried again later with the same key and the same bytes.

Source: art. 13; docs/delivery.md (Retry).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from schemas.calendar_file import WorkingDays
from streams.delivery.exchange import Job, exchange
from streams.delivery.outcome import Outcome
from streams.delivery.pauses import PAUSE, is_paused
from streams.delivery.ports import Wait
from streams.delivery.receipts import ReceiptBook
from streams.delivery.site_desk import SiteDesk
from streams.delivery.taking import Taker
from streams.ports import AtPoint, PublicitySystem, passed
from streams.rules.delivery.attempts import encode_attempt
from streams.rules.delivery.breaker import BreakerState, may_call, probing
from streams.rules.delivery.ledger import Lane

STOP_WAIT_S = 12.0
"""A connector gives up after 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierSettings:
    """How much is done at once.

    Attributes:
        calls_max: calls to the system under way at the same time.
        taken_max: entries with us at the same time, answered or not.
        idle_s: how long it may take to see an operator's pause, or an entry that came due.
    """

    calls_max: int = 4
    taken_max: int = 4096
    idle_s: float = 1.0


class Courier:
    """Sends what is owed to one site."""

    def __init__(
        self,
        *,
        desk: SiteDesk,
        system: PublicitySystem,
        book: ReceiptBook,
        rnd: Callable[[], float],
        calendar: WorkingDays,
        settings: CourierSettings | None = None,
        at_point: AtPoint = passed,
    ) -> None:
        self._desk = desk
        self._system = system
        self._taker = Taker(desk, key_memory_s=system.key_memory_s, rnd=rnd, calendar=calendar)
        self._settings = settings or CourierSettings()
        self._at = at_point
        self._outcome = Outcome(desk, book, rnd, calendar, at_point)
        self._fence = ""
        self._taken: set[str] = set()
        self._ready: deque[Job] = deque()
        self._calls: set[asyncio.Task[None]] = set()
        self._filling: asyncio.Task[None] | None = None
        self._more = True
        self._is_behind = False
        self._paused = False
        self._look_ms = 0
        self._wake = asyncio.Event()
        desk.on_change(self._changed)

    @property
    def taken(self) -> int:
        """How many entries are with us."""
        return len(self._taken)

    @property
    def has_a_queue(self) -> bool:
        """Whether the system is busy with us and at least one more batch waits for it.

        Also while that batch is still being taken: more was due than was taken at once.
        """
        waiting = self._is_behind or len(self._ready) >= self._system.batch_max
        return bool(self._calls) and waiting

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then let what is under way end.

        Any failure of I/O ends it with an exception.
        """
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send_all(group))
            settling = group.create_task(self._settle_all())
            await stop.wait()
            sending.cancel()
            if self._calls:
                await asyncio.wait(self._calls, timeout=STOP_WAIT_S)
            for call in self._calls:
                call.cancel()
            await self._outcome.settle()
            settling.cancel()

    async def _send_all(self, group: asyncio.TaskGroup) -> None:
        while True:
            await self._desk.ready.wait()
            self._wake.clear()
            self._let_go()
            await self._see_pause()
            if self._wants_more():
                self._filling = group.create_task(self._fill())
            if not self._start(group):
                try:
                    async with asyncio.timeout(await self._idle_s()):
                        await self._wake.wait()
                except TimeoutError:
                    self._more = True

    def _wants_more(self) -> bool:
        """Whether to look for due entries now: before we run out of them, but not all the time."""
        if not self._room() or (self._filling is not None and not self._filling.done()):
            return False
        low = 2 * self._settings.calls_max * self._system.batch_max
        return not self._ready or (self._more and len(self._ready) < low)

    def _room(self) -> int:
        """How many deliveries may leave now."""
        if self._paused or not self._desk.ready.is_set():
            return 0
        free = self._settings.calls_max - len(self._calls)
        passing = may_call(self._outcome.breaker, self._desk.clock())
        return max(free, 0) * self._system.batch_max if passing is None else min(free, passing)

    async def _idle_s(self) -> float:
        """Until when nothing can happen that nobody tells us of."""
        if self._calls or not self._desk.ready.is_set():
            return self._settings.idle_s
        due = await self._desk.ledger.next_due((Lane.STOP, Lane.DISCLOSE))
        now = self._desk.clock()
        times = [self._settings.idle_s]
        if due is not None and due > now:
            times.append((due - now) / 1000)
        breaker = self._outcome.breaker
        if breaker.state is BreakerState.OPEN and breaker.until_ms > now:
            times.append((breaker.until_ms - now) / 1000)
        return max(min(times), 0.001)

    async def _fill(self) -> None:
        """Take what is due, and write that it is being tried."""
        most = self._settings.taken_max
        count = min(most - len(self._taken), max(most // 4, 1))
        if count <= 0:
            return
        desk = self._desk
        async with desk.lock:
            if not desk.owns(self._fence):
                return
            jobs = await self._taker.take(count, self._taken)
            self._at("before attempt")
            await desk.ledger.wait(desk.fence, [_trying(job) for job in jobs])
            self._at("after attempt")
            self._taken.update(job.name for job in jobs)
            self._ready.extend(jobs)
            self._more = self._is_behind = len(jobs) == count
        if jobs:
            self._wake.set()

    def _let_go(self) -> None:
        """Let go of what is in the ledger by now, and of what an earlier owner had taken."""
        self._taken -= self._outcome.consumed()
        if self._fence != self._desk.fence:
            self._fence = self._desk.fence
            self._taken.difference_update(job.name for job in self._ready)
            self._ready.clear()

    async def _see_pause(self) -> None:
        """Look, now and then, whether an operator has paused the site."""
        now = self._desk.clock()
        if now >= self._look_ms:
            self._paused = is_paused((await self._desk.ledger.control()).get(PAUSE))
            self._look_ms = now + int(self._settings.idle_s * 1000)

    def _start(self, group: asyncio.TaskGroup) -> int:
        """Begin as many calls as may begin now."""
        started = 0
        while self._ready and (room := self._room()):
            size = min(room, self._system.batch_max)
            first = self._ready[0]
            jobs: list[Job] = []
            while self._ready and len(jobs) < size and self._ready[0].ask is first.ask:
                jobs.append(self._ready.popleft())
            self._outcome.breaker = probing(self._outcome.breaker)
            self._calls.add(group.create_task(self._call(jobs)))
            started += 1
        return started

    async def _call(self, jobs: list[Job]) -> None:
        task = asyncio.current_task()
        try:
            self._at("before call")
            answers = await exchange(self._system, jobs, self._desk.clock)
            self._at("after answer")
            self._outcome.add(answers)
        finally:
            if task is not None:
                self._calls.discard(task)
            self._wake.set()

    async def _settle_all(self) -> None:
        while True:
            await self._outcome.there.wait()
            self._taken -= await self._outcome.settle()
            self._wake.set()

    def _changed(self, names: frozenset[str]) -> None:
        """A newer version came, or a receipt: what was taken but has not left is let go."""
        overtaken = [job for job in self._ready if job.name in names]
        if overtaken:
            gone = {job.name for job in overtaken}
            self._ready = deque(job for job in self._ready if job.name not in gone)
            self._taken -= gone
        self._more = True
        self._wake.set()


def _trying(job: Job) -> Wait:
    """The attempt, as it is written before it is made."""
    return Wait(job.name, job.lane, job.attempt.next_ms, encode_attempt(job.attempt))
