"""Between decision and visit the world may change: it is said, and nothing is blocked or lost."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, Hub, some_findings

from schemas.enums import Decision, OffsiteWay, Prompt, Standing
from schemas.facts import ChoiceFact, CompletedFact, DecidedFact, EnteredFact
from schemas.journal import OfficerFinding, OffsiteFinding
from streams.rules.outward import outward

BY_CLUE = {"trigger": "COMPLAINT", "clue_no": "12345-7"}
LATER = "2026-03-20T10:00:00+08:00"


def officers(**last_days: date | None) -> tuple[OfficerFinding, ...]:
    return tuple(
        OfficerFinding(cert_no=name, standing=Standing.VALID, valid_to=day)
        for name, day in last_days.items()
    )


def reasons(hub: Hub) -> list[tuple[str, str]]:
    """The reasons on the update that the department gets for the last event."""
    (message,) = outward(hub.decided(), hub.state)
    return [(one.code, one.about) for one in message.body.reasons]  # type: ignore[union-attr]


def enter(hub: Hub, **fields: Any) -> list[tuple[str, str]]:
    fact = hub.enter(**fields)
    assert isinstance(fact, EnteredFact)
    told = reasons(hub)
    assert [(one.code, one.about) for one in fact.doubts] == told[len(told) - len(fact.doubts) :]
    return told


@pytest.mark.parametrize("how", ["SHOWN_ONLY", "SCANNED", "REFUSED", "LICENCE_FAILED"])
def test_a_place_on_the_whitelist_since_is_said_at_the_entry_and_nothing_is_blocked(how: str):
    hub = Hub()
    assert hub.submit().decision is Decision.ISSUED
    hub.whitelist(since="2026-03-12")

    assert enter(hub, how=how) == [("WHITELISTED_SINCE", "")]


@pytest.mark.parametrize(
    ("task", "listed", "at"),
    [
        pytest.param(BY_CLUE, {}, LATER, id="on a clue"),
        pytest.param({"backfill": True}, {}, LATER, id="made already"),
        pytest.param({"mode": "OFFSITE"}, {}, LATER, id="off-site"),
        pytest.param({}, {"listed": False}, LATER, id="taken off"),
        pytest.param({}, {"since": "2026-03-21"}, LATER, id="from later on"),
        pytest.param({}, {"until": "2026-03-19"}, LATER, id="until before"),
    ],
)
def test_who_may_come_all_the_same_hears_nothing_of_the_whitelist(
    task: dict[str, Any], listed: dict[str, Any], at: str
):
    hub = Hub()
    hub.submit(**task)
    hub.whitelist(**listed)

    assert enter(hub, at=at) == []


def test_a_visit_on_a_clue_is_let_through_and_marked():
    hub = Hub()
    hub.whitelist()

    refused = hub.submit("T-1")
    let_through = hub.submit("T-2", **BY_CLUE)
    made = hub.submit("T-3", backfill=True)
    item = hub.submit("T-4", findings={"whitelisted_items": ("1101-001",)}, **BY_CLUE)

    assert (refused.decision, refused.warnings) == (
        Decision.REFUSED_WHITELISTED, (Prompt.OFFSITE_PREFERRED,)
    )  # fmt: skip
    assert let_through.decision is Decision.ISSUED
    assert Prompt.WHITELISTED in let_through.warnings
    assert Prompt.WHITELISTED in made.warnings
    assert Prompt.WHITELISTED in item.warnings


def test_what_is_not_on_the_whitelist_is_not_marked():
    hub = Hub()
    hub.whitelist(until="2026-03-15")

    assert Prompt.WHITELISTED not in hub.submit(**BY_CLUE).warnings


@pytest.mark.parametrize(
    ("last_days", "at", "said"),
    [
        ({"TJ0001": date(2026, 3, 19), "TJ0002": date(2026, 3, 18)}, LATER, "2026-03-18"),
        ({"TJ0001": date(2026, 3, 19), "TJ0002": None}, LATER, "2026-03-19"),
        ({"TJ0001": date(2026, 3, 20), "TJ0002": None}, LATER, None),
        ({"TJ0001": None, "TJ0002": None}, LATER, None),
    ],
)
def test_a_certificate_that_ended_between_issue_and_entry_is_said(last_days, at, said):
    hub = Hub()
    hub.submit(findings={"officers": officers(**last_days)})

    assert enter(hub, at=at) == ([("CERTIFICATE_ENDED", said)] if said else [])


def test_who_entered_is_judged_on_the_day_of_the_entry():
    hub = Hub()
    hub.submit()
    found = some_findings(
        officers=(
            OfficerFinding(cert_no="TJ0001", standing=Standing.SUSPENDED),
            OfficerFinding(cert_no="TJ0001", standing=Standing.SUSPENDED),
            OfficerFinding(cert_no="TJ0002", standing=Standing.VALID),
        )
    )

    assert enter(hub, findings=found) == [("OFFICER_SUSPENDED", "TJ0001")]


def test_points_beyond_the_standard_and_missing_ones_are_said_and_the_result_stands():
    hub = Hub()
    hub.submit()
    found = some_findings(points_unknown=("1101-001/P9",), points_missing=("1101-001/P2",))

    fact = hub.complete(findings=found)

    assert isinstance(fact, CompletedFact)
    assert reasons(hub) == [("POINT_UNKNOWN", "1101-001/P9"), ("POINT_MISSING", "1101-001/P2")]
    assert hub.state.tasks["T-1"].result_id == "R-1"


def test_the_decision_pins_the_classes_it_was_made_by():
    hub = Hub()
    hub.classify("B", "2026-01-01", "GENERAL_RISK")
    hub.classify("A", "2026-02-01", "CREDIT_EVALUATION")
    first = hub.submit("T-1")
    hub.classify("D", "2026-03-01", "GENERAL_RISK")
    second = hub.submit("T-2")

    told = [[(one.scheme, one.name, one.as_of) for one in made.classes] for made in (first, second)]
    assert told == [
        [("CREDIT_EVALUATION", "A", date(2026, 2, 1)), ("GENERAL_RISK", "B", date(2026, 1, 1))],
        [("CREDIT_EVALUATION", "A", date(2026, 2, 1)), ("GENERAL_RISK", "D", date(2026, 3, 1))],
    ]


def test_what_can_be_checked_without_a_visit_is_said_with_the_way():
    hub = Hub()
    found = {
        "offsite_items": ("a", "b"),
        "offsite_ways": (OffsiteFinding(item="b", way=OffsiteWay.SHARED_DATA),),
    }

    made = hub.submit("T-1", items=["a", "b", "c"], findings=found)
    offsite = hub.submit("T-2", items=["a"], mode="OFFSITE", findings=found)

    assert Prompt.OFFSITE_PREFERRED in made.warnings
    assert [(one.item, one.way) for one in made.offsite] == [("a", None), ("b", "SHARED_DATA")]
    assert offsite.offsite == ()


@pytest.mark.parametrize(
    ("choice", "prompts", "reason", "said"),
    [
        ("CONTINUE", ["OFFSITE_PREFERRED"], "", [("REASON_NOT_GIVEN", "")]),
        ("CONTINUE", ["OFFSITE_PREFERRED"], " \t", [("REASON_NOT_GIVEN", "")]),
        ("CONTINUE", ["OFFSITE_PREFERRED"], "现场取样", []),
        ("CONTINUE", ["REPEAT_INSPECTION"], "", []),
    ],
)
def test_the_reason_to_go_all_the_same_is_recorded_and_asked_for(choice, prompts, reason, said):
    hub = Hub()
    hub.submit(findings={"offsite_items": ("1101-001",)})
    data = {"task_id": "T-1", "choice": choice, "prompts": prompts, "reason": reason}

    (fact,) = hub.send("inspection.choice.recorded", data)

    assert isinstance(fact, ChoiceFact)
    assert (fact.prompts, fact.reason) == (tuple(prompts), reason)
    assert reasons(hub) == said


def test_who_stops_needs_no_reason():
    hub = Hub()
    hub.submit()
    data = {"task_id": "T-1", "choice": "STOP", "prompts": ["OFFSITE_PREFERRED"]}

    hub.send("inspection.choice.recorded", data)

    assert reasons(hub) == []


def test_facts_of_before_say_nothing_of_certificates():
    hub = Hub()
    hub.submit(findings={"officers": officers(TJ0001=date(2026, 3, 1), TJ0002=None)})
    fact = hub.answers[-1][0]
    assert isinstance(fact, DecidedFact)
    plain = fact.model_dump(mode="json", by_alias=True)
    for name in ("classes", "offsite"):
        del plain["decision"][name]
    del plain["task"]["certified_until"]

    former = DecidedFact.model_validate_json(json.dumps(plain))

    assert former.task.certified_until is None
    assert former.decision.classes == ()


def test_another_departments_entry_is_still_refused():
    hub = Hub()
    hub.submit(dept=DEPT)
    hub.enter(dept=OTHER_DEPT)

    assert reasons(hub) == [("OTHER_DEPARTMENT", "")]
