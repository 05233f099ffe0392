"""What do the pages of enterprises and officers show? Plain values that the rules make, no I/O.

Instants are Unix milliseconds, 0 for never.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from schemas.enums import CaseStatus, Channel, CodeState, DocumentKind, RepairDecision
from schemas.feed import DisclosureState, StopReason


@dataclass(frozen=True, slots=True)
class RatingShown:
    """How an enterprise rated a visit (art. 9)."""

    stars: int
    comment: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitShown:
    """One department's visit, planned or made.

    Attributes:
        result_at: offset of the journal record that holds the result; None if it cannot be told.
        rate_until: last day for rating it; None while there is nothing to rate.
    """

    task_id: str
    dept: str
    day: date | None
    items: tuple[str, ...]
    code_state: CodeState
    joint_id: str | None = None
    result_id: str | None = None
    result_at: int | None = None
    rating: RatingShown | None = None
    rate_until: date | None = None


@dataclass(frozen=True, slots=True)
class GroundShown:
    """Why a result is no longer disclosed, and by when it must be gone everywhere (art. 13)."""

    reason: StopReason
    decision_no: str | None
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedShown:
    """One result that is, or was, disclosed (art. 9, 13)."""

    result_id: str
    task_id: str
    dept: str
    inspected_on: date
    outcomes: tuple[str, ...]
    found_problem: bool
    negative: bool
    follow_up: str | None
    version: int
    state: DisclosureState
    grounds: tuple[GroundShown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairShown:
    """One application for repair (art. 11, 12).

    Attributes:
        missing: required kinds of documents that are not there yet.
        asked_for: what the last supplement that was asked for is to hold.
        decision: the last one, with its number; `reason` is why.
        due_on: last day for the decision; None while no day runs.
    """

    repair_id: str
    dept: str
    status: CaseStatus
    channel: Channel
    result_ids: tuple[str, ...]
    documents: tuple[DocumentKind, ...]
    missing: tuple[DocumentKind, ...]
    applied_ms: int
    accepted_ms: int
    asked_ms: tuple[int, ...]
    received_ms: tuple[int, ...]
    decision: RepairDecision | None = None
    decision_no: str | None = None
    reason: str = ""
    asked_for: str = ""
    due_on: date | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectShown:
    """All that an enterprise may see of itself, newest first."""

    visits: tuple[VisitShown, ...] = ()
    disclosed: tuple[DisclosedShown, ...] = ()
    repairs: tuple[RepairShown, ...] = ()

    def visit(self, task_id: str) -> VisitShown | None:
        """One of its visits."""
        return next((one for one in self.visits if one.task_id == task_id), None)

    def result(self, result_id: str) -> DisclosedShown | None:
        """One of its disclosed results."""
        return next((one for one in self.disclosed if one.result_id == result_id), None)

    def repair(self, repair_id: str) -> RepairShown | None:
        """One of its applications."""
        return next((one for one in self.repairs if one.repair_id == repair_id), None)


@dataclass(frozen=True, slots=True)
class PointShown:
    """One point to check, as the item's standard words it (art. 16)."""

    point: str
    title: str


@dataclass(frozen=True, slots=True)
class StandardShown:
    """One version of an item's standard, as pages show it (art. 16)."""

    version: int
    title: str
    points: tuple[PointShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an application for repair is made of.

    Attributes:
        dept: the department that inspected, which alone may repair.
        documents: kind, name as it was handed in, and SHA-256 of each.
    """

    repair_id: str
    dept: str
    result_ids: tuple[str, ...]
    documents: tuple[tuple[DocumentKind, str, str], ...] = field(default_factory=tuple)
