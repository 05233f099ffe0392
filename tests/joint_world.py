"""A hub in which departments draw an enterprise, and what its answers say in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import orjson
from builders import USCC, Hub, a_task, some_findings

from schemas import messages
from schemas.facts import CancelledFact, DecidedFact, Fact, NotedFact
from schemas.joint_facts import DrawnFact, JointChangedFact, JointFact, WindowClosedFact
from schemas.journal import CalendarFinding
from schemas.policy import PolicyDocument
from streams.rules.entry.caps import CompiledPolicy, compile_policy

QUARTER = "2026Q2"
FIRST, LAST_OF_WINDOW, AFTER = date(2026, 4, 1), date(2026, 4, 8), date(2026, 4, 9)
"""Of the second quarter of 2026: 清明 is on 4 to 6 April, so five working days end on the 8th."""
JOINT_ID = f"LHJC-{QUARTER}-{USCC}"
WJW, XFJ, SCJG = "WJW-120116", "XFJ-120116", "SCJG-120000"
SYSTEMS = {WJW: "WJW", XFJ: "XFJ", SCJG: "SCJG"}
SHANGHAI = timezone(timedelta(hours=8))
RULES_OF_LEAD: dict[str, Any] = {
    "competent": [{"industry": ["51"], "system": "SWJ"}, {"industry": ["84"], "system": "WJW"}],
    "joint_item": [
        {"id": "LH-1", "title": "药店", "initiator": "SCJG", "items": ["i-1", "i-2", "i-3"]},
        {"id": "LH-2", "title": "酒店", "initiator": "XFJ", "items": ["i-8", "i-9"]},
    ],
}


def a_joint_policy(
    *caps: dict[str, Any], lead: dict[str, Any] | None = None, **numbers: Any
) -> CompiledPolicy:
    """A compiled policy; `lead` is what the lead rule asks for."""
    return compile_policy(a_joint_document(*caps, lead=lead, **numbers))


def a_joint_document(
    *caps: dict[str, Any], lead: dict[str, Any] | None = None, **numbers: Any
) -> PolicyDocument:
    """A policy document with what the lead rule asks for."""
    policy = {"version": "test", "exempt_triggers": ["COMPLAINT", "URGENT"], **numbers}
    plain = {"policy": policy, "cap": list(caps), **(lead or {})}
    return PolicyDocument.model_validate_json(orjson.dumps(plain))


def noon(day: date) -> int:
    """Noon of a day in Shanghai, Unix milliseconds."""
    return int(datetime.combine(day, time(12), SHANGHAI).timestamp() * 1000)


class JointHub(Hub):
    """The fold over the log of one enterprise, with short words for draws and joint tasks."""

    def draw(
        self,
        dept: str = WJW,
        *,
        draw_id: str = "D-1",
        quarter: str = QUARTER,
        items: Iterable[str] = ("i-1",),
        line: str | None = None,
        on: date = FIRST,
        sent: date | None = None,
        system: str | None = None,
        calendar: CalendarFinding | None = None,
        region: str | None = "120116",
        special_id: str | None = None,
        **found: Any,
    ) -> tuple[Fact, ...]:
        """A department draws on a day; the hub takes it in on that day or, if `sent`, on that."""
        data = {
            "draw_id": draw_id,
            "quarter": quarter,
            "plan_code": "P-1",
            "drawn_at": f"{on.isoformat()}T09:00:00+08:00",
            "items": list(items),
            "line": line,
            "system": SYSTEMS.get(dept, "") if system is None else system,
            "region": region,
            "special_id": special_id,
        }
        findings = some_findings(calendar=calendar, **found)
        at_ms = noon(sent or on)
        return self.send(messages.DRAW_OBJECT, data, dept=dept, findings=findings, at_ms=at_ms)

    def close(
        self, on: date = AFTER, quarter: str = QUARTER, calendar: CalendarFinding | None = None
    ) -> tuple[Fact, ...]:
        """The scheduler closes the window."""
        findings = some_findings(subject=None, calendar=calendar)
        data = {"quarter": quarter, "on": on.isoformat()}
        fields = {"dept": "HUB", "findings": findings, "at_ms": noon(on)}
        return self.send(messages.WINDOW_CLOSED, data, **fields)

    def withdraw(
        self, dept: str, reason: str = "人手不足", joint_id: str = JOINT_ID
    ) -> tuple[Fact, ...]:
        """A member cannot come."""
        data = {"joint_id": joint_id, "reason": reason}
        return self.send(messages.JOINT_WITHDRAWN, data, dept=dept, at_ms=noon(AFTER))

    def miss(self, sender: str, dept: str, joint_id: str = JOINT_ID) -> tuple[Fact, ...]:
        """A member says that another one did not come."""
        data = {"joint_id": joint_id, "dept": dept}
        return self.send(messages.JOINT_ABSENT, data, dept=sender, at_ms=noon(AFTER))

    def ask(
        self, task_id: str, dept: str, day: date = date(2026, 5, 20), **fields: Any
    ) -> tuple[Fact, ...]:
        """A department asks for a code, with the joint task's id unless another is given."""
        plain = {"joint_id": JOINT_ID, "planned_on": day.isoformat(), **fields}
        task = a_task(task_id, **plain)
        found = some_findings(task)
        return self.send(messages.TASK_SUBMITTED, task, dept=dept, findings=found)

    @property
    def joint(self) -> Any:
        """The joint task of the quarter as the state has it; None if there is none."""
        return self.state.joints.get(JOINT_ID)


def draw_all(hub: JointHub, *depts: str, **fields: Any) -> None:
    """Each of these departments draws the enterprise."""
    for number, dept in enumerate(depts):
        hub.draw(dept, draw_id=f"D-{number}", **fields)


def say(facts: Iterable[Fact]) -> list[str]:
    """Facts in a few words each."""
    return [_say(fact) for fact in facts]


def _say(fact: Fact) -> str:
    match fact:
        case NotedFact():
            return " ".join([fact.outcome, *map(_reason, fact.reasons)])
        case DrawnFact():
            return f"DRAWN {fact.dept}" + " late" * fact.late
        case WindowClosedFact():
            words = [f"alone {dept}" for dept in fact.alone]
            words += [
                f"dropped {one.dept} {' '.join(map(_reason, one.reasons))}" for one in fact.dropped
            ]
            return " ".join(["CLOSED", *words])
        case JointFact():
            return f"JOINT {fact.kind} {' '.join(fact.members)} lead {fact.lead} {fact.ground}"
        case JointChangedFact():
            by = f" {fact.ground}" if fact.ground else ""
            return f"{fact.change} {fact.dept} -> {' '.join(fact.members)} lead {fact.lead}{by}"
        case CancelledFact():
            return f"CANCELLED {fact.task_id}"
        case DecidedFact():
            made = fact.decision
            return " ".join([made.decision, *map(_reason, made.reasons)])
        case _:
            return fact.fact


def _reason(reason: Any) -> str:
    return f"{reason.code} {reason.about}".strip()
