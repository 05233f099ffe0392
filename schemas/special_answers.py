"""What does the hub answer about special inspections (docs/semantics.md §14)?"""

from __future__ import annotations

from datetime import date

from schemas.base import Message
from schemas.decision import Reason, SourceRef
from schemas.special_words import ClaimStatus, Platform, SpecialStatus


class PartyView(Message):
    """Where one department stands with it. `due_on`: last day to claim or refuse a dispatch."""

    dept: str
    status: ClaimStatus
    due_on: date | None = None
    platform: Platform | None = None


class SpecialUpdated(Message):
    """`special.updated`: what became of a step of a special inspection.

    Attributes:
        dept: who filed it; the sender if nobody did.
        about: the event type of the step.
        by: who sent it.
        outcome: APPLIED, REPEATED (nothing new) or REFUSED.
        status: where it stands now; None if there is none.
        named: departments that it was dispatched to, or whose days went by.
        parties: every department that was given it or claimed it, in that order.
        plan_digest: of the content as filed.
    """

    special_id: str
    dept: str
    about: str
    by: str
    outcome: str
    status: SpecialStatus | None = None
    named: tuple[str, ...] = ()
    due_on: date | None = None
    parties: tuple[PartyView, ...] = ()
    plan_digest: str | None = None
    reasons: tuple[Reason, ...] = ()
    source: SourceRef
    decided_at: str


class SurveyUpdated(Message):
    """`survey.updated`: what became of an object that a survey found, or of its end.

    Attributes:
        survey_task_id: the survey.
        dept: whose survey it is; the sender if there is none.
        uscc: the object; None at the end of the survey.
        result_id: of the object's result that stands.
        found: how many objects it has come upon.
        closed: whether it is over.
    """

    survey_task_id: str
    dept: str
    about: str
    outcome: str
    uscc: str | None = None
    result_id: str | None = None
    found: int = 0
    closed: bool = False
    reasons: tuple[Reason, ...] = ()
    source: SourceRef
    decided_at: str
