"""Which facts are there about surveys, and what reaches other logs (docs/semantics.md §15)?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Message
from schemas.enums import Decision, Kind, Mode, Trigger
from schemas.inbound_special import FoundResult
from schemas.journal import SubjectFinding
from schemas.special_words import ObjectStage, SurveyStep


class FoundObject(Message):
    """What reaches the enterprise's own log of an object that was found.

    `premises_region`: where it was found; not written in facts of before version 8 of the rules.
    """

    mode: Mode
    kind: Kind
    trigger: Trigger
    evidence: bool
    items: tuple[str, ...]
    special_id: str | None = None
    result: FoundResult
    subject: SubjectFinding | None = None
    check_digit_ok: bool = True
    premises_region: Annotated[str | None, Field(exclude_if=lambda code: code is None)] = None


class SurveyFact(Message):
    """A survey came upon an object, or is over.

    Attributes:
        at: when it was said, Unix milliseconds.
        uscc: the object; None at the end.
        found: how many objects it has come upon, this one included.
    """

    fact: Literal["SURVEY"] = "SURVEY"
    task_id: str
    step: SurveyStep
    by: str
    at: int
    found: int
    uscc: str | None = None
    result_id: str | None = None
    object: FoundObject | None = None


class SurveySeed(Message):
    """What the state must remember of a visit that a survey led to."""

    mode: Mode
    kind: Kind
    trigger: Trigger
    evidence: bool
    special_id: str | None = None


class SpecialObjectFact(Message):
    """What became of one object of a special inspection.

    Attributes:
        task_id: of the task; of stage DRAWN the draw's id.
        listed: whether the object is on its list.
        on: the planned day, of a result the actual one.
    """

    fact: Literal["SPECIAL_OBJECT"] = "SPECIAL_OBJECT"
    special_id: str
    uscc: str
    dept: str
    task_id: str
    stage: ObjectStage
    decision: Decision | None = None
    result_id: str | None = None
    on: date | None = None
    listed: bool = False
