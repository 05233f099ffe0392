"""How long do topics keep what waits in them, and is anything deleted unread?

Asked of the broker and not of the table of topics: it is a retention that somebody shortened by
hand that does harm. Only of topics in which something has waited for longer than a look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

import msgspec

from connectors.watch.ports import WatchRules
from connectors.watch.positions import Positions
from schemas.watch import PartitionView, Verdict, worst

ASKED_EVERY_S = 600.0


class Retentions:
    """Remembers for a while how long each topic keeps its records."""

    def __init__(self, positions: Positions, rules: WatchRules) -> None:
        """Nothing is asked yet. `positions`: asks the broker."""
        self._positions, self._rules = positions, rules
        self._known: dict[str, int] = {}
        self._asked_at = float("-inf")

    async def of(self, parts: Sequence[PartitionView], before_ms: int) -> Mapping[str, int]:
        """The retention in milliseconds of topics whose oldest waiting record is from before then.

        Absent is what keeps its records for ever, and what the broker does not tell.
        """
        old = {one.topic for one in parts if 0 < one.oldest_ms <= before_ms and not one.site}
        if time.monotonic() - self._asked_at >= ASKED_EVERY_S:
            self._known, self._asked_at = {}, time.monotonic()
        if unknown := sorted(old - self._known.keys()):
            found = await asyncio.to_thread(self._positions.retentions, unknown)
            self._known |= dict.fromkeys(unknown, 0) | found
        return {topic: self._known[topic] for topic in old if self._known[topic] > 0}

    def judged(
        self,
        parts: Sequence[PartitionView],
        retentions: Mapping[str, int],
        rate: float | None,
        now_ms: int,
    ) -> list[PartitionView]:
        """Partitions of a stage, with what retention does to them."""
        waiting = sum(one.lag for one in parts)
        return [self._judged(one, retentions, waiting, rate, now_ms) for one in parts]

    def _judged(
        self,
        one: PartitionView,
        retentions: Mapping[str, int],
        waiting: int,
        rate: float | None,
        now_ms: int,
    ) -> PartitionView:
        retention_ms = retentions.get(one.topic, 0)
        ends_ms = self._rules.expires_ms(one.oldest_ms, retention_ms)
        if not ends_ms and not one.lost:
            return one
        expiring = self._rules.is_expiring(
            oldest_ms=one.oldest_ms, retention_ms=retention_ms, lost=one.lost, waiting=waiting,
            rate_per_s=rate, now_ms=now_ms,
        )  # fmt: skip
        verdict = worst([one.verdict, Verdict.EXPIRING if expiring else Verdict.OK])
        return msgspec.structs.replace(one, expires_ms=ends_ms, verdict=verdict)
