"""What do departments tell the hub about inspections? Field names are binding (design §3.3)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Day, DeptCode, Id, Inbound, Instant, Name, Quarter, RegionCode, Text
from schemas.enums import ApprovalMode, Choice, EntryHow, Kind, Mode, Trigger

ITEMS_MAX = 200
OFFICERS_MAX = 50
STARS_MAX = 5
COMMENT_LENGTH_MAX = 500

CreditCodeText = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Items = Annotated[tuple[Id, ...], Field(min_length=1, max_length=ITEMS_MAX)]


class Approval(Inbound):
    """Who approved the inspection plan, when, and whether beforehand (art. 15).

    `no`, `by` and `at` may be empty only for an urgent inspection whose approval still follows.
    """

    no: Id | None = None
    by: Name | None = None
    at: Instant | None = None
    mode: ApprovalMode = ApprovalMode.PRIOR


class TaskSubmitted(Inbound):
    """`inspection.task.submitted`: a department asks for an inspection code (art. 7, 10, 15)."""

    task_id: Id
    uscc: CreditCodeText
    entity_name: Name
    mode: Mode
    kind: Kind
    trigger: Trigger
    clue_no: Id | None = None
    items: Items
    planned_on: Day
    premises_region: RegionCode
    assist_letter_no: Id | None = None
    officers: Annotated[tuple[Id, ...], Field(max_length=OFFICERS_MAX)]
    plan_code: Id | None = None
    approval: Approval | None = None
    special_id: Id | None = None
    joint_id: Id | None = None
    survey: bool = False
    backfill: bool = False


class TaskCancelled(Inbound):
    """`inspection.task.cancelled`: the inspection will not take place."""

    task_id: Id
    uscc: CreditCodeText
    reason: Text = ""


class EntryRecorded(Inbound):
    """`inspection.entry.recorded`: officers entered; a refusal to scan never stops them (art. 8).

    `officers` are those who entered; if nobody is named, those of the task. Their certificates are
    asked for again on the day (art. 14).
    """

    task_id: Id
    uscc: CreditCodeText
    how: EntryHow
    at: Instant
    note: Text = ""
    officers: Annotated[tuple[Id, ...], Field(max_length=OFFICERS_MAX)] = ()


class PointResult(Inbound):
    """One check point of an item and what was found (art. 16)."""

    point: Id
    ok: bool
    note: Text = ""


class ItemResult(Inbound):
    """One inspected item with its check points.

    `version` is that of the standard it was filled in against; None: the one in force on the day.
    """

    item: Id
    points: Annotated[tuple[PointResult, ...], Field(max_length=200)] = ()
    version: int | None = None


class ResultRecorded(Inbound):
    """`inspection.result.recorded`: what the inspection found (art. 5, 6, 9, 16).

    `outcomes` is a set of outcome codes; an inspection may have several.
    """

    task_id: Id
    result_id: Id
    uscc: CreditCodeText
    inspected_on: Day
    outcomes: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    found_problem: bool
    negative: bool
    publish: bool
    items: Annotated[tuple[ItemResult, ...], Field(max_length=ITEMS_MAX)] = ()
    follow_up: Text | None = None
    backfill: bool = False


class RatingSubmitted(Inbound):
    """`inspection.rating.submitted`: how the enterprise rates one department's visit (art. 9).

    It comes from the enterprise's own page only: nobody rates himself. The newest `at` counts.
    """

    task_id: Id
    uscc: CreditCodeText
    dept: DeptCode
    stars: Annotated[int, Field(ge=1, le=STARS_MAX)]
    comment: Annotated[Text, Field(max_length=COMMENT_LENGTH_MAX)] = ""
    at: Instant


class ChoiceRecorded(Inbound):
    """`inspection.choice.recorded`: what the officer did after a prompt (art. 10). STOP cancels."""

    task_id: Id
    uscc: CreditCodeText
    choice: Choice
    prompts: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    reason: Text = ""


class CodeExpired(Inbound):
    """`inspection.code.expired`.

    The scheduler found a code past its last day (never sent by departments).
    """

    task_id: Id
    uscc: CreditCodeText
    on: Day


class SubjectClassified(Inbound):
    """`subject.classified`: class of an enterprise in one scheme as of a day (art. 3).

    `scheme` is GENERAL_RISK, CREDIT_EVALUATION or INDUSTRY:<code>.
    """

    uscc: CreditCodeText
    scheme: Annotated[
        str,
        StringConstraints(
            pattern=r"^(GENERAL_RISK|CREDIT_EVALUATION|INDUSTRY:[A-Za-z0-9_-]{1,32})$"
        ),
    ]
    class_: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9+-]{1,16}$"), Field(alias="class")
    ]
    as_of: Day


class WhitelistChanged(Inbound):
    """`whitelist.changed`: an enterprise or an item enters or leaves the whitelist (art. 3).

    Exactly one of `uscc` and `item` is given. `until` None: with no end.
    """

    uscc: CreditCodeText | None = None
    item: Id | None = None
    listed: bool
    from_: Annotated[Day, Field(alias="from")]
    until: Day | None = None
    ground: Text

    def holds_on(self, day: date) -> bool:
        """Whether it has the enterprise or item on the whitelist on a day (art. 3)."""
        return self.listed and self.from_ <= day and (self.until is None or day <= self.until)


class JointFormed(Inbound):
    """`joint.formed`: the hub formed a joint task for one enterprise; nobody sends it (art. 2)."""

    joint_id: Id
    uscc: CreditCodeText
    quarter: Quarter
    members: Annotated[tuple[DeptCode, ...], Field(min_length=2, max_length=100)]
    lead: DeptCode
