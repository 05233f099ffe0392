"""What must the fold remember of draws and joint inspections of one enterprise (art. 1, 2)?

Fields are only ever appended, each with a default: stored states outlive a release.
"""

from __future__ import annotations

import msgspec


class DrawState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One draw that hit the enterprise. `line`: empty if the department has only one."""

    dept: str
    draw_id: str
    line: str
    items: tuple[str, ...]
    digest: str
    system: str = ""


class QuarterState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The draws of a quarter, in order, and the enterprise as the object list had it last.

    `closed`: the window is over and what overlaps was found.
    """

    draws: tuple[DrawState, ...] = ()
    closed: bool = False
    name: str = ""
    industry: str = ""
    object_type: str = ""
    region: str = ""


class PartState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one department brings to a joint task."""

    dept: str
    system: str = ""
    items: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()


class JointState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A joint task formed for this enterprise (art. 2).

    Attributes:
        quarter: Of which it is.
        members: Who takes part.
        lead: Who organises it; empty if nobody is left.
        parts: What each member brings; empty if the hub was only told the members.
        left: Who takes no part any more and may not inspect on its own.
        is_internal: Of several lines of one department, which nobody else has joined.
        name: The enterprise's.
        industry: The enterprise's.
        region: Where the enterprise is.
        day: The day proposed, as an ordinal; 0 for none.
        group: Joint tasks that are planned together share it.
    """

    quarter: str
    members: tuple[str, ...]
    lead: str
    parts: tuple[PartState, ...] = ()
    left: tuple[str, ...] = ()
    is_internal: bool = False
    name: str = ""
    industry: str = ""
    region: str = ""
    day: int = 0
    group: str = ""


def binds(joint: JointState, dept: str) -> bool:
    """Whether a department may not inspect on its own because of this joint task.

    Source: art. 2. A member that nobody joins any more may; who left may not.
    """
    if dept in joint.left:
        return True
    return dept in joint.members and (joint.is_internal or len(joint.members) > 1)
