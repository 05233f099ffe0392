"""How is a joint inspection kept for people who plan (art. 2)?"""

from __future__ import annotations

from schemas.enums import JointKind
from schemas.joint_answers import JointRow
from schemas.plain_json import encode_plain
from streams.rules.calendar import day_at
from streams.rules.state import SubjectState


def joint_row(uscc: str, joint_id: str, after: SubjectState) -> bytes:
    """A joint task as it stands, as JSON.

    Source: art. 2 (the lead organises the joint inspections of a quarter).
    """
    joint = after.joints[joint_id]
    row = JointRow(
        joint_id=joint_id,
        uscc=uscc,
        entity_name=joint.name,
        quarter=joint.quarter,
        kind=JointKind.INTERNAL if joint.is_internal else JointKind.CROSS,
        members=joint.members,
        lead=joint.lead,
        left=joint.left,
        region=joint.region,
        group=joint.group,
        day=day_at(joint.day) if joint.day else None,
        items=len({item for part in joint.parts for item in part.items}),
    )
    return encode_plain(row)
