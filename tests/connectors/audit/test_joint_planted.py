"""A hub whose rules of joint inspections are wrong is found out by the auditor's own fold."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from beside_the_auditor import differences, policy_of
from builders import a_cap, a_group
from joint_world import (
    JOINT_ID,
    RULES_OF_LEAD,
    SCJG,
    WJW,
    XFJ,
    JointHub,
    a_joint_document,
    draw_all,
)
from msgspec.structs import replace

from schemas.enums import LeadGround
from streams.rules import case
from streams.rules.entry import counters, prompts, submission
from streams.rules.entry.caps import compile_policy
from streams.rules.joint import changes as joint_changes
from streams.rules.joint import draw_window, draws
from streams.rules.joint import forming as joint_forming
from streams.rules.joint import lead as joint_lead
from streams.rules.joint import task as joint_task
from streams.rules.joint import visit as joint_visit
from streams.rules.state import TaskState

DOCUMENT = a_joint_document(
    a_cap(1, scope={"kind": "AGENCY", "id": SCJG}),
    a_cap(9, id="ONCE", scope=a_group(WJW, XFJ), joint="ONCE_PER_VISIT"),
    lead=RULES_OF_LEAD,
    late_draws="take",
    windows=[{"days": 1, "max": 1}],
)


def a_quarter() -> list[str]:
    """All that happens to joint inspections, in some enterprises' logs; what the auditor says."""
    found = []
    for tell in (_drawn_and_visited, _left, _late, _full, _only_named, _slipped, _listed, _lines):
        hub = JointHub(policy=compile_policy(DOCUMENT))
        tell(hub)
        found += differences(hub, policy_of(DOCUMENT))
    return found


def _drawn_and_visited(hub: JointHub) -> None:
    hub.submit("mine", dept=WJW, planned_on="2026-05-20")
    hub.draw(WJW, draw_id="D-1", items=("i-1",))
    hub.draw(WJW, draw_id="D-1", items=("i-1",))
    hub.draw(XFJ, draw_id="D-2", items=("i-2", "i-3"))
    hub.draw(SCJG, draw_id="D-3", items=("i-9",))
    hub.draw(SCJG, draw_id="D-4", subject=None)
    hub.ask("W-1", WJW, joint_id=None)
    hub.close(date(2026, 4, 8))
    hub.close()
    for number, dept in enumerate((WJW, XFJ, WJW)):
        hub.ask(f"T-{number}", dept)
    hub.ask("T-3", SCJG, date(2026, 5, 21))
    hub.ask("T-4", WJW, joint_id=None)
    hub.enter("T-0", dept="HUB", at="2026-05-20T10:00:00+08:00")
    hub.miss(WJW, XFJ)


def _left(hub: JointHub) -> None:
    draw_all(hub, WJW, XFJ, SCJG)
    hub.close()
    hub.submit("full", dept=SCJG, planned_on="2026-08-20")
    hub.ask("T-1", SCJG)
    hub.withdraw(XFJ)
    hub.ask("T-2", XFJ, joint_id=None)


def _late(hub: JointHub) -> None:
    hub.draw(WJW, draw_id="D-1")
    hub.close()
    hub.draw(XFJ, draw_id="D-2", sent=date(2026, 4, 15))
    hub.close(date(2026, 4, 16))
    hub.draw(SCJG, draw_id="D-3", sent=date(2026, 4, 20))


def _full(hub: JointHub) -> None:
    hub.submit("full", dept=SCJG, planned_on="2026-02-20")
    draw_all(hub, WJW, XFJ, SCJG)
    hub.close()
    hub.draw(SCJG, draw_id="L-1", sent=date(2026, 4, 20))


def _only_named(hub: JointHub) -> None:
    for number, dept in enumerate((WJW, XFJ, WJW)):
        hub.ask(f"N-{number}", dept, joint_id="LH-7")


def _slipped(hub: JointHub) -> None:
    draw_all(hub, WJW, XFJ)
    hub.close()
    for dept in (WJW, XFJ):
        hub.draw(dept, draw_id=f"N-{dept}", quarter="2026Q3", on=date(2026, 7, 1))
    hub.ask("W-1", WJW, date(2026, 7, 20))
    hub.close(date(2026, 7, 9), "2026Q3")
    hub.ask("W-2", WJW, date(2026, 7, 20))


def _listed(hub: JointHub) -> None:
    for number, dept in enumerate((WJW, XFJ)):
        hub.draw(dept, draw_id=f"D-{number}")
        hub.draw(dept, draw_id=f"N-{number}", quarter="2026Q3", on=date(2026, 7, 1))
    hub.whitelist(since="2026-06-01", until="2026-06-30")
    hub.draw(SCJG, draw_id="I-1", items=("i-1",), whitelisted_items=("i-1",))
    hub.draw(SCJG, draw_id="I-2", sent=date(2026, 6, 5))
    hub.whitelist(since="2026-04-02", until="2026-06-24", time="2026-03-11T09:00:00+08:00")
    hub.close()
    hub.draw(SCJG, draw_id="L-1", quarter="2026Q1", on=date(2026, 1, 4))
    hub.whitelist(since="2026-07-02", time="2026-03-12T09:00:00+08:00")
    hub.close(date(2026, 7, 9), "2026Q3")
    hub.close(date(2026, 7, 9))


def _lines(hub: JointHub) -> None:
    for line in ("食品", "药品"):
        hub.draw(WJW, draw_id=line, line=line)
    hub.draw(WJW, draw_id="Q1", quarter="2026Q1", on=date(2026, 1, 4))
    hub.close()
    hub.draw(XFJ, draw_id="L-1", sent=date(2026, 4, 15))


def never(*_: Any) -> tuple[()]:
    """No reason stands against anything."""
    return ()


def nothing(*_: Any) -> None:
    """Nothing stands against it."""


def by_name(task: TaskState, _joints: object) -> str | None:
    """Tasks that name the same joint inspection are one visit."""
    return task.joint_id


def last_code(parts: Any, _asked: Any) -> Any:
    """The member whose code comes last."""
    return [max(parts, key=lambda part: part.dept)]


def four_days(name: str, _days: int, table: Any) -> date | None:
    """A window of four working days."""
    return draw_window.window_end(name, 4, table)


def repeated(_asked: Any, _dept: str, _digest: str) -> Any:
    """What was refused counts as a repeat."""
    return draws.draw_noted("D-4", "REPEATED")[0]


def unsaid(state: Any, quarter: str, depts: Any, barred: Any) -> Any:
    """The window is over, and earlier ones are not spoken of."""
    return _closed(replace(state, draws={}), quarter, depts, barred)


_closed = joint_forming._closed
WITHOUT_INITIATOR = tuple(row for row in joint_lead.GROUNDS if row[0] is not LeadGround.INITIATOR)
WRONG: dict[str, list[tuple[Any, str, Any]]] = {
    "the last code leads": [(joint_lead, "GROUNDS", ((LeadGround.CODE_ORDER, last_code),))],
    "the initiator is not asked": [(joint_lead, "GROUNDS", WITHOUT_INITIATOR)],
    "caps of members are not judged": [(joint_forming, "bars", never)],
    "caps of late joiners are not judged": [(joint_changes, "bars", never)],
    "plans of their own are kept": [(joint_forming, "given_up", never)],
    "the window has four days": [(joint_forming, "window_end", four_days)],
    "late is not late": [(draws.Asked, "is_late", False)],
    "what was refused is drawn": [
        (draws, "FAULTS", draws.FAULTS[2:]),
        (draws, "_fact", repeated),
    ],
    "members go alone": [(joint_task, "formed_for", never)],
    "two tasks a member": [
        (joint_task, "out_of_step", nothing),
        (joint_visit, "out_of_step", nothing),
    ],
    "a name makes visits one": [(counters, "joint_visit_of", by_name)],
    "a name makes them one for windows": [(prompts, "joint_visit_of", by_name)],
    "members are not asked along": [(case, "comes_along", lambda *_: False)],
    "an unknown joint inspection is not named": [(prompts, "unknown_joint", nothing)],
    "what was drawn does not wait": [(joint_task, "pending_for", never)],
    "last quarter's visit is a way past this quarter's": [
        (joint_task, "is_claimed_elsewhere", never),
        (joint_visit, "is_claimed_elsewhere", never),
    ],
    "who is over its cap stays": [(submission, "dropped", never)],
    "the lead stays though it left": [
        (joint_changes, "lead_of", lambda *_: (SCJG, LeadGround.CODE_ORDER))
    ],
    "groups are by lead alone": [
        (joint_forming, "group_of", lambda quarter, lead, *_: f"{quarter}-{lead}")
    ],
    "what is on the whitelist is drawn": [(draws, "is_listed_throughout", lambda *_: False)],
    "items on the whitelist are drawn": [
        (draws, "FAULTS", tuple(one for one in draws.FAULTS if one is not draws.items_whitelisted))
    ],
    "what was put on the whitelist since is visited": [
        (joint_forming, "is_listed", lambda *_: False)
    ],
    "draws of earlier quarters are forgotten unsaid": [(joint_forming, "_closed", unsaid)],
    "who joins lines of one department changes nothing": [
        (joint_changes, "JointKind", SimpleNamespace(CROSS=None))
    ],
    "all on one day": [(joint_forming, "proposed_day", lambda *_, **__: date(2026, 4, 17))],
}


def test_right_rules_come_to_what_the_auditor_says() -> None:
    assert a_quarter() == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, what, wrong in WRONG[name]:
        monkeypatch.setattr(where, what, wrong)

    assert a_quarter(), JOINT_ID
