"""What does the public see? A system's public page is read, and read again.

What was processed is looked at until the page agrees: then it is OBSERVED. Of a system that takes
from its feed itself, what is owed is looked at as well. What was seen stopped is looked at again,
slowly and for ever: a page that shows it again is an alarm, and the stop is owed anew.

Source: art. 13; docs/delivery.md.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, zip_longest

import structlog

from schemas.calendar_file import WorkingDays
from schemas.delivery import Delivery, Observed, Unavailable
from schemas.feed import Stage
from streams.delivery.exchange import CALL_S_MAX, NO_ANSWER, WRONG_COUNT
from streams.delivery.ports import Wait
from streams.delivery.receipts import Draft, ReceiptBook
from streams.delivery.site_desk import RECEIPT, SiteDesk
from streams.ports import AtPoint, PublicitySystem, passed
from streams.rules.delivery.attempts import DueDays, begun, decode_attempt, encode_attempt, so_far
from streams.rules.delivery.ledger import HOUR_MS, REAPPEARED, Entry, Lane, proves
from streams.rules.delivery.retry import next_try

log = structlog.get_logger()

LOOK_AGAIN_MS = 10_000
"""After a business receipt the page may need a moment; then twice as long each time, to an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverSettings:
    """How much is looked at.

    Attributes:
        recheck_ms: before what was seen stopped is looked at again.
        looks_max: pages read in one round.
        rechecks_max: of these, pages of what was seen stopped before.
        calls_max: calls to the system under way at the same time.
    """

    recheck_ms: int = 86_400_000
    looks_max: int = 500
    rechecks_max: int = 100
    calls_max: int = 8


@dataclass(frozen=True, slots=True)
class _Look:
    """One page that is to be read."""

    entry: Entry
    lane: str
    tried: bytes | None
    delivery: Delivery


class Observer:
    """Reads the public page of one site."""

    def __init__(
        self,
        *,
        desk: SiteDesk,
        system: PublicitySystem,
        book: ReceiptBook,
        rnd: Callable[[], float],
        calendar: WorkingDays,
        settings: ObserverSettings | None = None,
        at_point: AtPoint = passed,
    ) -> None:
        self._desk = desk
        self._system = system
        self._book = book
        self._rnd = rnd
        self._calendar = calendar
        self._settings = settings or ObserverSettings()
        self._at = at_point
        self._taken: set[str] = set()
        self._parked: deque[tuple[int, list[str]]] = deque()
        self._slots = asyncio.Semaphore(self._settings.calls_max)

    async def turn(self) -> bool:
        """Read what is due. Returns whether there was so much that more may be due."""
        fence = self._desk.fence
        self._let_go()
        looks = await self._due()
        size = self._system.batch_max
        chunks = [looks[at : at + size] for at in range(0, len(looks), size)]
        answers = await asyncio.gather(*(self._observe(chunk) for chunk in chunks))
        seen = [pair for some in answers for pair in some]
        drafts = [draft for look, answer in seen if (draft := self._draft(look, answer))]
        self._at("before receipt")
        end = await self._book.write(drafts)
        self._at("after receipt")
        if drafts:
            names = [draft.entry.name for draft in drafts]
            self._taken.update(names)
            self._parked.append((end, names))
        await self._put_off([(look, answer) for look, answer in seen], fence)
        return len(looks) >= self._settings.looks_max

    async def _due(self) -> list[_Look]:
        desk, now = self._desk, self._desk.clock()
        lanes = [Lane.PROVE] if self._system.pushes else [Lane.PROVE, Lane.STOP, Lane.DISCLOSE]
        most = self._settings.looks_max + len(self._taken)
        found = dict(zip(lanes, await desk.ledger.due(lanes, now, most), strict=True))
        some = self._settings.rechecks_max + len(self._taken)
        (found[Lane.SEEN],) = await desk.ledger.due([Lane.SEEN], now, some)
        free = {
            lane: [name for name in names if name not in self._taken]
            for lane, names in found.items()
        }
        picked = _picked(free, self._settings)
        names = list(picked)
        entries = await desk.entries(names)
        known = [name for name in names if name in entries]
        tried = await desk.ledger.attempts(known)
        values = await desk.ledger.values(known)
        due = DueDays(self._calendar)
        return [
            _Look(entry, picked[name], attempt, _delivery(entry, value or b"", due.of(entry)))
            for name, attempt, value in zip(known, tried, values, strict=True)
            for entry in (entries[name],)
        ]

    async def _observe(self, looks: Sequence[_Look]) -> list[tuple[_Look, Observed | Unavailable]]:
        async with self._slots:
            try:
                async with asyncio.timeout(CALL_S_MAX):
                    seen = await self._system.observe([look.delivery for look in looks])
            except TimeoutError:
                seen = [NO_ANSWER] * len(looks)
        if len(seen) != len(looks):
            seen = [WRONG_COUNT] * len(looks)
        return list(zip(looks, seen, strict=True))

    def _draft(self, look: _Look, answer: Observed | Unavailable) -> Draft | None:
        """The receipt that a look is worth."""
        if isinstance(answer, Unavailable):
            return None
        entry = look.entry
        if look.lane != Lane.SEEN:
            if proves(entry, answer):
                return Draft(entry, Stage.OBSERVED, 0, "shown" if answer.shown else "not shown")
            return None
        if not answer.shown:
            return None
        log.error(
            "REAPPEARED: shown again after it was seen stopped", site=self._desk.site,
            result_id=entry.result_id, version=answer.version, ours=entry.version,
        )  # fmt: skip
        errors = (f"shown again at version {answer.version}",)
        return Draft(entry, Stage.REJECTED, 0, REAPPEARED, None, errors)

    async def _put_off(
        self, seen: Sequence[tuple[_Look, Observed | Unavailable]], fence: str
    ) -> None:
        """Look later at whatever no receipt was written for, unless something newer came."""
        desk = self._desk
        left = [(look, answer) for look, answer in seen if look.entry.name not in self._taken]
        if not left:
            return
        async with desk.lock:
            if not desk.owns(fence):
                return
            entries = await desk.entries({look.entry.name for look, _ in left})
            still = [
                (look, answer)
                for look, answer in left
                if entries.get(look.entry.name) == look.entry
            ]
            await desk.ledger.wait(fence, [self._later(look, answer) for look, answer in still])

    def _later(self, look: _Look, answer: Observed | Unavailable) -> Wait:
        entry, now = look.entry, self._desk.clock()
        if look.lane == Lane.SEEN:
            again = HOUR_MS if isinstance(answer, Unavailable) else self._settings.recheck_ms
            return Wait(entry.name, look.lane, now + again)
        if look.lane == Lane.PROVE:
            waited = max(LOOK_AGAIN_MS, min(now - entry.processed, HOUR_MS))
            return Wait(entry.name, look.lane, now + waited)
        before = so_far(entry, decode_attempt(look.tried) if look.tried else None)
        again_ms = next_try(
            now, look.delivery.due_on, before.count + 1,
            rnd=self._rnd(), calendar=self._calendar,
        )  # fmt: skip
        attempt = begun(before, now, again_ms)
        return Wait(entry.name, look.lane, again_ms, encode_attempt(attempt))

    def _let_go(self) -> None:
        """Let go of entries whose receipts are in the ledger."""
        at = self._desk.next.get(RECEIPT, 0)
        while self._parked and self._parked[0][0] <= at:
            self._taken.difference_update(self._parked.popleft()[1])


def _picked(due: dict[Lane, list[str]], settings: ObserverSettings) -> dict[str, Lane]:
    """Which pages are read this time, and of which lane each is: lanes take turns.

    However much waits in one lane, none of the others waits for ever.
    """
    again = due.pop(Lane.SEEN, [])[: settings.rechecks_max]
    turns = zip_longest(*([(name, lane) for name in names] for lane, names in due.items()))
    first = (one for turn in turns for one in turn if one is not None)
    return dict(islice(first, settings.looks_max)) | dict.fromkeys(again, Lane.SEEN)


def _delivery(entry: Entry, value: bytes, due_on: date | None) -> Delivery:
    return Delivery(
        entry.key, entry.uscc, entry.result_id, entry.version, entry.state, value,
        entry.body_sha256, 0, due_on,
    )  # fmt: skip
