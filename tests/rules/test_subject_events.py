"""What follows from what is said about the enterprise itself?"""

from __future__ import annotations

from datetime import date

from builders import AT_MS, Hub

from schemas.facts import (
    CancelledFact,
    ClassifiedFact,
    CompletedFact,
    EnteredFact,
    Fact,
    JointFact,
    NotedFact,
    WhitelistedFact,
)


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
