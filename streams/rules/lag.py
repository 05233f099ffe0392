"""Does a reader keep up? Burrow's verdicts over a sliding window, and what a business needs beside.

No thresholds: a verdict follows from how positions moved from look to look. The evaluator is
Burrow's (linkedin/Burrow, core/internal/evaluator), rule by rule in its order. Around it stands
what it lacks: whether somebody reads at all, how old the oldest record is, and who holds a site.

Source: docs/watching.md; art. 13 (deadlines, by which deliveries are judged).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.oversight import Forecast
from schemas.watch import Verdict, worst
from schemas.watch_input import Look

KEPT = 10
"""Looks that are remembered of a partition: Burrow's default."""
JUDGED = 3
"""So many of the last looks are judged: what is wrong is named within three polling intervals."""
UNATTENDED = 2
"""After so many looks without a reader nobody is coming back by itself."""
HEADROOM_RISKY = 1.5
"""Below this one bad hour is enough to miss a deadline."""
PROOF_LATE_MS = 3_600_000
"""So long after a system said it is done its public page should show it."""


class Commit(NamedTuple):
    """A position as a reader committed it. `lag` None: it was not known then."""

    offset: int
    at_ms: int
    lag: int | None


def burrow(
    commits: Sequence[Commit], ends: Sequence[int], lag: int, now_ms: int, allowed: int = 0
) -> Verdict:
    """Burrow's evaluation of one partition; the first rule that holds wins.

    Args:
        commits: the last ones, oldest first.
        ends: recent ends of the log.
        lag: as it is now.
        now_ms: when it is judged.
        allowed: a lag up to this counts as none.

    Source: linkedin/Burrow, caching.go: calculatePartitionStatus.
    """
    if lag <= allowed or not commits:
        return Verdict.OK
    if has_stopped(commits, now_ms) and not was_at_head(commits, ends):
        return Verdict.STOP
    if not always_behind(commits, allowed):
        return Verdict.OK
    if was_rewound(commits):
        return Verdict.REWIND
    if is_stalled(commits):
        return Verdict.STALL
    return Verdict.WARN if never_gained(commits) else Verdict.OK


def always_behind(commits: Sequence[Commit], allowed: int = 0) -> bool:
    """No commit of the window was at the head."""
    return all(one.lag is None or one.lag > allowed for one in commits)


def was_rewound(commits: Sequence[Commit]) -> bool:
    """Some commit went back."""
    return any(b.offset < a.offset for a, b in itertools.pairwise(commits))


def has_stopped(commits: Sequence[Commit], now_ms: int) -> bool:
    """The last commit is longer ago than the whole window took."""
    return now_ms - commits[-1].at_ms > commits[-1].at_ms - commits[0].at_ms


def is_stalled(commits: Sequence[Commit]) -> bool:
    """Commits come, and never get on."""
    return len({one.offset for one in commits}) == 1


def never_gained(commits: Sequence[Commit]) -> bool:
    """The lag never became less from one commit to the next."""
    lags = [one.lag for one in commits if one.lag is not None]
    return all(b >= a for a, b in itertools.pairwise(lags))


def was_at_head(commits: Sequence[Commit], ends: Sequence[int]) -> bool:
    """The last commit reached what was the end of the log a moment ago."""
    return any(end <= commits[-1].offset for end in ends)


def judge(looks: Sequence[Look], now_ms: int, every_ms: int) -> Verdict:
    """How one group is in one partition, by the last looks at it, oldest first.

    Burrow's rules, but: that nobody reads is known from the group and not guessed from silence; a
    rewind is named at once, and until the reader is at the head again; and a lag whose oldest
    record is younger than one polling interval is no slowness, it is traffic.

    Source: docs/watching.md (verdicts).
    """
    if not looks:
        return Verdict.NO_DATA
    if not looks[-1].lag:
        return Verdict.OK
    if unattended(looks) and all(one.lag for one in looks[-UNATTENDED:]):
        return Verdict.STOP
    if _rewound_and_behind(looks):
        return Verdict.REWIND
    recent = looks[-JUDGED:]
    told = burrow(
        [Commit(one.offset, one.at_ms, one.lag) for one in _signs_of_life(looks)],
        [one.end for one in recent],
        looks[-1].lag,
        now_ms,
    )
    if len(recent) < JUDGED:
        return Verdict.OK
    if told is Verdict.WARN and not _is_old(looks[-1], now_ms, every_ms):
        return Verdict.OK
    return told


def unattended(looks: Sequence[Look]) -> bool:
    """No running process reads the partition, and none did at the look before."""
    last = looks[-UNATTENDED:]
    return len(last) == UNATTENDED and all(one.alive is False for one in last)


def judge_flow(verdicts: Iterable[Verdict], unattended_looks: int) -> Verdict:
    """How intake or decide is: as bad as its worst partition; WARN if no process reads any of them.

    What comes next would wait, so that is said before anything does.

    Source: docs/watching.md (verdicts).
    """
    nobody = unattended_looks >= UNATTENDED
    return worst([*verdicts, Verdict.WARN if nobody else Verdict.OK])


def judge_delivery(
    *,
    feed: Verdict,
    known: bool,
    attended: bool,
    waiting: int,
    paused: bool,
    held: bool,
    forecast: Forecast,
    rate: float | None,
    last_day: bool,
) -> Verdict:
    """How the delivery to one publicity system is; the worst of what holds.

    Args:
        feed: how its reader of the feed is.
        known: it has a ledger.
        attended: a running process delivers.
        waiting: how many deliveries wait.
        paused: an operator parked it.
        held: its breaker is not closed.
        forecast: what becomes of the owed stops, at `rate`.
        rate: deliveries a second; None: none were carried out of late, so nothing can be foretold.
        last_day: of some owed stop the last working day has begun.

    Source: art. 13 (three working days), docs/watching.md.
    """
    found = [feed]
    if not known:
        found.append(Verdict.NO_DATA)
    if forecast.overdue or (rate and forecast.will_miss):
        found.append(Verdict.DOOMED)
    if not attended:
        found.append(Verdict.STOP if waiting else Verdict.WARN)
    if held:
        found.append(Verdict.PAUSED_BY_BREAKER)
    if paused:
        # Who parked it knows that its breaker may be open, too.
        found = [one for one in found if one is not Verdict.PAUSED_BY_BREAKER]
        found.append(Verdict.PAUSED_BY_OPERATOR)
    if _is_risky(forecast, rate, last_day=last_day):
        found.append(Verdict.AT_RISK)
    return worst(found)


def judge_proof(*, known: bool, oldest_ms: int, overdue: int, now_ms: int) -> Verdict:
    """How the proof at one system is: what it says is done must be seen on its public page.

    Args:
        known: it has a ledger.
        oldest_ms: since when the oldest is done and not seen; 0: nothing is.
        overdue: how many of them are stops whose last day is over.
        now_ms: when it is judged.

    Source: art. 13; docs/delivery.md (nothing is done before it is seen there).
    """
    if not known:
        return Verdict.NO_DATA
    if overdue:
        return Verdict.AT_RISK
    late = oldest_ms and now_ms - oldest_ms > PROOF_LATE_MS
    return Verdict.WARN if late else Verdict.OK


def _is_risky(forecast: Forecast, rate: float | None, *, last_day: bool) -> bool:
    if forecast.owed == forecast.overdue:
        return False
    if not rate:
        return last_day
    headroom = forecast.headroom
    return headroom is not None and headroom < HEADROOM_RISKY


def _rewound_and_behind(looks: Sequence[Look]) -> bool:
    """A position went back within the window, and the reader was never at the head since."""
    for at in range(len(looks) - 1, 0, -1):
        if not looks[at].lag:
            return False
        if looks[at].offset < looks[at - 1].offset:
            return True
    return False


def _signs_of_life(looks: Sequence[Look]) -> list[Look]:
    """The last looks at which the reader was there, or had moved: what Burrow sees as commits."""
    signs = [
        one
        for before, one in zip([None, *looks], looks, strict=False)
        if before is None or one.alive or one.offset != before.offset
    ]
    return signs[-JUDGED:]


def _is_old(look: Look, now_ms: int, every_ms: int) -> bool:
    return not look.oldest_ms or now_ms - look.oldest_ms >= every_ms
