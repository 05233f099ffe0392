"""What is the hub told of results once disclosed: corrections, stops, repairs (art. 11-13)?

The credit code may be left out where a department's system knows only the result or the case: the
record's key must then be the credit code, and intake fills it in (docs/semantics.md §10).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Day, DeptCode, Id, Inbound, Instant, Name, Text
from schemas.enums import Channel, DocumentKind, RepairDecision
from schemas.feed import StopReason, StopScope
from schemas.inbound import CreditCodeText

RESULTS_MAX = 50
DOCUMENTS_MAX = 50

Results = Annotated[tuple[Id, ...], Field(min_length=1, max_length=RESULTS_MAX)]
SomeResults = Annotated[tuple[Id, ...], Field(max_length=RESULTS_MAX)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Document(Inbound):
    """A document handed in: the hub keeps what it is and its digest, never the document."""

    kind: DocumentKind
    name: Name
    sha256: Sha256


Documents = Annotated[tuple[Document, ...], Field(max_length=DOCUMENTS_MAX)]


class ResultCorrected(Inbound):
    """`inspection.result.corrected`: what a result should have said (art. 5, 9).

    `publish` False takes it back from everywhere it is disclosed.
    """

    task_id: Id
    result_id: Id
    uscc: CreditCodeText
    inspected_on: Day
    outcomes: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    found_problem: bool
    negative: bool
    publish: bool
    follow_up: Text | None = None
    reason: Text = ""
    corrected_at: Instant


class StopOrdered(Inbound):
    """`disclosure.stop.ordered`: a result must no longer be disclosed, without a repair (art. 13).

    `ordered_at` left out: the event's own time.
    """

    result_id: Id
    uscc: CreditCodeText | None = None
    stop_reason: StopReason
    scope: StopScope
    decision_no: Id | None = None
    ordered_at: Instant | None = None
    reason: Text = ""


class ResumeOrdered(Inbound):
    """`disclosure.resume.ordered`: a stop that may be taken back is taken back (art. 13)."""

    result_id: Id
    uscc: CreditCodeText | None = None
    stop_reason: StopReason
    decision_no: Id | None = None
    ordered_at: Instant | None = None
    reason: Text = ""


class RepairApplied(Inbound):
    """`repair.applied`: an enterprise asks that results be no longer disclosed (art. 11).

    `dept` is the department that receives it where the hub itself sends the event.
    """

    repair_id: Id
    uscc: CreditCodeText | None = None
    result_ids: Results
    channel: Channel
    documents: Documents = ()
    applied_at: Instant
    dept: DeptCode | None = None


class RepairAccepted(Inbound):
    """`repair.accepted`: the department has all it needs; the seven days run (art. 12)."""

    repair_id: Id
    uscc: CreditCodeText | None = None
    accepted_at: Instant


class SupplementAsked(Inbound):
    """`repair.supplement.asked`: the department asks for more; the days stand still (art. 12)."""

    repair_id: Id
    uscc: CreditCodeText | None = None
    at: Instant
    what: Text = ""


class SupplementReceived(Inbound):
    """`repair.supplement.received`: what was asked for, or was missing, is there (art. 12)."""

    repair_id: Id
    uscc: CreditCodeText | None = None
    at: Instant
    documents: Documents = ()


class RepairDecided(Inbound):
    """`repair.decided`: how the application ends, or that its approval is revoked (art. 12, 13).

    No `result_ids`: all of the case's.
    """

    repair_id: Id
    uscc: CreditCodeText | None = None
    result_ids: SomeResults = ()
    decision: RepairDecision
    decision_no: Id | None = None
    reason: Text = ""
    decided_at: Instant
