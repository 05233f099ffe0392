"""What follows when a member of a joint task cannot come, or did not?

Source: semantics §13; art. 2.
"""

from __future__ import annotations

from connectors.audit.decode import Entry
from connectors.audit.drawn import Joint, group_name
from connectors.audit.joints import cancelled, nothing
from connectors.audit.ladder import Reasons, reason
from connectors.audit.lead import lead
from connectors.audit.policies import Policy
from connectors.audit.state import COMPLETED, Enterprise, Fact


def withdrawn(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`joint.withdrawn`: a member cannot come."""
    joint_id, dept = entry.data["joint_id"], entry.dept
    stranger = _stranger(state, joint_id, dept)
    if stranger is not None:
        return [stranger]
    why = (entry.data.get("reason") or "").strip()
    if not why:
        return [nothing("REFUSED", reason("REASON_MISSING"), joint_id=joint_id)]
    own = [task for task in state.tasks_of_visit(joint_id) if task.dept == dept]
    begun = [task.task_id for task in own if task.visited]
    if begun:
        return [nothing("REFUSED", reason("ALREADY_INSPECTED", begun[0]), joint_id=joint_id)]
    changed = leave(state, policy, joint_id, "WITHDRAWN", dept, [reason("WITHDRAWN", why)])
    return [changed, *map(cancelled, own)]


def absent(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`joint.absent`: a member that was there says who was not."""
    joint_id, sender, dept = entry.data["joint_id"], entry.dept, entry.data["dept"]
    if joint_id not in state.joints:
        return [nothing("REFUSED", reason("UNKNOWN_JOINT", dept), joint_id=joint_id)]
    tasks = state.tasks_of_visit(joint_id)
    there = {task.dept for task in tasks if task.visited}
    if sender == dept or sender not in there:
        return [nothing("REFUSED", reason("NOT_THERE", sender), joint_id=joint_id)]
    stranger = _stranger(state, joint_id, dept)
    if stranger is not None:
        return [stranger]
    theirs = [task for task in tasks if task.dept == dept]
    done = [task.task_id for task in theirs if task.status == COMPLETED]
    if done:
        return [nothing("REFUSED", reason("ALREADY_INSPECTED", done[0]), joint_id=joint_id)]
    changed = leave(state, policy, joint_id, "ABSENT", dept, [reason("ABSENT", sender)])
    return [changed, *map(cancelled, theirs)]


def leave(
    state: Enterprise, policy: Policy, joint_id: str, change: str, dept: str, why: Reasons
) -> Fact:
    """A joint task without one of its members (art. 2: the lead passes on)."""
    joint = state.joints[joint_id]
    members = joint.members - {dept}
    leader, ground = joint.lead, None
    if leader == dept:
        leader, ground = lead(
            [joint.part_of(one) for one in sorted(members)], joint.industry, policy
        )
    return change_of(joint_id, joint, change, dept, why, (members, leader, ground))


def _stranger(state: Enterprise, joint_id: str, dept: str) -> Fact | None:
    """The answer about a department that takes no part; None if it does."""
    joint = state.joints.get(joint_id)
    if joint is None:
        return nothing("REFUSED", reason("UNKNOWN_JOINT", dept), joint_id=joint_id)
    if dept in joint.members:
        return None
    if dept in joint.left:
        return nothing("REPEATED", reason("LEFT_BEFORE", dept), joint_id=joint_id)
    return nothing("REFUSED", reason("NOT_A_MEMBER", dept), joint_id=joint_id)


def change_of(
    joint_id: str,
    joint: Joint,
    change: str,
    dept: str,
    why: Reasons,
    then: tuple[frozenset[str], str, str | None],
) -> Fact:
    """The fact that other departments take part, or another one leads."""
    members, leader, ground = then
    return {
        "fact": "JOINT_CHANGED",
        "joint_id": joint_id,
        "change": change,
        "dept": dept,
        "reasons": why,
        "members": sorted(members),
        "lead": leader,
        "ground": ground,
        "part": None,
        "group": group_name(joint.quarter, leader, members, joint.region),
    }
