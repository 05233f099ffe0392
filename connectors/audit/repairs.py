"""What follows from an event about a repair? Each step in its turn, early ones held.

Source: semantics §10; art. 11, 12, 13.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.audit.cases import HELD_MAX, RepairCase, Step
from connectors.audit.decode import Entry
from connectors.audit.orders import said_ms
from connectors.audit.policies import Policy
from connectors.audit.results import AFTER
from connectors.audit.state import Enterprise, Fact
from connectors.audit.steps import Verdict, judge, refused
from connectors.audit.wire import (
    HUB,
    REPAIR_ACCEPTED,
    REPAIR_APPLIED,
    REPAIR_DECIDED,
    SUPPLEMENT_ASKED,
    SUPPLEMENT_RECEIVED,
)

INSTANT = {
    REPAIR_APPLIED: "applied_at",
    REPAIR_ACCEPTED: "accepted_at",
    SUPPLEMENT_ASKED: "at",
    SUPPLEMENT_RECEIVED: "at",
    REPAIR_DECIDED: "decided_at",
}
STEP = {
    REPAIR_APPLIED: "APPLIED",
    REPAIR_ACCEPTED: "ACCEPTED",
    SUPPLEMENT_ASKED: "SUPPLEMENT_ASKED",
    SUPPLEMENT_RECEIVED: "SUPPLEMENT_RECEIVED",
    REPAIR_DECIDED: "DECIDED",
}


def repaired(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """The facts of an event about a repair, of what was held, and of the results (art. 11-13)."""
    step = step_of(entry)
    case = state.cases.get(entry.data["repair_id"]) or RepairCase(entry.data["repair_id"])
    verdict = judge(case, step, state)
    if verdict.after is not None:
        return _acted(step, verdict, state)
    if not verdict.held:
        return [_noted(verdict)]
    if step in case.held:
        return [_noted(Verdict(outcome="REPEATED"))]
    if len(case.held) >= HELD_MAX:
        return [_noted(refused("TOO_MANY_HELD"))]
    fact: Fact = {"fact": "HELD", "repair_id": case.repair_id, "dept": step.dept}
    after = replace(case, held=(*case.held, step))
    return [{**fact, "step": STEP[step.type], AFTER: after}]


def step_of(entry: Entry) -> Step:
    """An event about a repair as a step of its case. The hub may act for a department."""
    dept = entry.data.get("dept") if entry.dept == HUB else None
    return Step(entry.type, dept or entry.dept, said_ms(entry, INSTANT[entry.type]), entry.data)


def _acted(step: Step, verdict: Verdict, state: Enterprise) -> list[Fact]:
    """The facts of a step that acts, and of all that were held for it."""
    shadow = Enterprise(results=dict(state.results))
    facts: list[Fact] = []
    case = _write(step, verdict, shadow, facts)
    waiting = True
    while waiting:
        waiting = False
        for held in case.held:
            found = judge(case, held, shadow)
            if found.held:
                continue
            rest = tuple(other for other in case.held if other is not held)
            if found.after is None:
                case = replace(case, held=rest)
                facts.append({**_noted(found), AFTER: case})
                continue
            found.after = replace(found.after, held=rest)
            case = _write(held, found, shadow, facts)
            waiting = True
            break
    return facts


def _write(step: Step, verdict: Verdict, shadow: Enterprise, facts: list[Fact]) -> RepairCase:
    case = verdict.after
    if case is None:
        raise ValueError("a step that does not act leaves no fact of its case")
    due_on, provisional = case.due
    fact: Fact = {"fact": "REPAIR", "repair_id": case.repair_id, "dept": case.dept}
    fact |= {"step": STEP[step.type], "status": case.status, "at": step.at_ms}
    facts.append({**fact, "due_on": due_on, "provisional": provisional, AFTER: case})
    facts += verdict.results
    for change in verdict.results:
        shadow.results[change["result_id"]] = change[AFTER]
    return case


def _noted(verdict: Verdict) -> Fact:
    fact = {"fact": "NOTED", "task_id": None, "outcome": verdict.outcome}
    return {**fact, "reasons": verdict.reasons}
