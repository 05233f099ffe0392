"""May this step of a repair act now, must it wait, or has it no effect?

Source: semantics §10; art. 11, 12, 13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from connectors.audit.cases import (
    ACCEPTED,
    APPLIED,
    APPROVED,
    NOT_YET,
    OPEN,
    REFUSED,
    REVOKED,
    RepairCase,
    Step,
    chosen,
    documents_of,
    paused,
    supplied,
)
from connectors.audit.days import day_of_ms
from connectors.audit.ladder import Reasons, reason
from connectors.audit.results import (
    BOTH,
    REPAIR_APPROVED,
    Result,
    disclosure,
    kept,
    make_ground,
    without,
)
from connectors.audit.state import Enterprise, Fact
from connectors.audit.wire import (
    HUB,
    REPAIR_ACCEPTED,
    REPAIR_APPLIED,
    REPAIR_DECIDED,
    SUPPLEMENT_ASKED,
    SUPPLEMENT_RECEIVED,
)

NOT_APPLIED_YET, NOT_ACCEPTED_YET = "NOT_APPLIED_YET", "NOT_ACCEPTED_YET"
NOT_APPROVED_YET = "NOT_APPROVED_YET"
_NEEDS_ACCEPTANCE = frozenset({APPROVED, REFUSED})


@dataclass(slots=True)
class Verdict:
    """What becomes of one step: it acts, it is held, or it has no effect.

    Attributes:
        after: the case after the step; None unless it acts.
        results: the facts of its results.
        held: why it cannot act yet; empty unless it is held.
        outcome: REPEATED or REFUSED when it has no effect.
    """

    after: RepairCase | None = None
    results: list[Fact] = field(default_factory=list)
    held: str = ""
    outcome: str = ""
    reasons: Reasons = field(default_factory=list)


def refused(*codes: str) -> Verdict:
    """A step that is refused for these reasons."""
    return Verdict(outcome="REFUSED", reasons=[reason(code) for code in codes])


def judge(case: RepairCase, step: Step, state: Enterprise) -> Verdict:
    """What becomes of a step now.

    Source: art. 12 (who inspects, accepts and repairs: only that department acts on its case).
    """
    if case.status != NOT_YET and step.dept not in (case.dept, HUB):
        return refused("OTHER_DEPARTMENT")
    return _STEPS[step.type](case, step, state)


def _applied(case: RepairCase, step: Step, state: Enterprise) -> Verdict:
    results = tuple(dict.fromkeys(step.data["result_ids"]))
    documents = documents_of(step.data.get("documents"))
    if case.status != NOT_YET:
        same = (results, documents) == (case.results, case.asked)
        return Verdict(outcome="REPEATED") if same else refused("CASE_EXISTS")
    wrong = [reason(code, name) for name in results if (code := _unfit(name, step.dept, state))]
    if wrong:
        return Verdict(outcome="REFUSED", reasons=wrong)
    fresh = replace(case, dept=step.dept, status=APPLIED, results=results)
    return Verdict(after=replace(fresh, asked=documents, documents=documents))


def _unfit(result_id: str, dept: str, state: Enterprise) -> str:
    """Why a result cannot be repaired by this department; empty if it can, or may yet come."""
    known = state.results.get(result_id)
    if known is None or known.content is None:
        return ""
    if known.dept != dept:
        return "OTHER_DEPARTMENT"
    if not known.is_public:
        return "NOT_DISCLOSED"
    return "" if known.content["negative"] else "NOT_NEGATIVE"


def _accepted(case: RepairCase, step: Step, _state: Enterprise) -> Verdict:
    if case.status == NOT_YET:
        return Verdict(held=NOT_APPLIED_YET)
    if case.status not in OPEN:
        return refused("ALREADY_DECIDED")
    if case.status != APPLIED:
        return Verdict(outcome="REPEATED")
    if case.missing:
        wrong = [reason("DOCUMENT_MISSING", kind) for kind in case.missing]
        return Verdict(outcome="REFUSED", reasons=wrong)
    return Verdict(after=replace(case, status=ACCEPTED, accepted_ms=step.at_ms))


def _asked(case: RepairCase, step: Step, _state: Enterprise) -> Verdict:
    if case.status == NOT_YET:
        return Verdict(held=NOT_APPLIED_YET)
    if case.status not in OPEN:
        return refused("ALREADY_DECIDED")
    if case.status == APPLIED:
        return Verdict(held=NOT_ACCEPTED_YET)
    return Verdict(after=paused(case, day_of_ms(step.at_ms)))


def _received(case: RepairCase, step: Step, _state: Enterprise) -> Verdict:
    if case.status == NOT_YET:
        return Verdict(held=NOT_APPLIED_YET)
    if case.status not in OPEN:
        return refused("ALREADY_DECIDED")
    documents = documents_of(step.data.get("documents"))
    return Verdict(after=supplied(case, day_of_ms(step.at_ms), documents))


def _decided(case: RepairCase, step: Step, state: Enterprise) -> Verdict:
    """Source: art. 12 (a refusal says why), art. 13 (an approval stops the disclosure)."""
    data = step.data
    decision, number = data["decision"], data.get("decision_no")
    if decision in (APPROVED, REVOKED) and not number:
        return refused("DECISION_NO_MISSING")
    if decision == REFUSED and not (data.get("reason") or "").strip():
        return refused("REASON_MISSING")
    if case.status == NOT_YET:
        return Verdict(held=NOT_APPLIED_YET)
    foreign = [name for name in data.get("result_ids") or () if name not in case.results]
    if foreign:
        wrong = [reason("NOT_IN_CASE", name) for name in foreign]
        return Verdict(outcome="REFUSED", reasons=wrong)
    if decision == REVOKED and case.status == APPROVED:
        return _revoked(case, step, state)
    if case.status not in OPEN:
        again = (decision, number) in case.decisions
        return Verdict(outcome="REPEATED") if again else refused("ALREADY_DECIDED")
    if decision == REVOKED:
        return Verdict(held=NOT_APPROVED_YET)
    if case.status == APPLIED and decision in _NEEDS_ACCEPTANCE:
        return Verdict(held=NOT_ACCEPTED_YET)
    after = replace(case, status=decision, decisions=((decision, number),))
    return _approved(after, step, state) if decision == APPROVED else Verdict(after=after)


def _approved(case: RepairCase, step: Step, state: Enterprise) -> Verdict:
    """Source: art. 13 (every approved result stops, and only results of that department)."""
    said = (step.data["decision_no"], step.at_ms)
    name = f"repair:{case.repair_id}"
    ground = make_ground(name, case.dept, REPAIR_APPROVED, BOTH, said)
    facts = []
    for result_id in chosen(case, step):
        known = state.results.get(result_id) or Result(result_id)
        if known.content is not None and known.dept != case.dept:
            continue
        fresh = replace(known, grounds=(*known.grounds, ground))
        facts.append(
            disclosure(fresh, "REPAIRED") if known.is_public else kept(fresh, case.dept, ground)
        )
    stopped = tuple(fact["result_id"] for fact in facts)
    return Verdict(after=replace(case, stopped=stopped), results=facts)


def _revoked(case: RepairCase, step: Step, state: Enterprise) -> Verdict:
    """Source: art. 13 (only a revocation under a number of its own discloses again)."""
    number = step.data["decision_no"]
    if number == case.decision_no:
        return refused("DECISION_NO_REUSED")
    name = f"repair:{case.repair_id}"
    facts = []
    for result_id in chosen(case, step):
        known = state.results.get(result_id)
        if known is None or known.ground(name) is None:
            continue
        fresh = replace(known, grounds=without(known.grounds, name))
        facts.append(
            disclosure(fresh, "REVOKED") if known.is_public else kept(fresh, case.dept, None)
        )
    decisions = (*case.decisions, (REVOKED, number))
    return Verdict(after=replace(case, status=REVOKED, decisions=decisions), results=facts)


_STEPS: Mapping[str, Callable[[RepairCase, Step, Enterprise], Verdict]] = {
    REPAIR_APPLIED: _applied,
    REPAIR_ACCEPTED: _accepted,
    SUPPLEMENT_ASKED: _asked,
    SUPPLEMENT_RECEIVED: _received,
    REPAIR_DECIDED: _decided,
}
