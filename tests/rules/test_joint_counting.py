"""How does a visit of several departments count?"""

from __future__ import annotations

from typing import Any

from builders import DEPT, OTHER_DEPT, Hub, a_cap, a_group, a_policy

from schemas.enums import Decision

ISSUED, INTERCEPTED = Decision.ISSUED, Decision.INTERCEPTED_OVER_CAP


def hub_with(*caps: dict[str, Any], **numbers: Any) -> Hub:
    return Hub(policy=a_policy(*caps, **numbers))


class TestJointVisits:
    """How a visit of several departments counts in a counter that they share."""

    def group(self, maximum: int, joint: str) -> Hub:
        return hub_with(a_cap(maximum, scope=a_group(DEPT, OTHER_DEPT, "D-3"), joint=joint))

    def test_per_department_each_of_them_counts(self) -> None:
        hub = self.group(2, "PER_DEPARTMENT")

        made = [hub.submit(dept, dept=dept, joint_id="J") for dept in (DEPT, OTHER_DEPT, "D-3")]

        assert [one.decision for one in made] == [ISSUED, ISSUED, INTERCEPTED]

    def test_once_per_visit_the_first_counts_and_the_others_are_free(self) -> None:
        hub = self.group(1, "ONCE_PER_VISIT")

        made = [hub.submit(dept, dept=dept, joint_id="J") for dept in (DEPT, OTHER_DEPT, "D-3")]
        alone = hub.submit("alone")

        assert [one.decision for one in made] == [ISSUED, ISSUED, ISSUED]
        assert [one.used for one in made] == [1, 1, 1]
        assert {one.counted for one in made} == {(DEPT,)}
        assert (alone.decision, alone.counted) == (INTERCEPTED, (DEPT,))

    def test_once_per_visit_another_takes_the_place_of_one_that_is_cancelled(self) -> None:
        hub = self.group(1, "ONCE_PER_VISIT")
        hub.submit("a", joint_id="J")
        hub.submit("b", dept=OTHER_DEPT, joint_id="J")
        hub.cancel("a")

        assert hub.submit("c").counted == ("b",)

    def test_once_per_visit_a_free_task_passes_a_counter_above_its_maximum(self) -> None:
        hub = self.group(1, "ONCE_PER_VISIT")
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
