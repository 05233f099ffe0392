"""How does a visit of several departments count?"""

from __future__ import annotations

from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, Hub, a_cap, a_group, a_policy

from schemas.decision import DecisionMade
from schemas.enums import Decision, Prompt

ISSUED, INTERCEPTED = Decision.ISSUED, Decision.INTERCEPTED_OVER_CAP


def hub_with(*caps: dict[str, Any], **numbers: Any) -> Hub:
    return Hub(policy=a_policy(*caps, **numbers))


class TestJointVisits:
    """How a visit of several departments counts in a counter that they share."""

    def group(self, maximum: int, joint: str, **numbers: Any) -> Hub:
        cap = a_cap(maximum, scope=a_group(DEPT, OTHER_DEPT, "D-3"), joint=joint)
        return hub_with(cap, **numbers)

    def formed(self, maximum: int, **numbers: Any) -> Hub:
        """A hub that counts a visit once, and that formed the joint inspection J."""
        hub = self.group(maximum, "ONCE_PER_VISIT", **numbers)
        hub.form_joint("J", members=(DEPT, OTHER_DEPT, "D-3"))
        return hub

    def test_per_department_each_of_them_counts(self) -> None:
        hub = self.group(2, "PER_DEPARTMENT")

        made = [hub.submit(dept, dept=dept, joint_id="J") for dept in (DEPT, OTHER_DEPT, "D-3")]

        assert [one.decision for one in made] == [ISSUED, ISSUED, INTERCEPTED]

    def test_once_per_visit_the_first_counts_and_the_others_are_free(self) -> None:
        hub = self.formed(1)

        made = [hub.submit(dept, dept=dept, joint_id="J") for dept in (DEPT, OTHER_DEPT, "D-3")]
        alone = hub.submit("alone", planned_on="2026-07-16")

        assert [one.decision for one in made] == [ISSUED, ISSUED, ISSUED]
        assert [one.used for one in made] == [1, 1, 1]
        assert {one.counted for one in made} == {(DEPT,)}
        assert (alone.decision, alone.counted) == (INTERCEPTED, (DEPT,))

    def test_once_per_visit_another_takes_the_place_of_one_that_is_cancelled(self) -> None:
        hub = self.formed(1)
        hub.submit("a", joint_id="J")
        hub.submit("b", dept=OTHER_DEPT, joint_id="J")
        hub.cancel("a")

        assert hub.submit("c", planned_on="2026-07-16").counted == ("b",)

    def test_once_per_visit_a_free_task_passes_a_counter_above_its_maximum(self) -> None:
        hub = self.formed(1)
        hub.submit("a", joint_id="J")
        hub.submit("b", backfill=True)

        made = hub.submit("c", dept=OTHER_DEPT, joint_id="J")

        assert (made.decision, made.used, made.cap) == (ISSUED, 2, 1)

    def test_lead_only_members_neither_count_nor_are_blocked(self) -> None:
        hub = self.group(1, "LEAD_ONLY")
        hub.form_joint("J", members=(DEPT, OTHER_DEPT), lead=OTHER_DEPT, quarter="2026Q3")

        member = hub.submit("member", joint_id="J")
        lead = hub.submit("lead", dept=OTHER_DEPT, joint_id="J")
        alone = hub.submit("alone", dept="D-3")

        assert [one.decision for one in (member, lead, alone)] == [ISSUED, ISSUED, INTERCEPTED]
        assert [one.used for one in (member, lead, alone)] == [None, 1, 1]
        assert alone.counted == ("lead",)

    def test_lead_only_a_joint_task_that_the_hub_never_formed_counts_for_each(self) -> None:
        hub = self.group(1, "LEAD_ONLY")

        made = [hub.submit(dept, dept=dept, joint_id="J") for dept in (DEPT, OTHER_DEPT)]

        assert [one.decision for one in made] == [ISSUED, INTERCEPTED]

    def test_once_per_visit_a_name_that_the_hub_never_formed_makes_no_visit(self) -> None:
        hub = self.group(2, "ONCE_PER_VISIT")

        made = [hub.submit(dept, dept=dept, joint_id="J") for dept in (DEPT, OTHER_DEPT, "D-3")]

        assert [one.decision for one in made] == [ISSUED, ISSUED, INTERCEPTED]
        assert [one.used for one in made] == [1, 2, 2]
        assert made[2].counted == (DEPT, OTHER_DEPT)

    def test_a_department_cannot_make_a_years_visits_one_by_giving_them_one_name(self) -> None:
        hub = hub_with(a_cap(2, joint="ONCE_PER_VISIT"))

        made = [
            hub.submit(f"T-{month}", joint_id="J", planned_on=f"2026-{month:02}-16")
            for month in (2, 5, 8)
        ]

        assert [one.decision for one in made] == [ISSUED, ISSUED, INTERCEPTED]

    @pytest.mark.parametrize(
        "second",
        [
            pytest.param({"planned_on": "2026-03-17"}, id="on another day"),
            pytest.param({"dept": DEPT}, id="a second task of a member"),
            pytest.param({"dept": "D-4"}, id="of a department that is no member"),
        ],
    )
    def test_once_per_visit_what_does_not_go_along_counts_on_its_own(self, second: Any) -> None:
        cap = a_cap(5, scope=a_group(DEPT, OTHER_DEPT, "D-4"), joint="ONCE_PER_VISIT")
        hub = hub_with(cap, joint_member="warn")
        hub.form_joint("J", members=(DEPT, OTHER_DEPT))
        hub.submit("a", joint_id="J")

        made = hub.submit("b", joint_id="J", **{"dept": OTHER_DEPT, **second})
        along = hub.submit("c", joint_id="J", dept=OTHER_DEPT)

        assert (made.used, made.counted) == (2, ("a", "b"))
        assert along.used == 2

    def test_once_per_visit_a_member_that_left_and_came_all_the_same_counts_on_its_own(
        self,
    ) -> None:
        hub = self.formed(5)
        hub.submit("a", joint_id="J")
        hub.submit("b", dept=OTHER_DEPT, joint_id="J")
        hub.send("joint.withdrawn", {"joint_id": "J", "reason": "人手不足"}, dept=OTHER_DEPT)
        before = hub.submit("c", dept="D-3", planned_on="2026-07-16").used
        hub.enter("b", dept=OTHER_DEPT)

        assert (before, hub.submit("d", dept="D-3", planned_on="2026-08-16").used) == (2, 4)


class TestUnknownJoints:
    """A joint inspection of which the hub knows nothing is named in the answer."""

    NAMED = ("UNKNOWN_JOINT", "LH-7")

    def said(self, made: DecisionMade) -> list[tuple[str, str]]:
        return [(one.code, one.about) for one in made.reasons]

    @pytest.mark.parametrize(
        ("fields", "decision"),
        [
            ({}, ISSUED),
            ({"backfill": True}, Decision.RECORDED_BACKFILL),
            ({"mode": "OFFSITE"}, Decision.RECORDED_OFFSITE),
        ],
    )
    def test_the_answer_warns_and_names_it(self, fields: Any, decision: Decision) -> None:
        made = Hub().submit(joint_id="LH-7", **fields)

        assert made.decision is decision
        assert made.warnings == (Prompt.UNKNOWN_JOINT,)
        assert self.said(made) == [self.NAMED]

    def test_departments_that_agreed_still_get_a_joint_code(self) -> None:
        assert Hub().submit(joint_id="LH-7").code_kind == "JOINT"

    def test_an_interception_says_so_after_the_caps(self) -> None:
        hub = hub_with(a_cap(1, joint="ONCE_PER_VISIT"))
        hub.submit("a", joint_id="LH-7")

        made = hub.submit("b", joint_id="LH-7")

        assert self.said(made) == [("CAP", "R@1"), self.NAMED]
        assert Prompt.UNKNOWN_JOINT in made.warnings

    @pytest.mark.parametrize(
        "fields", [{"approval": None}, {"findings": {"in_scope": False}}, {"joint_id": None}]
    )
    def test_what_is_not_counted_is_not_warned_of(self, fields: Any) -> None:
        made = Hub().submit(**{"joint_id": "LH-7", **fields})

        assert Prompt.UNKNOWN_JOINT not in made.warnings

    def test_one_that_was_formed_is_known_also_to_who_takes_no_part(self) -> None:
        hub = hub_with(joint_member="warn")
        hub.form_joint("LH-7", members=("X", "Y"), lead="X")

        made = hub.submit(joint_id="LH-7")

        assert (made.warnings, made.reasons) == ((Prompt.JOINT_MEMBER,), ())
