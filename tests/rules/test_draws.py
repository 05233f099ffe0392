"""May this draw be taken, and what becomes of it?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import a_subject
from joint_world import (
    AFTER,
    FIRST,
    LAST_OF_WINDOW,
    QUARTER,
    SCJG,
    WJW,
    XFJ,
    JointHub,
    a_joint_policy,
    say,
)

from schemas.enums import Standing, SubjectStatus
from schemas.journal import CalendarDay, CalendarFinding
from streams.rules.entry.caps import shipped_calendar
from streams.rules.joint.draw_window import quarter_span, window_end


def test_a_draw_within_the_window_waits() -> None:
    hub = JointHub()

    assert say(hub.draw(WJW, on=FIRST)) == ["DRAWN WJW-120116"]
    assert say(hub.draw(XFJ, on=LAST_OF_WINDOW)) == ["DRAWN XFJ-120116"]
    assert [draw.dept for draw in hub.state.draws[QUARTER].draws] == [WJW, XFJ]


def test_the_same_draw_again_is_a_repeat_and_another_under_its_id_is_refused() -> None:
    hub = JointHub()
    hub.draw(items=("i-1", "i-2"))

    assert say(hub.draw(items=("i-2", "i-1", "i-1"))) == ["REPEATED"]
    assert say(hub.draw(items=("i-3",))) == ["REFUSED DRAW_EXISTS"]
    assert say(hub.draw(XFJ, items=("i-3",))) == ["DRAWN XFJ-120116"]
    assert len(hub.state.draws[QUARTER].draws) == 2


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("not listed", {"dept_standing": Standing.NOT_LISTED}, "DEPARTMENT_NOT_LISTED"),
    ("unknown enterprise", {"subject": None, "region": None}, "UNKNOWN_SUBJECT"),
    (
        "gone",
        {"subject": a_subject(status=SubjectStatus.DEREGISTERED)},
        "SUBJECT_DEREGISTERED",
    ),
    ("no enterprise", {"in_scope": False}, "OBJECT_TYPE"),
    (
        "another department's object",
        {"in_territory": False, "region": "120101"},
        "OUT_OF_TERRITORY 120101",
    ),
    (
        "drawn before the quarter",
        {"on": date(2026, 3, 31), "sent": FIRST},
        "BEFORE_WINDOW 2026-04-01",
    ),
    ("after the window", {"sent": AFTER}, "AFTER_WINDOW 2026-04-08"),
    (
        "after the quarter",
        {"sent": date(2026, 7, 1)},
        "QUARTER_OVER 2026-06-30 AFTER_WINDOW 2026-04-08",
    ),
    (
        "several things at once",
        {"subject": None, "in_scope": False, "sent": AFTER},
        "UNKNOWN_SUBJECT OBJECT_TYPE AFTER_WINDOW 2026-04-08",
    ),
]


@pytest.mark.parametrize(
    ("fields", "reasons"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_draw_that_cannot_be_taken_changes_nothing(fields: dict[str, Any], reasons: str) -> None:
    hub = JointHub()
    before = hub.state

    assert say(hub.draw(**fields)) == [f"REFUSED {reasons}"]
    assert hub.state == before


def test_what_was_refused_may_be_drawn_again() -> None:
    hub = JointHub()
    hub.draw(subject=None)

    assert say(hub.draw()) == ["DRAWN WJW-120116"]


def test_a_late_draw_is_taken_and_named_where_the_policy_says_so() -> None:
    hub = JointHub(policy=a_joint_policy(late_draws="take"))

    assert say(hub.draw(sent=AFTER)) == ["DRAWN WJW-120116 late"]
    assert say(hub.draw(XFJ, sent=date(2026, 7, 1))) == ["REFUSED QUARTER_OVER 2026-06-30"]


def test_the_policy_says_how_many_working_days_the_window_has() -> None:
    hub = JointHub(policy=a_joint_policy(draw_days=1))

    assert say(hub.draw(sent=FIRST)) == ["DRAWN WJW-120116"]
    assert say(hub.draw(XFJ, sent=date(2026, 4, 2))) == ["REFUSED AFTER_WINDOW 2026-04-01"]


def test_administrators_days_move_the_window() -> None:
    off = CalendarFinding(days=(CalendarDay(day=date(2026, 4, 7), works=False),))
    hub = JointHub()

    assert say(hub.draw(sent=AFTER, calendar=off)) == ["DRAWN WJW-120116"]


def test_where_no_calendar_covers_the_window_nothing_is_late_and_nothing_closes() -> None:
    hub, quarter = JointHub(), "2031Q1"
    day = date(2031, 3, 1)

    assert say(hub.draw(quarter=quarter, on=day)) == ["DRAWN WJW-120116"]
    assert say(hub.close(date(2031, 3, 2), quarter)) == ["REFUSED WINDOW_OPEN"]


@pytest.mark.parametrize(
    ("quarter", "end"),
    [
        # 2026: New Year's Day is off with 2 and 3 January, 4 January is worked; 清明; none; 国庆.
        ("2026Q1", date(2026, 1, 8)),
        ("2026Q2", date(2026, 4, 8)),
        ("2026Q3", date(2026, 7, 7)),
        ("2026Q4", date(2026, 10, 13)),
    ],
)
def test_the_window_is_the_first_five_working_days(quarter: str, end: date) -> None:
    assert window_end(quarter, 5, shipped_calendar()) == end


def test_a_quarter_ends_where_the_next_begins() -> None:
    assert quarter_span("2026Q4") == (date(2026, 10, 1), date(2026, 12, 31))
    assert quarter_span("2027Q1") == (date(2027, 1, 1), date(2027, 3, 31))


def test_draws_of_earlier_quarters_are_forgotten_when_a_later_one_closes() -> None:
    hub = JointHub()
    hub.draw(quarter="2026Q1", on=date(2026, 1, 5))
    hub.close(date(2026, 1, 12), "2026Q1")
    hub.draw(SCJG)

    hub.close()

    assert list(hub.state.draws) == [QUARTER]
