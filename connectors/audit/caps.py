"""Which cap rules apply to a task, and what do they count already?

Source: semantics §4; art. 10, 15.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.audit.policies import Policy, Rule
from connectors.audit.state import Enterprise, Task

UNRATED = "UNRATED"
_ONCE, _LEAD = "ONCE_PER_VISIT", "LEAD_ONLY"


@dataclass(slots=True)
class Tally:
    """What one rule counts before a new task, in the order in which the journal first named it.

    `free`: the new task's joint visit is counted already.
    """

    rule: Rule
    counted: list[Task]
    free: bool

    @property
    def before(self) -> int:
        """The counter without the new task."""
        return len(self.counted)

    @property
    def is_used_up(self) -> bool:
        """Whether the rule leaves no room for the new task."""
        return self.before >= self.rule.max and not self.free

    def after(self, *, added: bool) -> int:
        """The counter with the new task, if it is added and consumes."""
        return self.before + (added and not self.free)

    def names(self, added: Task | None) -> list[str]:
        """What fills the counter, the new task in its place if it is added and consumes."""
        rows = self.counted if added is None or self.free else [*self.counted, added]
        return [task.task_id for task in sorted(rows, key=lambda task: task.named_at)]


def tallies(
    policy: Policy,
    state: Enterprise,
    task: Task,
    uscc: str,
    findings: Mapping[str, Any],
    *,
    on: date,
) -> list[Tally]:
    """The rules that apply to a task on a day, each with what it counts besides this task.

    Args:
        policy: The document in force.
        state: The enterprise.
        task: The task in question, in the state or not; its own `day` says which year counts.
        uscc: The enterprise's credit code.
        findings: What intake found; its `subject` has industry and object type.
        on: The day on which a rule must be in force.
    """
    rules = [
        rule
        for rule in policy.rules_of(task.dept)
        if _applies(rule, state, task, on) and _concerns(rule, state, uscc, findings)
    ]
    if not rules:
        return []
    others = [t for t in state.tasks.values() if t.task_id != task.task_id and t.is_live]
    others.sort(key=lambda other: other.named_at)
    return [_tally(rule, state, task, others) for rule in rules]


def is_exempt(trigger: str, evidence: bool, listed: frozenset[str]) -> bool:  # noqa: FBT001 - a field
    """Whether a trigger on the list comes with its evidence."""
    return evidence and trigger in listed


def tightest_first(found: list[Tally], *, added: bool) -> list[Tally]:
    """Tallies by what is left after the decision, then by label."""
    return sorted(found, key=lambda t: (t.rule.max - t.after(added=added), t.rule.label))


def _applies(rule: Rule, state: Enterprise, task: Task, on: date) -> bool:
    """Whether a rule applies to this task; its scope was looked at before."""
    return (
        rule.first <= on <= rule.last
        and _passes(rule, task)
        and not (rule.joint == _LEAD and _is_members(state, task))
    )


def _passes(rule: Rule, task: Task) -> bool:
    """Whether mode, kind, trigger and items are those of the rule, and the task is not exempt."""
    return (
        task.mode in rule.modes
        and task.kind in rule.kinds
        and task.trigger not in rule.uncounted
        and (rule.counts_found or not task.is_found)
        and (not rule.items or not rule.items.isdisjoint(task.items))
        and not is_exempt(task.trigger, task.evidence, rule.exempt)
    )


def _concerns(rule: Rule, state: Enterprise, uscc: str, findings: Mapping[str, Any]) -> bool:
    """Whether industry, class and object type of the enterprise are those of the rule."""
    subject = findings.get("subject") or {}
    if rule.industry and not (subject.get("industry") or "").startswith(rule.industry):
        return False
    if rule.classes:
        known = state.classes.get(rule.scheme)
        if (known[0] if known else UNRATED) not in rule.classes:
            return False
    kinds = rule.object_types
    return not kinds or uscc[:2] in kinds or subject.get("object_type") in kinds


def _is_members(state: Enterprise, task: Task) -> bool:
    """Whether a task belongs to a formed joint task that another department leads."""
    joint = state.joints.get(task.joint_id or "")
    return joint is not None and joint.lead != task.dept


def _tally(rule: Rule, state: Enterprise, task: Task, others: list[Task]) -> Tally:
    year = task.day.year
    first_year = year - rule.years + 1
    seen: set[str] = set()
    counted = []
    for other in others:
        if (
            first_year <= other.day.year <= year
            and (other.dept in (rule.members or ()) if rule.shared else other.dept == task.dept)
            and _passes(rule, other)
            and not (rule.joint == _LEAD and _is_members(state, other))
        ):
            visit = state.visit_of(other) if rule.joint == _ONCE else None
            if visit is not None:
                if visit in seen:
                    continue
                seen.add(visit)
            counted.append(other)
    return Tally(rule, counted, free=state.visit_of(task) in seen)
