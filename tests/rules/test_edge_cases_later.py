"""The edge cases of the domain from 15 on: what happens to a task later, and odd objects."""

from __future__ import annotations

import pytest
from builders import USCC, Hub, a_cap, a_document, a_policy, a_subject

from schemas.enums import Decision, Prompt, SubjectStatus
from schemas.facts import CancelledFact, CompletedFact, EnteredFact, NotedFact, RepeatedFact
from schemas.messages import TASK_SUBMITTED
from streams.rules.entry.caps import compile_policy

ISSUED, INTERCEPTED = Decision.ISSUED, Decision.INTERCEPTED_OVER_CAP


EXEMPT = {"trigger": "COMPLAINT", "clue_no": "12345-7"}


def hub_with(maximum: int, **numbers: object) -> Hub:
    return Hub(policy=a_policy(a_cap(maximum), **numbers))


@pytest.mark.parametrize("release", ["cancel", "expire"])
def test_15_a_place_is_released_exactly_once(release: str) -> None:
    hub = hub_with(1)
    hub.submit("T-1")

    first = getattr(hub, release)("T-1")
    second = getattr(hub, release)("T-1")

    assert first.fact in ("CANCELLED", "EXPIRED")
    assert isinstance(second, NotedFact)
    assert hub.submit("T-2").decision is ISSUED
    assert hub.submit("T-3").decision is INTERCEPTED


def test_16_a_cancellation_after_the_inspection_releases_nothing() -> None:
    hub = hub_with(1)
    hub.submit("T-1")
    hub.enter("T-1")

    fact = hub.cancel("T-1")

    assert isinstance(fact, NotedFact)
    assert [reason.code for reason in fact.reasons] == ["ALREADY_INSPECTED"]
    assert hub.submit("T-2").decision is INTERCEPTED


def test_17_a_cancellation_that_overtakes_its_task_is_remembered() -> None:
    hub = hub_with(1)

    fact = hub.cancel("T-1")
    made = hub.submit("T-1")

    assert fact == CancelledFact(task_id="T-1", known=False, released=False)
    assert (made.decision, made.code) == (Decision.CANCELLED, None)
    assert [reason.code for reason in made.reasons] == ["CANCELLED_BEFORE"]
    assert hub.submit("T-2").decision is ISSUED


def test_18_a_repeat_gets_the_same_answer_and_other_content_a_conflict() -> None:
    hub = hub_with(2)
    hub.submit("T-1")
    (again,) = hub.take(hub.events[0])

    other = hub.submit("T-1", planned_on="2026-03-17")

    assert again == RepeatedFact(task_id="T-1")
    assert other.decision is Decision.CONFLICT
    assert hub.submit("T-2").used == 2
    assert hub.mint.made == 2


def test_18_a_renamed_enterprise_is_the_same_task() -> None:
    hub = Hub()
    hub.submit()

    (fact,) = hub.send(TASK_SUBMITTED, {**_task_of(hub), "entity_name": "新名称有限公司"})

    assert fact == RepeatedFact(task_id="T-1")


def test_19_a_result_without_any_code_is_taken_and_counted() -> None:
    hub = hub_with(1)

    fact = hub.complete("T-1")

    assert isinstance(fact, CompletedFact)
    assert fact.no_code
    assert hub.submit("T-2").decision is INTERCEPTED


@pytest.mark.parametrize(
    ("how", "state"), [("REFUSED", "SCAN_REFUSED"), ("LICENCE_FAILED", "LICENCE_FAILED")]
)
def test_20_an_enterprise_that_does_not_scan_does_not_stop_the_inspection(
    how: str, state: str
) -> None:
    hub = hub_with(1)
    hub.submit("T-1")

    entered = hub.enter("T-1", how=how)
    completed = hub.complete("T-1")

    assert isinstance(entered, EnteredFact)
    assert entered.code_state == state
    assert completed.fact == "COMPLETED"


def test_21_a_back_filled_visit_over_the_cap_is_recorded_with_an_alarm() -> None:
    hub = hub_with(1, repeat_from=9)
    hub.submit("T-1", items=["a"])

    made = hub.submit("T-2", backfill=True)

    assert (made.decision, made.used, made.cap) == (Decision.RECORDED_BACKFILL, 2, 1)
    assert made.warnings == (Prompt.OVER_CAP_BACKFILL,)


def test_22_a_survey_with_an_object_gets_the_survey_code() -> None:
    assert Hub().submit(survey=True).code_kind == "SURVEY"


def test_23_the_whitelist_bars_proactive_visits_only_and_is_asked_anew_each_time() -> None:
    hub = Hub()
    before = hub.submit("T-0")
    hub.whitelist()

    barred, offsite, exempt = (
        hub.submit("T-1"),
        hub.submit("T-2", mode="OFFSITE"),
        hub.submit("T-3", **EXEMPT),
    )
    hub.whitelist(listed=False)

    assert barred.decision is Decision.REFUSED_WHITELISTED
    assert (offsite.decision, exempt.decision) == (Decision.RECORDED_OFFSITE, ISSUED)
    assert hub.submit("T-4").decision is ISSUED
    assert before.decision is ISSUED
    assert hub.enter("T-0").fact == "ENTERED"


def test_24_a_stricter_policy_in_mid_year_blocks_further_ones_and_voids_none() -> None:
    hub = hub_with(3)
    hub.submit("T-1")
    hub.submit("T-2")
    hub.policy = compile_policy(a_document(a_cap(1, version=2)))

    made = hub.submit("T-3")

    assert (made.decision, made.rule, made.used, made.cap) == (INTERCEPTED, "R@2", 2, 1)
    assert hub.state.tasks["T-1"].code is not None
    assert hub.enter("T-1").fact == "ENTERED"


def test_24_a_better_class_in_mid_year_leaves_used_above_the_maximum() -> None:
    strict = a_cap(0, match={"class": {"scheme": "CREDIT_EVALUATION", "in": ["A"]}})
    hub = Hub(policy=a_policy(strict))
    hub.classify("B", as_of="2026-01-01")
    hub.submit("T-1")
    hub.classify("A", as_of="2026-02-01")

    made = hub.submit("T-2")

    assert (made.decision, made.used, made.cap) == (INTERCEPTED, 1, 0)


def test_25_a_code_that_fails_its_check_but_is_listed_passes_with_a_warning() -> None:
    made = Hub().submit(findings={"check_digit_ok": False})

    assert (made.decision, made.warnings) == (ISSUED, (Prompt.CHECK_DIGIT,))


def test_25_a_government_body_is_out_of_scope() -> None:
    made = Hub(uscc="11120000000000000X").submit(findings={"in_scope": False})

    assert (made.decision, made.code) == (Decision.RECORDED_OUT_OF_SCOPE, None)


@pytest.mark.parametrize("status", [SubjectStatus.DEREGISTERED, SubjectStatus.MOVED_OUT])
def test_26_an_enterprise_that_is_gone_gets_no_code(status: SubjectStatus) -> None:
    made = Hub().submit(findings={"subject": a_subject(status=status)})

    assert (made.decision, made.code) == (Decision.RECORDED_OUT_OF_SCOPE, None)


def test_26_an_enterprise_of_another_name_keeps_its_counter() -> None:
    hub = hub_with(2)
    hub.submit("T-1")

    made = hub.submit(
        "T-2", entity_name="新名称有限公司", findings={"subject": a_subject(name="新")}
    )

    assert made.used == 2


def _task_of(hub: Hub) -> dict[str, object]:
    return {**hub.events[0].record.data.model_dump(mode="json"), "uscc": USCC}
