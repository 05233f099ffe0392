"""What follows from a draw of an enterprise?

Source: semantics §13; art. 2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from connectors.audit.days import day_of_ms, instant_ms, said_of_days, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.drawn import Draw, Part, first_and_last, last_day_of_window
from connectors.audit.joints import cancelled, given_up, nothing, why_not, world_with
from connectors.audit.ladder import Reasons, reason
from connectors.audit.lead import lead
from connectors.audit.members import change_of
from connectors.audit.policies import Policy
from connectors.audit.state import Enterprise, Fact
from connectors.audit.visits import out_of_reach

VALID = "VALID"


def drawn(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`draw.object`: a department drew this enterprise."""
    data, name = entry.data, entry.data["quarter"]
    known = state.draws.get(name)
    digest = _digest(data)
    for before in _draws_of(state, entry.dept):
        if before.draw_id == data["draw_id"]:
            if before.digest == digest:
                return [nothing("REPEATED", draw_id=data["draw_id"])]
            return [nothing("REFUSED", reason("DRAW_EXISTS"), draw_id=data["draw_id"])]
    today = day_of_ms(entry.at_ms)
    ends = last_day_of_window(name, policy.draw_days, said_of_days(entry.findings))
    closed = known is not None and known.closed
    late = closed or (ends is not None and today > ends)
    faults = _faults(entry, policy)
    begins, over = first_and_last(name)
    faults += _whitelisted(entry, state, max(today, begins), over)
    if min(today, shanghai_day(data["drawn_at"])) < begins:
        faults.append(reason("BEFORE_WINDOW", begins.isoformat()))
    if today > over:
        faults.append(reason("QUARTER_OVER", over.isoformat()))
    if late and not policy.takes_late_draws and _special_of(entry) is None:
        faults.append(reason("AFTER_WINDOW", ends.isoformat() if ends else ""))
    if faults:
        return [nothing("REFUSED", *faults, draw_id=data["draw_id"])]
    fact = _drawn_fact(entry, digest, late=late)
    joint_id = state.joint_of(name)
    if closed and joint_id is not None:
        return _join(entry, state, policy, joint_id, fact)
    return [fact]


def _faults(entry: Entry, policy: Policy) -> Reasons:
    """What the registries have against a draw."""
    found, faults = entry.findings, []
    standing = found.get("dept_standing", VALID)
    if standing != VALID:
        faults.append(reason(f"DEPARTMENT_{standing}"))
    special = found.get("special") or VALID
    if special != VALID and policy.refuses_by_special:
        faults.append(reason(f"SPECIAL_{special}", entry.data.get("special_id") or ""))
    subject = found.get("subject")
    if subject is None:
        faults.append(reason("UNKNOWN_SUBJECT"))
    elif subject["status"] != "ACTIVE":
        faults.append(reason(f"SUBJECT_{subject['status']}"))
    if not found.get("in_scope", True):
        faults.append(reason("OBJECT_TYPE"))
    if not found.get("in_territory", True):
        faults.append(reason("OUT_OF_TERRITORY", entry.data.get("region") or ""))
    return faults


def _whitelisted(entry: Entry, state: Enterprise, first: date, last: date) -> Reasons:
    """What the whitelist has against it: no day is left, or nothing to inspect (art. 3)."""
    faults = [reason("SUBJECT_WHITELISTED")] if out_of_reach(state, first, last) else []
    listed = entry.findings.get("whitelisted_items") or ()
    if set(entry.data["items"]) <= set(listed):
        faults.append(reason("ITEM_WHITELISTED", str(next(iter(listed)))))
    return faults


def _drawn_fact(entry: Entry, digest: str, *, late: bool) -> Fact:
    data, subject = entry.data, entry.findings["subject"]
    special_id = _special_of(entry)
    for_special = {"special_id": special_id} if special_id else {}
    return {
        "fact": "DRAWN",
        **{name: data[name] for name in ("draw_id", "quarter")},
        "dept": entry.dept,
        "line": data.get("line"),
        "items": list(dict.fromkeys(data["items"])),
        "late": late,
        "digest": digest,
        "system": data.get("system") or "",
        **{name: subject[name] for name in ("name", "industry", "object_type")},
        "region": data.get("region") or "",
        **for_special,
    }


def _special_of(entry: Entry) -> str | None:
    """The special inspection that it was drawn for, where that one stands for the department."""
    named: str | None = entry.data.get("special_id")
    return named if entry.findings.get("special") == VALID else None


def _digest(data: Mapping[str, Any]) -> str:
    content = [
        *(data["draw_id"], data["quarter"], data["plan_code"], data.get("line")),
        sorted(set(data["items"])),
        instant_ms(data["drawn_at"]),
        *([data["special_id"]] if data.get("special_id") else []),
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]


def _draws_of(state: Enterprise, dept: str) -> Iterator[Draw]:
    for kept in state.draws.values():
        yield from (draw for draw in kept.draws if draw.dept == dept)


def _join(entry: Entry, state: Enterprise, policy: Policy, joint_id: str, fact: Fact) -> list[Fact]:
    """A late draw joins what was formed, or comes too late for that as well."""
    joint, dept = state.joints[joint_id], entry.dept
    draw_id = fact["draw_id"]
    if any(task.visited for task in state.tasks_of_visit(joint_id)):
        return [nothing("REFUSED", reason("JOINT_VISITED", joint_id), draw_id=draw_id)]
    before = joint.part_of(dept)
    items = [*before.items, *(item for item in fact["items"] if item not in before.items)]
    part = Part(dept, fact["system"] or before.system, items, [*before.draws, draw_id])
    members = joint.members | {dept}
    given = given_up(state, dept, joint.quarter) if policy.joint_refuses else []
    if dept not in joint.members:
        after = replace(joint, members=members)
        world = world_with(state, given, joint_id, after)
        why = why_not(entry, world, policy, part, joint_id, fact)
        if why:
            return [nothing("REFUSED", *why, draw_id=draw_id)]
    leader, ground = joint.lead, None
    if not leader:
        others = [joint.parts[name] for name in sorted(joint.parts) if name != dept]
        leader, ground = lead([*others, part], joint.industry, policy)
    changed = change_of(joint_id, joint, "JOINED", dept, [], (members, leader, ground))
    if joint.internal and len(members) >= 2:
        changed["kind"] = "CROSS"
    return [fact, {**changed, "part": part.plain()}, *map(cancelled, given)]
