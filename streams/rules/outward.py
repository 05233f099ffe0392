"""Who hears of what was decided? The messages that go out to departments for one record.

Source: art. 10 (prompt and interception), art. 7 (the code); docs/semantics.md §7.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from schemas.base import Message
from schemas.decision import Reason, TaskUpdated
from schemas.enums import Choice, Prompt
from schemas.facts import (
    ApprovalFact,
    CancelledFact,
    ChoiceFact,
    CompletedFact,
    ConflictFact,
    Decided,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    NotedFact,
    RatedFact,
    RepeatedFact,
)
from schemas.joint_facts import JointChangedFact
from schemas.messages import (
    DECISION_MADE,
    DISCLOSURE_UPDATED,
    REPAIR_UPDATED,
    SPECIAL_UPDATED,
    SURVEY_UPDATED,
    TASK_UPDATED,
)
from schemas.public_facts import DisclosureFact
from streams.rules.built import builder
from streams.rules.calendar import day_at
from streams.rules.followups import HUB
from streams.rules.joint.outward import ABOUT_JOINTS, Told, dropped_news, joint_answers
from streams.rules.letters import CODE_STATE_OF
from streams.rules.publicity.outward import (
    ABOUT_REPAIRS,
    ABOUT_RESULTS,
    repair_answers,
    result_answers,
)
from streams.rules.special.outward import (
    ABOUT_SPECIALS,
    ABOUT_SURVEYS,
    special_answers,
    survey_answers,
)
from streams.rules.state import SubjectState, code_state_of, public_of
from streams.rules.wording import instant_text

_task_updated = builder(TaskUpdated)

Updating = (
    ApprovalFact
    | ChoiceFact
    | CancelledFact
    | ExpiredFact
    | EnteredFact
    | CompletedFact
    | RatedFact
    | NotedFact
)


class StoredDecision(msgspec.Struct, frozen=True):
    """The first decision on this task, to be sent again byte for byte."""

    task_id: str


class Outward(msgspec.Struct, frozen=True):
    """One message to a department. `key` is the credit code."""

    dept: str
    type: str
    key: str
    body: Message | StoredDecision


def outward(decided: Decided, after: SubjectState, base: int = 0) -> list[Outward]:
    """The messages that follow from the answer to one record: at most one about a task.

    What is said about an enterprise as such (class, whitelist) is answered with none.

    Args:
        decided: The answer.
        after: The enterprise after it.
        base: What the journal's generation adds to its offset.

    Source: art. 10.
    """
    if decided.type in ABOUT_JOINTS:
        return _told(decided, joint_answers(decided, after))
    if decided.type in ABOUT_REPAIRS:
        answers = repair_answers(decided, after)
        return [Outward(dept, REPAIR_UPDATED, decided.key, body) for dept, body in answers]
    if decided.type in ABOUT_RESULTS:
        answers = result_answers(decided, after)
        return [Outward(dept, DISCLOSURE_UPDATED, decided.key, body) for dept, body in answers]
    if decided.type in ABOUT_SPECIALS:
        told = special_answers(decided, after)
        return [Outward(dept, SPECIAL_UPDATED, decided.key, body) for dept, body in told]
    if decided.type in ABOUT_SURVEYS:
        told = survey_answers(decided, after)
        return [Outward(dept, SURVEY_UPDATED, decided.key, body) for dept, body in told]
    last = decided.facts[-1]
    if isinstance(last, DisclosureFact | JointChangedFact):
        # A result, and what it discloses; a task over its cap, and whom it takes out.
        last = decided.facts[0]
    if isinstance(last, DecidedFact | ConflictFact):
        made = last.decision
        answer = Outward(made.dept, DECISION_MADE, made.uscc, made)
        return [answer, *_told(decided, dropped_news(decided, after))]
    if isinstance(last, RepeatedFact):
        first = StoredDecision(last.task_id)
        return [Outward(decided.dept, DECISION_MADE, decided.key, first)]
    return _update(decided, last, after, base) if isinstance(last, Updating) else []


def _told(decided: Decided, told: Iterable[Told]) -> list[Outward]:
    return [Outward(dept, kind, decided.key, body) for dept, kind, body in told]


def _update(decided: Decided, fact: Updating, after: SubjectState, base: int) -> list[Outward]:
    task_id = fact.task_id
    if task_id is None:
        return []
    task = after.tasks.get(task_id)
    dept = decided.dept
    if dept == HUB:
        # The hub's own timers are nobody's request: whose task it is hears if something changed.
        if task is None or not task.dept or isinstance(fact, NotedFact):
            return []
        dept = task.dept
    fields = {
        "task_id": task_id,
        "uscc": decided.key,
        "dept": dept,
        "about": decided.type,
        "outcome": fact.outcome if isinstance(fact, NotedFact) else "APPLIED",
        "code_state": code_state_of(task),
        "reasons": _reasons(decided.src.offset + base, fact, after),
        "year": day_at(task.day).year if task is not None and task.day else None,
        "source": decided.src,
        "decided_at": instant_text(decided.at),
    }
    return [Outward(dept, TASK_UPDATED, decided.key, _task_updated(fields))]


def _reasons(rank: int, fact: Updating, after: SubjectState) -> tuple[Reason, ...]:
    """What the department should know besides: late, without a code, over a cap.

    Source: art. 8, 10.
    """
    if isinstance(fact, NotedFact):
        return fact.reasons
    if isinstance(fact, ApprovalFact):
        return fact.doubts
    if isinstance(fact, ChoiceFact):
        return _of_choice(fact)
    if not isinstance(fact, EnteredFact | CompletedFact):
        return ()
    task = after.tasks[fact.task_id]
    reasons = []
    if task.overturned_at == rank:
        reasons.append(Reason(code=f"WAS_{CODE_STATE_OF[task.overturned]}"))
    if isinstance(fact, CompletedFact) and fact.no_code:
        reasons.append(Reason(code="NO_CODE"))
    reasons += [Reason(code="OVER_CAP", about=label) for label in fact.over]
    if isinstance(fact, CompletedFact) and _is_taken(fact, after):
        reasons.append(Reason(code="RESULT_ID_TAKEN"))
    return (*reasons, *fact.doubts)


def _of_choice(fact: ChoiceFact) -> tuple[Reason, ...]:
    """Whether an officer who goes although he need not leaves out why.

    Source: art. 10 (what can be checked off-site is not inspected on-site).
    """
    goes = fact.choice is Choice.CONTINUE and Prompt.OFFSITE_PREFERRED in fact.prompts
    return (Reason(code="REASON_NOT_GIVEN"),) if goes and not fact.reason.strip() else ()


def _is_taken(fact: CompletedFact, after: SubjectState) -> bool:
    """Whether the result's id is that of another department's disclosed result.

    Source: art. 9 (one result of one department).
    """
    disclosed = public_of(after).results.get(fact.result_id)
    return disclosed is not None and disclosed.dept != fact.dept
