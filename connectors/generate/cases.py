"""What can be the matter with a task? Every situation the rules speak of, and how often."""

from __future__ import annotations

from enum import StrEnum


class Case(StrEnum):
    """What a task tries out. The value is written to the line when the spec says `annotate`."""

    PLAIN = "PLAIN"
    # Who inspects (art. 14).
    DEPARTMENT_UNLISTED = "DEPARTMENT_UNLISTED"
    DEPARTMENT_EXPIRED = "DEPARTMENT_EXPIRED"
    OFFICER_UNREGISTERED = "OFFICER_UNREGISTERED"
    OFFICER_EXPIRED = "OFFICER_EXPIRED"
    OFFICER_SUSPENDED = "OFFICER_SUSPENDED"
    OFFICER_REVOKED = "OFFICER_REVOKED"
    OFFICER_NOT_YET_VALID = "OFFICER_NOT_YET_VALID"
    OFFICER_FOREIGN = "OFFICER_FOREIGN"
    NO_OFFICERS = "NO_OFFICERS"
    # Approval and territory (art. 15).
    NO_APPROVAL = "NO_APPROVAL"
    APPROVAL_INCOMPLETE = "APPROVAL_INCOMPLETE"
    APPROVED_AFTERWARDS = "APPROVED_AFTERWARDS"
    RETROACTIVE_NOT_URGENT = "RETROACTIVE_NOT_URGENT"
    URGENT_APPROVED_LATER = "URGENT_APPROVED_LATER"
    URGENT_APPROVAL_OUTSTANDING = "URGENT_APPROVAL_OUTSTANDING"
    URGENT_APPROVED_TOO_LATE = "URGENT_APPROVED_TOO_LATE"
    OUT_OF_TERRITORY = "OUT_OF_TERRITORY"
    ASSISTED = "ASSISTED"
    # Who is inspected (art. 3, 7).
    DEREGISTERED = "DEREGISTERED"
    MOVED_OUT = "MOVED_OUT"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    WHITELISTED = "WHITELISTED"
    # How it is told.
    NO_EVIDENCE = "NO_EVIDENCE"
    UNKNOWN_FIELDS = "UNKNOWN_FIELDS"
    NORMALISED_CODE = "NORMALISED_CODE"
    SURVEY = "SURVEY"
    JOINT = "JOINT"
    BACKFILL = "BACKFILL"
    LATE_BACKFILL = "LATE_BACKFILL"
    CONFLICT = "CONFLICT"
    # How it goes on, or what came before it.
    CANCELLED = "CANCELLED"
    CANCELLED_FIRST = "CANCELLED_FIRST"
    CANCELLED_AFTER_ENTRY = "CANCELLED_AFTER_ENTRY"
    CANCELLED_BY_OTHER = "CANCELLED_BY_OTHER"
    ENTRY_AFTER_CANCEL = "ENTRY_AFTER_CANCEL"
    ENTRY_FIRST = "ENTRY_FIRST"
    RESULT_FIRST = "RESULT_FIRST"
    RESULT_ONLY = "RESULT_ONLY"
    SECOND_RESULT = "SECOND_RESULT"
    SHOWN_ONLY = "SHOWN_ONLY"
    NO_SHOW = "NO_SHOW"
    # Around midnight of 31 December; not drawn, the last day brings them.
    YEAR_END = "YEAR_END"
    YEAR_MOVE = "YEAR_MOVE"


class Life(StrEnum):
    """How a task goes on after it was submitted."""

    USUAL = "USUAL"
    NOTHING = "NOTHING"
    BACKFILLED = "BACKFILLED"
    CONFLICT = "CONFLICT"
    CANCELLED = "CANCELLED"
    CANCELLED_FIRST = "CANCELLED_FIRST"
    CANCELLED_AFTER_ENTRY = "CANCELLED_AFTER_ENTRY"
    CANCELLED_BY_OTHER = "CANCELLED_BY_OTHER"
    ENTRY_AFTER_CANCEL = "ENTRY_AFTER_CANCEL"
    ENTRY_FIRST = "ENTRY_FIRST"
    RESULT_FIRST = "RESULT_FIRST"
    RESULT_ONLY = "RESULT_ONLY"
    SECOND_RESULT = "SECOND_RESULT"
    SHOWN_ONLY = "SHOWN_ONLY"
    YEAR_MOVE = "YEAR_MOVE"


PER_MILLE: dict[Case, int] = {
    Case.DEPARTMENT_UNLISTED: 2,
    Case.DEPARTMENT_EXPIRED: 1,
    Case.OFFICER_UNREGISTERED: 3,
    Case.OFFICER_EXPIRED: 3,
    Case.OFFICER_SUSPENDED: 2,
    Case.OFFICER_REVOKED: 2,
    Case.OFFICER_NOT_YET_VALID: 1,
    Case.OFFICER_FOREIGN: 3,
    Case.NO_OFFICERS: 1,
    Case.NO_APPROVAL: 4,
    Case.APPROVAL_INCOMPLETE: 2,
    Case.APPROVED_AFTERWARDS: 2,
    Case.RETROACTIVE_NOT_URGENT: 1,
    Case.URGENT_APPROVED_LATER: 4,
    Case.URGENT_APPROVAL_OUTSTANDING: 3,
    Case.URGENT_APPROVED_TOO_LATE: 2,
    Case.OUT_OF_TERRITORY: 4,
    Case.ASSISTED: 5,
    Case.DEREGISTERED: 3,
    Case.MOVED_OUT: 2,
    Case.OUT_OF_SCOPE: 5,
    Case.WHITELISTED: 4,
    Case.NO_EVIDENCE: 8,
    Case.UNKNOWN_FIELDS: 8,
    Case.NORMALISED_CODE: 3,
    Case.SURVEY: 3,
    Case.JOINT: 14,
    Case.BACKFILL: 12,
    Case.LATE_BACKFILL: 4,
    Case.CONFLICT: 6,
    Case.CANCELLED: 45,
    Case.CANCELLED_FIRST: 4,
    Case.CANCELLED_AFTER_ENTRY: 4,
    Case.CANCELLED_BY_OTHER: 2,
    Case.ENTRY_AFTER_CANCEL: 2,
    Case.ENTRY_FIRST: 4,
    Case.RESULT_FIRST: 5,
    Case.RESULT_ONLY: 6,
    Case.SECOND_RESULT: 2,
    Case.SHOWN_ONLY: 6,
    Case.NO_SHOW: 20,
}
"""How often each case is tried, in a thousand tasks; the others are PLAIN."""

_REFUSED = (
    Case.DEPARTMENT_UNLISTED,
    Case.DEPARTMENT_EXPIRED,
    Case.OFFICER_UNREGISTERED,
    Case.OFFICER_EXPIRED,
    Case.OFFICER_SUSPENDED,
    Case.OFFICER_REVOKED,
    Case.OFFICER_NOT_YET_VALID,
    Case.OFFICER_FOREIGN,
    Case.NO_OFFICERS,
    Case.NO_APPROVAL,
    Case.APPROVAL_INCOMPLETE,
    Case.APPROVED_AFTERWARDS,
    Case.RETROACTIVE_NOT_URGENT,
    Case.URGENT_APPROVED_TOO_LATE,
    Case.OUT_OF_TERRITORY,
    Case.DEREGISTERED,
    Case.MOVED_OUT,
    Case.OUT_OF_SCOPE,
    Case.WHITELISTED,
)

LIFE: dict[Case, Life] = {
    **dict.fromkeys(Case, Life.USUAL),
    **dict.fromkeys(_REFUSED, Life.NOTHING),
    **{Case(life.value): life for life in Life if life.value in set(Case)},
    Case.BACKFILL: Life.BACKFILLED,
    Case.LATE_BACKFILL: Life.BACKFILLED,
    Case.NO_SHOW: Life.NOTHING,
}
"""How a task of each case goes on. A task that is refused at the door is not carried out."""

SAME_DAY: frozenset[Life] = frozenset(
    {
        Life.CANCELLED_AFTER_ENTRY,
        Life.ENTRY_AFTER_CANCEL,
        Life.ENTRY_FIRST,
        Life.RESULT_FIRST,
        Life.RESULT_ONLY,
        Life.SECOND_RESULT,
        Life.SHOWN_ONLY,
    }
)
"""Lives in which the visit falls on the day the task is submitted."""

DRAW_ORDER: tuple[Case, ...] = tuple(
    case for case, share in PER_MILLE.items() for _ in range(share)
)
"""To draw a case: position 0 to 999; beyond the end it is PLAIN."""
