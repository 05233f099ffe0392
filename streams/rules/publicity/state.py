"""What must the fold remember of an enterprise's disclosed results and its repairs?

Source: art. 5, 9, 11-13; docs/semantics.md §9, §10. Fields are only ever appended, each with a
default; instants are Unix milliseconds, days proleptic ordinals, 0 for none.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas.enums import CaseStatus, Channel, DocumentKind, RepairDecision, RepairStep
from schemas.feed import StopReason, StopScope


class GroundState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Why a result stands stopped. `dept` is who set it."""

    name: str
    dept: str
    reason: StopReason
    scope: StopScope
    decision_no: str | None
    said_at: int
    due_on: int
    provisional: bool = False


class ResultState(msgspec.Struct, frozen=True, array_like=True):
    """What is disclosed of a result, and the grounds on which it is not, the leading one first.

    Attributes:
        version: The last one; 0 while it was never on a feed.
        corrected_at: Instant of the last correction: older ones are void.
    """

    dept: str
    task_id: str
    inspected_on: int
    outcomes: tuple[str, ...]
    found_problem: bool
    negative: bool
    entity_name: str
    follow_up: str | None
    version: int
    grounds: tuple[GroundState, ...] = ()
    corrected_at: int | None = None


class RepairState(msgspec.Struct, frozen=True, array_like=True):
    """A repair case.

    Attributes:
        digest: Of the application's results and documents, 16 bytes.
        documents: Kinds handed in so far.
        asked: Instants at which a supplement was asked for.
        received: Instants at which documents came.
        decisions: Those taken, with their numbers, in order.
        reason: The last decision's.
        due_on: Last day for the decision; 0 while none is set.
        asked_for: What the last supplement asked for is to hold.
    """

    dept: str
    status: CaseStatus
    channel: Channel
    digest: bytes
    result_ids: tuple[str, ...]
    documents: tuple[DocumentKind, ...] = ()
    applied_at: int = 0
    accepted_at: int | None = None
    asked: tuple[int, ...] = ()
    received: tuple[int, ...] = ()
    decisions: tuple[tuple[RepairDecision, str | None], ...] = ()
    reason: str = ""
    due_on: int = 0
    provisional: bool = False
    asked_for: str = ""


class HeldState(msgspec.Struct, frozen=True, array_like=True):
    """A step that waits for the one before it. `dept` is who sent it."""

    name: str
    dept: str
    step: RepairStep
    at: int
    result_ids: tuple[str, ...] = ()
    documents: tuple[DocumentKind, ...] = ()
    decision: RepairDecision | None = None
    decision_no: str | None = None
    reason: str = ""


class PublicState(msgspec.Struct, frozen=True, array_like=True):
    """Disclosed results by result_id, grounds kept for others; cases and held steps by repair_id.

    Results and cases stand in the order of their first records. `resumed` has, by result_id and
    whose stop it was, the instant of the last order to resume: stops not newer are void.
    `corrected` has, by result_id, the instant of the last correction if it said nothing new.
    """

    results: Mapping[str, ResultState] = {}
    kept: Mapping[str, tuple[GroundState, ...]] = {}
    repairs: Mapping[str, RepairState] = {}
    held: Mapping[str, tuple[HeldState, ...]] = {}
    resumed: Mapping[str, Mapping[str, int]] = {}
    corrected: Mapping[str, int] = {}


NOTHING_PUBLIC = PublicState()
