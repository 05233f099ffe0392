"""What follows from what happens to a task after, or before, it was decided?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from builders import AT_MS, OTHER_DEPT, Hub, a_cap, a_group, a_policy

from schemas.facts import (
    CancelledFact,
    ChoiceFact,
    ClassifiedFact,
    CompletedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    JointFact,
    NotedFact,
    WhitelistedFact,
)
from streams.rules.state import code_state_of

NEXT_YEAR = "2027-01-03T09:00:00+08:00"


def said(fact: Fact) -> str:
    """A fact in a few words."""
    match fact:
        case NotedFact():
            codes = " ".join(reason.code for reason in fact.reasons)
            return f"{fact.outcome} {codes}".strip()
        case CancelledFact():
            words = ["CANCELLED"] + ["known"] * fact.known + ["released"] * fact.released
            return " ".join(words)
        case EnteredFact():
            return f"ENTERED {fact.code_state}" + " known" * fact.known
        case CompletedFact():
            return "COMPLETED" + " known" * fact.known + " no_code" * fact.no_code
        case _:
            return fact.fact


def issued(hub: Hub) -> None:
    hub.submit()


def shown(hub: Hub) -> None:
    issued(hub)
    hub.enter(how="SHOWN_ONLY")


def scanned(hub: Hub) -> None:
    issued(hub)
    hub.enter()


def completed(hub: Hub) -> None:
    scanned(hub)
    hub.complete()


def cancelled(hub: Hub) -> None:
    issued(hub)
    hub.cancel()


def tombstone(hub: Hub) -> None:
    hub.cancel()


def expired(hub: Hub) -> None:
    issued(hub)
    hub.expire()


def intercepted(hub: Hub) -> None:
    hub.submit("T-0", backfill=True)
    hub.submit("T-00", backfill=True)
    issued(hub)


def offsite(hub: Hub) -> None:
    hub.submit(mode="OFFSITE")


def backfilled(hub: Hub) -> None:
    hub.submit(backfill=True)


def entered_only(hub: Hub) -> None:
    hub.enter()


def nothing(_hub: Hub) -> None:
    pass


def cancel(hub: Hub, **fields: Any) -> Fact:
    return hub.cancel(**fields)


def expire(hub: Hub, **fields: Any) -> Fact:
    return hub.expire(**fields)


def scan(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(**fields)


def refuse_scan(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(how="REFUSED", **fields)


def fail_licence(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(how="LICENCE_FAILED", **fields)


def show(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(how="SHOWN_ONLY", **fields)


def complete(hub: Hub, **fields: Any) -> Fact:
    return hub.complete(**fields)


def complete_again(hub: Hub, **fields: Any) -> Fact:
    return hub.complete(result_id="R-2", **fields)


def stop(hub: Hub, **fields: Any) -> Fact:
    return hub.choose("STOP", **fields)[-1]


def go_on(hub: Hub, **fields: Any) -> Fact:
    return hub.choose("CONTINUE", **fields)[-1]


# what was, what happens, what follows, code state after
ROWS: list[Any] = [
    (nothing, cancel, "CANCELLED", "CANCELLED"),
    (issued, cancel, "CANCELLED known released", "CANCELLED"),
    (shown, cancel, "CANCELLED known released", "CANCELLED"),
    (offsite, cancel, "CANCELLED known released", "CANCELLED"),
    (backfilled, cancel, "CANCELLED known released", "CANCELLED"),
    (intercepted, cancel, "CANCELLED known", "CANCELLED"),
    (cancelled, cancel, "REPEATED", "CANCELLED"),
    (tombstone, cancel, "REPEATED", "CANCELLED"),
    (scanned, cancel, "REFUSED ALREADY_INSPECTED", "SCANNED"),
    (completed, cancel, "REFUSED ALREADY_INSPECTED", "COMPLETED"),
    (entered_only, cancel, "REFUSED ALREADY_INSPECTED", "SCANNED"),
    (expired, cancel, "REFUSED EXPIRED", "EXPIRED"),
    (nothing, expire, "REPEATED NOT_OPEN", "NONE"),
    (issued, expire, "EXPIRED", "EXPIRED"),
    (shown, expire, "EXPIRED", "EXPIRED"),
    (expired, expire, "REPEATED NOT_OPEN", "EXPIRED"),
    (scanned, expire, "REPEATED NOT_OPEN", "SCANNED"),
    (cancelled, expire, "REPEATED NOT_OPEN", "CANCELLED"),
    (offsite, expire, "REPEATED NOT_OPEN", "NONE"),
    (nothing, scan, "ENTERED SCANNED", "SCANNED"),
    (nothing, refuse_scan, "ENTERED SCAN_REFUSED", "SCAN_REFUSED"),
    (nothing, fail_licence, "ENTERED LICENCE_FAILED", "LICENCE_FAILED"),
    (nothing, show, "REFUSED UNKNOWN_TASK", "NONE"),
    (issued, scan, "ENTERED SCANNED known", "SCANNED"),
    (issued, refuse_scan, "ENTERED SCAN_REFUSED known", "SCAN_REFUSED"),
    (issued, fail_licence, "ENTERED LICENCE_FAILED known", "LICENCE_FAILED"),
    (issued, show, "ENTERED SHOWN known", "SHOWN"),
    (shown, show, "REPEATED", "SHOWN"),
    (shown, scan, "ENTERED SCANNED known", "SCANNED"),
    (scanned, scan, "REPEATED", "SCANNED"),
    (scanned, show, "REPEATED", "SCANNED"),
    (scanned, refuse_scan, "ENTERED SCAN_REFUSED known", "SCAN_REFUSED"),
    (completed, scan, "REFUSED ALREADY_COMPLETED", "COMPLETED"),
    (completed, show, "REFUSED ALREADY_COMPLETED", "COMPLETED"),
    (cancelled, scan, "ENTERED SCANNED known", "SCANNED"),
    (tombstone, scan, "ENTERED SCANNED", "SCANNED"),
    (expired, scan, "ENTERED SCANNED known", "SCANNED"),
    (intercepted, scan, "ENTERED SCANNED known", "SCANNED"),
    (cancelled, show, "REFUSED WAS_CANCELLED", "CANCELLED"),
    (tombstone, show, "REFUSED UNKNOWN_TASK", "CANCELLED"),
    (expired, show, "REFUSED WAS_EXPIRED", "EXPIRED"),
    (intercepted, show, "REFUSED NO_CODE", "NONE"),
    (offsite, show, "REFUSED NO_CODE", "NONE"),
    (nothing, complete, "COMPLETED no_code", "COMPLETED"),
    (issued, complete, "COMPLETED known", "COMPLETED"),
    (scanned, complete, "COMPLETED known", "COMPLETED"),
    (intercepted, complete, "COMPLETED known no_code", "COMPLETED"),
    (cancelled, complete, "COMPLETED known", "COMPLETED"),
    (tombstone, complete, "COMPLETED no_code", "COMPLETED"),
    (completed, complete, "REPEATED", "COMPLETED"),
    (completed, complete_again, "REFUSED ALREADY_COMPLETED", "COMPLETED"),
    (nothing, stop, "REFUSED UNKNOWN_TASK", "NONE"),
    (nothing, go_on, "REFUSED UNKNOWN_TASK", "NONE"),
    (tombstone, stop, "REFUSED UNKNOWN_TASK", "CANCELLED"),
    (entered_only, go_on, "REFUSED UNKNOWN_TASK", "SCANNED"),
    (entered_only, complete, "COMPLETED no_code", "COMPLETED"),
    (issued, stop, "CANCELLED known released", "CANCELLED"),
    (issued, go_on, "CHOICE", "ISSUED"),
    (cancelled, stop, "REPEATED", "CANCELLED"),
    (scanned, stop, "REFUSED ALREADY_INSPECTED", "SCANNED"),
]


def name(function: Callable[..., Any]) -> str:
    return function.__name__


@pytest.mark.parametrize(
    ("before", "happens", "follows", "after"), ROWS, ids=lambda v: getattr(v, "__name__", "")
)
def test_what_follows(before: Any, happens: Any, follows: str, after: str) -> None:
    hub = Hub(policy=a_policy(a_cap(2)))
    before(hub)
    state = hub.state

    fact = happens(hub)

    assert said(fact) == follows
    assert code_state_of(hub.state.tasks.get("T-1")) == after
    if follows.startswith(("REPEATED", "REFUSED")):
        assert hub.state == state


@pytest.mark.parametrize("happens", [cancel, scan, show, complete, stop, go_on])
def test_another_departments_task_is_left_alone(happens: Any) -> None:
    hub = Hub()
    hub.submit()
    before = hub.state

    fact = happens(hub, dept=OTHER_DEPT)

    assert said(fact) == "REFUSED OTHER_DEPARTMENT"
    assert len(hub.answers[-1]) == 1
    assert hub.state == before


def test_the_hub_may_act_on_any_task() -> None:
    hub = Hub()
    hub.submit()

    assert said(hub.cancel(dept="HUB")) == "CANCELLED known released"


def test_a_choice_to_stop_is_recorded_and_cancels() -> None:
    hub = Hub()
    hub.submit()

    choice, cancellation = hub.choose("STOP")

    assert isinstance(choice, ChoiceFact)
    assert choice.choice == "STOP"
    assert said(cancellation) == "CANCELLED known released"


@pytest.mark.parametrize(("on", "follows"), [("2026-03-23", "REPEATED"), ("2026-03-24", "EXPIRED")])
def test_a_code_expires_on_the_day_after_its_last(on: str, follows: str) -> None:
    hub = Hub(policy=a_policy(code_valid_days=7))
    hub.submit(planned_on="2026-03-16")

    assert hub.expire(on=on).fact == ("NOTED" if follows == "REPEATED" else "EXPIRED")
    assert isinstance(hub.answers[-1][0], NotedFact if follows == "REPEATED" else ExpiredFact)


def test_an_entry_counts_on_its_day_in_shanghai() -> None:
    hub = Hub()
    hub.submit(planned_on="2026-12-31")

    fact = hub.enter(at="2026-12-31T16:00:00Z")

    assert isinstance(fact, EnteredFact)
    assert fact.day == date(2027, 1, 1)


def test_showing_the_code_confirms_no_visit() -> None:
    hub = Hub()
    hub.submit(planned_on="2026-03-16")

    fact = hub.enter(how="SHOWN_ONLY", at="2026-03-18T10:00:00+08:00")

    assert isinstance(fact, EnteredFact)
    assert fact.day == date(2026, 3, 16)
    assert hub.state.tasks["T-1"].day == date(2026, 3, 16).toordinal()


class TestMovingToAnotherYear:
    """A code issued in December, used in January: the place moves with the visit."""

    def hub(self) -> Hub:
        hub = Hub(policy=a_policy(a_cap(1, id="Z"), a_cap(1, id="A"), a_cap(9, id="M")))
        hub.submit("T-1", planned_on="2026-12-31")
        hub.submit("T-2", planned_on="2027-01-02")
        return hub

    def test_the_old_year_gets_its_place_back_and_the_new_one_is_overfilled(self) -> None:
        hub = self.hub()

        fact = hub.enter("T-1", at=NEXT_YEAR)

        assert isinstance(fact, EnteredFact)
        assert fact.over == ("A@1", "Z@1")
        assert hub.submit("T-3", planned_on="2026-12-30").used == 1
        assert hub.submit("T-4", planned_on="2027-06-30").counted == ("T-1", "T-2")

    def test_a_result_moves_it_too(self) -> None:
        hub = self.hub()

        fact = hub.complete("T-1", on="2027-01-03")

        assert isinstance(fact, CompletedFact)
        assert fact.over == ("A@1", "Z@1")

    def test_within_a_year_nothing_is_overfilled_whatever_the_count(self) -> None:
        hub = self.hub()
        hub.submit("T-9", planned_on="2027-01-05", backfill=True)

        fact = hub.enter("T-9", at=NEXT_YEAR)

        assert isinstance(fact, EnteredFact)
        assert fact.over == ()

    @pytest.mark.parametrize("before", [nothing, tombstone])
    def test_a_visit_that_was_never_planned_moves_from_nowhere(self, before: Any) -> None:
        hub = Hub(policy=a_policy(a_cap(0)))
        before(hub)

        facts = [hub.enter(at=NEXT_YEAR), hub.complete(on="2027-01-03")]

        assert [getattr(fact, "over", None) for fact in facts] == [(), ()]

    def test_only_rules_that_count_the_visit_are_overfilled(self) -> None:
        rules = [
            a_cap(0, id="EXEMPT-NOT"),
            a_cap(0, id="OTHER-ITEM", match={"items": ["x"]}),
            a_cap(0, id="NEXT-ITEM", match={"items": ["y"]}),
            a_cap(0, id="OTHER-INDUSTRY", match={"industry": ["52"]}),
            a_cap(0, id="OTHERS", scope=a_group("X", "Y")),
            a_cap(0, id="ENDED", to="2026-12-31"),
            a_cap(0, id="FLOOR", exempt_triggers=["MEDIA"]),
        ]
        hub = Hub(policy=a_policy(*rules))
        hub.submit(planned_on="2026-12-31", trigger="COMPLAINT", clue_no="12345-7")

        fact = hub.complete(on="2027-01-03", items=["y"])

        assert isinstance(fact, CompletedFact)
        assert fact.over == ("FLOOR@1",)


def test_the_newest_class_counts_and_of_two_of_a_day_the_later_word() -> None:
    hub = Hub()

    said_so = [
        said(hub.classify("B", as_of="2026-02-01")),
        said(hub.classify("A", as_of="2026-01-31")),
        said(hub.classify("C", as_of="2026-02-01")),
        said(hub.classify("D", as_of="2026-01-01", scheme="GENERAL_RISK")),
    ]

    assert said_so == ["CLASSIFIED", "REPEATED OLDER", "CLASSIFIED", "CLASSIFIED"]
    assert {scheme: rated.class_ for scheme, rated in hub.state.classes.items()} == {
        "CREDIT_EVALUATION": "C",
        "GENERAL_RISK": "D",
    }


def test_facts_about_the_enterprise_say_all_that_was_said() -> None:
    hub = Hub()

    facts = [
        hub.classify("B", as_of="2026-02-01"),
        hub.whitelist(since="2026-01-01", until="2026-12-31"),
        hub.form_joint("J-1", members=("A", "B"), lead="B", quarter="2026Q3"),
    ]

    assert facts == [
        ClassifiedFact.model_validate(
            {"scheme": "CREDIT_EVALUATION", "class": "B", "as_of": date(2026, 2, 1)}
        ),
        WhitelistedFact.model_validate(
            {
                "said_at_ms": AT_MS,
                "listed": True,
                "from": date(2026, 1, 1),
                "until": date(2026, 12, 31),
            }
        ),
        JointFact(joint_id="J-1", quarter="2026Q3", members=("A", "B"), lead="B"),
    ]


def test_a_joint_task_is_formed_once() -> None:
    hub = Hub()
    hub.form_joint(lead="A", members=("A", "B"))
    before = hub.state

    fact = hub.form_joint(lead="B", members=("A", "B"))

    assert said(fact) == "REPEATED"
    assert hub.state == before


def test_an_older_word_on_the_whitelist_that_comes_later_changes_nothing() -> None:
    hub = Hub()
    hub.whitelist(listed=False, time="2026-03-02T00:00:00+08:00")
    before = hub.state

    fact = hub.whitelist(listed=True, time="2026-03-01T00:00:00+08:00")

    assert said(fact) == "REPEATED OLDER"
    assert hub.state == before


def test_the_last_word_on_the_whitelist_counts() -> None:
    hub = Hub()
    hub.whitelist()
    hub.whitelist(listed=False)

    assert hub.submit().decision == "ISSUED"
