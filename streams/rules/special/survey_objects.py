"""What follows in an enterprise's own log from a survey that came upon it?

Its visit is counted like any other, unless the policy says otherwise, and its result disclosed.

Source: art. 6, 9, 10; docs/semantics.md §15.
"""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace

from schemas.enums import CodeState
from schemas.facts import CompletedFact, Fact
from schemas.inbound import ResultRecorded
from schemas.inbound_special import SurveyObjectEntered
from schemas.journal import JournalEvent
from schemas.survey_facts import SurveySeed
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.counters import judge_caps, overfilled
from streams.rules.followups import completed
from streams.rules.letters import CODE_STATE, nature, of_survey
from streams.rules.publicity.disclosure import disclosed
from streams.rules.state import SubjectState, TaskState
from streams.rules.visits import Visit, history_of, subject_of


def object_entered(
    state: SubjectState, event: JournalEvent, policy: CompiledPolicy
) -> tuple[Fact, ...]:
    """The enterprise was visited in the course of a survey: one visit, whoever announced it.

    Source: art. 6, 10 (counted; it took place already, so nothing is stopped).
    """
    data = cast("SurveyObjectEntered", event.record.data)
    result = _as_result(event, data)
    facts = completed(state, result, policy)
    fact, known = facts[0], state.tasks.get(data.task_id)
    if not isinstance(fact, CompletedFact):
        return facts
    if known is None or not known.digest:
        seed = SurveySeed(
            mode=data.mode,
            kind=data.kind,
            trigger=data.trigger,
            evidence=data.evidence,
            special_id=data.special_id,
        )
        over = _over(state, event, policy, fact)
        changes = {"items": data.items, "no_code": False, "survey": seed, "over": over}
        fact = fact.model_copy(update=changes)
    return disclosed(state, result, (fact,))


def _as_result(event: JournalEvent, data: SurveyObjectEntered) -> JournalEvent:
    """The same event as a result of the survey's task for this enterprise."""
    found = data.result
    result = ResultRecorded(
        task_id=data.task_id,
        result_id=found.result_id,
        uscc=data.uscc,
        inspected_on=found.inspected_on,
        outcomes=found.outcomes,
        found_problem=found.found_problem,
        negative=found.negative,
        publish=found.publish,
        items=found.items,
        follow_up=found.follow_up,
    )
    return replace(event, record=event.record.model_copy(update={"data": result}))


def _over(
    state: SubjectState, event: JournalEvent, policy: CompiledPolicy, fact: CompletedFact
) -> tuple[str, ...]:
    """Labels of the rules that the visit overfills.

    Source: art. 10 (a visit that took place is counted, over the cap as well).
    """
    data = cast("SurveyObjectEntered", event.record.data)
    task = TaskState(
        dept=fact.dept,
        state=CODE_STATE[CodeState.COMPLETED],
        nature=of_survey(nature(data.mode, data.kind, data.trigger, data.evidence)),
        items=data.items,
        day=fact.day.toordinal(),
    )
    subject = subject_of(event.key, event.record.findings)
    visit = Visit(data.task_id, task, fact.day.year, subject)
    return tuple(overfilled(judge_caps(policy, visit, history_of(state, visit), state)))
