"""Will everything that is owed be carried out in time, and how long may a system stay away?

Deadlines fall at the end of a working day, so a backlog is a short histogram by due moment. Served
in that order, at one rate, each question has an exact answer. What is overdue is served first: it
takes its share of the rate, and is missed already.

Source: art. 13 (three working days).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil

from schemas.oversight import Forecast
from schemas.watch_input import Progress

Bucket = tuple[int, int]
"""Due moment (Unix milliseconds) and how many are owed by then."""


def forecast(
    owed: Sequence[Bucket], rate_per_s: float, *, now_ms: int, from_ms: int | None = None
) -> Forecast:
    """What becomes of a backlog that is worked off at a rate from a moment on (None: from now).

    Source: art. 13; a stop that is not carried out by the end of its day is missed.
    """
    start = max(now_ms, from_ms or now_ms)
    rate = Fraction(rate_per_s)
    before, overdue, missed = 0, 0, 0
    needs: list[Fraction | None] = []
    recoveries: list[int] = []
    for due_ms, count in sorted(owed):
        upto = before + count
        if due_ms < now_ms:
            overdue += count
        elif count:
            missed += count - min(max(_done(rate, due_ms - start) - before, 0), count)
            needs.append(Fraction(1000 * upto, due_ms - start) if due_ms > start else None)
            if rate:
                recoveries.append(due_ms - ceil(1000 * upto / rate))
        before = upto
    return Forecast(
        owed=before,
        overdue=overdue,
        rate_per_s=rate_per_s,
        required_per_s=_highest(needs),
        will_miss=missed,
        latest_ms=_latest(recoveries, now_ms),
    )


def drain_rate(looks: Sequence[Progress]) -> float | None:
    """How many a second are worked off while there is work; None: that was never seen.

    Only stretches count in which some of what was owed at their beginning was left at their end: in
    the others it is not known for how long there was nothing to do, and a quiet hour would pass for
    a slow system. Nor does a stretch count in which an operator had it parked: the rate of before
    is what it can be expected to have again.

    Source: docs/watching.md (rates).
    """
    busy = [
        (a, b)
        for a, b in pairwise(looks)
        if 0 <= b.done - a.done < a.owed and not (a.held or b.held)
    ]
    done = sum(b.done - a.done for a, b in busy)
    span_ms = sum(b.at_ms - a.at_ms for a, b in busy)
    return 1000 * done / span_ms if done and span_ms > 0 else None


def _done(rate: Fraction, span_ms: int) -> int:
    """How many are done after so long."""
    return int(rate * max(span_ms, 0) / 1000)


def _highest(needs: Sequence[Fraction | None]) -> float | None:
    """The rate that meets all; None where no rate does."""
    if None in needs:
        return None
    return float(max((need for need in needs if need is not None), default=Fraction(0)))


def _latest(recoveries: Sequence[int], now_ms: int) -> int | None:
    """The last moment to begin at without a miss; None: it is over, or nothing is owed."""
    latest = min(recoveries, default=None)
    return latest if latest is not None and latest >= now_ms else None
