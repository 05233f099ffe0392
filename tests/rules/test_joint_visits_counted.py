"""A joint visit is counted once for each time it was made (art. 6, 19)."""

from builders import DEPT, OTHER_DEPT, USCC, Hub
from counted_hub import counted, totals

from streams.rules.figures.indicators import contributions


def visits_of_the_enterprise(hub: Hub) -> dict[int, int]:
    """How many visits it had in a year, over all departments and kinds."""
    return {cell[1]: cell[4] for cell in contributions(USCC, counted(hub))
            if (cell[0], *cell[2:4]) == ("frequency", "", "")}  # fmt: skip


def both_come(hub: Hub, task: str, day: str, other_day: str, joint_id: str = "J-1") -> None:
    for dept, on in ((DEPT, day), (OTHER_DEPT, other_day)):
        hub.submit(f"{task}-{dept}", dept=dept, joint_id=joint_id, planned_on=day)
        hub.enter(f"{task}-{dept}", dept=dept, at=f"{on}T10:00:00+08:00")


def test_a_name_that_comes_back_each_quarter_is_another_joint_visit_each_time():
    hub = Hub()

    for day in ("2026-02-10", "2026-05-12", "2026-08-11"):
        both_come(hub, day, day, day)

    assert totals(hub)["joint"] == 6
    assert visits_of_the_enterprise(hub) == {2026: 3}


def test_under_a_name_of_their_own_departments_come_together_only_on_one_day():
    hub = Hub()

    both_come(hub, "T", "2026-02-10", "2026-02-17")

    assert "joint" not in totals(hub)
    assert visits_of_the_enterprise(hub) == {2026: 2}


def test_members_of_a_joint_task_that_the_hub_formed_may_finish_on_two_days_of_one_visit():
    hub = Hub()
    hub.form_joint("J-1", members=(DEPT, OTHER_DEPT))

    for dept in (DEPT, OTHER_DEPT):
        hub.submit(dept, dept=dept, joint_id="J-1", planned_on="2026-03-16")
    for dept, day in ((DEPT, "2026-03-16"), (OTHER_DEPT, "2026-03-17")):
        hub.enter(dept, dept=dept, at=f"{day}T10:00:00+08:00")

    assert totals(hub)["joint"] == 2
    assert visits_of_the_enterprise(hub) == {2026: 1}
