"""What is decided on a submitted task? The ladder, row by row; the first that holds wins.

Source: semantics §3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from connectors.audit.caps import Tally, is_exempt, tallies, tightest_first
from connectors.audit.days import as_day, plus_working_days, quarter, said_of_days, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.policies import Policy
from connectors.audit.state import CANCELLED, Enterprise, Task
from connectors.audit.visits import (
    bound_by,
    comes_along,
    has_other_work,
    out_of_step,
    waiting_draws,
)
from connectors.audit.wire import SURVEY

Reasons = list[dict[str, str]]

VALID, PRIOR, URGENT = "VALID", "PRIOR", "URGENT"
RETROACTIVE = "RETROACTIVE_URGENT"


def reason(code: str, about: str = "") -> dict[str, str]:
    """One reason, as decisions hold it."""
    return {"code": code, "about": about}


@dataclass(slots=True)
class Case:
    """One submitted task before the ladder.

    Attributes:
        known: what lies in the state under its id: a task without content, a tombstone, or nothing.
        task: the task as it would stand in the state.
    """

    entry: Entry
    state: Enterprise
    policy: Policy
    planned: date
    known: Task | None
    task: Task
    digest: str
    _tallies: list[Tally] | None = None

    @property
    def findings(self) -> Mapping[str, Any]:
        """What intake found out about this event."""
        return self.entry.findings

    def exempt(self) -> bool:
        """Whether the trigger is on the policy's list and has its evidence."""
        return is_exempt(self.task.trigger, self.task.evidence, self.policy.exempt)

    def names_a_joint(self) -> bool:
        """Whether the task names a joint inspection that was formed here (art. 2)."""
        return (self.task.joint_id or "") in self.state.joints

    def tallies(self) -> list[Tally]:
        """The cap rules that apply on the task's day; to a survey, which has no object, none."""
        entry = self.entry
        if entry.key.startswith(SURVEY):
            return []
        if self._tallies is None:
            self._tallies = tallies(
                self.policy, self.state, self.task, entry.key, entry.findings, on=self.task.day
            )
        return self._tallies


def content_digest(dept: str, data: Mapping[str, Any]) -> str:
    """The digest of a task's content: the first 32 hex digits of its SHA-256."""
    approval = data.get("approval")
    content = [
        dept,
        *(data["mode"], data["kind"], data["trigger"], data.get("clue_no")),
        sorted(set(data["items"])),
        as_day(data["planned_on"]).isoformat(),
        *(data["premises_region"], data.get("assist_letter_no")),
        sorted(set(data["officers"])),
        data.get("plan_code"),
        None if approval is None else [*map(approval.get, ("no", "by")), _mode(approval)],
        *(data.get("special_id"), data.get("joint_id")),
        *(bool(data.get("survey")), bool(data.get("backfill"))),
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]


def _mode(approval: Mapping[str, Any]) -> str:
    return approval.get("mode") or PRIOR


def build_case(entry: Entry, state: Enterprise, policy: Policy, digest: str) -> Case:
    """A submitted task beside what is known of it."""
    data = entry.data
    planned = as_day(data["planned_on"])
    known = state.tasks.get(data["task_id"])
    visited = known if known is not None and known.visited else None
    task = Task(
        task_id=data["task_id"],
        named_at=known.named_at if known is not None else entry.rank,
        dept=entry.dept,
        digest=digest,
        mode=data["mode"],
        kind=data["kind"],
        trigger=data["trigger"],
        evidence=bool(data.get("clue_no")),
        items=frozenset(data["items"]) | (visited.items if visited else frozenset()),
        day=visited.day if visited else planned,
        joint_id=data.get("joint_id"),
        special_id=data.get("special_id") if entry.findings.get("special") == VALID else None,
    )
    task.along = comes_along(state, task)
    return Case(entry, state, policy, planned, known, task, digest)


def climb(case: Case) -> tuple[str, Reasons]:
    """The decision of rows 3 to 13, with its reasons."""
    for decision, holds in LADDER:
        reasons = holds(case)
        if reasons is not None:
            return decision, reasons
    return "ISSUED", []


def _tombstone(case: Case) -> Reasons | None:
    if case.known is not None and case.known.status == CANCELLED:
        return [reason("CANCELLED_BEFORE")]
    return None


def _unqualified(case: Case) -> Reasons | None:
    """Source: art. 14 (only qualified bodies and certified officers inspect)."""
    found = []
    standing = case.findings.get("dept_standing", VALID)
    if standing != VALID:
        found.append(reason(f"DEPARTMENT_{standing}"))
    if not case.entry.data["officers"] and case.task.mode != "OFFSITE":
        found.append(reason("NO_OFFICERS"))
    found += [
        reason(f"OFFICER_{officer['standing']}", officer["cert_no"])
        for officer in case.findings.get("officers") or ()
        if officer["standing"] != VALID
    ]
    return found or None


def _no_approval(case: Case) -> Reasons | None:
    """Source: art. 15 (an approved plan), 4, 5 (a special inspection that stands)."""
    return _unapproved(case) or _by_special(case)


def _by_special(case: Case) -> Reasons | None:
    standing = case.findings.get("special")
    if standing in (None, VALID) or not case.policy.refuses_by_special:
        return None
    return [reason(f"SPECIAL_{standing}", case.entry.data.get("special_id") or "")]


def _unapproved(case: Case) -> Reasons | None:
    """Source: art. 15 (an urgent one may be approved afterwards)."""
    approval = case.entry.data.get("approval")
    if approval is None:
        return [reason("NO_APPROVAL")]
    complete = bool(approval.get("no") and approval.get("by"))
    at = approval.get("at")
    if _mode(approval) == PRIOR:
        if not (complete and at):
            return [reason("APPROVAL_INCOMPLETE")]
        late = shanghai_day(at) > case.planned
        return [reason("APPROVED_AFTERWARDS")] if late else None
    if case.task.trigger != URGENT:
        return [reason("NOT_URGENT")]
    if not at:
        return None
    said = said_of_days(case.findings)
    last = plus_working_days(case.planned, case.policy.urgent_approval_days, said)
    if last is not None and shanghai_day(at) > last:
        return [reason("APPROVED_TOO_LATE")]
    return None if complete else [reason("APPROVAL_INCOMPLETE")]


def _out_of_territory(case: Case) -> Reasons | None:
    """Source: art. 15 (inspections outside the territory need an assist letter)."""
    if case.findings.get("in_territory", True) or case.entry.data.get("assist_letter_no"):
        return None
    return [reason("OUT_OF_TERRITORY", case.entry.data["premises_region"])]


def _out_of_scope(case: Case) -> Reasons | None:
    """Source: art. 7 (enterprises, individual businesses, farmers' cooperatives)."""
    found = []
    if not case.findings.get("in_scope", True):
        found.append(reason("OBJECT_TYPE"))
    status = (case.findings.get("subject") or {}).get("status", "ACTIVE")
    if status != "ACTIVE":
        found.append(reason(f"SUBJECT_{status}"))
    return found or None


def _offsite(case: Case) -> Reasons | None:
    return [] if case.task.mode == "OFFSITE" else None


def _backfill(case: Case) -> Reasons | None:
    visited = case.known is not None and case.known.visited
    return [] if case.entry.data.get("backfill") or visited else None


def joints_against(case: Case) -> Reasons:
    """What joint tasks, formed or still to be formed, have against the task (art. 2)."""
    state, task, name = case.state, case.task, case.task.joint_id or ""
    named = state.joints.get(name)
    is_member = named is not None and task.dept in named.members
    if is_member and not has_other_work(state, task):
        why = out_of_step(state, task)
        return [reason(*why)] if why else []
    this = quarter(task.day)
    found = [
        reason("JOINT_TASK", f"{joint_id} lead {joint.lead}")
        for joint_id, joint in bound_by(state, task.dept, this).items()
    ]
    if named is not None and not is_member and not found:
        found = [reason("NOT_A_MEMBER", f"{name} lead {named.lead}")]
    return found + [reason("DRAW_PENDING", draw_id) for draw_id in waiting_draws(state, task, this)]


def _joint_member(case: Case) -> Reasons | None:
    return (joints_against(case) or None) if case.policy.joint_refuses else None


def against_whitelist(case: Case) -> Reasons:
    """What of the task is on the whitelist on its day (art. 3)."""
    found = []
    if case.state.is_whitelisted(case.task.day):
        found.append(reason("SUBJECT_WHITELISTED"))
    items = case.findings.get("whitelisted_items") or ()
    return found + [reason("ITEM_WHITELISTED", item) for item in items]


def _whitelisted(case: Case) -> Reasons | None:
    """Source: art. 3 (no proactive on-site visit to what is on the whitelist)."""
    return None if case.exempt() else against_whitelist(case) or None


def _over_cap(case: Case) -> Reasons | None:
    """Source: art. 10, 15 (the yearly cap)."""
    used_up = [tally for tally in case.tallies() if tally.is_used_up]
    ordered = tightest_first(used_up, added=False)
    return [reason("CAP", tally.rule.label) for tally in ordered] or None


LADDER: tuple[tuple[str, Callable[[Case], Reasons | None]], ...] = (
    ("CANCELLED", _tombstone),
    ("REJECTED_UNQUALIFIED", _unqualified),
    ("REJECTED_NO_APPROVAL", _no_approval),
    ("REJECTED_OUT_OF_TERRITORY", _out_of_territory),
    ("RECORDED_OUT_OF_SCOPE", _out_of_scope),
    ("RECORDED_OFFSITE", _offsite),
    ("RECORDED_BACKFILL", _backfill),
    ("REFUSED_JOINT_MEMBER", _joint_member),
    ("REFUSED_WHITELISTED", _whitelisted),
    ("INTERCEPTED_OVER_CAP", _over_cap),
)
ROW = {name: number for number, (name, _) in enumerate(LADDER, start=3)} | {"ISSUED": 13}


def last_code_day(case: Case) -> date:
    """The last day on which the task's code may be shown."""
    return case.planned + timedelta(days=case.policy.code_valid_days)
