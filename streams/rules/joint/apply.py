"""What do facts about draws and joint tasks change in the state?"""

from __future__ import annotations

from msgspec.structs import replace

from schemas.enums import JointChange, JointKind
from schemas.joint_facts import (
    DrawnFact,
    JointChangedFact,
    JointFact,
    JointPart,
    WindowClosedFact,
)
from streams.rules.joint.state import DrawState, JointState, PartState, QuarterState
from streams.rules.state import SubjectState


def drawn(state: SubjectState, fact: DrawnFact) -> SubjectState:
    """One draw more; where nothing was formed yet, its quarter is looked at again."""
    before = state.draws.get(fact.quarter, QuarterState())
    draw = DrawState(fact.dept, fact.draw_id, fact.line or "", fact.items, fact.digest, fact.system)
    is_formed = any(joint.quarter == fact.quarter for joint in state.joints.values())
    after = QuarterState(
        draws=(*before.draws, draw),
        closed=before.closed and is_formed,
        name=fact.name,
        industry=fact.industry,
        object_type=fact.object_type,
        region=fact.region,
    )
    return replace(state, draws={**state.draws, fact.quarter: after})


def closed(state: SubjectState, fact: WindowClosedFact) -> SubjectState:
    """The quarter is done; draws of earlier ones are not asked for any more."""
    later = {quarter: kept for quarter, kept in state.draws.items() if quarter > fact.quarter}
    this = replace(state.draws.get(fact.quarter, QuarterState()), closed=True)
    return replace(state, draws={fact.quarter: this, **later})


def formed(state: SubjectState, fact: JointFact) -> SubjectState:
    """A joint task there is from now on."""
    joint = JointState(
        quarter=fact.quarter,
        members=fact.members,
        lead=fact.lead,
        parts=tuple(map(_part, fact.parts)),
        left=fact.left,
        is_internal=fact.kind is JointKind.INTERNAL,
        name=fact.name,
        industry=fact.industry,
        region=fact.region,
        day=0 if fact.day is None else fact.day.toordinal(),
        group=fact.group,
    )
    return replace(state, joints={**state.joints, fact.joint_id: joint})


def changed(state: SubjectState, fact: JointChangedFact) -> SubjectState:
    """Who takes part, and who leads, from now on."""
    joint = state.joints[fact.joint_id]
    parts = [part for part in joint.parts if part.dept != fact.dept]
    left = tuple(dept for dept in joint.left if dept != fact.dept)
    if fact.change is JointChange.JOINED:
        parts += [] if fact.part is None else [_part(fact.part)]
    else:
        left = (*left, fact.dept)
    after = replace(
        joint,
        members=fact.members,
        lead=fact.lead,
        parts=tuple(sorted(parts, key=lambda part: part.dept)),
        left=left,
        group=fact.group or joint.group,
        is_internal=joint.is_internal if fact.kind is None else fact.kind is JointKind.INTERNAL,
    )
    return replace(state, joints={**state.joints, fact.joint_id: after})


def _part(part: JointPart) -> PartState:
    return PartState(part.dept, part.system, part.items, part.draws)
