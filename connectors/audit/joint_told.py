"""What must be told about draws and joint tasks, and to whom?

Source: semantics §13, `draw.updated` and `joint.updated`; art. 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.audit.decode import Entry
from connectors.audit.drawn import Joint, first_and_last
from connectors.audit.ladder import reason
from connectors.audit.state import CANCELLED, Enterprise
from connectors.audit.told import Fact, Facts, Told, source_of
from connectors.audit.wire import DRAW_UPDATED, HUB, JOINT_UPDATED, TASK_UPDATED

APPLIED, REFUSED = "APPLIED", "REFUSED"
_NOBODY = Joint("", frozenset(), "")


def owed_on_joints(entry: Entry, facts: Facts, state: Enterprise) -> Iterator[Told]:
    """The answers that an event about draws or joint tasks leads to.

    Args:
        entry: The event.
        facts: What was recorded as decided on it.
        state: The enterprise after it.
    """
    about = next((fact["joint_id"] for fact in facts if fact["fact"].startswith("JOINT")), "")
    for fact in facts:
        kind = fact["fact"]
        if kind == "DRAWN" or (kind == "NOTED" and fact.get("draw_id")):
            yield _draw(entry, entry.dept, fact)
        elif kind == "NOTED" and fact.get("joint_id") and entry.dept != HUB:
            said = {"outcome": fact["outcome"], "reasons": fact["reasons"]}
            yield Told(entry.dept, JOINT_UPDATED, _joint(entry, fact["joint_id"], state, said))
        elif kind == "WINDOW_CLOSED":
            yield from _unjoined(entry, fact, state)
        elif kind == CANCELLED:
            yield _given_up(entry, fact, state, about)
        else:
            yield from owed_on_change(entry, fact, state)


def owed_on_change(entry: Entry, fact: Fact, state: Enterprise) -> Iterator[Told]:
    """How a joint task stands after a fact, told to all whom it concerns."""
    concerned = set(fact.get("members") or ())
    if fact["fact"] == "JOINT" and fact.get("kind"):
        concerned |= set(fact.get("left") or ())
        said = {"change": "FORMED", "ground": fact.get("ground")}
    elif fact["fact"] == "JOINT_CHANGED":
        concerned.add(fact["dept"])
        said = {name: fact.get(name) for name in ("change", "dept", "ground", "reasons")}
    else:
        return
    body = _joint(entry, fact["joint_id"], state, {"outcome": APPLIED, **said})
    for to in sorted(concerned):
        yield Told(to, JOINT_UPDATED, body)


def _draw(entry: Entry, to: str, fact: Fact) -> Told:
    body = {
        "draw_id": fact["draw_id"],
        "uscc": entry.key,
        "dept": to,
        "quarter": fact.get("quarter") or "",
        "about": entry.type,
        "outcome": fact.get("outcome") or APPLIED,
        "late": bool(fact.get("late")),
        "reasons": fact.get("reasons") or [],
        **source_of(entry),
    }
    return Told(to, DRAW_UPDATED, body)


def _unjoined(entry: Entry, fact: Fact, state: Enterprise) -> Iterator[Told]:
    """Nobody joins them, they may not come, or their draw of an earlier quarter is void."""
    said = [(dept, APPLIED, [reason("ALONE")]) for dept in fact.get("alone") or ()]
    said += [(one["dept"], REFUSED, one["reasons"]) for one in fact.get("dropped") or ()]
    for dept, outcome, reasons in said:
        draws = (draw for draw in state.draws[fact["quarter"]].draws if draw.dept == dept)
        named = {"draw_id": next(draws).draw_id, "quarter": fact["quarter"]}
        yield _draw(entry, dept, {**named, "outcome": outcome, "reasons": reasons})
    for lost in fact.get("lapsed") or ():
        over = reason("QUARTER_OVER", first_and_last(lost["quarter"])[1].isoformat())
        yield _draw(entry, lost["dept"], {**lost, "outcome": REFUSED, "reasons": [over]})


def _given_up(entry: Entry, fact: Fact, state: Enterprise, about: str) -> Told:
    task = state.tasks[fact["task_id"]]
    body = {
        "task_id": task.task_id,
        "uscc": entry.key,
        "dept": task.dept,
        "about": entry.type,
        "outcome": APPLIED,
        "code_state": CANCELLED,
        "reasons": [reason("JOINT_TASK", about)],
        "year": task.day.year,
        **source_of(entry),
    }
    return Told(task.dept, TASK_UPDATED, body)


def _joint(
    entry: Entry, joint_id: str, state: Enterprise, said: Mapping[str, Any]
) -> dict[str, Any]:
    joint = state.joints.get(joint_id, _NOBODY)
    kind = ("INTERNAL" if joint.internal else "CROSS") if joint is not _NOBODY else None
    order = sorted(joint.members, key=lambda dept: (dept != joint.lead, dept))
    codes = [task.code for task in state.tasks_of_visit(joint_id) if task.code]
    return {
        "joint_id": joint_id,
        "uscc": entry.key,
        "about": entry.type,
        "entity_name": joint.name,
        "quarter": joint.quarter,
        "kind": kind,
        "parts": [joint.part_of(dept).plain() for dept in order],
        "lead": joint.lead,
        "left": joint.left,
        "region": joint.region,
        "group": joint.group,
        "day": joint.day.isoformat() if joint.day else None,
        "code": codes[0] if codes else None,
        **said,
        **source_of(entry),
    }
