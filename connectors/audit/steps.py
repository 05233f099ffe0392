"""May this step of a repair act now, must it wait, or has it no effect?

Source: semantics §10, §11; art. 11, 12, 13.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from connectors.audit.cases import (
    ACCEPTED,
    APPLIED,
    APPROVED,
    OPEN,
    REFUSED,
    REVOKED,
    SUPPLEMENT_ASKED,
    SUPPLEMENT_RECEIVED,
    RepairCase,
    Step,
    chosen,
)
from connectors.audit.ladder import Reasons, reason
from connectors.audit.results import (
    BOTH,
    KEPT_MAX,
    REPAIR_APPROVED,
    disclosure,
    kept,
    make_ground,
    no_longer_kept,
    without,
)
from connectors.audit.state import Enterprise, Fact
from connectors.audit.wire import HUB

NOT_APPLIED_YET, NOT_ACCEPTED_YET = "NOT_APPLIED_YET", "NOT_ACCEPTED_YET"
NOT_APPROVED_YET = "NOT_APPROVED_YET"


@dataclass(slots=True)
class Verdict:
    """What becomes of one step: it acts, it is held, or it has no effect.

    Attributes:
        facts: what follows if it acts, its case's fact first.
        held: why it cannot act yet; empty unless it is held.
        outcome: REPEATED or REFUSED when it has no effect.
    """

    facts: list[Fact] = field(default_factory=list)
    held: str = ""
    outcome: str = ""
    reasons: Reasons = field(default_factory=list)


def refused(code: str, about: Iterable[str] = ("",)) -> Verdict:
    """A step that is refused, for each thing that the reason is about."""
    return Verdict(outcome="REFUSED", reasons=[reason(code, one) for one in about])


def judge(repair_id: str, step: Step, state: Enterprise) -> Verdict:
    """What becomes of a step after the application.

    Source: art. 12 (who inspects, accepts and repairs: only that department acts on its case).
    """
    case = state.cases.get(repair_id)
    if case is not None:
        if step.by not in (case.dept, HUB):
            return refused("OTHER_DEPARTMENT")
        if _is_repeated(case, step):
            return Verdict(outcome="REPEATED")
        if _is_over(case, step):
            return refused("ALREADY_DECIDED")
    if lacks := _lacks(case, step):
        return refused(lacks)
    if case is None:
        return Verdict(held=NOT_APPLIED_YET)
    if too_early := _too_early(case, step):
        return Verdict(held=too_early)
    return _misfit(case, step, state) or Verdict(facts=_taken(case, step, state))


def _misfit(case: RepairCase, step: Step, state: Enterprise) -> Verdict | None:
    """The refusal of a step that its case, or what waits already, has no room for."""
    if step.kind == ACCEPTED and case.missing:
        return refused("DOCUMENT_MISSING", case.missing)
    if foreign := [name for name in step.result_ids if name not in case.results]:
        return refused("NOT_IN_CASE", dict.fromkeys(foreign))
    if step.decision == APPROVED:
        waiting = [name for name in chosen(case, step) if _must_wait(name, case, state)]
        if waiting and state.waiting() + len(waiting) > KEPT_MAX:
            return refused("TOO_MANY_KEPT", waiting)
    return None


def _must_wait(result_id: str, case: RepairCase, state: Enterprise) -> bool:
    """Whether an approval's ground waits for a result: it is unknown, or known unpublished."""
    known = state.result(result_id)
    return known is None or (known.dept == case.dept and known.disclosed is None)


def _is_repeated(case: RepairCase, step: Step) -> bool:
    """Whether this very step was taken before; an acceptance is one while the case is open."""
    if step.kind == ACCEPTED:
        return case.status in OPEN and case.status != APPLIED
    if step.kind == SUPPLEMENT_ASKED:
        return step.at_ms in case.asked
    if step.kind == SUPPLEMENT_RECEIVED:
        return step.at_ms in case.received
    return (step.decision, step.decision_no) in case.decisions


def _is_over(case: RepairCase, step: Step) -> bool:
    """Whether the case has ended: only an approval can still be revoked (art. 13)."""
    if case.status in OPEN:
        return False
    return not (case.status == APPROVED and step.decision == REVOKED)


def _lacks(case: RepairCase | None, step: Step) -> str:
    """What a decision lacks; empty if nothing.

    Source: art. 12 (a refusal says why); art. 13 (a revocation has a number of its own).
    """
    if step.decision == REFUSED and not step.reason.strip():
        return "REASON_MISSING"
    if step.decision not in (APPROVED, REVOKED):
        return ""
    if not step.decision_no:
        return "DECISION_NO_MISSING"
    approved = case is not None and (APPROVED, step.decision_no) in case.decisions
    return "DECISION_NO_REUSED" if step.decision == REVOKED and approved else ""


def _too_early(case: RepairCase, step: Step) -> str:
    if step.decision == REVOKED and case.status != APPROVED:
        return NOT_APPROVED_YET
    needs_acceptance = step.kind == SUPPLEMENT_ASKED or step.decision in (APPROVED, REFUSED)
    return NOT_ACCEPTED_YET if needs_acceptance and case.status == APPLIED else ""


def _taken(case: RepairCase, step: Step, state: Enterprise) -> list[Fact]:
    """The facts of a step that acts: its case's, then its results'."""
    after = case.after(step)
    results: list[Fact] = []
    reasons: Reasons = []
    if step.decision == APPROVED:
        results, reasons = _approved(case, step, state)
    elif step.decision == REVOKED:
        results = _revoked(case, step, state)
    due_on, provisional = after.due_by(step.calendar)
    fact: Fact = {
        "fact": "REPAIR",
        "repair_id": case.repair_id,
        "dept": case.dept,
        "by": step.by,
        "status": after.status,
        "due_on": due_on,
        "provisional": provisional,
        "missing": after.missing,
        "channel": None,
        "reasons": reasons,
        "digest": None,
        "held": step.held,
    }
    return [fact | step.content() | {"result_ids": list(chosen(case, step))}, *results]


def _approved(case: RepairCase, step: Step, state: Enterprise) -> tuple[list[Fact], Reasons]:
    """Source: art. 13 (every approved result stops, and only results of that department)."""
    said = (step.decision_no, step.at_ms)
    name = f"repair:{case.repair_id}"
    ground = make_ground(name, case.dept, REPAIR_APPROVED, BOTH, said, step.calendar)
    facts: list[Fact] = []
    reasons: Reasons = []
    for result_id in chosen(case, step):
        known = state.result(result_id)
        if known is not None and known.dept != case.dept:
            reasons.append(reason("OTHER_DEPARTMENT", result_id))
        elif known is None or known.disclosed is None:
            facts.append(kept(result_id, ground))
        else:
            fresh = replace(known.disclosed, grounds=(*known.disclosed.grounds, ground))
            facts.append(disclosure(fresh, "REPAIRED", name))
    return facts, reasons


def _revoked(case: RepairCase, step: Step, state: Enterprise) -> list[Fact]:
    """Source: art. 13 (only a revocation under a number of its own discloses again)."""
    name = f"repair:{case.repair_id}"
    facts: list[Fact] = []
    for result_id in chosen(case, step):
        known = state.results.get(result_id)
        if known is not None and known.ground(name) is not None:
            fresh = replace(known, grounds=without(known.grounds, name))
            facts.append(disclosure(fresh, "REVOKED", name))
        facts += [
            no_longer_kept(result_id, ground, None)
            for ground in state.kept.get(result_id, ())
            if ground.name == name
        ]
    return facts
