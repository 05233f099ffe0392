"""What is said about random draws and the joint inspections that come of them (art. 1, 2)?

Departments draw in the first five working days of a quarter; the hub finds who drew the same
enterprise. Field names are binding (design §3.3).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.base import Day, DeptCode, Id, Inbound, Instant, Quarter, RegionCode, Text
from schemas.inbound import CreditCodeText, Items

OBJECTS_MAX = 8_000
"""Objects of one draw: a record of a quarter megabyte holds them; larger draws come in several."""


class DrawSubmitted(Inbound):
    """`draw.submitted`: what a department drew at random for a quarter (art. 2).

    Intake writes one journal record an object, under type `draw.object`. A draw that is larger than
    `objects` may hold is sent as several, each with a `draw_id` of its own.

    Attributes:
        draw_id: of one department; the same draw again is a repeat, never a second draw.
        quarter: the quarter that it is drawn for, as `2026Q1`.
        plan_code: the yearly plan of random inspections that it carries out.
        drawn_at: when it was drawn.
        items: what is to be inspected at each of the objects.
        objects: credit codes; one given twice counts once.
        line: the department's own line of business (监管条线) that drew, where it has several:
            objects that two lines of one department drew make an internal joint inspection.
        special_id: the special inspection that it was drawn for, if it was for one (art. 5).
    """

    draw_id: Id
    quarter: Quarter
    plan_code: Id
    drawn_at: Instant
    items: Items
    objects: Annotated[tuple[CreditCodeText, ...], Field(min_length=1, max_length=OBJECTS_MAX)]
    line: Id | None = None
    special_id: Id | None = None


class DrawObject(Inbound):
    """`draw.object`: one object of a draw, as intake writes it into the journal (art. 2).

    Never sent by departments.

    Attributes:
        system: the department's line of business, as the register had it; empty if it had none.
        region: where the object list has the enterprise; None if it does not know it.
    """

    draw_id: Id
    uscc: CreditCodeText
    quarter: Quarter
    plan_code: Id
    drawn_at: Instant
    items: Items
    line: Id | None = None
    system: Text = ""
    region: RegionCode | None = None
    special_id: Id | None = None


class WindowClosed(Inbound):
    """`draw.window.closed`: the quarter's window for draws is over, for one enterprise (art. 2).

    The scheduler appends it; never sent by departments. `on` is the day on which it was said.
    """

    uscc: CreditCodeText
    quarter: Quarter
    on: Day


class JointWithdrawn(Inbound):
    """`joint.withdrawn`: a member cannot take part in a joint inspection, and says why (art. 2).

    It may not inspect on its own instead; if it led, the lead passes on.
    """

    joint_id: Id
    uscc: CreditCodeText | None = None
    reason: Annotated[Text, Field(min_length=1)]


class JointAbsent(Inbound):
    """`joint.absent`: a member that was there says which other one did not come (art. 2)."""

    joint_id: Id
    uscc: CreditCodeText | None = None
    dept: DeptCode
    reason: Text = ""
