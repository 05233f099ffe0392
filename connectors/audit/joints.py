"""What overlaps when a quarter's window closes, and who inspects together?

Source: semantics §13; art. 1, 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connectors.audit.caps import tallies, tightest_first
from connectors.audit.days import as_day, quarter, said_of_days
from connectors.audit.decode import Entry
from connectors.audit.drawn import (
    Joint,
    Part,
    first_and_last,
    group_name,
    kind_of,
    last_day_of_window,
    parts_of,
    proposal,
)
from connectors.audit.ladder import Reasons, reason
from connectors.audit.lead import lead
from connectors.audit.policies import Policy
from connectors.audit.state import CANCELLED, ISSUED, SHOWN, Enterprise, Fact, Task
from connectors.audit.visits import out_of_reach


def closed(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`draw.window.closed`: what overlaps becomes a joint inspection."""
    name, on = entry.data["quarter"], as_day(entry.data["on"])
    kept = state.draws.get(name)
    if kept is None or kept.closed:
        return [nothing("REPEATED", reason("NOT_OPEN"), quarter=name)]
    said = said_of_days(entry.findings)
    ends = last_day_of_window(name, policy.draw_days, said)
    if ends is None or on <= ends:
        return [nothing("REFUSED", reason("WINDOW_OPEN", ends.isoformat() if ends else ""))]
    known = state.joint_of(name)
    if known is not None:
        depts = dict.fromkeys(draw.dept for draw in kept.draws)
        free = [dept for dept in depts if not state.joints[known].binds(dept)]
        is_shut = out_of_reach(state, on + timedelta(days=1), first_and_last(name)[1])
        return [_window(state, name, free, _on_the_whitelist(free) if is_shut else {})]
    joint_id = f"LHJC-{name}-{entry.key}"
    day = proposal(joint_id, name, on, policy.draw_days, said, state.is_whitelisted)
    joint = Joint(
        quarter=name, members=frozenset(), lead="", name=kept.name, industry=kept.industry,
        region=kept.region, day=day,
    )  # fmt: skip
    return _form(entry, state, policy, joint_id, joint)


def _form(
    entry: Entry, state: Enterprise, policy: Policy, joint_id: str, joint: Joint
) -> list[Fact]:
    name = joint.quarter
    kept = state.draws[name]
    parts = parts_of(kept.draws)
    if joint.day is not None and state.is_whitelisted(joint.day):
        return [_window(state, name, list(parts), _on_the_whitelist(parts))]
    if kind_of(parts, kept.draws) is None:
        return [_window(state, name, list(parts), {})]
    given = {dept: given_up(state, dept, name) if policy.joint_refuses else [] for dept in parts}
    out = _drop_out(entry, state, policy, (joint_id, joint), parts, given)
    kind = kind_of(parts, kept.draws)
    if kind is None:
        return [_window(state, name, list(parts), out)]
    leader, ground = lead(list(parts.values()), kept.industry, policy)
    fact = {
        "fact": "JOINT",
        "joint_id": joint_id,
        "quarter": name,
        "members": list(parts),
        "lead": leader,
        "kind": kind,
        "parts": [part.plain() for part in parts.values()],
        "ground": ground,
        **{word: getattr(kept, word) for word in ("name", "industry", "region")},
        "day": joint.day.isoformat() if joint.day else None,
        "group": group_name(name, leader, parts, kept.region),
        "left": list(out),
    }
    gone = [task for dept in parts for task in given[dept]]
    return [_window(state, name, [], out), fact, *map(cancelled, gone)]


def _drop_out(
    entry: Entry,
    state: Enterprise,
    policy: Policy,
    named: tuple[str, Joint],
    parts: dict[str, Part],
    given: Mapping[str, list[Task]],
) -> dict[str, Reasons]:
    """Take those out of `parts` that may not come, round by round; returns why each may not."""
    joint_id, joint = named
    kept = state.draws[joint.quarter]
    about = {"industry": kept.industry, "object_type": kept.object_type}
    gone = [task for tasks in given.values() for task in tasks]
    out: dict[str, Reasons] = {}
    while parts:
        leader, _ = lead(list(parts.values()), kept.industry, policy)
        world = world_with(
            state, gone, joint_id, replace(joint, members=frozenset(parts), lead=leader)
        )
        why = {
            dept: why_not(entry, world, policy, part, joint_id, about)
            for dept, part in parts.items()
        }
        now = {dept: reasons for dept, reasons in why.items() if reasons}
        if not now:
            break
        out |= now
        for dept in now:
            del parts[dept]
    return out


def why_not(
    entry: Entry,
    world: Enterprise,
    policy: Policy,
    part: Part,
    joint_id: str,
    about: Mapping[str, Any],
) -> Reasons:
    """Why a department may not come along; its cap is judged on its own (art. 10)."""
    joint = world.joints[joint_id]
    done = [
        reason("ALREADY_INSPECTED", task.task_id)
        for task in separate(world, part.dept, joint.quarter)
        if task.visited
    ]
    if done or joint.day is None:
        return done
    task = Task(
        "", entry.rank, dept=part.dept, items=frozenset(part.items), day=joint.day,
        joint_id=joint_id, along=True,
    )  # fmt: skip
    findings = {"subject": {name: about[name] for name in ("industry", "object_type")}}
    found = tallies(policy, world, task, entry.key, findings, on=joint.day)
    full = tightest_first([tally for tally in found if tally.is_used_up], added=False)
    return [reason("CAP", tally.rule.label) for tally in full]


def world_with(state: Enterprise, gone: list[Task], joint_id: str, joint: Joint) -> Enterprise:
    """The enterprise as it would be with a joint task and without some tasks."""
    names = {task.task_id for task in gone}
    world = copy(state)
    world.tasks = {name: task for name, task in state.tasks.items() if name not in names}
    world.joints = {**state.joints, joint_id: joint}
    return world


def separate(state: Enterprise, dept: str, name: str) -> list[Task]:
    """What a department does alone here in a quarter, by plan and on site."""
    return [
        task
        for task in state.tasks.values()
        if (task.dept, task.trigger, task.mode) == (dept, "PLAN", "ONSITE")
        and task.is_live
        and quarter(task.day) == name
        and not task.along
    ]


def given_up(state: Enterprise, dept: str, name: str) -> list[Task]:
    """What of it was not begun."""
    return [t for t in separate(state, dept, name) if t.status in (ISSUED, SHOWN)]


def _window(state: Enterprise, name: str, depts: list[str], out: Mapping[str, Reasons]) -> Fact:
    """A window's end: who may go alone, who may not come, and whose earlier draws lapse unseen."""
    lapsed: dict[tuple[str, str], str] = {}
    for quarter_name, kept in state.draws.items():
        for draw in kept.draws if quarter_name < name and not kept.closed else ():
            lapsed.setdefault((quarter_name, draw.dept), draw.draw_id)
    return {
        "fact": "WINDOW_CLOSED",
        "quarter": name,
        "alone": [dept for dept in depts if dept not in out],
        "dropped": [{"dept": dept, "reasons": reasons} for dept, reasons in out.items()],
        "lapsed": [
            {"quarter": when, "dept": dept, "draw_id": draw_id}
            for (when, dept), draw_id in sorted(lapsed.items())
        ],
    }


def _on_the_whitelist(depts: Iterable[str]) -> dict[str, Reasons]:
    """Nobody may visit the enterprise by plan (art. 3)."""
    return {dept: [reason("SUBJECT_WHITELISTED")] for dept in depts}


def nothing(outcome: str, *reasons: dict[str, str], **about: str) -> Fact:
    """The fact that nothing changed about a draw or joint task, and why."""
    return {"fact": "NOTED", "outcome": outcome, "reasons": list(reasons), **about}


def cancelled(task: Task) -> Fact:
    """A task that is given up."""
    return {"fact": CANCELLED, "task_id": task.task_id, "known": True, "released": True}
