"""What follows from an event about a repair? Each step in its turn, early ones held.

Source: semantics §10, §11; art. 11, 12, 13.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.audit.cases import (
    APPLIED,
    HELD_MAX,
    Step,
    application_digest,
    kinds_of,
    missing_from,
)
from connectors.audit.days import ByHand, instant_ms, said_of_days
from connectors.audit.decode import Entry
from connectors.audit.ladder import Reasons, reason
from connectors.audit.policies import Policy
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
    repair_id = entry.data["repair_id"]
    if entry.type == REPAIR_APPLIED:
        verdict = _applied(entry, state)
    else:
        step = step_of(entry)
        verdict = judge(repair_id, step, state)
        if verdict.held:
            return _held(repair_id, step, verdict.held, state)
    if not verdict.facts:
        noted = _noted(repair_id, verdict)
        if entry.type == REPAIR_APPLIED and entry.dept == HUB and repair_id not in state.cases:
            noted["dept"] = _owner(entry, state)
        return [noted]
    return _with_held(repair_id, verdict.facts, state, said_of_days(entry.findings))


def step_of(entry: Entry) -> Step:
    """An event about a repair, but its application, as a step of its case."""
    data = entry.data
    return Step(
        STEP[entry.type],
        entry.dept,
        instant_ms(data[INSTANT[entry.type]]),
        tuple(data.get("result_ids") or ()),
        kinds_of(data.get("documents")),
        data.get("decision"),
        data.get("decision_no"),
        data.get("reason") or data.get("what") or "",
        calendar=said_of_days(entry.findings),
    )


def _applied(entry: Entry, state: Enterprise) -> Verdict:
    """Source: art. 11 (what an enterprise hands in), art. 12 (who inspects, repairs)."""
    data = entry.data
    repair_id, digest = data["repair_id"], application_digest(data)
    dept = (data.get("dept") if entry.dept == HUB else None) or entry.dept
    case = state.cases.get(repair_id)
    if case is not None:
        if entry.dept not in (case.dept, HUB):
            return refused("OTHER_DEPARTMENT")
        return Verdict(outcome="REPEATED") if case.digest == digest else refused("CASE_EXISTS")
    results = list(dict.fromkeys(data["result_ids"]))
    barred = [reason(code, name) for name in results if (code := _unfit(name, dept, state))]
    if barred:
        return Verdict(outcome="REFUSED", reasons=barred)
    documents = kinds_of(data.get("documents"))
    missing = missing_from(documents)
    reasons: Reasons = [reason("DOCUMENT_MISSING", kind) for kind in missing]
    reasons += [reason("UNKNOWN_RESULT", r) for r in results if state.result(r) is None]
    fact: Fact = {
        "fact": "REPAIR",
        "repair_id": repair_id,
        "dept": dept,
        "by": entry.dept,
        **Step(APPLIED, entry.dept, instant_ms(data["applied_at"])).content(),
        "status": APPLIED,
        "due_on": None,
        "provisional": None,
        "result_ids": results,
        "documents": list(documents),
        "missing": missing,
        "channel": data["channel"],
        "reasons": reasons,
        "digest": digest,
        "held": None,
    }
    return Verdict(facts=[fact])


def _owner(entry: Entry, state: Enterprise) -> str | None:
    """Who hears of it that the hub's own application was refused: as named, else by its results."""
    known = (state.result(name) for name in dict.fromkeys(entry.data["result_ids"]))
    by_result = next((one.dept for one in known if one is not None), None)
    return entry.data.get("dept") or by_result


def _unfit(result_id: str, dept: str, state: Enterprise) -> str:
    """Why a result cannot be repaired by this department; empty if it can, or may yet come."""
    known = state.result(result_id)
    if known is None:
        return ""
    if known.dept != dept:
        return "OTHER_DEPARTMENT"
    if known.disclosed is None:
        return "NOT_DISCLOSED"
    return "" if known.disclosed.content["negative"] else "NOT_NEGATIVE"


def _held(repair_id: str, step: Step, why: str, state: Enterprise) -> list[Fact]:
    """A step that waits, unless it does already or too many do."""
    waiting = state.held.get(repair_id, ())
    if step.name in {other.name for other in waiting}:
        return [_noted(repair_id, Verdict(outcome="REPEATED"))]
    if len(waiting) >= HELD_MAX:
        return [_noted(repair_id, refused("TOO_MANY_HELD"))]
    fact: Fact = {"fact": "HELD", "repair_id": repair_id, "dept": step.by, "name": step.name}
    return [{**fact, "step": step.content(), "reasons": [reason(why)]}]


def _with_held(
    repair_id: str, facts: list[Fact], state: Enterprise, calendar: ByHand
) -> list[Fact]:
    """The facts of a step that acts, and of all that were held for it, from the first again."""
    shadow = _copy(state)
    found: list[Fact] = []
    fresh = facts
    while fresh:
        found += fresh
        for fact in fresh:
            shadow.take(fact)
        fresh = []
        for step in shadow.held.get(repair_id, ()):
            verdict = judge(repair_id, replace(step, calendar=calendar), shadow)
            if verdict.facts:
                fresh = verdict.facts
                break
            if not verdict.held:
                dropped = _noted(repair_id, verdict, step.name)
                shadow.take(dropped)
                found.append(dropped)
    return found


def _copy(state: Enterprise) -> Enterprise:
    """The enterprise, so that what follows can be tried on it."""
    return replace(
        state,
        results=dict(state.results),
        kept=dict(state.kept),
        resumed=dict(state.resumed),
        cases=dict(state.cases),
        held=dict(state.held),
        corrected=dict(state.corrected),
    )


def _noted(repair_id: str, verdict: Verdict, dropped: str | None = None) -> Fact:
    fact: Fact = {"fact": "NOTED", "task_id": None, "outcome": verdict.outcome}
    about = {"result_id": None, "repair_id": repair_id, "dropped": dropped}
    return {**fact, "reasons": verdict.reasons, **about}
