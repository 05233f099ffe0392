"""What follows when a member of a joint inspection leaves, joins or does not come?"""

from __future__ import annotations

import json
from datetime import date

import pytest
from builders import a_cap
from joint_world import (
    JOINT_ID,
    RULES_OF_LEAD,
    SCJG,
    WJW,
    XFJ,
    JointHub,
    a_joint_policy,
    draw_all,
    say,
)

from schemas.joint_answers import JointUpdated
from streams.rules.apply import apply
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.outward import outward
from streams.rules.views import view_ops

DAY = "2026-05-20"
STRANGER = "HBJ-120116"


def formed(*depts: str, policy: CompiledPolicy | None = None) -> JointHub:
    """A hub in which these departments are to inspect together."""
    hub = JointHub(policy=policy or a_joint_policy())
    draw_all(hub, *(depts or (WJW, XFJ, SCJG)))
    hub.close()
    return hub


def kinds_told(hub: JointHub) -> dict[str, str]:
    """Who hears what sort of joint inspection it is now."""
    told = outward(hub.decided(), hub.state)
    return {one.dept: one.body.kind for one in told if isinstance(one.body, JointUpdated)}  # type: ignore[misc]


class TestWithdrawal:
    """A member says why it cannot come."""

    def test_the_others_go_on(self) -> None:
        hub = formed()

        assert say(hub.withdraw(WJW)) == [
            "WITHDRAWN WJW-120116 -> SCJG-120000 XFJ-120116 lead SCJG-120000"
        ]
        assert hub.joint.members == (SCJG, XFJ)
        assert hub.joint.left == (WJW,)

    def test_if_it_led_the_lead_passes_on_by_the_same_rule(self) -> None:
        hub = formed(policy=a_joint_policy(lead=RULES_OF_LEAD))
        # Items of all three are on a list that SCJG initiates; without it the code decides.
        assert hub.joint.lead == SCJG

        assert say(hub.withdraw(SCJG)) == [
            "WITHDRAWN SCJG-120000 -> WJW-120116 XFJ-120116 lead WJW-120116 CODE_ORDER"
        ]

    def test_what_it_reserved_is_given_back(self) -> None:
        hub = formed()
        hub.ask("mine", WJW)
        hub.ask("theirs", XFJ)

        assert say(hub.withdraw(WJW))[1:] == ["CANCELLED mine"]

    def test_it_may_not_go_alone_instead(self) -> None:
        hub = formed()
        hub.withdraw(WJW)

        refused = f"REFUSED_JOINT_MEMBER JOINT_TASK {JOINT_ID} lead SCJG-120000"
        assert say(hub.ask("T-1", WJW, joint_id=None)) == [refused]
        assert say(hub.ask("T-2", WJW)) == [refused]

    def test_whoever_is_left_over_may_go_alone(self) -> None:
        hub = formed(WJW, XFJ)
        hub.withdraw(XFJ)

        assert say(hub.ask("T-1", WJW, joint_id=None)) == ["ISSUED"]
        assert say(hub.ask("T-2", XFJ, joint_id=None))[0].startswith("REFUSED_JOINT_MEMBER")

    def test_when_all_have_left_nobody_leads(self) -> None:
        hub = formed(WJW, XFJ)
        hub.withdraw(WJW)

        assert say(hub.withdraw(XFJ)) == ["WITHDRAWN XFJ-120116 ->  lead "]

    @pytest.mark.parametrize(
        ("dept", "reason", "said"),
        [
            (WJW, " \t", "REFUSED REASON_MISSING"),
            (STRANGER, "x", f"REFUSED NOT_A_MEMBER {STRANGER}"),
        ],
    )
    def test_what_is_incomplete_or_strange_changes_nothing(
        self, dept: str, reason: str, said: str
    ) -> None:
        hub = formed()
        before = hub.state

        assert say(hub.withdraw(dept, reason)) == [said]
        assert hub.state == before

    def test_twice_is_once(self) -> None:
        hub = formed()
        hub.withdraw(WJW)

        assert say(hub.withdraw(WJW)) == ["REPEATED LEFT_BEFORE WJW-120116"]

    def test_a_joint_task_nobody_knows(self) -> None:
        assert say(formed().withdraw(WJW, joint_id="J-9")) == ["REFUSED UNKNOWN_JOINT WJW-120116"]

    def test_after_the_visit_it_is_too_late(self) -> None:
        hub = formed()
        hub.ask("mine", WJW)
        hub.enter("mine", dept=WJW, at=f"{DAY}T10:00:00+08:00")

        assert say(hub.withdraw(WJW)) == ["REFUSED ALREADY_INSPECTED mine"]


class TestNoShow:
    """A member that was there says who was not."""

    def visited(self) -> JointHub:
        hub = formed()
        for dept in (WJW, XFJ, SCJG):
            hub.ask(f"T-{dept}", dept)
        # One scan of the one code: it is on record for all of them.
        for dept in (WJW, XFJ, SCJG):
            hub.enter(f"T-{dept}", dept="HUB", at=f"{DAY}T10:00:00+08:00")
        return hub

    def test_it_leaves_and_its_visit_does_not_count(self) -> None:
        hub = self.visited()

        assert say(hub.miss(WJW, SCJG)) == [
            "ABSENT SCJG-120000 -> WJW-120116 XFJ-120116 lead WJW-120116 CODE_ORDER",
            f"CANCELLED T-{SCJG}",
        ]

    def test_a_result_shows_that_it_was_there_after_all(self) -> None:
        hub = self.visited()
        hub.complete(f"T-{SCJG}", dept=SCJG, on=DAY)

        assert say(hub.miss(WJW, SCJG)) == [f"REFUSED ALREADY_INSPECTED T-{SCJG}"]

    def test_a_late_result_brings_the_visit_back(self) -> None:
        hub = self.visited()
        hub.miss(WJW, SCJG)

        fact = hub.complete(f"T-{SCJG}", dept=SCJG, on=DAY)

        assert fact.fact == "COMPLETED"

    def test_only_who_was_there_can_say_so_and_not_of_itself(self) -> None:
        hub = self.visited()
        absent_from_it = formed()

        assert say(hub.miss(WJW, WJW)) == ["REFUSED NOT_THERE WJW-120116"]
        assert say(hub.miss(STRANGER, WJW)) == [f"REFUSED NOT_THERE {STRANGER}"]
        assert say(absent_from_it.miss(WJW, XFJ)) == ["REFUSED NOT_THERE WJW-120116"]
        assert say(hub.miss(WJW, STRANGER)) == [f"REFUSED NOT_A_MEMBER {STRANGER}"]

    def test_twice_is_once(self) -> None:
        hub = self.visited()
        hub.miss(WJW, SCJG)

        assert say(hub.miss(XFJ, SCJG)) == ["REPEATED LEFT_BEFORE SCJG-120000"]


class TestLateJoiner:
    """A draw after the window, where the policy takes it, joins what was formed."""

    def late(self, *caps: dict[str, object]) -> JointHub:
        return formed(WJW, XFJ, policy=a_joint_policy(*caps, late_draws="take"))

    def join(self, hub: JointHub, dept: str = SCJG, draw_id: str = "L-1") -> list[str]:
        return say(hub.draw(dept, draw_id=draw_id, sent=date(2026, 4, 20), items=("i-1", "i-2")))

    def test_it_becomes_a_member_and_the_lead_stays(self) -> None:
        hub = self.late()

        assert self.join(hub) == [
            "DRAWN SCJG-120000 late",
            "JOINED SCJG-120000 -> SCJG-120000 WJW-120116 XFJ-120116 lead WJW-120116",
        ]
        assert say(hub.ask("T-1", SCJG)) == ["ISSUED"]

    def test_a_member_that_draws_again_brings_more(self) -> None:
        hub = self.late()

        self.join(hub, WJW, "L-1")

        (part, _) = hub.joint.parts
        assert (part.items, part.draws) == (("i-1", "i-2"), ("D-0", "L-1"))

    def test_who_withdrew_may_come_back(self) -> None:
        hub = self.late()
        hub.withdraw(WJW)

        assert self.join(hub, WJW)[1] == (
            "JOINED WJW-120116 -> WJW-120116 XFJ-120116 lead XFJ-120116"
        )
        assert hub.joint.left == ()

    def internal(self) -> JointHub:
        """Two lines of one department are to inspect together."""
        hub = JointHub(policy=a_joint_policy(late_draws="take"))
        for line in ("食品", "药品"):
            hub.draw(WJW, draw_id=line, line=line)
        hub.close()
        assert hub.joint.is_internal
        return hub

    def test_who_joins_lines_of_one_department_makes_it_one_across_departments(self) -> None:
        hub = self.internal()

        self.join(hub)

        assert kinds_told(hub) == {SCJG: "CROSS", WJW: "CROSS"}
        ((_, _, row),) = view_ops(hub.decided(), hub.state).joints
        assert json.loads(row)["kind"] == "CROSS"
        assert hub.withdraw(SCJG)[0].kind is None  # type: ignore[union-attr]
        assert kinds_told(hub) == {SCJG: "CROSS", WJW: "CROSS"}
        assert say(hub.ask("T-1", WJW, joint_id=None)) == ["ISSUED"], "nobody joins it any more"

    def test_a_third_line_leaves_it_what_it_is(self) -> None:
        hub = self.internal()

        self.join(hub, WJW)

        assert kinds_told(hub) == {WJW: "INTERNAL"}

    def test_facts_of_an_earlier_version_leave_the_kind_as_it_was(self) -> None:
        hub = self.internal()
        before = hub.state
        self.join(hub)
        _, change = hub.answers[-1]
        old = change.model_copy(update={"kind": None})

        assert apply(before, old, 0).joints[JOINT_ID].is_internal

    def test_after_the_visit_it_comes_too_late(self) -> None:
        hub = self.late()
        hub.ask("mine", WJW)
        hub.enter("mine", dept=WJW, at="2026-05-20T10:00:00+08:00")
        before = hub.state

        assert self.join(hub) == [f"REFUSED JOINT_VISITED {JOINT_ID}"]
        assert hub.state == before

    def test_over_its_cap_it_may_not_come(self) -> None:
        hub = self.late(a_cap(0, scope={"kind": "AGENCY", "id": SCJG}))

        assert self.join(hub) == ["REFUSED CAP R@1"]

    def test_what_it_planned_alone_is_given_up(self) -> None:
        hub = self.late()
        hub.submit("alone", dept=SCJG, planned_on=DAY)

        assert self.join(hub)[2:] == ["CANCELLED alone"]
