"""What does the hub tell departments about draws and joint inspections (docs/semantics.md §13)?"""

from __future__ import annotations

from datetime import date

from schemas.base import Message
from schemas.decision import Reason, SourceRef
from schemas.enums import JointChange, JointKind, LeadGround
from schemas.joint_facts import JointPart


class JointRow(Message):
    """A joint inspection as the view keeps it, for people who plan.

    Attributes as in `JointUpdated`; `items` counts what all members bring.
    """

    joint_id: str
    uscc: str
    entity_name: str
    quarter: str
    kind: JointKind | None
    members: tuple[str, ...]
    lead: str
    left: tuple[str, ...]
    region: str
    group: str
    day: date | None
    items: int


class DrawUpdated(Message):
    """`draw.updated`: what became of one object of a draw.

    Attributes:
        about: the event type: of the object itself, or of the window's close.
        outcome: APPLIED, REPEATED (nothing new) or REFUSED; `reasons` say why. At the window's
            close: APPLIED with reason `ALONE` if no joint task came of it.
        late: taken after the window.
    """

    draw_id: str
    uscc: str
    dept: str
    quarter: str
    about: str
    outcome: str
    late: bool = False
    reasons: tuple[Reason, ...] = ()
    source: SourceRef
    decided_at: str


class JointUpdated(Message):
    """`joint.updated`: a joint inspection as it stands after a change, told to all it concerns.

    Attributes:
        outcome: APPLIED, REPEATED (nothing new) or REFUSED, then only to whoever asked.
        change: what happened; None if nothing did.
        dept: who joined, left, stayed away or was dropped; None if it was formed.
        parts: what each member brings, lead first.
        lead: who organises it; empty if nobody is left.
        ground: why the lead leads; None if that did not change.
        left: departments that take no part and may not inspect on their own in this quarter.
        region: where the enterprise is.
        group: joint tasks of a quarter with one lead, the same members and one district share it.
        day: the day proposed.
        code: the joint inspection code, if there is one by now.
    """

    joint_id: str
    uscc: str
    about: str
    outcome: str
    change: JointChange | None = None
    dept: str | None = None
    entity_name: str = ""
    quarter: str = ""
    kind: JointKind | None = None
    parts: tuple[JointPart, ...] = ()
    lead: str = ""
    ground: LeadGround | None = None
    left: tuple[str, ...] = ()
    region: str = ""
    group: str = ""
    day: date | None = None
    code: str | None = None
    reasons: tuple[Reason, ...] = ()
    source: SourceRef
    decided_at: str
