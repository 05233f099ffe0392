"""Is a yearly cap used up? All rules that apply are judged together; the tightest is reported.

Source: art. 10, 15 (no code above the yearly cap); docs/semantics.md §4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from schemas.enums import JointCounting
from streams.rules.entry.caps import CompiledPolicy, Rule
from streams.rules.joint.state import JointState
from streams.rules.state import UNRATED, SubjectState, TaskState, year_span
from streams.rules.visits import History, Subject, Visit, joint_visit_of

# An enum's member is looked up slowly by name, and these are asked for on every task.
_ONCE_PER_VISIT, _LEAD_ONLY = JointCounting.ONCE_PER_VISIT, JointCounting.LEAD_ONLY


class Counter(msgspec.Struct, frozen=True):
    """One rule's counter before the visit.

    Attributes:
        label: The rule's name and version.
        max: The rule's maximum.
        counted: Tasks in the counter, in order; one for each joint visit if these count once.
        is_free: The visit is part of a joint visit that is in the counter already.
    """

    label: str
    max: int
    counted: tuple[str, ...]
    is_free: bool


class CapReport(msgspec.Struct, frozen=True):
    """What a decision says of the tightest rule; all empty when none applied."""

    used: int | None = None
    cap: int | None = None
    rule: str | None = None
    counted: tuple[str, ...] = ()


NO_CAP = CapReport()


def judge_caps(
    policy: CompiledPolicy, visit: Visit, history: History, state: SubjectState
) -> tuple[Counter, ...]:
    """The counters of all rules that apply to the visit.

    A rule that exempts the visit's trigger does not apply, so an exempt visit is neither blocked
    by it nor consumes it. Minima are not rules here: they never block.

    Source: art. 10, 15; plan art. 3 (classes), art. 2 (joint visits).
    """
    rules = policy.rules_of_dept.get(visit.task.dept, policy.rules_of_all)
    day, nature = visit.task.day, visit.task.nature
    return tuple(
        [
            _count(rule, visit, history, state.joints)
            for rule in rules
            if rule.first <= day <= rule.last
            and nature in rule.natures
            and _is_about(rule, visit, state)
        ]
    )


def used_up(counters: Iterable[Counter]) -> list[Counter]:
    """The counters in which the visit has no place, the tightest first.

    A counter above its maximum is legal, after a change of policy or a back-fill; it just blocks.

    Source: art. 10 (intercepted, no code).
    """
    full = [
        counter
        for counter in counters
        if len(counter.counted) >= counter.max and not counter.is_free
    ]
    return (
        full
        if len(full) < 2
        else sorted(full, key=lambda counter: (counter.max - len(counter.counted), counter.label))
    )


def overfilled(counters: Iterable[Counter]) -> list[str]:
    """Labels of the counters that hold more than their maximum once the visit is added, sorted.

    Source: art. 10 (a visit that took place is counted, over the cap as well).
    """
    return sorted(
        counter.label
        for counter in counters
        if len(counter.counted) + (not counter.is_free) > counter.max
    )


def report(
    counters: Iterable[Counter], visit: Visit, state: SubjectState, *, is_added: bool
) -> CapReport:
    """The tightest rule after the decision: least left, then the smallest label.

    Args:
        counters: Of all rules that apply.
        visit: The visit decided.
        state: The state before it.
        is_added: Whether the visit takes its place; an intercepted one does not.

    Source: art. 10; the enterprise is told how often it was inspected, of how many times at most.
    """
    tightest, least = None, 0
    for counter in counters:
        consumes = is_added and not counter.is_free
        left = counter.max - len(counter.counted) - consumes
        if tightest is None or (left, counter.label) < (least, tightest.label):
            tightest, least = counter, left
    if tightest is None:
        return NO_CAP
    counted = tightest.counted
    if is_added and not tightest.is_free:
        counted = _with(visit.task_id, counted, state)
    return CapReport(tightest.max - least, tightest.max, tightest.label, counted)


def _with(task_id: str, counted: tuple[str, ...], state: SubjectState) -> tuple[str, ...]:
    """The task among those counted, at the place its first journal record gave it."""
    if task_id not in state.tasks:
        return (*counted, task_id)
    members = {task_id, *counted}
    return tuple(known for known in state.tasks if known in members)


def _is_about(rule: Rule, visit: Visit, state: SubjectState) -> bool:
    """Whether the rule is about such a visit to such an enterprise.

    Source: art. 10; art. 3 (by class and industry), art. 2 (a member's visit is the lead's).
    """
    task = visit.task
    if rule.items and rule.items.isdisjoint(task.items):
        return False
    if not (rule.is_about_all or _is_about_subject(rule, visit.subject, state)):
        return False
    return not (rule.joint is _LEAD_ONLY and _is_led_by_others(task, state.joints))


def _is_about_subject(rule: Rule, subject: Subject, state: SubjectState) -> bool:
    """Whether the enterprise is one the rule is about.

    Source: art. 3 (differentiated by risk, credit and industry).
    """
    if rule.industry and not subject.industry.startswith(rule.industry):
        return False
    if rule.object_types and not (
        subject.uscc[:2] in rule.object_types or subject.object_type in rule.object_types
    ):
        return False
    if rule.scheme is None:
        return True
    rated = state.classes.get(rule.scheme)
    return (UNRATED if rated is None else rated.class_) in rule.classes


def _count(rule: Rule, visit: Visit, history: History, joints: Mapping[str, JointState]) -> Counter:
    """The rule's counter: the other visits that it counts in its years, up to the visit's."""
    members = rule.members
    if rule.years == 1 and members is None:
        pool = history.own
    else:
        years = year_span(visit.year - rule.years + 1, visit.year)
        pool = history.of((visit.task.dept,) if members is None else members, *years)
    if not pool:
        return Counter(rule.label, rule.max, (), is_free=False)
    counted, seen = [], set()
    for name, task in pool:
        if not _is_counted(rule, task):
            continue
        if task.joint_id is not None:
            if rule.joint is _LEAD_ONLY and _is_led_by_others(task, joints):
                continue
            if rule.joint is _ONCE_PER_VISIT:
                # The first task of a joint visit stands for all of it.
                together = joint_visit_of(task, joints)
                if together in seen:
                    continue
                if together is not None:
                    seen.add(together)
        counted.append(name)
    is_free = bool(seen) and joint_visit_of(visit.task, joints) in seen
    return Counter(rule.label, rule.max, tuple(counted), is_free)


def _is_counted(rule: Rule, task: TaskState) -> bool:
    """Whether a visit of the rule's years is one that it counts.

    Source: art. 10 (modes, kinds, triggers and items as published).
    """
    return task.nature in rule.natures and (not rule.items or not rule.items.isdisjoint(task.items))


def _is_led_by_others(task: TaskState, joints: Mapping[str, JointState]) -> bool:
    """Whether the task is part of a joint task that another department leads.

    Source: art. 2 (the lead department organises the joint visit).
    """
    joint = None if task.joint_id is None else joints.get(task.joint_id)
    return joint is not None and joint.lead != task.dept
