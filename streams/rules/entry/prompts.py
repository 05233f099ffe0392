"""Of what should the officer be warned? Prompts never block; the choice that follows is recorded.

Source: art. 10; docs/semantics.md §5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemas.enums import Decision, Prompt
from streams.rules.calendar import day_of_text
from streams.rules.case import Case
from streams.rules.entry.admission import whitelisted
from streams.rules.entry.counters import overfilled
from streams.rules.entry.whitelist import on_the_whitelist
from streams.rules.joint.state import JointState
from streams.rules.joint.task import against_joint, unknown_joint
from streams.rules.state import TaskState
from streams.rules.visits import joint_visit_of

Holds = Callable[[Case], bool]

_ISSUED = frozenset({Decision.ISSUED})
_VISITS = frozenset({Decision.ISSUED, Decision.RECORDED_BACKFILL})
_COUNTED = _VISITS | {Decision.RECORDED_OFFSITE}
_ALL = frozenset(Decision) - {Decision.CONFLICT}


def _from(first: Decision) -> frozenset[Decision]:
    """The decisions of the ladder from this one on."""
    ladder = list(Decision)
    return frozenset(ladder[ladder.index(first) :])


def repeats(case: Case) -> bool:
    """Is it the department's second on-site visit here this year?

    Source: art. 10 (两次以上, the policy's `repeat_from`).
    """
    return case.history.own_visits + 1 >= case.policy.repeat_from


def repeats_an_item(case: Case) -> bool:
    """Did the department check one of the items here this year, on-site or off-site?

    Source: art. 10 (the same item is not checked again in the same year).
    """
    if not case.policy.same_item:
        return False
    items = case.visit.task.items
    for _, task in case.history.own:
        for item in items:
            if item in task.items:
                return True
    return False


def lacks_evidence(case: Case) -> bool:
    """Is an exempt trigger claimed without a clue number? It is then not exempt.

    Source: art. 3, 10; without it every capped task would arrive as a complaint.
    """
    return case.claims_exemption and not case.has_clue


def is_unreasonable(case: Case) -> bool:
    """Does the department come unreasonably often, exempt visits included?

    Source: art. 10; exempt is not unlimited.
    """
    return case.history.own_visits + 1 >= case.policy.unreasonable_from


def crowds(case: Case) -> bool:
    """Do too many visits of all departments fall into a few days?

    Source: art. 10 (high-frequency inspection), the policy's `windows`.
    """
    policy, last = case.policy, case.visit.task.day
    others = case.history.visits(last - policy.widest_days + 1, last)
    if len(others) < policy.most_at_ease:
        return False
    visits = [case.visit.task, *others]
    joints = case.state.joints
    return any(_visits_since(last - days, visits, joints) > most for days, most in policy.windows)


def is_whitelisted(case: Case) -> bool:
    """Is something of it on the whitelist, and the visit let through or made all the same?

    Source: art. 3 (a visit on a clue is let through, and marked).
    """
    return bool(on_the_whitelist(case))


def could_be_offsite(case: Case) -> bool:
    """Could one of the items be checked without a visit, or may it only be?

    Source: art. 10; art. 3 (what is on the whitelist is watched by other means than a visit).
    """
    return bool(case.findings.offsite_items) or whitelisted(case) is not None


def passes_a_joint_task_by(case: Case) -> bool:
    """Is there a joint task that the department should take part in instead?

    Source: art. 2, where the policy only warns.
    """
    return not case.policy.joint_refuses and bool(against_joint(case))


def names_an_unknown_joint(case: Case) -> bool:
    """Does it name a joint inspection that the hub never formed, so that it counts on its own?

    Source: art. 2, 10; docs/decisions/0040.
    """
    return unknown_joint(case) is not None


def is_over_cap(case: Case) -> bool:
    """Does the visit, which cannot be undone, fill a counter above its cap?

    Source: art. 10, 15.
    """
    return bool(overfilled(case.counters))


def is_late(case: Case) -> bool:
    """Was the inspection recorded afterwards, and too long afterwards?

    Source: art. 5, 8; the policy's `backfill_max_days`, in calendar days.
    """
    if not case.data.backfill:
        return False
    late_by = day_of_text(case.sent_at) - case.data.planned_on
    return late_by.days > case.policy.backfill_max_days


def awaits_approval(case: Case) -> bool:
    """Must the approval of an urgent inspection still follow?

    Any other approval without its day was refused before.

    Source: art. 15.
    """
    approval = case.data.approval
    return approval is not None and approval.at is None


def fails_check_digit(case: Case) -> bool:
    """Does the credit code fail its check character, though the object list knows it?

    Source: GB 32100-2015; art. 7.
    """
    return not case.findings.check_digit_ok


def has_unknown_fields(case: Case) -> bool:
    """Does the event have fields that this version does not know?

    Source: design §3.3; art. 18.
    """
    return bool(case.findings.unknown_fields)


PROMPTS: tuple[tuple[Prompt, frozenset[Decision], Holds], ...] = (
    (Prompt.REPEAT_INSPECTION, _VISITS, repeats),
    (Prompt.SAME_ITEM, _COUNTED, repeats_an_item),
    (Prompt.EXEMPTION_EVIDENCE_MISSING, _from(Decision.RECORDED_OFFSITE), lacks_evidence),
    (Prompt.UNREASONABLE_FREQUENCY, _VISITS, is_unreasonable),
    (Prompt.SHORT_WINDOW, _VISITS, crowds),
    (Prompt.OFFSITE_PREFERRED, _ISSUED | {Decision.REFUSED_WHITELISTED}, could_be_offsite),
    (Prompt.JOINT_MEMBER, _ISSUED, passes_a_joint_task_by),
    (Prompt.OVER_CAP_BACKFILL, frozenset({Decision.RECORDED_BACKFILL}), is_over_cap),
    (Prompt.LATE_BACKFILL, frozenset({Decision.RECORDED_BACKFILL}), is_late),
    (Prompt.APPROVAL_OUTSTANDING, _from(Decision.REJECTED_OUT_OF_TERRITORY), awaits_approval),
    (Prompt.CHECK_DIGIT, _ALL, fails_check_digit),
    (Prompt.UNKNOWN_FIELD, _ALL, has_unknown_fields),
    (Prompt.WHITELISTED, _VISITS, is_whitelisted),
    (Prompt.UNKNOWN_JOINT, _COUNTED | {Decision.INTERCEPTED_OVER_CAP}, names_an_unknown_joint),
)
"""Each prompt, the decisions it can come with, and when it holds; in the order of the enum."""

_OF_DECISION = {
    decision: tuple((prompt, holds) for prompt, with_, holds in PROMPTS if decision in with_)
    for decision in Decision
}


def prompts_of(case: Case, decision: Decision) -> tuple[Prompt, ...]:
    """The prompts that go with a decision on a task, each at most once, in the order of the enum.

    Source: art. 10.
    """
    return tuple([prompt for prompt, holds in _OF_DECISION[decision] if holds(case)])


def _visits_since(day: int, tasks: list[TaskState], joints: Mapping[str, JointState]) -> int:
    """How many visits these tasks are that lie after a day; a joint one is one."""
    together = [joint_visit_of(task, joints) for task in tasks if task.day > day]
    singles = together.count(None)
    return singles + len(set(together) - {None})
