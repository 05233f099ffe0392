"""Which facts are there about special inspections (docs/semantics.md §14)?"""

from __future__ import annotations

from datetime import date
from typing import Literal

from schemas.base import Message
from schemas.decision import Reason
from schemas.special_words import Platform, SpecialStatus, SpecialStep


class SpecialPlan(Message):
    """What a filed special inspection consists of (art. 4).

    Attributes:
        dept: who filed it.
        departments: who plans it together besides, each of which must agree.
        title: empty if it is confidential, as `listed` is: neither leaves the journal then.
        listed: credit codes of its objects, in order.
        basis: SHA-256 of the documents on which it rests.
        digest: of the content as filed, 32 hex digits.
    """

    dept: str
    departments: tuple[str, ...] = ()
    title: str = ""
    listed: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    confidential: bool = False
    superior: bool = False
    survey: bool = False
    starts_on: date
    ends_on: date
    digest: str


class SpecialFact(Message):
    """A step of a special inspection was taken.

    Attributes:
        by: who took it.
        status: where it stands now.
        at: when the step was taken, Unix milliseconds.
        plan: of a filing.
        named: departments that it was dispatched to, or whose days went by.
        due_on: last day to claim or refuse a dispatch.
        platform: of a claim.
        reason: of a refusal.
        reasons: what people should know besides.
    """

    fact: Literal["SPECIAL"] = "SPECIAL"
    special_id: str
    step: SpecialStep
    by: str
    status: SpecialStatus
    at: int
    plan: SpecialPlan | None = None
    named: tuple[str, ...] = ()
    due_on: date | None = None
    platform: Platform | None = None
    reason: str = ""
    reasons: tuple[Reason, ...] = ()
