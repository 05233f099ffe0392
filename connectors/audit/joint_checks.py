"""Is a joint visit one visit, and does nobody whom it binds go alone?

Source: art. 2, 7; semantics §6, §13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from connectors.audit.days import as_day, quarter
from connectors.audit.decode import Entry
from connectors.audit.drawn import Joint
from connectors.audit.dump import RedisShard
from connectors.audit.policies import Policy
from connectors.audit.report import Book
from connectors.audit.state import Enterprise, Fact
from connectors.audit.visits import bound_by
from connectors.audit.wire import SEPARATOR

_ABOUT_VISITS = frozenset({"DECIDED", "WINDOW_CLOSED", "DRAWN", "JOINT", "JOINT_CHANGED"})
CodeName = tuple[str, int]
"""The name from which a code is derived, and the year whose key is used."""


def code_name(entry: Entry, decision: Mapping[str, Any], state: Enterprise) -> CodeName:
    """From what the code of a task must be derived: from the task, or from its joint task."""
    joint_id = entry.data.get("joint_id") or ""
    joint = state.joints.get(joint_id)
    if joint is not None and decision.get("code_kind") == "JOINT":
        return f"joint|{joint_id}", int(joint.quarter[:4])
    return decision["task_id"], as_day(entry.data["planned_on"]).year


def judge_alone(
    book: Book, where: str, entry: Entry, state: Enterprise, policy: Policy | None
) -> None:
    """Check that a task which was issued a code did not slip through a joint task (art. 2)."""
    if state.joints and policy is not None and policy.joint_refuses:
        book.ask("I2.joint")
        book.expect("I2.joint", where, _alone_fault(entry, state))


def judge_visits(book: Book, where: str, facts: list[Fact], state: Enterprise) -> None:
    """Check that what a record changed leaves each joint visit one visit (art. 2, 7)."""
    if not state.joints or facts[0]["fact"] not in _ABOUT_VISITS:
        return
    book.ask("I2.joint")
    for joint_id in state.joints:
        book.expect("I2.joint", where, _visit_fault(joint_id, state))


def _alone_fault(entry: Entry, state: Enterprise) -> str:
    """Why a task that was issued a code slipped through a joint task; empty if it did not."""
    dept, data = entry.dept, entry.data
    passed = [
        name
        for name, joint in bound_by(state, dept, quarter(as_day(data["planned_on"]))).items()
        if name != data.get("joint_id") or dept not in joint.members
    ]
    return f"{dept} is issued a code of its own beside {', '.join(passed)}" if passed else ""


def _visit_fault(joint_id: str, state: Enterprise) -> str:
    """Why a joint visit is not one visit; empty if it is."""
    joint = state.joints[joint_id]
    if (joint.lead not in joint.members) if joint.members else joint.lead:
        return f"{joint.lead or 'nobody'} leads {sorted(joint.members)}"
    tasks = [task for task in state.tasks_of_visit(joint_id) if task.code]
    codes = {task.code for task in tasks if task.code}
    if len(codes) > 1:
        return f"it has several codes: {', '.join(sorted(codes))}"
    depts = [task.dept for task in tasks]
    twice = sorted({dept for dept in depts if depts.count(dept) > 1})
    return f"several tasks of {', '.join(twice)}" if twice else ""


def ask_for_rows(book: Book, states: Iterable[Enterprise]) -> None:
    """Note which checks of the view have something to look at."""
    for state in states:
        if state.joints:
            book.ask("I11.joints")
        if any(kept.draws and not kept.closed for kept in state.draws.values()):
            book.ask("I11.drawn")


def judge_rows(
    book: Book, states: Mapping[str, Enterprise], partition: int, shard: RedisShard
) -> None:
    """Check what the view keeps of joint tasks and of draws that wait."""
    rows = {
        f"{key}{SEPARATOR}{joint_id}": row_of(key, joint_id, joint)
        for key, state in states.items()
        for joint_id, joint in state.joints.items()
    }
    for name in {**rows, **shard.joint}:
        found = _read(shard.joint.get(name))
        wrong = "" if found == rows.get(name) else f"{found}, expected {rows.get(name)}"
        book.expect("I11.joints", f"insp:{{{partition}}}:joint {name!r}", wrong)
    waiting = {
        f"{name}{SEPARATOR}{key}": 0
        for key, state in states.items()
        for name, kept in state.draws.items()
        if kept.draws and not kept.closed
    }
    for name in {**waiting, **shard.drawn}:
        wrong = "" if (name in waiting) == (name in shard.drawn) else f"waits: {name in waiting}"
        book.expect("I11.drawn", f"insp:{{{partition}}}:drawn {name!r}", wrong)


def row_of(key: str, joint_id: str, joint: Joint) -> dict[str, Any]:
    """What the view keeps of a joint task."""
    return {
        "joint_id": joint_id,
        "uscc": key,
        "entity_name": joint.name,
        "quarter": joint.quarter,
        "kind": "INTERNAL" if joint.internal else "CROSS",
        "members": sorted(joint.members),
        "lead": joint.lead,
        "left": joint.left,
        "region": joint.region,
        "group": joint.group,
        "day": joint.day.isoformat() if joint.day else None,
        "items": len({item for part in joint.parts.values() for item in part.items}),
    }


def _read(value: bytes | None) -> dict[str, Any] | None:
    try:
        found = None if value is None else orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(found, dict) and isinstance(found.get("members"), list):
        found["members"] = sorted(found["members"])
    return found
