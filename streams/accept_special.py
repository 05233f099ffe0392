"""Under which key does an event lie that concerns no one enterprise, and what do registries say?

A special inspection has a log of its own, and so has a survey without a list of objects.
"""

from __future__ import annotations

from pydantic import BaseModel

from schemas.base import Inbound
from schemas.identity import CreditCodeOutcome, CreditCodeReading
from schemas.inbound import ChoiceRecorded, EntryRecorded, TaskCancelled, TaskSubmitted
from schemas.inbound_special import (
    SpecialAgreed,
    SpecialClaimed,
    SpecialClosed,
    SpecialDispatched,
    SpecialFiled,
    SpecialPublished,
    SpecialRefused,
    SurveyClosed,
    SurveyObjectFound,
)
from schemas.journal import DepartmentFinding, Findings
from schemas.malformed import Malformed, shown
from schemas.reasons import Refusal
from schemas.special_words import SPECIAL_PREFIX, SURVEY_PREFIX
from streams.findings import findings_with
from streams.registry import Registry
from streams.rules.calendar import day_of_text
from streams.rules.entry.standing import department_standing

_ABOUT_SPECIALS = (
    SpecialFiled, SpecialAgreed, SpecialPublished, SpecialDispatched, SpecialClaimed,
    SpecialRefused, SpecialClosed,
)  # fmt: skip
_OF_SURVEYS = (SurveyObjectFound, SurveyClosed)
_ABOUT_TASKS = (TaskSubmitted, TaskCancelled, EntryRecorded, ChoiceRecorded)


def own_log(data: BaseModel) -> str | None:
    """Key of the log that an event belongs to; None if it is an enterprise's.

    Source: design §3.1 (keys of the journal).
    """
    if isinstance(data, _ABOUT_TASKS):
        return data.uscc if data.uscc.startswith(SURVEY_PREFIX) else None
    if isinstance(data, _ABOUT_SPECIALS):
        return SPECIAL_PREFIX + data.special_id
    return SURVEY_PREFIX + data.survey_task_id if isinstance(data, _OF_SURVEYS) else None


def check_own_log(key: bytes | None, expected: str, data: BaseModel) -> None:
    """What the event and its record say of the log must agree.

    Raises:
        Malformed: they do not, or a task without an enterprise is no survey.
    """
    if isinstance(data, _ABOUT_TASKS) and expected != SURVEY_PREFIX + data.task_id:
        found = f"{shown(data.uscc)} found: a credit code, or {SURVEY_PREFIX}<task_id> expected"
        raise Malformed(Refusal.INVALID_FIELD, "uscc", found)
    if isinstance(data, TaskSubmitted) and not data.survey:
        raise Malformed(Refusal.INVALID_FIELD, "survey", "false found: true expected without uscc")
    text = None if key is None else key.decode("utf-8", "replace")
    also = data.uscc if isinstance(data, SurveyObjectFound) else None
    if text not in (None, expected, expected.partition(":")[2], also):
        found = f"{shown(text)} found: {expected}, or the id alone, expected"
        raise Malformed(Refusal.WRONG_KEY, "key", found)


def no_enterprise(key: str) -> CreditCodeReading:
    """What stands in the place of a credit code where there is no enterprise."""
    return CreditCodeReading(CreditCodeOutcome.VALID, key, in_scope=True)


def special_findings(sender: str, data: BaseModel, time: str, registry: Registry) -> Findings:
    """What the registry says of the sender and of the departments that an event names.

    As of the day of the event's own time.

    Source: art. 5, 14.
    """
    day = day_of_text(time)
    named: tuple[str, ...] = ()
    if isinstance(data, SpecialFiled):
        named = data.departments
    elif isinstance(data, SpecialDispatched):
        named = data.to
    found = []
    for dept in dict.fromkeys((sender, *named)):
        entry = registry.departments.get(dept)
        found.append(
            DepartmentFinding(
                dept=dept,
                standing=department_standing(entry, day),
                level=None if entry is None else entry.level,
            )
        )
    unknown = data.unknown_fields() if isinstance(data, Inbound) else ()
    return findings_with({"departments": tuple(found), "unknown_fields": unknown})
