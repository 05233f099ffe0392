"""By when must something be done? Working days in Asia/Shanghai.

By the calendar that the record was taken in with (docs/semantics.md §9), so that a recorded day
never changes. Where no calendar reaches, a day comes too early rather than too late, and is
provisional.

Source: art. 12 (seven days for a decision), art. 13 (three days for a stop).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from schemas.calendar_file import WorkingDays
from schemas.feed import StopReason
from streams.rules.calendar import add_working_days, day_at

DECISION_DAYS = 7
STOP_DAYS = 3
_DAYS = {StopReason.CASCADE: 0, StopReason.OBJECTION_UPHELD: 5}

_OFFSET_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()

Pause = tuple[date, date | None]
"""First day, and the day that is counted again; None: still open."""


def day_of_ms(at_ms: int) -> date:
    """The day, in Asia/Shanghai, of an instant in Unix milliseconds.

    >>> day_of_ms(1_767_196_800_000)
    datetime.date(2026, 1, 1)
    """
    return day_at(max((at_ms + _OFFSET_MS) // _DAY_MS + _EPOCH, 1))


def stop_due(reason: StopReason, said_at: int, calendar: WorkingDays) -> tuple[date, bool]:
    """The last day on which a stop must be carried out everywhere, and whether it is provisional.

    It runs from the approval or order at the authority, not from when the hub hears of it.

    Source: art. 13 (three working days); a cascade the same day, an upheld objection five days.
    """
    return stop_due_from(reason, day_of_ms(said_at), calendar)


def stop_due_from(reason: StopReason, said_on: date, calendar: WorkingDays) -> tuple[date, bool]:
    """The same from the day of the approval or order.

    Source: art. 13.
    """
    return add_working_days(said_on, _DAYS.get(reason, STOP_DAYS), calendar)


def decision_due(
    accepted_at: int, pauses: Sequence[Pause], calendar: WorkingDays
) -> tuple[date, bool] | None:
    """The last day for deciding a repair, and whether it is provisional; None while it is paused.

    Source: art. 12 (seven working days after acceptance, supplements not counted).
    """
    closed = [(first, last) for first, last in pauses if last is not None]
    if len(closed) < len(pauses):
        return None
    return add_working_days(day_of_ms(accepted_at), DECISION_DAYS, calendar, pauses=closed)


def pauses_of(asked: Sequence[int], received: Sequence[int]) -> list[Pause]:
    """The pauses of a case: each from when a supplement was asked for to the next that came.

    By their instants, whatever order they arrived in.

    Source: art. 12 (the time for supplements is not counted).
    """
    pauses: list[Pause] = []
    for first in asked:
        ends = [at for at in received if at >= first]
        pauses.append((day_of_ms(first), day_of_ms(min(ends)) if ends else None))
    return pauses
