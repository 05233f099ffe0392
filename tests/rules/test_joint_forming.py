"""Who inspects an enterprise together once the quarter's window closes?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from builders import a_cap, a_group
from joint_world import (
    AFTER,
    JOINT_ID,
    LAST_OF_WINDOW,
    QUARTER,
    RULES_OF_LEAD,
    SCJG,
    WJW,
    XFJ,
    JointHub,
    a_joint_policy,
    draw_all,
    say,
)

from schemas.calendar_file import shipped_calendar
from schemas.enums import JointKind
from schemas.joint_facts import JointFact, JointPart
from streams.rules.calendar import is_working_day
from streams.rules.joint.draw_window import proposed_day


def test_departments_of_all_levels_that_drew_the_same_enterprise_inspect_it_together() -> None:
    hub = JointHub()
    draw_all(hub, XFJ, WJW, SCJG)

    assert say(hub.close()) == [
        "CLOSED",
        "JOINT CROSS SCJG-120000 WJW-120116 XFJ-120116 lead SCJG-120000 CODE_ORDER",
    ]


def test_the_joint_task_says_all_that_people_need_to_plan_it() -> None:
    hub = JointHub(policy=a_joint_policy(lead=RULES_OF_LEAD))
    hub.draw(WJW, draw_id="D-1", items=("i-1",))
    hub.draw(XFJ, draw_id="D-2", items=("i-2", "i-3"))
    hub.draw(WJW, draw_id="D-3", items=("i-1", "i-4"))

    _, joint = hub.close()

    assert isinstance(joint, JointFact)
    assert joint.model_dump(exclude={"day", "group", "fact", "ground", "lead"}) == {
        "joint_id": JOINT_ID,
        "quarter": QUARTER,
        "members": (WJW, XFJ),
        "kind": JointKind.CROSS,
        "parts": (
            {"dept": WJW, "system": "WJW", "items": ("i-1", "i-4"), "draws": ("D-1", "D-3")},
            {"dept": XFJ, "system": "XFJ", "items": ("i-2", "i-3"), "draws": ("D-2",)},
        ),
        "name": "天津测试有限公司",
        "industry": "5199",
        "region": "120116",
        "left": (),
    }


def test_who_drew_alone_may_inspect_alone() -> None:
    hub = JointHub()
    hub.draw(WJW)

    assert say(hub.close()) == ["CLOSED alone WJW-120116"]
    assert hub.joint is None
    assert say(hub.ask("T-1", WJW, joint_id=None)) == ["ISSUED"]


def test_several_lines_of_one_department_make_an_internal_joint_inspection() -> None:
    hub = JointHub()
    hub.draw(WJW, draw_id="D-1", line="医疗", items=("i-1",))
    hub.draw(WJW, draw_id="D-2", line="公共场所", items=("i-2",))

    _, joint = hub.close()

    assert say([joint]) == ["JOINT INTERNAL WJW-120116 lead WJW-120116 ONLY"]
    assert isinstance(joint, JointFact)
    assert joint.parts == (
        JointPart(dept=WJW, system="WJW", items=("i-1", "i-2"), draws=("D-1", "D-2")),
    )
    assert say(hub.ask("T-1", WJW, joint_id=None)) == [
        f"REFUSED_JOINT_MEMBER JOINT_TASK {JOINT_ID} lead WJW-120116"
    ]
    assert say(hub.ask("T-2", WJW, items=["i-1", "i-2"])) == ["ISSUED"]


def test_two_draws_of_one_line_make_none() -> None:
    hub = JointHub()
    hub.draw(WJW, draw_id="D-1")
    hub.draw(WJW, draw_id="D-2", items=("i-2",))

    assert say(hub.close()) == ["CLOSED alone WJW-120116"]


def test_a_window_is_closed_once_and_not_before_its_end() -> None:
    hub = JointHub()
    draw_all(hub, WJW, XFJ)

    assert say(hub.close(LAST_OF_WINDOW)) == ["REFUSED WINDOW_OPEN 2026-04-08"]
    assert hub.joint is None
    hub.close()
    before = hub.state
    assert say(hub.close()) == ["REPEATED NOT_OPEN"]
    assert say(hub.close(date(2026, 10, 20), "2026Q3")) == ["REPEATED NOT_OPEN"]
    assert hub.state == before


class TestCaps:
    """Each department's cap is judged on its own; who is over it drops out."""

    def test_a_department_over_its_cap_drops_out_and_the_others_go(self) -> None:
        cap = a_cap(1, scope={"kind": "AGENCY", "id": WJW})
        hub = JointHub(policy=a_joint_policy(cap))
        hub.submit("before", dept=WJW)
        hub.complete("before", dept=WJW)
        draw_all(hub, WJW, XFJ, SCJG)

        assert say(hub.close()) == [
            "CLOSED dropped WJW-120116 CAP R@1",
            "JOINT CROSS SCJG-120000 XFJ-120116 lead SCJG-120000 CODE_ORDER",
        ]
        assert hub.joint.left == (WJW,)

    def test_if_it_would_have_led_another_leads(self) -> None:
        cap = a_cap(0, scope={"kind": "AGENCY", "id": SCJG})
        hub = JointHub(policy=a_joint_policy(cap))
        draw_all(hub, WJW, XFJ, SCJG)

        assert hub.close()[1].lead == WJW

    def test_if_only_one_is_left_there_is_no_joint_inspection(self) -> None:
        cap = a_cap(0, scope={"kind": "AGENCY", "id": XFJ})
        hub = JointHub(policy=a_joint_policy(cap))
        draw_all(hub, WJW, XFJ)

        assert say(hub.close()) == ["CLOSED alone WJW-120116 dropped XFJ-120116 CAP R@1"]
        assert say(hub.ask("T-1", WJW, joint_id=None)) == ["ISSUED"]

    def test_a_rule_that_counts_only_the_lead_drops_only_whoever_leads(self) -> None:
        cap = a_cap(1, scope=a_group(WJW, XFJ, SCJG), joint="LEAD_ONLY")
        hub = JointHub(
            policy=a_joint_policy(cap, a_cap(0, id="S", scope={"kind": "AGENCY", "id": SCJG}))
        )
        hub.submit("before", dept=XFJ, planned_on="2026-01-20")
        draw_all(hub, WJW, XFJ, SCJG)

        # SCJG has a cap of its own; then WJW would lead, and the shared counter is full.
        assert say(hub.close())[0] == (
            "CLOSED dropped SCJG-120000 CAP R@1 CAP S@1 dropped WJW-120116 CAP R@1"
            " dropped XFJ-120116 CAP R@1"
        )

    def test_members_of_a_visit_that_counts_only_the_lead_need_no_place_of_their_own(self) -> None:
        full = a_cap(1, id="X", scope={"kind": "AGENCY", "id": XFJ}, joint="LEAD_ONLY")
        hub = JointHub(policy=a_joint_policy(full))
        hub.submit("before", dept=XFJ, planned_on="2026-01-20")
        draw_all(hub, WJW, XFJ)

        assert say(hub.close())[1].startswith("JOINT CROSS WJW-120116 XFJ-120116 lead WJW-120116")

    def test_a_cap_of_some_items_is_asked_about_what_was_drawn(self) -> None:
        cap = a_cap(0, scope={"kind": "AGENCY", "id": XFJ}, match={"items": ["i-9"]})
        hub = JointHub(policy=a_joint_policy(cap))
        draw_all(hub, WJW, XFJ)

        assert len(hub.close()) == 2


class TestSeparateTasks:
    """What a member planned alone before it drew is given up; what it did is done."""

    def test_a_code_that_nobody_used_is_given_up(self) -> None:
        hub = JointHub()
        hub.submit("mine", dept=WJW, planned_on="2026-05-20")
        draw_all(hub, WJW, XFJ)

        assert say(hub.close())[2:] == ["CANCELLED mine"]
        assert say(hub.ask("T-1", WJW)) == ["ISSUED"]

    def test_it_does_not_take_the_place_of_the_joint_visit_in_the_cap(self) -> None:
        hub = JointHub(policy=a_joint_policy(a_cap(1)))
        hub.submit("mine", dept=WJW, planned_on="2026-05-20")
        draw_all(hub, WJW, XFJ)

        assert say(hub.close())[1].startswith("JOINT CROSS WJW-120116 XFJ-120116")
        assert say(hub.ask("T-1", WJW)) == ["ISSUED"]

    def test_complaints_other_quarters_and_other_departments_keep_their_codes(self) -> None:
        hub = JointHub()
        hub.submit("complaint", dept=WJW, planned_on="2026-05-20", trigger="COMPLAINT", clue_no="1")
        hub.submit("later", dept=WJW, planned_on="2026-07-20")
        hub.submit("theirs", dept=SCJG, planned_on="2026-05-20")
        draw_all(hub, WJW, XFJ)

        assert len(hub.close()) == 2

    def test_who_inspected_in_this_quarter_takes_no_part(self) -> None:
        hub = JointHub()
        hub.complete("mine", dept=WJW, on="2026-04-02")
        draw_all(hub, WJW, XFJ, SCJG)

        assert say(hub.close())[0] == "CLOSED dropped WJW-120116 ALREADY_INSPECTED mine"

    def test_where_the_policy_only_warns_nothing_is_given_up(self) -> None:
        hub = JointHub(policy=a_joint_policy(joint_member="warn"))
        hub.submit("mine", dept=WJW, planned_on="2026-05-20")
        draw_all(hub, WJW, XFJ)

        assert len(hub.close()) == 2


class TestProposedDay:
    """So that the visits of a quarter do not all fall on one day."""

    def test_it_is_a_working_day_of_the_quarter_well_after_the_window(self) -> None:
        hub = JointHub()
        draw_all(hub, WJW, XFJ)

        day = hub.close()[1].day

        assert date(2026, 4, 17) <= day <= date(2026, 6, 30)
        assert is_working_day(day, shipped_calendar())

    def test_many_enterprises_spread_over_the_quarter(self) -> None:
        days = {
            proposed_day(f"LHJC-{number}", QUARTER, AFTER, 5, shipped_calendar())
            for number in range(2000)
        }

        span = [date(2026, 4, 17) + timedelta(days=number) for number in range(75)]
        assert days == {day for day in span if is_working_day(day, shipped_calendar())}

    def test_at_the_quarters_end_it_is_the_last_day(self) -> None:
        day = proposed_day("J", QUARTER, date(2026, 6, 29), 5, shipped_calendar())

        assert day == date(2026, 6, 30)


@pytest.mark.parametrize("late", ["take", "refuse"])
def test_a_late_draw_after_nobody_overlapped_is_compared_once_more(late: str) -> None:
    hub = JointHub(policy=a_joint_policy(late_draws=late))
    hub.draw(WJW)
    hub.close()

    said = say(hub.draw(XFJ, sent=date(2026, 4, 15)))

    if late == "refuse":
        assert said == ["REFUSED AFTER_WINDOW 2026-04-08"]
    else:
        assert said == ["DRAWN XFJ-120116 late"]
        assert say(hub.close(date(2026, 4, 16)))[1].startswith("JOINT CROSS WJW-120116 XFJ-120116")
