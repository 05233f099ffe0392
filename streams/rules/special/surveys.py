"""What follows from an object that a survey came upon, and from the survey's end?

A survey is a task without an enterprise: it has its code and a log of its own. What it comes upon
is judged here, once; the enterprise's own log hears of it from here (`streams/rules/relays.py`).

Source: art. 6 (objects found are entered with their results), 7 (a code without an object);
docs/semantics.md §15.
"""

from __future__ import annotations

from typing import Literal, cast

from schemas.decision import Reason
from schemas.enums import CodeState, Decision
from schemas.facts import Fact, NotedFact
from schemas.inbound_special import SurveyClosed, SurveyObjectFound
from schemas.journal import JournalEvent
from schemas.special_words import SurveyStep
from schemas.survey_facts import FoundObject, SurveyFact
from streams.rules.calendar import instant_ms, ms_of
from streams.rules.letters import CODE_STATE, DECISION, words_of
from streams.rules.notes import refused, repeated
from streams.rules.special.state import SurveyState
from streams.rules.state import SubjectState, TaskState

FOUND_MAX = 5000
"""So many objects one survey comes upon; a larger one is split into several tasks."""
TOO_MANY_FOUND = "TOO_MANY_FOUND"

Facts = tuple[Fact, ...]

_ADMITTED = frozenset(
    DECISION[one]
    for one in (Decision.ISSUED, Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL)
)
_CANCELLED = CODE_STATE[CodeState.CANCELLED]
_NOTHING_FOUND = SurveyState()


def object_found(state: SubjectState, event: JournalEvent) -> Facts:
    """An object is entered with its result; found again, it is the same object.

    Source: art. 6.
    """
    data = cast("SurveyObjectFound", event.record.data)
    task_id, found = data.survey_task_id, data.result
    task, survey = state.tasks.get(task_id), state.survey or _NOTHING_FOUND
    barred = _barred(task, event.record.dept)
    known = survey.found.get(data.uscc)
    if barred is None and known is not None:
        return _found_before(data, known)
    if barred is None and survey.is_closed:
        barred = "SURVEY_CLOSED"
    if barred is None and len(survey.found) >= FOUND_MAX:
        barred = TOO_MANY_FOUND
    if task is None or barred is not None:
        return _noted(data, "REFUSED", Reason(code=barred or "UNKNOWN_SURVEY"))
    mode, kind, trigger, evidence = words_of(task.nature)
    items = tuple(dict.fromkeys((*(row.item for row in found.items), *task.items)))
    fact = SurveyFact(
        task_id=task_id,
        step=SurveyStep.FOUND,
        by=event.record.dept,
        at=instant_ms(event.record.time),
        found=len(survey.found) + 1,
        uscc=data.uscc,
        result_id=found.result_id,
        object=FoundObject(
            mode=mode,
            kind=kind,
            trigger=trigger,
            evidence=evidence,
            items=items,
            special_id=task.special_id,
            result=found,
            subject=event.record.findings.subject,
            check_digit_ok=event.record.findings.check_digit_ok,
            premises_region=data.premises_region,
        ),
    )
    return (fact,)


def closed(state: SubjectState, event: JournalEvent) -> Facts:
    """Nothing more is entered from here on.

    Source: art. 6.
    """
    data = cast("SurveyClosed", event.record.data)
    task, survey = state.tasks.get(data.survey_task_id), state.survey or _NOTHING_FOUND
    barred = _barred(task, event.record.dept)
    if barred is not None:
        return refused(data.survey_task_id, barred)
    if survey.is_closed:
        return repeated(data.survey_task_id)
    fact = SurveyFact(
        task_id=data.survey_task_id,
        step=SurveyStep.CLOSED,
        by=event.record.dept,
        at=ms_of(data.at),
        found=len(survey.found),
    )
    return (fact,)


def _barred(task: TaskState | None, dept: str) -> str | None:
    """Why nothing can be entered for a survey; None if something can."""
    if task is None or not task.digest:
        return "UNKNOWN_SURVEY"
    if task.dept != dept:
        return "OTHER_DEPARTMENT"
    if task.state == _CANCELLED:
        return "SURVEY_CANCELLED"
    return None if task.decision in _ADMITTED else "SURVEY_NOT_ADMITTED"


def _found_before(data: SurveyObjectFound, known: str) -> Facts:
    """The same object again: the first result stands, and the answer says which.

    Source: art. 6 (objects found twice are one).
    """
    if known == data.result.result_id:
        return _noted(data, "REPEATED")
    return _noted(data, "REPEATED", Reason(code="FOUND_BEFORE", about=known))


def _noted(
    data: SurveyObjectFound, outcome: Literal["REPEATED", "REFUSED"], *reasons: Reason
) -> Facts:
    """Nothing follows from an object; its result says which one it was."""
    fact = NotedFact(
        task_id=data.survey_task_id,
        outcome=outcome,
        reasons=reasons,
        result_id=data.result.result_id,
    )
    return (fact,)
