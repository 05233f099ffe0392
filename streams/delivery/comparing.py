"""Does a system show what its ledger says? Compared every night, once its digest is published.

The digest lets a system find out for itself; this finds out without it, from what it shows the
public. Source: docs/delivery.md (digest, comparison); art. 13 (a stop that was missed must be
found).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import structlog

from schemas.compared import COMPARED, SiteCompared, decode_compared, encode_compared
from streams.delivery.nightly import DIGEST, night_of
from streams.delivery.site_desk import SiteDesk
from streams.rules.delivery.ledger import HOUR_MS

log = structlog.get_logger()

Compare = Callable[[], Awaitable[SiteCompared]]
EMPTY_AGAIN_MS = 60_000
"""While the ledger has proof of nothing yet, it is compared again so soon."""
BUSY_MS_MAX = HOUR_MS
"""For so long a comparison waits until what is owed has left: it reads all of list and ledger."""


class NightlyComparison:
    """Compares one site with its ledger and keeps what came of it. Changes nothing else."""

    def __init__(
        self, *, desk: SiteDesk, compare: Compare, is_busy: Callable[[], bool] = lambda: False
    ) -> None:
        self._desk = desk
        self._compare = compare
        self._is_busy = is_busy
        self._due_since_ms: int | None = None

    async def turn(self) -> bool:
        """Compare if tonight's digest is out and it was not done yet. Never asks for more.

        What could not be read is tried again an hour later. While deliveries queue up it waits, an
        hour at most.
        """
        desk, fence, now = self._desk, self._desk.fence, self._desk.clock()
        night, control = night_of(now), await self._desk.ledger.control()
        if control.get(DIGEST, b"").decode() < night:
            return False
        last = decode_compared(control.get(COMPARED))
        if not _is_due(last, night, now):
            self._due_since_ms = None
            return False
        if self._due_since_ms is None:
            self._due_since_ms = now
        if self._is_busy() and now - self._due_since_ms < BUSY_MS_MAX:
            return False
        self._due_since_ms = None
        found = msgspec.structs.replace(await self._compare(), night=night, at_ms=now).after(last)
        await desk.keep(fence, COMPARED, encode_compared(found))
        tell = log.error if found.differing else log.warning if not found.settled else log.info
        tell(
            "compared with its public list", site=desk.site, compared=found.compared,
            differing=found.differing, unclear=found.unclear, fault=found.fault,
        )  # fmt: skip
        return False


def _is_due(last: SiteCompared | None, night: str, now_ms: int) -> bool:
    if last is None or last.night != night:
        return True
    if not last.settled:
        return now_ms - last.at_ms >= HOUR_MS
    return not last.compared and now_ms - last.at_ms >= EMPTY_AGAIN_MS
