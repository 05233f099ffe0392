"""What one enterprise adds to the figures, visit by visit (art. 6, 19)."""

from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC, Hub, a_cap, a_policy
from counted_hub import counted, totals

from schemas.canary import CANARY_DEPT
from schemas.messages import RATING_SUBMITTED
from schemas.statistics import (
    INDICATORS,
    ITEM_MEASURES,
    MEASURE_NAMES,
    MEASURES,
    TABLES,
)
from streams.rules.figures.indicators import HOLDS, contributions
from streams.rules.figures.watched import watched


def rate(hub: Hub, stars: int, at: str = "2026-03-17T09:00:00+08:00") -> None:
    data = {"task_id": "T-1", "dept": DEPT, "stars": stars, "at": at}
    hub.send(RATING_SUBMITTED, data, dept="HUB")


def issued(hub: Hub) -> None:
    hub.submit()


def cancelled(hub: Hub) -> None:
    hub.submit()
    hub.cancel()


def cancelled_before_it_came(hub: Hub) -> None:
    hub.cancel()
    hub.submit()


def only_a_cancellation(hub: Hub) -> None:
    hub.cancel()


def expired(hub: Hub) -> None:
    hub.submit()
    hub.expire()


def only_shown(hub: Hub) -> None:
    hub.submit()
    hub.enter(how="SHOWN_ONLY")


def scanned(hub: Hub) -> None:
    hub.submit()
    hub.enter()


def refused_then_scanned(hub: Hub) -> None:
    hub.submit()
    hub.enter(how="REFUSED")
    hub.enter(how="SCANNED")


def refused(hub: Hub) -> None:
    hub.submit()
    hub.enter(how="REFUSED")
    hub.complete()


def inspected_after_cancelling(hub: Hub) -> None:
    hub.submit()
    hub.cancel()
    hub.enter()


def offsite(hub: Hub) -> None:
    hub.submit(mode="OFFSITE")


def offsite_cancelled(hub: Hub) -> None:
    hub.submit(mode="OFFSITE")
    hub.cancel()


def never_announced(hub: Hub) -> None:
    hub.complete()


def intercepted_and_made_all_the_same(hub: Hub) -> None:
    hub.policy = a_policy(a_cap(0))
    hub.submit()
    hub.complete()


def back_filled_over_a_cap(hub: Hub) -> None:
    hub.policy = a_policy(a_cap(0))
    hub.submit(backfill=True)


def sent_twice(hub: Hub) -> None:
    hub.submit()
    hub.take(hub.events[0])


def praised(hub: Hub) -> None:
    hub.submit()
    hub.complete()
    rate(hub, 4)


def praise_taken_back(hub: Hub) -> None:
    hub.submit()
    hub.complete()
    rate(hub, 5)
    rate(hub, 3, "2026-03-18T09:00:00+08:00")


def stopped_on_a_prompt(hub: Hub) -> None:
    hub.submit()
    hub.choose("STOP")


def exempt(hub: Hub) -> None:
    hub.policy = a_policy(a_cap(0))
    hub.submit(trigger="COMPLAINT", clue_no="12345-1")
    hub.enter()


MADE = {"made": 1, "onsite": 1}
ROWS: list[tuple[Any, dict[str, int]]] = [
    (issued, {"tasks": 1, "issued": 1}),
    (cancelled, {"tasks": 1, "issued": 1, "cancelled": 1}),
    (cancelled_before_it_came, {"tasks": 1, "cancelled": 1}),
    (only_a_cancellation, {}),
    (expired, {"tasks": 1, "issued": 1, "expired": 1}),
    (only_shown, {"tasks": 1, "issued": 1}),
    (scanned, {"tasks": 1, "issued": 1, **MADE, "scanned": 1}),
    (refused_then_scanned, {"tasks": 1, "issued": 1, **MADE, "scanned": 1}),
    (refused, {"tasks": 1, "issued": 1, **MADE, "results": 1, "scan_refused": 1}),
    (inspected_after_cancelling, {"tasks": 1, "issued": 1, **MADE, "scanned": 1}),
    (offsite, {"tasks": 1, "made": 1, "offsite": 1}),
    (offsite_cancelled, {"tasks": 1, "cancelled": 1}),
    (never_announced, {**MADE, "results": 1, "no_code": 1}),
    (
        intercepted_and_made_all_the_same,
        {"tasks": 1, "intercepted": 1, **MADE, "results": 1, "no_code": 1},
    ),
    (back_filled_over_a_cap, {"tasks": 1, **MADE, "backfilled": 1, "over_cap": 1, "no_code": 1}),
    (sent_twice, {"tasks": 1, "issued": 1}),
    (praised, {"tasks": 1, "issued": 1, **MADE, "results": 1, "rated": 1, "praised": 1}),
    (praise_taken_back, {"tasks": 1, "issued": 1, **MADE, "results": 1, "rated": 1}),
    (stopped_on_a_prompt, {"tasks": 1, "issued": 1, "cancelled": 1, "stopped": 1}),
    (exempt, {"tasks": 1, "issued": 1, **MADE, "scanned": 1, "exempt": 1}),
]


@pytest.mark.parametrize(("happens", "figures"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_what_an_inspection_adds(happens, figures):
    hub = Hub()

    happens(hub)

    assert totals(hub) == figures


def test_a_joint_visit_counts_for_every_department_that_came_and_once_for_the_enterprise():
    hub = Hub()
    hub.submit("T-1", joint_id="J-1")
    hub.submit("T-2", dept=OTHER_DEPT, joint_id="J-1")
    hub.enter("T-1")
    assert "joint" not in totals(hub), "the other one has not come"

    hub.enter("T-2", dept=OTHER_DEPT)

    assert totals(hub)["joint"] == 2
    frequency = {cell[1:]: n for cell, n in contributions(USCC, counted(hub)).items()
                 if cell[0] == "frequency"}  # fmt: skip
    assert frequency == {
        (2026, dept, kind, 1): (1,) for dept in (DEPT, OTHER_DEPT, "") for kind in ("", "DAILY")
    }


def test_two_lines_of_one_department_do_not_inspect_across_departments():
    hub = Hub()
    for task_id in ("T-1", "T-2"):
        hub.submit(task_id, joint_id="J-1")
        hub.enter(task_id)

    assert "joint" not in totals(hub)


def test_an_inspection_counts_in_the_month_in_which_it_was_made():
    hub = Hub()
    hub.submit(planned_on="2026-12-30")
    before = set(contributions(USCC, counted(hub)))
    hub.enter(at="2027-01-02T10:00:00+08:00")

    months = {cell[1] for cell in contributions(USCC, counted(hub)) if cell[0] == "visit"}

    assert {cell[1] for cell in before if cell[0] == "visit"} == {"2026-12"}
    assert months == {"2027-01"}


def test_the_department_that_is_made_up_to_probe_the_hub_is_left_out():
    hub = Hub()
    hub.submit(dept=CANARY_DEPT)
    hub.complete(dept=CANARY_DEPT)

    assert contributions(USCC, counted(hub)) == {}
    assert watched(USCC, counted(hub)) == []


def test_surveys_are_no_enterprises():
    hub = Hub()
    hub.submit()
    hub.enter()

    cells = contributions("survey:T-1", counted(hub))

    ((_, counts),) = [one for one in cells.items() if one[0][0] == "visit"]
    said = [name for name, count in zip(MEASURE_NAMES, counts, strict=True) if count]
    assert said == ["tasks", "issued"], "what it finds is counted enterprise by enterprise"
    assert "frequency" not in {cell[0] for cell in cells}
    assert watched("survey:T-1", counted(hub)) == []


CAP_ROWS = [
    # cap, tasks, released, line
    pytest.param(3, 1, 0, None, id="far from the cap"),
    pytest.param(3, 2, 0, ("NEAR_CAP", 2), id="one left"),
    pytest.param(2, 2, 0, ("AT_CAP", 2), id="full"),
    pytest.param(2, 3, 0, ("AT_CAP", 2), id="the third was intercepted"),
    pytest.param(2, 2, 1, ("NEAR_CAP", 1), id="one was given back since"),
]


@pytest.mark.parametrize(("cap", "tasks", "released", "line"), CAP_ROWS)
def test_enterprises_near_a_cap_are_listed(cap, tasks, released, line):
    hub = Hub(policy=a_policy(a_cap(cap)))
    for number in range(tasks):
        hub.submit(f"T-{number}")
    for number in range(released):
        hub.cancel(f"T-{number}")

    found = [(one.kind, one.used) for one in watched(USCC, counted(hub))]

    assert found == ([] if line is None else [line])


def test_a_back_fill_over_the_cap_and_frequent_inspections_are_listed():
    hub = Hub(policy=a_policy(a_cap(1), unreasonable_from=2))
    for number in range(2):
        hub.submit(f"T-{number}", backfill=True)

    kinds = [one.kind for one in watched(USCC, counted(hub))]

    assert kinds == ["NO_CODE", "NO_CODE", "OVER_CAP", "OVER_CAP_BACKFILL", "UNREASONABLE"]


def test_every_measure_has_a_rule_and_every_indicator_its_measures():
    assert set(HOLDS) | {"joint"} == set(MEASURE_NAMES)
    assert len(set(MEASURE_NAMES)) == len(MEASURES)
    for one in INDICATORS:
        assert {one.numerator, one.denominator} <= set(MEASURE_NAMES)
        assert "19" in one.article
    assert set(ITEM_MEASURES) <= set(MEASURE_NAMES)
    assert [len(INDICATORS), len(TABLES)] == [5, 3]
