"""What does the specification say must have been decided? The auditor's own fold."""

from __future__ import annotations

from typing import Any

from connectors.audit.approvals import approved_afterwards
from connectors.audit.caps import Tally, tightest_first
from connectors.audit.days import as_day, moment
from connectors.audit.decode import Entry
from connectors.audit.draws import drawn
from connectors.audit.events import Handler, handle
from connectors.audit.joints import closed
from connectors.audit.ladder import (
    Case,
    build_case,
    climb,
    content_digest,
    last_code_day,
    reason,
)
from connectors.audit.members import absent, leave, withdrawn
from connectors.audit.orders import corrected, followed_by_disclosure, resumed, stopped
from connectors.audit.policies import Policy
from connectors.audit.prompts import (
    BACKFILL,
    INTERCEPTED,
    ISSUED,
    OFFSITE,
    UNKNOWN_JOINT,
    prompts,
)
from connectors.audit.ratings import rated
from connectors.audit.repairs import repaired
from connectors.audit.specials import handle_special
from connectors.audit.state import Enterprise, Fact
from connectors.audit.surveys import OF_SURVEYS
from connectors.audit.wire import (
    ABOUT_REPAIRS,
    ABOUT_SPECIALS,
    DRAW_OBJECT,
    JOINT_ABSENT,
    JOINT_WITHDRAWN,
    JOURNAL,
    RATING_SUBMITTED,
    RESULT_CORRECTED,
    RESUME_ORDERED,
    STOP_ORDERED,
    TASK_SUBMITTED,
    WINDOW_CLOSED,
)

OF_JOINTS: dict[str, Handler] = {
    DRAW_OBJECT: drawn,
    WINDOW_CLOSED: closed,
    JOINT_WITHDRAWN: withdrawn,
    JOINT_ABSENT: absent,
}
OF_PUBLICITY: dict[str, Handler] = {
    RESULT_CORRECTED: corrected,
    STOP_ORDERED: stopped,
    RESUME_ORDERED: resumed,
    **dict.fromkeys(ABOUT_REPAIRS, repaired),
    **dict.fromkeys(ABOUT_SPECIALS, handle_special),
    **OF_SURVEYS,
}
_REPORTS_CAPS = frozenset({ISSUED, BACKFILL, OFFSITE, INTERCEPTED})


def decide(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """The facts of one journal record. Codes and QR texts are left out: `keyfiles` judges those.

    Raises:
        KeyError, TypeError, ValueError: The record is not one that intake may write.
    """
    if entry.type != TASK_SUBMITTED:
        return _follow(entry, state, policy)
    digest = content_digest(entry.dept, entry.data)
    case = build_case(entry, state, policy, digest)
    if case.known is not None and case.known.digest:
        facts = approved_afterwards(entry, case.known, digest, policy)
        if facts is not None:
            return facts
        if case.known.digest == digest:
            return [{"fact": "REPEATED", "task_id": case.task.task_id}]
        return [{"fact": "CONFLICT", "decision": _conflict(case, case.known.digest)}]
    if case.known is not None and case.known.dept not in ("", entry.dept):
        conflict = {**_conflict(case, ""), "reasons": [reason("OTHER_DEPARTMENT")]}
        return [{"fact": "CONFLICT", "decision": conflict}]
    made = _first_decision(case)
    seed = {**_seed(case), "awaits_approval": "APPROVAL_OUTSTANDING" in made["warnings"]}
    decided = {"fact": "DECIDED", "decision": made, "task": seed}
    if made["decision"] == INTERCEPTED and case.task.along:
        # A member over its cap drops out of the joint visit (art. 2, 10).
        name, why = str(case.task.joint_id), made["reasons"]
        return [decided, leave(state, policy, name, "OVER_CAP", entry.dept, why)]
    return [decided]


def _follow(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """The facts of every event but a submitted task."""
    if entry.type == RATING_SUBMITTED:
        return rated(entry, state, policy)
    own = OF_PUBLICITY.get(entry.type) or OF_JOINTS.get(entry.type)
    if own is not None:
        return own(entry, state, policy)
    facts = handle(entry, state, policy)
    if facts[-1]["fact"] == "COMPLETED":
        return [*facts[:-1], *followed_by_disclosure(entry, state, facts[-1])]
    return facts


def _first_decision(case: Case) -> dict[str, Any]:
    decision, reasons = climb(case)
    found = case.tallies() if decision in _REPORTS_CAPS else []
    issued = decision == ISSUED
    warnings = prompts(case, decision, found)
    if UNKNOWN_JOINT in warnings:
        reasons = [*reasons, reason(UNKNOWN_JOINT, case.task.joint_id or "")]
    return {
        **_frame(case, decision),
        "year": case.task.day.year,
        "code_kind": _code_kind(case) if issued else None,
        "warnings": warnings,
        "reasons": reasons,
        **_counter(case, found, added=decision != INTERCEPTED),
        "valid_until": last_code_day(case).isoformat() if issued else None,
        "classes": _classes(case.state),
        "offsite": _offsite(case) if "OFFSITE_PREFERRED" in warnings else [],
    }


def _classes(state: Enterprise) -> list[dict[str, str]]:
    """The classes that a decision was made by, with their days (art. 3)."""
    return [
        {"scheme": scheme, "name": name, "as_of": as_of.isoformat()}
        for scheme, (name, as_of) in sorted(state.classes.items())
    ]


def _offsite(case: Case) -> list[dict[str, Any]]:
    """What can be checked without a visit, and how, as intake found it (art. 10)."""
    ways = {row["item"]: row["way"] for row in case.findings.get("offsite_ways") or ()}
    items = case.findings.get("offsite_items") or ()
    return [{"item": item, "way": ways.get(item)} for item in items]


def _frame(case: Case, decision: str) -> dict[str, Any]:
    """What every decision says."""
    entry = case.entry
    return {
        "task_id": case.task.task_id,
        "uscc": entry.key,
        "dept": entry.dept,
        "decision": decision,
        "exempt": case.exempt(),
        "year": case.planned.year,
        "policy_version": entry.policy_version,
        "source": {"topic": JOURNAL, "partition": entry.partition, "offset": entry.offset},
        "decided_at": append_time(entry.at_ms),
    }


def append_time(at_ms: int) -> str:
    """The append time of a record, RFC 3339 in Asia/Shanghai, to the millisecond."""
    return moment(at_ms).isoformat(timespec="milliseconds")


def _counter(case: Case, found: list[Tally], *, added: bool) -> dict[str, Any]:
    """The tightest rule and what it counts; all null when none applies."""
    if not found:
        return {"used": None, "cap": None, "rule": None, "counted": []}
    tightest = tightest_first(found, added=added)[0]
    return {
        "used": tightest.after(added=added),
        "cap": tightest.rule.max,
        "rule": tightest.rule.label,
        "counted": tightest.names(case.task if added else None),
    }


def _conflict(case: Case, first_digest: str) -> dict[str, Any]:
    return {**_frame(case, "CONFLICT"), "digests": [first_digest, case.digest]}


def _code_kind(case: Case) -> str:
    name = case.task.joint_id
    if name and (name not in case.state.joints or case.task.along):
        return "JOINT"
    return "SURVEY" if case.entry.data.get("survey") else "SINGLE"


def _seed(case: Case) -> dict[str, Any]:
    task = case.task
    return {
        "digest": task.digest,
        "mode": task.mode,
        "kind": task.kind,
        "trigger": task.trigger,
        "evidence": task.evidence,
        "items": sorted(task.items),
        "day": task.day.isoformat(),
        "joint_id": task.joint_id,
        "along": case.task.along,
        "special_id": task.special_id,
        "certified_until": _certified_until(case),
        "officers": list(dict.fromkeys(case.entry.data["officers"])),
    }


def _certified_until(case: Case) -> str | None:
    """The earliest of the last days of the officers' certificates (art. 14)."""
    officers = case.findings.get("officers") or ()
    last = [as_day(row["valid_to"]) for row in officers if row.get("valid_to")]
    return min(last).isoformat() if last else None
