"""What follows for its disclosure from a result, a correction, and an order to stop or resume?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, some_findings
from public_builders import Desk, Facts, a_result, said

from schemas.facts import Fact
from schemas.messages import RESULT_RECORDED
from schemas.public_facts import DisclosureFact
from streams.rules.publicity.grounds import state_of

Setting = Callable[[Desk], Any]


def nothing(_desk: Desk) -> None:
    pass


def published(desk: Desk) -> None:
    desk.publish()


def unpublished(desk: Desk) -> None:
    desk.publish(publish=False)


def of_another(desk: Desk) -> None:
    desk.publish(dept=OTHER_DEPT)


def masked(desk: Desk) -> None:
    desk.publish()
    desk.stop("BANKRUPTCY_TEMP_MASK")


def mask_kept(desk: Desk) -> None:
    desk.stop("BANKRUPTCY_TEMP_MASK")


def resumed(desk: Desk) -> None:
    masked(desk)
    desk.resume()


def withdrawn(desk: Desk) -> None:
    desk.publish()
    desk.correct(publish=False)


def corrected(desk: Desk) -> None:
    desk.publish()
    desk.correct(outcomes=["2"])


MASK = "BANKRUPTCY_TEMP_MASK"
RESULTS: list[tuple[Setting, Setting, str]] = [
    # what was before, the result, the facts
    (nothing, lambda d: d.publish(), "COMPLETED; R-1 v1 DISCLOSED (RESULT)"),
    (nothing, lambda d: d.publish(publish=False), "COMPLETED"),
    (published, lambda d: d.publish(), "REPEATED"),
    (published, lambda d: d.publish(task_id="T-2"), "COMPLETED; R-1 v2 DISCLOSED (RESULT)"),
    (masked, lambda d: d.publish(task_id="T-2"), f"COMPLETED; R-1 v3 STOPPED {MASK} (RESULT)"),
    (of_another, lambda d: d.publish(task_id="T-2"), "COMPLETED"),
    (mask_kept, lambda d: d.publish(), f"COMPLETED; R-1 v0 STOPPED {MASK} (RESULT)"),
    (lambda d: d.stop("ENTITY_ERROR"), lambda d: d.publish(),
     "COMPLETED; R-1 v0 WITHDRAWN ENTITY_ERROR (RESULT)"),
    (lambda d: d.stop(dept=OTHER_DEPT), lambda d: d.publish(),
     "COMPLETED; R-1 v1 DISCLOSED (RESULT)"),
    (lambda d: d.stop(dept="REGISTRY"), lambda d: d.publish(),
     "COMPLETED; R-1 v0 STOPPED EXPIRED (RESULT)"),
    (lambda d: (d.stop(dept=OTHER_DEPT), d.stop()), lambda d: d.publish(),
     "COMPLETED; R-1 v0 STOPPED EXPIRED (RESULT)"),
]  # fmt: skip
CORRECTIONS: list[tuple[Setting, Setting, str]] = [
    (nothing, lambda d: d.correct(), "REFUSED UNKNOWN_RESULT"),
    (of_another, lambda d: d.correct(), "REFUSED OTHER_DEPARTMENT"),
    (published, lambda d: d.correct(), "REPEATED"),
    (published, lambda d: d.correct(outcomes=["1", "7", "1"]), "REPEATED"),
    (withdrawn, lambda d: d.correct(publish=False, negative=False), "REPEATED"),
    (unpublished, lambda d: d.correct(publish=False), "REPEATED"),
    (corrected, lambda d: d.correct(outcomes=["3"], at="2026-03-31T09:00:00+08:00"),
     "REPEATED OLDER"),
    (corrected, lambda d: d.correct(publish=False, at="2026-03-31T09:00:00+08:00"),
     "REPEATED OLDER"),
    (corrected, lambda d: d.correct(outcomes=["3"]), "R-1 v3 DISCLOSED (CORRECTED)"),
    (published, lambda d: d.correct(negative=False), "R-1 v2 DISCLOSED (CORRECTED)"),
    (published, lambda d: d.correct(negative=False, dept="HUB"), "R-1 v2 DISCLOSED (CORRECTED)"),
    (unpublished, lambda d: d.correct(), "R-1 v1 DISCLOSED (CORRECTED)"),
    (lambda d: (d.stop(), unpublished(d)), lambda d: d.correct(),
     "R-1 v0 STOPPED EXPIRED (CORRECTED)"),
    (masked, lambda d: d.correct(outcomes=["3"]), f"R-1 v3 STOPPED {MASK} (CORRECTED)"),
    (published, lambda d: d.correct(publish=False),
     "R-1 v2 WITHDRAWN RESULT_WITHDRAWN (CORRECTED)"),
    (withdrawn, lambda d: d.correct(outcomes=["3"]),
     "R-1 v3 WITHDRAWN RESULT_WITHDRAWN (CORRECTED)"),
]  # fmt: skip
STOPS: list[tuple[Setting, Setting, str]] = [
    (unpublished, lambda d: d.stop("REPAIR_APPROVED"), "REFUSED NEEDS_REPAIR"),
    (unpublished, lambda d: d.stop(dept=OTHER_DEPT), "REFUSED NOT_DISCLOSED"),
    (published, lambda d: d.stop(dept=OTHER_DEPT), "REFUSED OTHER_DEPARTMENT"),
    (masked, lambda d: d.stop(MASK), "REPEATED"),
    (mask_kept, lambda d: d.stop(MASK), "REPEATED"),
    (mask_kept, lambda d: d.stop(MASK, dept=OTHER_DEPT), f"R-1 keeps order:{MASK}"),
    (resumed, lambda d: d.stop(MASK), "REPEATED OLDER"),
    (resumed, lambda d: d.stop(MASK, at="2026-10-20T10:00:00+08:00"), "REPEATED OLDER"),
    (lambda d: (mask_kept(d), d.resume()), lambda d: d.stop(MASK), "REPEATED OLDER"),
    (lambda d: (mask_kept(d), d.resume(), d.publish()), lambda d: d.stop(MASK), "REPEATED OLDER"),
    (resumed, lambda d: d.stop(MASK, at="2026-10-21T10:00:00+08:00"),
     f"R-1 v4 STOPPED {MASK} (ORDERED)"),
    (resumed, lambda d: d.stop(), "R-1 v4 STOPPED EXPIRED (ORDERED)"),
    (nothing, lambda d: d.stop(), "R-1 keeps order:EXPIRED"),
    (published, lambda d: d.stop(), "R-1 v2 STOPPED EXPIRED (ORDERED)"),
    (published, lambda d: d.stop(dept="REGISTRY"), "R-1 v2 STOPPED EXPIRED (ORDERED)"),
    (published, lambda d: d.stop(dept="HUB"), "R-1 v2 STOPPED EXPIRED (ORDERED)"),
    (masked, lambda d: d.stop("CASCADE"), "R-1 v3 STOPPED CASCADE (ORDERED)"),
    (withdrawn, lambda d: d.stop("CASCADE"), "R-1 v3 WITHDRAWN RESULT_WITHDRAWN (ORDERED)"),
]  # fmt: skip
RESUMES: list[tuple[Setting, Setting, str]] = [
    (masked, lambda d: d.resume("EXPIRED"), "REFUSED NOT_REVERSIBLE"),
    (
        lambda d: d.publish(publish=False, dept=OTHER_DEPT),
        lambda d: d.resume(),
        "REFUSED OTHER_DEPARTMENT",
    ),
    (unpublished, lambda d: d.resume(), "REFUSED NOT_STOPPED"),
    (
        lambda d: (mask_kept(d), unpublished(d)),
        lambda d: d.resume(),
        f"R-1 keeps order:{MASK} no longer",
    ),
    (masked, lambda d: d.resume(dept=OTHER_DEPT), "REFUSED OTHER_DEPARTMENT"),
    (published, lambda d: d.resume(), "REFUSED NOT_STOPPED"),
    (nothing, lambda d: d.resume(), "REFUSED NOT_STOPPED"),
    (mask_kept, lambda d: d.resume(dept=OTHER_DEPT), "REFUSED NOT_STOPPED"),
    (masked, lambda d: d.resume(at="2026-09-29T10:00:00+08:00"), "REPEATED OLDER"),
    (mask_kept, lambda d: d.resume(at="2026-09-29T10:00:00+08:00"), "REPEATED OLDER"),
    (mask_kept, lambda d: d.resume(), f"R-1 keeps order:{MASK} no longer"),
    (mask_kept, lambda d: d.resume(dept="REGISTRY"), f"R-1 keeps order:{MASK} no longer"),
    (masked, lambda d: d.resume(), "R-1 v3 DISCLOSED (RESUMED)"),
    (masked, lambda d: d.resume(dept="REGISTRY"), "R-1 v3 DISCLOSED (RESUMED)"),
    (lambda d: (masked(d), d.stop()), lambda d: d.resume(), "R-1 v4 STOPPED EXPIRED (RESUMED)"),
]


@pytest.mark.parametrize(("before", "happens", "facts"), RESULTS)
def test_results(before: Setting, happens: Setting, facts: str) -> None:
    assert outcome(before, happens) == facts


@pytest.mark.parametrize(("before", "happens", "facts"), CORRECTIONS)
def test_corrections_in_order_of_precedence(before: Setting, happens: Setting, facts: str) -> None:
    assert outcome(before, happens) == facts


@pytest.mark.parametrize(("before", "happens", "facts"), STOPS)
def test_stops_in_order_of_precedence(before: Setting, happens: Setting, facts: str) -> None:
    assert outcome(before, happens) == facts


@pytest.mark.parametrize(("before", "happens", "facts"), RESUMES)
def test_resumes_in_order_of_precedence(before: Setting, happens: Setting, facts: str) -> None:
    assert outcome(before, happens) == facts


def outcome(before: Setting, happens: Setting) -> str:
    desk = Desk()
    before(desk)
    return said(happens(desk))


def last_version(facts: Facts) -> DisclosureFact:
    fact: Fact = facts[-1]
    assert isinstance(fact, DisclosureFact)
    return fact


def test_a_version_says_all_that_a_feed_needs() -> None:
    fact = last_version(Desk().publish(outcomes=["7", "1", "7"], follow_up="限期整改"))

    assert fact.content.model_dump(mode="json") == {
        "task_id": "T-R-1", "dept": DEPT, "inspected_on": "2026-03-16", "outcomes": ["1", "7"],
        "found_problem": True, "negative": True, "entity_name": "天津测试有限公司",
        "follow_up": "限期整改",
    }  # fmt: skip
    assert (fact.reason, fact.said_at, fact.due_on, fact.provisional) == (None, None, None, None)


def test_an_enterprise_that_is_not_on_the_object_list_has_no_name() -> None:
    findings = some_findings(subject=None)

    fact = last_version(Desk().send(RESULT_RECORDED, a_result(), findings=findings))

    assert fact.content.entity_name == ""


def test_a_stop_keeps_the_content_and_says_on_which_ground_it_stands() -> None:
    desk = Desk()
    desk.publish(follow_up="限期整改")

    fact = last_version(desk.stop("OBJECTION_UPHELD"))

    assert fact.content.follow_up == "限期整改"
    assert fact.due_on == date(2026, 10, 13)
    assert [ground.name for ground in fact.grounds] == ["order:OBJECTION_UPHELD"]
    assert fact.changed == "order:OBJECTION_UPHELD"


def test_an_order_without_an_instant_was_said_when_it_was_sent() -> None:
    desk = Desk()
    desk.publish()

    fact = last_version(desk.stop(at=None, time="2026-02-13T23:30:00+08:00"))

    assert fact.due_on == date(2026, 2, 25)


def test_of_several_grounds_the_weightiest_leads_and_all_are_kept() -> None:
    desk = Desk()
    desk.publish()
    for reason in ("BANKRUPTCY_TEMP_MASK", "EXPIRED", "ENTITY_ERROR", "CASCADE"):
        fact = last_version(desk.stop(reason))

    assert fact.reason == "ENTITY_ERROR"
    assert [ground.reason for ground in fact.grounds] == [
        "ENTITY_ERROR", "CASCADE", "EXPIRED", "BANKRUPTCY_TEMP_MASK",
    ]  # fmt: skip


def test_a_result_withdrawn_keeps_what_it_said() -> None:
    desk = Desk()
    desk.publish(outcomes=["1"])

    fact = last_version(desk.correct(publish=False, outcomes=["2"]))

    assert fact.content.outcomes == ("1",)


def test_visits_are_counted_as_before_a_correction() -> None:
    desk = Desk()
    desk.publish()
    before = desk.state.tasks

    desk.correct(inspected_on="2027-01-01", task_id="T-9")

    assert desk.state.tasks == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_stop_beats_a_result_and_a_correction_in_any_order(order: tuple[int, ...]) -> None:
    desk = Desk()
    steps = [
        lambda: desk.publish(),
        lambda: desk.stop("CASCADE"),
        lambda: desk.publish(task_id="T-2", outcomes=["3"]),
    ]
    for number in order:
        steps[number]()

    assert state_of(desk.public.results["R-1"].grounds) == "STOPPED"


def test_a_result_of_a_joint_visit_stops_alone() -> None:
    desk = Desk()
    desk.publish("R-1")
    desk.publish("R-2", dept=OTHER_DEPT)

    desk.stop(result_id="R-1")

    assert state_of(desk.public.results["R-2"].grounds) == "DISCLOSED"
