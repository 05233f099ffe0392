"""What comes of the answers of a system? Receipts, later attempts, and a word to the breaker.

The answers of many calls are made durable together: one publication, one write.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
import structlog

from schemas.calendar_file import WorkingDays
from schemas.delivery import Accepted, Refused, Standing, Unavailable
from schemas.feed import Stage
from schemas.malformed import visible
from streams.delivery.exchange import Answer, Job
from streams.delivery.ports import Wait
from streams.delivery.receipts import Draft, ReceiptBook
from streams.delivery.site_desk import RECEIPT, SiteDesk
from streams.ports import AtPoint
from streams.rules.delivery.attempts import encode_attempt
from streams.rules.delivery.breaker import CLOSED, failed, succeeded, unprobed
from streams.rules.delivery.retry import Phase, next_try, phase

log = structlog.get_logger()

ERROR_MAX = 200
ASKED = "asked"


class Outcome:
    """Makes durable what a site answered."""

    def __init__(
        self,
        desk: SiteDesk,
        book: ReceiptBook,
        rnd: Callable[[], float],
        calendar: WorkingDays,
        at_point: AtPoint,
    ) -> None:
        self._desk = desk
        self._book = book
        self._rnd = rnd
        self._calendar = calendar
        self._at = at_point
        self._answers: list[tuple[Job, Answer]] = []
        self._parked: deque[tuple[int, list[str]]] = deque()
        self._one_at_a_time = asyncio.Lock()
        self.breaker = CLOSED
        self.there = asyncio.Event()

    def add(self, answers: Sequence[tuple[Job, Answer]]) -> None:
        """Take the answers of one call in."""
        self._answers += answers
        self.there.set()

    async def settle(self) -> set[str]:
        """Make durable whatever was answered by now. Returns the names that may be taken again."""
        async with self._one_at_a_time:
            self.there.clear()
            answers, self._answers = self._answers, []
            if not answers:
                return set()
            await self._tell_breaker(answers)
            proofs = [(job, draft) for job, answer in answers if (draft := _draft(job, answer))]
            self._at("before receipt")
            end = await self._book.write([draft for _, draft in proofs])
            self._at("after receipt")
            if proofs:
                self._parked.append((end, [job.name for job, _ in proofs]))
            failures = [(j, a) for j, a in answers if isinstance(a, Unavailable)]
            await self._put_off(failures)
            return {job.name for job, _ in failures}

    def consumed(self) -> set[str]:
        """Names whose receipts have come into the ledger since this was asked last."""
        at = self._desk.next.get(RECEIPT, 0)
        names: set[str] = set()
        while self._parked and self._parked[0][0] <= at:
            names.update(self._parked.popleft()[1])
        return names

    async def _tell_breaker(self, answers: Sequence[tuple[Job, Answer]]) -> None:
        """Tell the breaker, and the operators if it opened or closed.

        What the hub or the connector refuses without asking says nothing of the system.
        """
        before, now, desk = self.breaker, self._desk.clock(), self._desk
        theirs = [answer for job, answer in answers if not job.entry.fault and _was_asked(answer)]
        if not theirs:
            self.breaker = unprobed(self.breaker, now)
        for answer in theirs:
            if isinstance(answer, Unavailable):
                self.breaker = failed(self.breaker, now, answer.retry_after_s)
            else:
                self.breaker = succeeded(self.breaker)
        if self.breaker.state is before.state:
            return
        log.warning(
            "breaker", site=desk.site, state=self.breaker.state.value,
            failures=self.breaker.failures, pause_ms=self.breaker.pause_ms,
        )  # fmt: skip
        await desk.keep(desk.fence, "breaker", msgspec.json.encode(self.breaker))

    async def _put_off(self, failures: Sequence[tuple[Job, Unavailable]]) -> None:
        """Write why these failed and when they are tried again, unless a newer version came."""
        desk = self._desk
        if not failures:
            return
        async with desk.lock:
            now = desk.clock()
            if not desk.owns(desk.fence):
                return
            entries = await desk.entries({job.name for job, _ in failures})
            still = [
                (job, answer)
                for job, answer in failures
                if job.fence == desk.fence
                and (entry := entries.get(job.name)) is not None
                and entry.version == job.entry.version
            ]
            await desk.ledger.wait(desk.fence, [self._later(job, a, now) for job, a in still])
        overdue = [
            (job, answer)
            for job, answer in still
            if phase(now, job.delivery.due_on, self._calendar) is Phase.OVERDUE
        ]
        if overdue:
            job, answer = overdue[0]
            log.error(
                "OVERDUE: not carried out in time, still tried", site=desk.site,
                entries=len(overdue), first=job.entry.result_id,
                error=visible(answer.reason, ERROR_MAX),
            )  # fmt: skip

    def _later(self, job: Job, answer: Unavailable, now: int) -> Wait:
        again = next_try(
            now, job.delivery.due_on, job.attempt.count,
            rnd=self._rnd(), retry_after_s=answer.retry_after_s, calendar=self._calendar,
        )  # fmt: skip
        attempt = msgspec.structs.replace(
            job.attempt,
            next_ms=again,
            error=visible(answer.reason, ERROR_MAX),
            asked_ms=job.asked_ms,
        )
        return Wait(job.name, job.lane, again, encode_attempt(attempt))


def _draft(job: Job, answer: Answer) -> Draft | None:
    """The receipt that an answer is worth."""
    count = job.attempt.count
    if isinstance(answer, Accepted):
        return Draft(job.entry, Stage.ACCEPTED, count, answer.status, answer.site_receipt_id)
    if isinstance(answer, Refused):
        return Draft(job.entry, Stage.REJECTED, count, answer.status, None, answer.errors)
    if isinstance(answer, Standing):
        # Without the system's own receipt id it is no business receipt: that is still to come.
        stage = Stage.ACCEPTED if answer.site_receipt_id is None else Stage.PROCESSED
        return Draft(job.entry, stage, 0, ASKED, answer.site_receipt_id)
    return None


def _was_asked(answer: Answer) -> bool:
    return not isinstance(answer, Refused) or answer.asked
