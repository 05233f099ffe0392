"""Which facts are there about disclosed results and repairs (docs/semantics.md §9, §10)?

A DISCLOSURE fact says everything that a site's feed record needs; nothing else makes one.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from schemas.base import Message
from schemas.decision import Reason
from schemas.enums import CaseStatus, Channel, DocumentKind, RepairDecision, RepairStep
from schemas.feed import Cause, Content, DisclosureState, StopReason, StopScope


class Ground(Message):
    """Why a result stands stopped.

    Attributes:
        name: `repair:<repair_id>` or `order:<reason>`; a result has each at most once.
        dept: who set it.
        said_at: when it was approved or ordered, Unix milliseconds.
        due_on: last day on which the stop must be carried out everywhere.
        provisional: the day may only move later, because no calendar covers it yet.
    """

    name: str
    dept: str
    reason: StopReason
    scope: StopScope
    decision_no: str | None = None
    said_at: int
    due_on: date
    provisional: bool = False


class DisclosureFact(Message):
    """One version of what is disclosed of a result. Version 0: stopped, and never on a feed.

    Attributes:
        reason: with the five that follow, the leading ground's; None while disclosed.
        grounds: all that stand now, the leading one first.
        changed: name of the ground that was put or taken away.
        at: instant of the correction or resumption, Unix milliseconds: an older one is void.
    """

    fact: Literal["DISCLOSURE"] = "DISCLOSURE"
    result_id: str
    version: int
    state: DisclosureState
    cause: Cause
    content: Content
    reason: StopReason | None = None
    scope: StopScope | None = None
    decision_no: str | None = None
    said_at: int | None = None
    due_on: date | None = None
    provisional: bool | None = None
    grounds: tuple[Ground, ...] = ()
    changed: str | None = None
    at: int | None = None


class StopKeptFact(Message):
    """A ground is kept for a result that is not disclosed, or (`ground` None) no longer kept.

    `dept` is who set it; `at` the instant of the order to resume, Unix milliseconds.
    """

    fact: Literal["STOP_KEPT"] = "STOP_KEPT"
    result_id: str
    dept: str
    name: str
    ground: Ground | None = None
    at: int | None = None


class RepairFact(Message):
    """A step of a repair case was taken.

    Attributes:
        dept: whose case it is.
        by: who sent the step.
        status: where the case stands now.
        at: when the step was taken, Unix milliseconds.
        due_on: last day for the decision; None while none is set, and after the end.
        result_ids: of the application, or those a decision is about; else none.
        documents: kinds that came with this step.
        missing: required kinds that are not there yet.
        reason: the decision's, or what supplement is asked for.
        reasons: what the department should know besides.
        digest: of the application's results and documents.
        held: name of the step, if it was held until now.
    """

    fact: Literal["REPAIR"] = "REPAIR"
    repair_id: str
    dept: str
    by: str
    step: RepairStep
    status: CaseStatus
    at: int
    due_on: date | None = None
    provisional: bool | None = None
    result_ids: tuple[str, ...] = ()
    documents: tuple[DocumentKind, ...] = ()
    missing: tuple[DocumentKind, ...] = ()
    channel: Channel | None = None
    decision: RepairDecision | None = None
    decision_no: str | None = None
    reason: str = ""
    reasons: tuple[Reason, ...] = ()
    digest: str | None = None
    held: str | None = None


class StepContent(Message):
    """What a held step says, so that it can still be taken."""

    step: RepairStep
    at: int
    result_ids: tuple[str, ...] = ()
    documents: tuple[DocumentKind, ...] = ()
    decision: RepairDecision | None = None
    decision_no: str | None = None
    reason: str = ""


class HeldFact(Message):
    """A step of a repair case came before the one it follows, and waits for it.

    `dept` is who sent it; `name` tells it from the case's other held steps.
    """

    fact: Literal["HELD"] = "HELD"
    repair_id: str
    dept: str
    name: str
    step: StepContent
    reasons: tuple[Reason, ...]
