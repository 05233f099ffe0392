"""Has a department fallen silent, and how well does it publish? By its own rhythm of working days.

A department of three events a day has a quiet day now and then by chance; one of a thousand has
not. So the patience follows from its own rate: an alarm is given when such a silence would come by
chance less than once in a million days, and never before the longest gap it is known for.

Source: docs/watching.md (departments); art. 12, 13 (working days as the calendar has them).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, log

from schemas.calendar_file import WorkingDays
from schemas.watch import QualityNote, Verdict
from schemas.watch_input import Quality
from streams.rules.calendar import add_working_days, is_working_day
from streams.rules.deadlines import day_of_ms
from streams.rules.delivery.retry import end_of_ms

LOOKED_BACK = 20
"""Working days from which a rhythm is taken: about a month, as long as its topic is kept."""
ACTIVE_MIN = 5
"""With fewer days on which something came there is no rhythm to speak of."""
CHANCE = 1e-6
_HOLIDAYS = 30

REFUSED_SHARE, REFUSED_MIN = 0.05, 3
DUPLICATE_SHARE, DUPLICATE_MIN = 0.20, 10
AHEAD_MS = 60_000
QUOTA_SHARE = 0.8
EXPIRES_DAYS = 30


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a department usually publishes.

    Attributes:
        per_day: events a working day.
        patience: after so many working days without one it has fallen silent.
    """

    per_day: float
    patience: int


def working_days_before(today: date, count: int, calendar: WorkingDays) -> list[date]:
    """The last working days before a day, in order; fewer where no calendar covers them."""
    days: list[date] = []
    day = today
    while len(days) < count and (today - day).days < 2 * count + _HOLIDAYS:
        day -= timedelta(days=1)
        works = is_working_day(day, calendar)
        if works is None:
            break
        if works:
            days.append(day)
    return days[::-1]


def rhythm(counts: Mapping[date, int], today: date, calendar: WorkingDays) -> Rhythm | None:
    """How a department publishes, by its events a day before today; None: there is no rhythm yet.

    What comes on days off counts for the working day before them.

    Source: docs/watching.md (departments).
    """
    days = working_days_before(today, LOOKED_BACK, calendar)
    sums = [0] * len(days)
    for day, count in counts.items():
        at = _at_or_before(days, day)
        if at is not None and day < today:
            sums[at] += count
    active = [number for number, count in enumerate(sums) if count]
    if len(active) < ACTIVE_MIN:
        return None
    # Before its first event it may not have been connected yet.
    per_day = sum(sums) / (len(days) - active[0])
    longest = max((b - a for a, b in pairwise(active)), default=1)
    return Rhythm(per_day, max(longest, ceil(-log(CHANCE) / per_day)))


def expected_by_ms(last_ms: int, known: Rhythm | None, calendar: WorkingDays) -> int:
    """By when the next event must come, Unix milliseconds; 0: that cannot be said.

    Source: docs/watching.md (departments).
    """
    if known is None or not last_ms:
        return 0
    day, provisional = add_working_days(day_of_ms(last_ms), known.patience, calendar)
    # Without a calendar ordinary Sundays count, and the day comes too early for an alarm.
    return 0 if provisional else end_of_ms(day)


def notes_of(quality: Quality, today: date, *, silent: bool) -> tuple[QualityNote, ...]:
    """What is wrong with what a department publishes, in the order of the words.

    Source: docs/watching.md (departments).
    """
    one = quality
    found: Sequence[tuple[QualityNote, bool]] = (
        (QualityNote.SILENT, silent),
        (QualityNote.REFUSED, _share(one.refused, one.events, REFUSED_SHARE, REFUSED_MIN)),
        (
            QualityNote.DUPLICATES,
            _share(one.duplicates, one.answered, DUPLICATE_SHARE, DUPLICATE_MIN),
        ),
        (QualityNote.CLOCK, one.ahead_ms is not None and one.ahead_ms > AHEAD_MS),
        (QualityNote.SCHEMA_BEHIND, one.schema_behind),
        (QualityNote.QUOTA, one.quota_used >= QUOTA_SHARE or one.turned_away > 0),
        (QualityNote.CREDENTIALS, _ends_soon(one.expires_on, today)),
        (QualityNote.CERTIFICATE, _ends_soon(one.certificate_until, today)),
    )
    return tuple(note for note, holds in found if holds)


def judge_department(notes: Sequence[QualityNote]) -> Verdict:
    """SILENT before anything else; WARN for what is wrong beside it.

    Source: docs/watching.md (departments).
    """
    if QualityNote.SILENT in notes:
        return Verdict.SILENT
    return Verdict.WARN if notes else Verdict.OK


def _ends_soon(day: date | None, today: date) -> bool:
    return day is not None and day <= today + timedelta(days=EXPIRES_DAYS)


def _share(some: int, of: int, share: float, least: int) -> bool:
    return some >= least and some >= share * of


def _at_or_before(days: Sequence[date], day: date) -> int | None:
    at = bisect_right(days, day) - 1
    return at if at >= 0 else None
