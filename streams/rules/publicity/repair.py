"""Which step may a repair case take next? The case machine, as a table.

Source: art. 11 (application), 12 (seven days; who inspects, decides), 13 (three days);
docs/semantics.md §10.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from schemas.enums import CaseStatus, RepairDecision, RepairStep
from schemas.facts import Fact
from streams.rules.notes import step_refused, step_repeated
from streams.rules.publicity.grounds import HUB, TOO_MANY_KEPT, room_to_keep
from streams.rules.publicity.repair_acts import concerned, take, waits_for_result
from streams.rules.publicity.repair_steps import Step, missing_from
from streams.rules.publicity.state import RepairState
from streams.rules.state import SubjectState, public_of

Facts = tuple[Fact, ...]


class Cell(StrEnum):
    """What becomes of a step. The last three are the reasons for which it is held."""

    TAKE = "TAKE"
    REPEATED = "REPEATED"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    NOT_APPLIED_YET = "NOT_APPLIED_YET"
    NOT_ACCEPTED_YET = "NOT_ACCEPTED_YET"
    NOT_APPROVED_YET = "NOT_APPROVED_YET"


WAITING = frozenset({Cell.NOT_APPLIED_YET, Cell.NOT_ACCEPTED_YET, Cell.NOT_APPROVED_YET})

_S, _D = RepairStep, RepairDecision
_MOVES = (_S.ACCEPTED, _S.SUPPLEMENT_ASKED, _S.SUPPLEMENT_RECEIVED, *_D)
_T, _R, _E = Cell.TAKE, Cell.REPEATED, Cell.ALREADY_DECIDED
_NA, _NC, _NV = Cell.NOT_APPLIED_YET, Cell.NOT_ACCEPTED_YET, Cell.NOT_APPROVED_YET
_OPEN = (_R, _T, _T, _T, _T, _T, _NV)
_ENDED = (_E, _E, _E, _E, _E, _E, _E)
# the case stands:  accepted asked received  APPROVED REFUSED WITHDRAWN REVOKED
_ROWS: Mapping[CaseStatus | None, tuple[Cell, ...]] = {
    None: (_NA, _NA, _NA, _NA, _NA, _NA, _NA),
    CaseStatus.APPLIED: (_T, _NC, _T, _NC, _NC, _T, _NV),
    CaseStatus.ACCEPTED: _OPEN,
    CaseStatus.SUPPLEMENT: _OPEN,
    CaseStatus.APPROVED: (_E, _E, _E, _E, _E, _E, _T),
    CaseStatus.REFUSED: _ENDED,
    CaseStatus.WITHDRAWN: _ENDED,
    CaseStatus.REVOKED: _ENDED,
}
TABLE: Mapping[tuple[CaseStatus | None, RepairStep | RepairDecision], Cell] = {
    (status, move): cell
    for status, row in _ROWS.items()
    for move, cell in zip(_MOVES, row, strict=True)
}
"""What becomes of a step or decision where the case stands; None: no application is known."""


class Wait(msgspec.Struct, frozen=True):
    """The step cannot be taken before another one; the reason says which."""

    reason: str


def judge(state: SubjectState, step: Step) -> Facts | Wait:
    """What follows from a step after the application.

    Source: art. 12 (who inspects, accepts and repairs; a refusal gives its reasons).
    """
    case = public_of(state).repairs.get(step.repair_id)
    if case is not None and step.sender not in (case.dept, HUB):
        return step_refused(step.repair_id, step.held, "OTHER_DEPARTMENT")
    cell = TABLE[None if case is None else case.status, step.decision or step.kind]
    if cell is Cell.REPEATED or (case is not None and _is_known(case, step)):
        return step_repeated(step.repair_id, step.held)
    if cell is Cell.ALREADY_DECIDED:
        return step_refused(step.repair_id, step.held, "ALREADY_DECIDED")
    incomplete = _incomplete(case, step)
    if incomplete is not None:
        return step_refused(step.repair_id, step.held, incomplete)
    if case is None or cell in WAITING:
        return Wait(cell.value)
    return _out_of_place(state, case, step) or take(state, case, step)


def _is_known(case: RepairState, step: Step) -> bool:
    """Whether this very step was taken before: a late copy of it changes nothing."""
    if step.kind is RepairStep.SUPPLEMENT_ASKED:
        return step.at in case.asked
    if step.kind is RepairStep.SUPPLEMENT_RECEIVED:
        return step.at in case.received
    return (step.decision, step.decision_no) in case.decisions


def _incomplete(case: RepairState | None, step: Step) -> str | None:
    """What a decision lacks; the case stays open.

    Source: art. 12 (a refusal gives its reasons); art. 13 (a revocation is a decision of its own).
    """
    decision, number = step.decision, step.decision_no
    if decision is RepairDecision.REFUSED and not step.reason.strip():
        return "REASON_MISSING"
    if decision not in (RepairDecision.APPROVED, RepairDecision.REVOKED):
        return None
    if number is None:
        return "DECISION_NO_MISSING"
    is_approvals = case is not None and (RepairDecision.APPROVED, number) in case.decisions
    if decision is RepairDecision.REVOKED and is_approvals:
        return "DECISION_NO_REUSED"
    return None


def _out_of_place(state: SubjectState, case: RepairState, step: Step) -> Facts:
    """The refusal of a step that does not fit its case; empty if it does.

    Source: art. 11 (what must be handed in before an application is accepted).
    """
    if step.kind is RepairStep.ACCEPTED:
        missing = missing_from(case.documents)
        if missing:
            return step_refused(step.repair_id, step.held, "DOCUMENT_MISSING", about=missing)
    foreign = [one for one in step.result_ids if one not in case.result_ids]
    if foreign:
        about = dict.fromkeys(foreign)
        return step_refused(step.repair_id, step.held, "NOT_IN_CASE", about=about)
    return _too_many(state, case, step)


def _too_many(state: SubjectState, case: RepairState, step: Step) -> Facts:
    """The refusal of an approval for whose unknown results no more grounds can wait.

    The case stays open: the approval is sent again when the results are there.

    Source: docs/semantics.md §10; art. 13 (no stop is lost unseen).
    """
    if step.decision is not RepairDecision.APPROVED:
        return ()
    waiting = [one for one in concerned(case, step) if waits_for_result(state, case, one)]
    if not waiting or len(waiting) <= room_to_keep(public_of(state)):
        return ()
    return step_refused(step.repair_id, step.held, TOO_MANY_KEPT, about=waiting)
