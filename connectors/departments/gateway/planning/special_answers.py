"""What is said between the gateway and a department that takes its tasks from a list (art. 6)?"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from connectors.departments.gateway.answers import Answer
from schemas.base import Id, Message
from schemas.enums import Mode
from schemas.inbound import Approval

SHARES_MAX = 400
_Officers = Annotated[tuple[Id, ...], Field(max_length=100)]
_Items = Annotated[tuple[Id, ...], Field(max_length=200)]


class ShareAsked(Message):
    """Who goes to one district, and for what; what is left out is that of all districts."""

    district: Annotated[Id, Field(description="Region code of a district or a smaller place.")]
    officers: _Officers = ()
    items: _Items = ()


class TasksAsked(Message):
    """Who goes, when, and for what: what only the department can say."""

    days: Annotated[
        tuple[date, ...],
        Field(min_length=1, max_length=366, description="The objects are spread evenly over them."),
    ]
    items: _Items = ()
    officers: Annotated[_Officers, Field(description="Certificate numbers.")] = ()
    by_district: Annotated[tuple[ShareAsked, ...], Field(max_length=SHARES_MAX)] = ()
    mode: Mode = Mode.ONSITE
    approval: Annotated[
        Approval | None, Field(description="Of your own plan; null: the special inspection's.")
    ] = None
    again: Annotated[
        bool, Field(description="Also for objects whose task was refused or cancelled.")
    ] = False


class TaskRow(Answer):
    """One object of the list."""

    uscc: str
    task_id: Annotated[str | None, Field(description="null: no task.")]
    planned_on: date | None
    duplicate: Annotated[bool, Field(description="This very task was taken in before.")] = False
    not_submitted: Annotated[
        str | None, Field(description="Why there is no task, or not this one; null: there is.")
    ]


class TasksShown(Answer):
    """Each object of the list with its task, or why there is none."""

    special_id: str
    dry_run: Annotated[bool, Field(description="Nothing was submitted.")]
    submitted: int
    objects: list[TaskRow]
