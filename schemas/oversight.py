"""What do people who watch over deadlines see of one delivery, one repair case, one backlog?

Values that the rules make and the command line shows. Instants are Unix milliseconds, 0 for never.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schemas.enums import CaseStatus
from schemas.feed import DisclosureState, StopReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One entry of a site's ledger, with what was tried for it.

    Attributes:
        standing: OWED, SENT, ACCEPTED, PROCESSED, OBSERVED or REJECTED.
        stops: nothing must be shown.
        due_on: last day, by the calendar at hand; None while disclosed.
        due_ms: the end of that day.
        provisional: no calendar covers it: it may only move later.
        last_day: the last working day has begun.
        tried: attempts for this version; `error` says why the last one brought nothing.
        offset: of the feed record that wants it.
    """

    uscc: str
    result_id: str
    version: int
    state: DisclosureState
    standing: str
    stops: bool
    reason: StopReason | None = None
    due_on: date | None = None
    due_ms: int = 0
    provisional: bool = False
    last_day: bool = False
    accepted_ms: int = 0
    processed_ms: int = 0
    observed_ms: int = 0
    rejected_ms: int = 0
    reappeared_ms: int = 0
    errors: tuple[str, ...] = ()
    tried: int = 0
    first_ms: int = 0
    last_ms: int = 0
    next_ms: int = 0
    error: str = ""
    offset: int = 0

    @property
    def done(self) -> bool:
        """The system has said that it carried it out, or was seen to have (art. 13)."""
        return self.standing in ("PROCESSED", "OBSERVED")


@dataclass(frozen=True, slots=True)
class HeldView:
    """A step of a repair case that waits for the one before it.

    Attributes:
        step: ACCEPTED, DECIDED APPROVED …, in words.
        by: who sent it.
        waits_for: the step that has not come: APPLIED, ACCEPTED or APPROVED.
    """

    step: str
    by: str
    at_ms: int
    waits_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A repair case that is open, or of which a step is held.

    Attributes:
        status: None: no application is known.
        due_on: last day for the decision, by the calendar at hand; None: no day runs.
        due_ms: the end of that day.
    """

    uscc: str
    repair_id: str
    dept: str
    status: CaseStatus | None
    result_ids: tuple[str, ...] = ()
    applied_ms: int = 0
    accepted_ms: int = 0
    due_on: date | None = None
    due_ms: int = 0
    provisional: bool = False
    held: tuple[HeldView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What becomes of a backlog at a rate.

    Attributes:
        overdue: those whose day is over already.
        required_per_s: the lowest rate with which nothing more is missed; None: none is.
        will_miss: those that will be missed besides.
        latest_ms: the last moment to begin at without a miss; None: it is over, or nothing is owed.
    """

    owed: int
    overdue: int
    rate_per_s: float
    required_per_s: float | None
    will_miss: int
    latest_ms: int | None

    @property
    def headroom(self) -> float | None:
        """How many times the rate that is needed there is; None: nothing is needed, or in vain."""
        if not self.required_per_s:
            return None
        return self.rate_per_s / self.required_per_s
