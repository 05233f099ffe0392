"""What is known of draws and joint tasks of one enterprise? The auditor's own (semantics §13)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson

from connectors.audit.days import ByHand, as_day, is_working_day
from connectors.audit.regions import district

Facts = Mapping[str, Any]


@dataclass(slots=True)
class Draw:
    """One draw of the enterprise, as DRAWN says it."""

    dept: str
    draw_id: str
    line: str | None
    items: list[str]
    digest: str
    system: str


@dataclass(slots=True)
class Quarter:
    """The draws of a quarter, and the enterprise as the last of them had it."""

    draws: list[Draw] = field(default_factory=list)
    closed: bool = False
    name: str = ""
    industry: str = ""
    object_type: str = ""
    region: str = ""


@dataclass(slots=True)
class Part:
    """What a member brings."""

    dept: str
    system: str = ""
    items: list[str] = field(default_factory=list)
    draws: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As facts and messages hold it."""
        return {"dept": self.dept, "system": self.system, "items": self.items, "draws": self.draws}


@dataclass(slots=True)
class Joint:
    """A joint task: who comes, who leads, who left."""

    quarter: str
    members: frozenset[str]
    lead: str
    parts: dict[str, Part] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    internal: bool = False
    name: str = ""
    industry: str = ""
    region: str = ""
    day: date | None = None
    group: str = ""

    def binds(self, dept: str) -> bool:
        """Whether a department may not inspect on its own because of it (art. 2)."""
        shared = self.internal or len(self.members) >= 2
        return dept in self.left or (dept in self.members and shared)

    def part_of(self, dept: str) -> Part:
        """What a member brings; nothing if that is not known."""
        return self.parts.get(dept) or Part(dept)


def read_joint(fact: Facts) -> Joint:
    """A joint task as JOINT says it."""
    parts = [
        Part(one["dept"], one.get("system") or "", list(one["items"]), list(one["draws"]))
        for one in fact.get("parts") or ()
    ]
    day = fact.get("day")
    return Joint(
        quarter=fact["quarter"],
        members=frozenset(fact["members"]),
        lead=fact["lead"],
        parts={part.dept: part for part in parts},
        left=list(fact.get("left") or ()),
        internal=fact.get("kind") == "INTERNAL",
        name=fact.get("name") or "",
        industry=fact.get("industry") or "",
        region=fact.get("region") or "",
        day=as_day(day) if day else None,
        group=fact.get("group") or "",
    )


def change_joint(joint: Joint, fact: Facts) -> None:
    """Let JOINT_CHANGED take its effect."""
    dept = fact["dept"]
    joint.members, joint.lead = frozenset(fact["members"]), fact["lead"]
    joint.group = fact.get("group") or joint.group
    joint.left = [one for one in joint.left if one != dept]
    if fact["change"] == "JOINED":
        part = fact.get("part")
        joint.internal = joint.internal and fact.get("kind") != "CROSS"
        if part:
            joint.parts[dept] = Part(
                dept, part.get("system") or "", list(part["items"]), list(part["draws"])
            )
    else:
        joint.left.append(dept)
        joint.parts.pop(dept, None)


def take_draw(quarter: Quarter, fact: Facts, *, is_formed: bool) -> None:
    """Let DRAWN take its effect: without a joint task the quarter is looked at once more."""
    quarter.draws.append(
        Draw(
            fact["dept"],
            fact["draw_id"],
            fact.get("line"),
            list(fact["items"]),
            fact["digest"],
            fact.get("system") or "",
        )
    )
    for name in ("name", "industry", "object_type", "region"):
        setattr(quarter, name, fact.get(name) or "")
    if not is_formed:
        quarter.closed = False


def parts_of(draws: Iterable[Draw]) -> dict[str, Part]:
    """What each department brings that drew, by code."""
    parts: dict[str, Part] = {}
    for draw in draws:
        part = parts.setdefault(draw.dept, Part(draw.dept))
        part.system = draw.system or part.system
        part.items += [item for item in draw.items if item not in part.items]
        part.draws.append(draw.draw_id)
    return dict(sorted(parts.items()))


def kind_of(depts: Iterable[str], draws: Iterable[Draw]) -> str | None:
    """CROSS, INTERNAL, or None if nobody inspects together."""
    who = set(depts)
    if len(who) >= 2:
        return "CROSS"
    lines = {draw.line or "" for draw in draws if draw.dept in who}
    return "INTERNAL" if len(lines) >= 2 else None


def first_and_last(quarter: str) -> tuple[date, date]:
    """First and last day of a quarter."""
    year, number = int(quarter[:4]), int(quarter[-1])
    begins = date(year, 3 * number - 2, 1)
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return begins, after - timedelta(days=1)


def last_day_of_window(quarter: str, count: int, said: ByHand) -> date | None:
    """The last of the first working days of a quarter; None if no calendar knows.

    Source: art. 2 (前五个工作日).
    """
    begins, ends = first_and_last(quarter)
    found = 0
    for day in _days(begins, ends):
        works = is_working_day(day, said)
        if works is None:
            return None
        found += works
        if found == count:
            return day
    return ends


def proposal(
    joint_id: str,
    quarter: str,
    on: date,
    count: int,
    said: ByHand,
    is_whitelisted: Callable[[date], bool],
) -> date:
    """The day proposed for the visit; a whitelisted one only if all that are left are (art. 3)."""
    begins, ends = first_and_last(quarter)
    left = _days(max(begins, on + timedelta(days=1)), ends)
    open_days = [day for day in left if _opens(day, said)][count:]
    open_days = [day for day in open_days if not is_whitelisted(day)]
    if not open_days:
        free = [day for day in left if not is_whitelisted(day)]
        return free[-1] if free else ends
    number = int(hashlib.sha256(joint_id.encode()).hexdigest()[:8], 16)
    return open_days[number % len(open_days)]


def group_name(quarter: str, lead: str, members: Iterable[str], region: str) -> str:
    """The name that joint tasks share which are planned together."""
    content = orjson.dumps([quarter, lead, sorted(members), district(region) or region])
    return f"{quarter}-{lead}-{hashlib.sha256(content).hexdigest()[:12]}"


def _opens(day: date, said: ByHand) -> bool:
    works = is_working_day(day, said)
    return day.weekday() < 5 if works is None else works


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
