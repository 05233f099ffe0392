"""What does the hub answer about disclosed results and repairs (docs/semantics.md §10)?"""

from __future__ import annotations

from datetime import date

from schemas.base import Message
from schemas.decision import Reason, SourceRef
from schemas.enums import CaseStatus, DocumentKind
from schemas.feed import DisclosureState, StopReason


class RepairUpdated(Message):
    """`repair.updated`: what became of a step of a repair case.

    Attributes:
        dept: whose case it is; the sender if there is no case.
        about: the event type of the step.
        outcome: APPLIED, REPEATED (nothing new), REFUSED, or HELD until an earlier step comes.
        status: where the case stands after the step; None if there is none.
        missing: required documents that are not there yet.
        results: what the step is about: of a decision its own, else those of the case.
        due_on: last day for the decision; None while a supplement is outstanding or no day is set.
        provisional: the day may still move later, because no calendar covers it yet.
    """

    repair_id: str
    uscc: str
    dept: str
    about: str
    outcome: str
    status: CaseStatus | None = None
    missing: tuple[DocumentKind, ...] = ()
    reasons: tuple[Reason, ...] = ()
    results: tuple[str, ...] = ()
    due_on: date | None = None
    provisional: bool = False
    decision_no: str | None = None
    source: SourceRef
    decided_at: str


class DisclosureUpdated(Message):
    """`disclosure.updated`: what became of a correction, or of an order to stop or resume.

    Attributes:
        dept: whose result it is; the sender if the result is unknown.
        state: what systems must show of it; None if it is not disclosed at all.
        version: of its disclosure; 0 if it was never on a feed.
        stop_reason: the leading ground's.
        due_on: last day on which the stop must be carried out everywhere.
    """

    result_id: str
    uscc: str
    dept: str
    about: str
    outcome: str
    state: DisclosureState | None = None
    version: int | None = None
    stop_reason: StopReason | None = None
    reasons: tuple[Reason, ...] = ()
    due_on: date | None = None
    provisional: bool = False
    source: SourceRef
    decided_at: str
