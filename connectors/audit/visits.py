"""Is a task its department's part of the joint visit that it names?

Source: semantics §13; art. 2, 7.
"""

from __future__ import annotations

from datetime import date, timedelta

from connectors.audit.days import as_day, quarter
from connectors.audit.decode import Entry
from connectors.audit.drawn import Joint
from connectors.audit.state import Enterprise, Task


def out_of_step(state: Enterprise, task: Task) -> tuple[str, str] | None:
    """Why a member's task is no part of the visit it names: code and what it is about."""
    name = task.joint_id or ""
    others = state.tasks_of_visit(name)
    own = [t for t in others if t.dept == task.dept and t.task_id != task.task_id]
    if own:
        return "JOINT_TASK_EXISTS", own[0].task_id
    elsewhere = [t for t in others if t.mode == "ONSITE" and t.day != task.day]
    return ("JOINT_DAY", f"{name} on {elsewhere[0].day.isoformat()}") if elsewhere else None


def comes_along(state: Enterprise, task: Task) -> bool:
    """Whether a task that was not decided yet would be part of the joint visit it names."""
    joint = state.joints.get(task.joint_id or "")
    if joint is None or task.dept not in joint.members or has_other_work(state, task):
        return False
    return out_of_step(state, task) is None


def bound_by(state: Enterprise, dept: str, of: str) -> dict[str, Joint]:
    """The joint tasks of a quarter that bind a department."""
    known = state.joints.items()
    return {name: one for name, one in known if one.quarter == of and one.binds(dept)}


def waiting_draws(state: Enterprise, task: Task, of: str) -> list[str]:
    """Its department's draws whose window is open, if it is a task by plan."""
    kept = state.draws.get(of)
    if kept is None or kept.closed or task.trigger != "PLAN":
        return []
    return [draw.draw_id for draw in kept.draws if draw.dept == task.dept]


def has_other_work(state: Enterprise, task: Task) -> bool:
    """Whether it names a joint task of another quarter while its day's quarter has its own."""
    this = quarter(task.day)
    if state.joints[task.joint_id or ""].quarter == this:
        return False
    return bool(bound_by(state, task.dept, this) or waiting_draws(state, task, this))


def out_of_reach(state: Enterprise, first: date, last: date) -> bool:
    """Whether the whitelist leaves no day from one to another for a visit by plan (art. 3)."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return all(map(state.is_whitelisted, days or [last]))


def asked(entry: Entry, state: Enterprise) -> Task:
    """The submitted task as its journal record says, whatever was recorded of it."""
    data = entry.data
    task = Task(
        task_id=data["task_id"],
        named_at=entry.rank,
        dept=entry.dept,
        mode=data["mode"],
        kind=data["kind"],
        trigger=data["trigger"],
        evidence=bool(data.get("clue_no")),
        items=frozenset(data["items"]),
        day=as_day(data["planned_on"]),
        joint_id=data.get("joint_id"),
    )
    task.along = comes_along(state, task)
    return task
