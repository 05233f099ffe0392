"""An enterprise rates each department's visit once there is a result, and may change its mind."""

from __future__ import annotations

from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, Hub, a_policy

from schemas.facts import Fact, NotedFact, RatedFact
from schemas.messages import RATING_SUBMITTED
from streams.rules.outward import outward


def said(fact: Fact) -> str:
    """A fact in a few words."""
    if isinstance(fact, NotedFact):
        return " ".join([fact.outcome, *(reason.code for reason in fact.reasons)])
    assert isinstance(fact, RatedFact)
    return f"RATED {fact.stars} {fact.comment}".strip()


def rate(hub: Hub, task_id: str = "T-1", **fields: Any) -> Fact:
    """What follows from a rating."""
    data = {"task_id": task_id, "dept": DEPT, "stars": 5, "comment": "",
            "at": "2026-03-17T10:00:00+08:00", **fields}  # fmt: skip
    (fact,) = hub.send(RATING_SUBMITTED, data, dept="HUB")
    return fact


@pytest.fixture
def hub() -> Hub:
    """A visit of 16 March with its result on record."""
    hub = Hub(policy=a_policy(rating_days=10))
    hub.submit()
    hub.complete(on="2026-03-16")
    return hub


def test_the_newest_rating_counts_and_a_late_copy_changes_nothing(hub: Hub) -> None:
    facts = [
        rate(hub, stars=2, comment="迟到", at="2026-03-17T10:00:00+08:00"),
        rate(hub, stars=2, comment="迟到", at="2026-03-17T10:00:00+08:00"),
        rate(hub, stars=4, at="2026-03-18T10:00:00+08:00"),
        rate(hub, stars=2, comment="迟到", at="2026-03-17T10:00:00+08:00"),
    ]

    assert [said(fact) for fact in facts] == [
        "RATED 2 迟到", "REPEATED", "RATED 4", "REPEATED OLDER",
    ]  # fmt: skip
    assert hub.state.ratings["T-1"].stars == 4


def test_a_rating_closes_after_the_policys_last_day(hub: Hub) -> None:
    in_time = rate(hub, at="2026-03-26T23:59:59+08:00")
    late = rate(hub, stars=1, at="2026-03-27T00:00:00+08:00")

    assert (said(in_time), said(late)) == ("RATED 5", "REFUSED RATING_CLOSED")


def test_a_policy_that_names_no_last_day_leaves_thirty() -> None:
    hub = Hub(policy=a_policy())
    hub.submit()
    hub.complete(on="2026-03-16")

    assert said(rate(hub, at="2026-04-15T12:00:00+08:00")) == "RATED 5"
    assert said(rate(hub, stars=1, at="2026-04-16T12:00:00+08:00")) == "REFUSED RATING_CLOSED"


def test_only_a_visit_with_a_result_of_that_very_department_is_rated(hub: Hub) -> None:
    hub.submit(task_id="T-2", items=["1101-002"])

    assert said(rate(hub, "T-9")) == "REFUSED UNKNOWN_TASK"
    assert said(rate(hub, "T-2")) == "REFUSED NO_RESULT"
    assert said(rate(hub, dept=OTHER_DEPT)) == "REFUSED OTHER_DEPARTMENT"
    assert not hub.state.ratings


def test_the_department_hears_that_it_was_rated_and_of_nothing_else(hub: Hub) -> None:
    rate(hub, stars=3)
    (told,) = outward(hub.decided(), hub.state)
    rate(hub, stars=3)

    assert (told.dept, told.type) == (DEPT, "task.updated")
    assert not outward(hub.decided(), hub.state)
