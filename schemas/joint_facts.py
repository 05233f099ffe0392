"""What is so now about random draws and joint inspections? Facts of `insp.decided` (art. 1, 2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Message
from schemas.decision import Reason
from schemas.enums import JointChange, JointKind, LeadGround


class JointPart(Message):
    """What one department brings to a joint inspection: its line of business, items and draws."""

    dept: str
    system: str = ""
    items: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()


class JointDropped(Message):
    """A department that drew the enterprise and takes no part, and why."""

    dept: str
    reasons: tuple[Reason, ...]


class DrawLapsed(Message):
    """A draw that still waited when the window of a later quarter closed."""

    quarter: str
    dept: str
    draw_id: str


class DrawnFact(Message):
    """A department drew the enterprise for a quarter (art. 2).

    Attributes:
        late: after the window; taken because the policy says so.
        digest: of the draw's content, so that a repeat is told from another draw of the same id.
        system: the department's line of business.
        name, industry, object_type, region: the enterprise, as the object list had it.
        special_id: the special inspection that it was drawn for; not written where for none.
    """

    fact: Literal["DRAWN"] = "DRAWN"
    draw_id: str
    dept: str
    quarter: str
    line: str | None = None
    items: tuple[str, ...]
    late: bool
    digest: str
    system: str
    name: str
    industry: str
    object_type: str
    region: str
    special_id: Annotated[str | None, Field(exclude_if=lambda name: name is None)] = None


class WindowClosedFact(Message):
    """The quarter's window for draws is over for this enterprise (art. 2).

    Attributes:
        alone: departments that drew it and may inspect on their own: nobody joins them.
        dropped: departments that drew it and may not come, with or without a joint inspection.
        lapsed: draws of earlier quarters whose windows were never closed: nothing comes of them any
            more. Not written where there are none.
    """

    fact: Literal["WINDOW_CLOSED"] = "WINDOW_CLOSED"
    quarter: str
    alone: tuple[str, ...] = ()
    dropped: tuple[JointDropped, ...] = ()
    lapsed: Annotated[tuple[DrawLapsed, ...], Field(exclude_if=lambda draws: not draws)] = ()


class JointFact(Message):
    """A joint task was formed with these members.

    Attributes:
        kind: of several departments, or of several lines of one; None if it was not said.
        parts: what each member brings, in the order of `members`.
        ground: why `lead` leads.
        name, industry, region: the enterprise, as the object list had it.
        day: the day proposed for the visit.
        group: name of those joint tasks of the quarter that have one lead, the same members and
            one district.
        left: departments that drew it, take no part, and may not inspect on their own.
    """

    fact: Literal["JOINT"] = "JOINT"
    joint_id: str
    quarter: str
    members: tuple[str, ...]
    lead: str
    kind: JointKind | None = None
    parts: tuple[JointPart, ...] = ()
    ground: LeadGround | None = None
    name: str = ""
    industry: str = ""
    region: str = ""
    day: date | None = None
    group: str = ""
    left: tuple[str, ...] = ()


class JointChangedFact(Message):
    """Who takes part in a joint task, and who leads it, from now on (art. 2).

    Attributes:
        dept: who joined, left, stayed away or was dropped.
        lead: empty if nobody is left.
        ground: why it leads; None if the lead did not change.
        part: what a department that joined brings, with what it brought before.
        group: as in `JointFact`.
        kind: what sort it is from now on; not written where it stays what it was.
    """

    fact: Literal["JOINT_CHANGED"] = "JOINT_CHANGED"
    joint_id: str
    change: JointChange
    dept: str
    reasons: tuple[Reason, ...] = ()
    members: tuple[str, ...]
    lead: str
    ground: LeadGround | None = None
    part: JointPart | None = None
    group: str = ""
    kind: Annotated[JointKind | None, Field(exclude_if=lambda kind: kind is None)] = None
