"""Logs of draws and joint visits that nobody thought of, and policies to judge them by."""

from __future__ import annotations

from datetime import date
from typing import Any

from builders import a_cap, a_group, a_subject
from hypothesis import strategies as st
from joint_world import (
    JOINT_ID,
    QUARTER,
    RULES_OF_LEAD,
    SCJG,
    WJW,
    XFJ,
    JointHub,
    a_joint_document,
)

from schemas.enums import JointCounting, Standing, SubjectStatus
from schemas.journal import CalendarDay, CalendarFinding
from schemas.policy import PolicyDocument
from schemas.special_words import SpecialStanding
from streams.rules.entry.caps import compile_policy

DEPTS = [WJW, XFJ, SCJG]
VISIT_DAYS = [date(2026, 5, 20), date(2026, 5, 20), date(2026, 5, 21), date(2026, 7, 20)]
DRAW_DAYS = [date(2026, 4, 1), date(2026, 4, 8), date(2026, 4, 9), date(2026, 5, 4)]
ITEMS = [f"i-{number}" for number in range(1, 6)]

depts = st.sampled_from(DEPTS)
tasks = st.sampled_from([f"T-{number}" for number in range(8)])
calendars = st.sampled_from(
    [
        None,
        None,
        CalendarFinding(days=(CalendarDay(day=date(2026, 4, 7), works=False),)),
        CalendarFinding(days=(CalendarDay(day=date(2026, 4, 4), works=True),)),
    ]
)
draws = st.fixed_dictionaries(
    {
        "step": st.just("draw"),
        "dept": depts,
        "draw_id": st.sampled_from(["D-1", "D-2", "D-3"]),
        "items": st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3),
        "line": st.sampled_from([None, None, "一", "二"]),
        "sent": st.sampled_from(DRAW_DAYS),
        "quarter": st.sampled_from([QUARTER] * 6 + ["2026Q1", "2026Q3"]),
        "calendar": calendars,
        "found": st.sampled_from(
            [{}] * 12
            + [
                {"special_id": "ZX-1", "special": SpecialStanding.VALID},
                {"special_id": "ZX-2", "special": SpecialStanding.VALID},
                {"special_id": "ZX-1", "special": SpecialStanding.NOT_CLAIMED},
            ]
            + [
                {"subject": None},
                {"dept_standing": Standing.NOT_LISTED},
                {"subject": a_subject(status=SubjectStatus.MOVED_OUT)},
                {"subject": a_subject(industry="8401")},
                {"in_territory": False},
                {"in_scope": False},
            ]
        ),
    }
)
first_draws = st.fixed_dictionaries(
    {
        "step": st.just("draw"),
        "dept": depts,
        "draw_id": st.sampled_from(["E-1", "E-2"]),
        "items": st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3),
        "line": st.sampled_from([None, "一"]),
        "sent": st.just(DRAW_DAYS[0]),
    }
)
closings = st.fixed_dictionaries(
    {
        "step": st.just("close"),
        "on": st.sampled_from([date(2026, 4, 8), date(2026, 4, 9), date(2026, 5, 4)]),
        "calendar": calendars,
    }
)
asked = st.fixed_dictionaries(
    {
        "step": st.just("ask"),
        "task_id": tasks,
        "dept": depts,
        "day": st.sampled_from(VISIT_DAYS),
        "joint_id": st.sampled_from([JOINT_ID] * 4 + [None, None, "J-1"]),
        "trigger": st.sampled_from(["PLAN"] * 5 + ["COMPLAINT"]),
        "mode": st.sampled_from(["ONSITE"] * 6 + ["OFFSITE"]),
        "backfill": st.sampled_from([False] * 9 + [True]),
        "items": st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True),
    }
)
later = st.one_of(
    st.fixed_dictionaries({"step": st.just("cancel"), "task_id": tasks, "dept": depts}),
    st.fixed_dictionaries(
        {
            "step": st.just("enter"),
            "task_id": tasks,
            "dept": st.sampled_from([*DEPTS, "HUB"]),
            "at": st.sampled_from(["2026-05-20T10:00:00+08:00", "2026-05-21T10:00:00+08:00"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "step": st.just("complete"),
            "task_id": tasks,
            "dept": depts,
            "result_id": st.sampled_from(["R-1", "R-2"]),
            "on": st.sampled_from(["2026-04-02", "2026-05-20"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "step": st.just("withdraw"),
            "dept": depts,
            "reason": st.sampled_from(["人手不足", " "]),
            "joint_id": st.sampled_from([JOINT_ID] * 5 + ["J-1", "J-9"]),
        }
    ),
    st.fixed_dictionaries({"step": st.just("miss"), "sender": depts, "dept": depts}),
    st.fixed_dictionaries(
        {
            "step": st.just("form_joint"),
            "joint_id": st.just("J-1"),
            "members": st.just([WJW, XFJ]),
            "lead": st.sampled_from([WJW, XFJ]),
            "quarter": st.sampled_from(["2026Q1", QUARTER]),
        }
    ),
)
# Most of what is interesting needs a joint task first.
formed = st.sampled_from([DEPTS, DEPTS[:2], DEPTS[1:], DEPTS[:1]]).map(
    lambda some: [
        *(
            {
                "step": "draw", "dept": dept, "draw_id": f"F-{dept}", "items": ["i-1", "i-2"],
                "line": None, "sent": DRAW_DAYS[0],
            }
            for dept in some
        ),
        {"step": "close", "on": date(2026, 4, 9), "calendar": None},
    ]
)  # fmt: skip
along = st.builds(
    lambda step, day: {**step, "joint_id": JOINT_ID, "day": day, "mode": "ONSITE"},
    asked,
    st.sampled_from(VISIT_DAYS[:3]),
)
logs = st.tuples(
    st.lists(st.one_of(first_draws, first_draws, asked, later), max_size=4),
    st.one_of(formed, formed, st.lists(closings, max_size=2)),
    st.lists(st.one_of(along, along, asked, later, draws, closings), min_size=4, max_size=16),
).map(lambda parts: [step for part in parts for step in part])

caps = st.fixed_dictionaries(
    {
        "maximum": st.sampled_from([0, 1, 1, 2]),
        "scope": st.sampled_from(
            [{"kind": "EACH_AGENCY"}, {"kind": "AGENCY", "id": SCJG}, a_group(*DEPTS)]
        ),
        "match": st.sampled_from([{}, {"items": ["i-1"]}, {"industry": ["84"]}]),
        "joint": st.sampled_from(list(JointCounting)).map(str),
    }
)
numbers = st.fixed_dictionaries(
    {
        "joint_member": st.sampled_from(["refuse", "refuse", "warn"]),
        "late_draws": st.sampled_from([None, "take", "take", "refuse"]),
        "draw_days": st.sampled_from([None, None, 1, 7]),
        "special_tasks": st.sampled_from([None, "refuse"]),
        "windows": st.sampled_from([[], [{"days": 30, "max": 1}]]),
    }
)
policies = st.builds(
    lambda rules, lead, chosen: a_joint_document(
        *[a_cap(id=f"R{number}", **rule) for number, rule in enumerate(rules)],
        lead=lead,
        **{name: value for name, value in chosen.items() if value is not None},
    ),
    st.lists(caps, max_size=2),
    st.sampled_from([None, RULES_OF_LEAD]),
    numbers,
)


def play(document: PolicyDocument, log: list[dict[str, Any]]) -> JointHub:
    """The hub after a log."""
    hub = JointHub(policy=compile_policy(document))
    for step in log:
        arguments = {name: value for name, value in step.items() if name not in ("step", "found")}
        if step["step"] == "draw":
            arguments |= step.get("found", {})
            first = {"2026Q1": date(2026, 1, 5), "2026Q3": date(2026, 7, 1)}
            arguments["on"] = first.get(arguments.get("quarter", QUARTER), DRAW_DAYS[0])
        getattr(hub, step["step"])(**arguments)
    return hub
