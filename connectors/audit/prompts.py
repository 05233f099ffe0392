"""What is the officer warned of? Prompts never block (semantics §5, art. 10)."""

from __future__ import annotations

from datetime import timedelta

from connectors.audit.caps import Tally
from connectors.audit.days import shanghai_day
from connectors.audit.ladder import RETROACTIVE, ROW, Case, against_whitelist, joints_against
from connectors.audit.state import Task

UNKNOWN_JOINT = "UNKNOWN_JOINT"
ORDER = (
    *("REPEAT_INSPECTION", "SAME_ITEM", "EXEMPTION_EVIDENCE_MISSING", "UNREASONABLE_FREQUENCY"),
    *("SHORT_WINDOW", "OFFSITE_PREFERRED", "JOINT_MEMBER", "OVER_CAP_BACKFILL", "LATE_BACKFILL"),
    *("APPROVAL_OUTSTANDING", "CHECK_DIGIT", "UNKNOWN_FIELD", "WHITELISTED", UNKNOWN_JOINT),
)
ISSUED, BACKFILL, OFFSITE = "ISSUED", "RECORDED_BACKFILL", "RECORDED_OFFSITE"
INTERCEPTED = "INTERCEPTED_OVER_CAP"


def prompts(case: Case, decision: str, found: list[Tally]) -> list[str]:
    """The prompts of a first decision, in the order of the contract.

    Args:
        case: The task.
        decision: What was decided.
        found: The cap rules that apply, for the decisions that report them.
    """
    raised = _always(case, decision)
    if decision in (ISSUED, BACKFILL, OFFSITE):
        raised |= _of_visits(case, decision)
    if decision == "REFUSED_WHITELISTED":
        raised.add("OFFSITE_PREFERRED")
    if decision in (ISSUED, BACKFILL) and against_whitelist(case):
        raised.add("WHITELISTED")
    if decision == ISSUED:
        raised |= _of_issued(case)
    if decision == BACKFILL:
        raised |= _of_backfill(case, found)
    name = case.task.joint_id
    if decision in (ISSUED, BACKFILL, OFFSITE, INTERCEPTED) and name and not case.names_a_joint():
        raised.add(UNKNOWN_JOINT)
    return [prompt for prompt in ORDER if prompt in raised]


def _always(case: Case, decision: str) -> set[str]:
    raised = set()
    approval = case.entry.data.get("approval") or {}
    outstanding = approval.get("mode") == RETROACTIVE and not approval.get("at")
    if ROW[decision] >= 6 and outstanding:
        raised.add("APPROVAL_OUTSTANDING")
    if ROW[decision] >= 8 and not case.task.evidence and case.task.trigger in case.policy.exempt:
        raised.add("EXEMPTION_EVIDENCE_MISSING")
    if not case.findings.get("check_digit_ok", True):
        raised.add("CHECK_DIGIT")
    if case.findings.get("unknown_fields"):
        raised.add("UNKNOWN_FIELD")
    return raised


def _of_visits(case: Case, decision: str) -> set[str]:
    raised = set()
    task, policy = case.task, case.policy
    live = [t for t in case.state.tasks.values() if t.task_id != task.task_id and t.is_live]
    own = [t for t in live if t.dept == task.dept and t.day.year == task.day.year]
    if policy.same_item and any(not t.items.isdisjoint(task.items) for t in own):
        raised.add("SAME_ITEM")
    if decision == OFFSITE:
        return raised
    visits = 1 + sum(t.mode == "ONSITE" for t in own)
    if visits >= policy.repeat_from:
        raised.add("REPEAT_INSPECTION")
    if visits >= policy.unreasonable_from:
        raised.add("UNREASONABLE_FREQUENCY")
    if policy.windows and _too_dense(case, [t for t in live if t.mode == "ONSITE"]):
        raised.add("SHORT_WINDOW")
    return raised


def _too_dense(case: Case, onsite: list[Task]) -> bool:
    day = case.task.day
    for days, most in case.policy.windows:
        first = day - timedelta(days=days - 1)
        visits = {_visit(case, t) for t in onsite if first <= t.day <= day}
        if len(visits | {_visit(case, case.task)}) > most:
            return True
    return False


def _visit(case: Case, task: Task) -> tuple[str, str]:
    """What makes a visit one: the joint task it goes along with, or else the task itself."""
    together = case.state.visit_of(task)
    return ("task", task.task_id) if together is None else ("joint", together)


def _of_issued(case: Case) -> set[str]:
    raised = set()
    if case.findings.get("offsite_items"):
        raised.add("OFFSITE_PREFERRED")
    if joints_against(case):
        raised.add("JOINT_MEMBER")
    return raised


def _of_backfill(case: Case, found: list[Tally]) -> set[str]:
    raised = set()
    if any(tally.after(added=True) > tally.rule.max for tally in found):
        raised.add("OVER_CAP_BACKFILL")
    if case.entry.data.get("backfill"):
        last = case.planned + timedelta(days=case.policy.backfill_max_days)
        if shanghai_day(case.entry.time) > last:
            raised.add("LATE_BACKFILL")
    return raised
