"""What do departments tell the hub about special inspections and surveys (art. 4-6)?

A special inspection has a log of its own, keyed `special:<special_id>`; a survey without a list of
objects is a task without an enterprise, keyed `survey:<task_id>`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from schemas.base import Day, DeptCode, Id, Inbound, Instant, Name, RegionCode, Text
from schemas.enums import Decision, Kind, Mode, Trigger
from schemas.inbound import Approval, CreditCodeText, ItemResult
from schemas.inbound_repair import Sha256
from schemas.special_words import ObjectStage, Platform

OBJECTS_MAX = 5000
PARTIES_MAX = 100

Objects = Annotated[tuple[CreditCodeText, ...], Field(max_length=OBJECTS_MAX)]
Parties = Annotated[tuple[DeptCode, ...], Field(max_length=PARTIES_MAX)]
Dispatched = Annotated[tuple[DeptCode, ...], Field(min_length=1, max_length=PARTIES_MAX)]
ResultItems = Annotated[tuple[ItemResult, ...], Field(max_length=200)]
Outcomes = Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]


class BasisDocument(Inbound):
    """A document on which a special inspection rests: its reference and digest, never itself."""

    title: Name
    reference: Name
    sha256: Sha256
    confidential: bool = False


class SpecialFiled(Inbound):
    """`special.filed`: an approved special inspection is put on record (art. 4).

    Attributes:
        departments: all that plan it together; two or more make it a joint plan, to which each of
            the others must agree in its own name (art. 5).
        objects: the list of enterprises; None for a survey, and for what must be kept secret.
        survey: its objects are found by looking (art. 6).
    """

    special_id: Id
    title: Name
    basis_docs: Annotated[tuple[BasisDocument, ...], Field(max_length=50)] = ()
    approval: Approval | None = None
    content: Text
    scope: Text
    requirements: Text
    confidential: bool = False
    objects: Objects | None = None
    departments: Parties = ()
    deployed_by_superior: bool = False
    survey: bool = False
    starts_on: Day
    ends_on: Day

    @model_validator(mode="after")
    def _list_where_it_belongs(self) -> SpecialFiled:
        if self.objects and self.confidential:
            msg = "a confidential special inspection is filed without its objects"
            raise ValueError(msg)
        if self.objects and self.survey:
            msg = "a survey has no list: its objects are found"
            raise ValueError(msg)
        if self.ends_on < self.starts_on:
            msg = "ends_on lies before starts_on"
            raise ValueError(msg)
        return self


class SpecialAgreed(Inbound):
    """`special.agreed`: a department of a joint plan agrees to it, in its own name (art. 5).

    `plan_digest`: the plan's as `special.updated` gives it, if it is to be this plan and no other.
    """

    special_id: Id
    plan_digest: Id | None = None
    at: Instant


class SpecialPublished(Inbound):
    """`special.published`: the plan was made public (art. 4); `address` is where."""

    special_id: Id
    address: Text
    at: Instant


class SpecialDispatched(Inbound):
    """`special.dispatched`: a city department gives it to departments of districts (art. 5).

    They are to claim or refuse it until `due_on`.
    """

    special_id: Id
    to: Dispatched
    due_on: Day
    note: Text = ""
    at: Instant


class SpecialClaimed(Inbound):
    """`special.claimed`: a department takes it on, and with which platform (art. 5, 6)."""

    special_id: Id
    platform: Platform = Platform.CITY
    at: Instant


class SpecialRefused(Inbound):
    """`special.refused`: a department does not take it on, and says why (art. 5)."""

    special_id: Id
    reason: Text
    at: Instant


class SpecialOverdue(Inbound):
    """`special.overdue`: the scheduler found a dispatch past its last day (never from outside)."""

    special_id: Id
    dept: DeptCode
    on: Day


class SpecialClosed(Inbound):
    """`special.closed`: the special inspection is over (art. 6)."""

    special_id: Id
    summary: Text = ""
    at: Instant


class SpecialObjectReported(Inbound):
    """`special.object.reported`: what became of one object, from its own log (never from outside).

    `on` is the planned day, of a result the actual one. Of an object that was DRAWN for it
    `task_id` is the draw's id, and there is no day.
    """

    special_id: Id
    uscc: CreditCodeText
    task_id: Id
    stage: ObjectStage
    decision: Decision | None = None
    result_id: Id | None = None
    on: Day | None = None


class FoundResult(Inbound):
    """What was found at an object of a survey; see `inspection.result.recorded`."""

    result_id: Id
    inspected_on: Day
    outcomes: Outcomes
    found_problem: bool
    negative: bool
    publish: bool
    items: ResultItems = ()
    follow_up: Text | None = None


class SurveyObjectFound(Inbound):
    """`survey.object.found`: an object that a survey came upon, with its result (art. 6)."""

    survey_task_id: Id
    uscc: CreditCodeText
    entity_name: Name
    premises_region: RegionCode
    result: FoundResult


class SurveyObjectEntered(Inbound):
    """`survey.object.entered`: the same in the enterprise's own log (never from outside).

    `kind` … `items` are the survey's; items of the result go before its. `premises_region` is where
    it was found; None in records of before version 8 of the rules.
    """

    task_id: Id
    uscc: CreditCodeText
    mode: Mode
    kind: Kind
    trigger: Trigger
    evidence: bool
    items: Annotated[tuple[Id, ...], Field(max_length=400)]
    special_id: Id | None = None
    result: FoundResult
    premises_region: RegionCode | None = None


class SurveyClosed(Inbound):
    """`survey.closed`: nothing more will be found (art. 6)."""

    survey_task_id: Id
    summary: Text = ""
    at: Instant
