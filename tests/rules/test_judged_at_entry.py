"""What is said when officers come: who of them may not, and which items are whitelisted by now."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from beside_the_auditor import differences, policy_of
from builders import Hub, a_document, some_findings
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from random_logs import many

from connectors.audit import doubts
from schemas.enums import Standing
from schemas.facts import EnteredFact
from schemas.journal import LapsedFinding, OfficerFinding
from schemas.messages import ENTRY_RECORDED
from streams.rules.entry.caps import compile_policy
from streams.rules.entry.rejudge import mark_of

BY_CLUE = {"trigger": "COMPLAINT", "clue_no": "12345-7"}
LATER = "2026-03-20T10:00:00+08:00"
DOCUMENT = a_document()
NUMBERS = [f"TJ000{number}" for number in range(1, 8)]


def said(fact: Any) -> list[tuple[str, str]]:
    assert isinstance(fact, EnteredFact)
    return [(one.code, one.about) for one in fact.doubts]


SUSPENDED = (
    OfficerFinding(cert_no="TJ0001", standing=Standing.SUSPENDED),
    OfficerFinding(cert_no="TJ0009", standing=Standing.REVOKED),
)
"""Who of the department has no valid certificate on the day of an entry that names nobody, as
records of before version 8 of the rules say it."""
MARKED = tuple(LapsedFinding(mark=mark_of(one.cert_no), standing=one.standing) for one in SUSPENDED)
"""The same as it is said since: no certificate can be read from it."""


@pytest.mark.parametrize("how", ["SHOWN_ONLY", "SCANNED", "REFUSED", "LICENCE_FAILED"])
@pytest.mark.parametrize("found", [{"officers": SUSPENDED}, {"lapsed": MARKED}], ids=["7", "8"])
def test_if_the_entry_names_nobody_the_officers_of_the_task_are_asked_for_again(
    how: str, found: dict[str, Any]
):
    hub = Hub()
    hub.submit()

    told = said(hub.enter(how=how, findings=some_findings(**found)))

    assert told == [("OFFICER_SUSPENDED", "TJ0001")]


def test_they_are_told_in_the_order_of_the_task_whatever_their_marks():
    hub = Hub()
    hub.submit(officers=["TJ0009", "TJ0001", "TJ0005"])

    told = said(hub.enter(findings=some_findings(lapsed=MARKED)))

    assert told == [("OFFICER_REVOKED", "TJ0009"), ("OFFICER_SUSPENDED", "TJ0001")]


@pytest.mark.parametrize(("backfill", "told"), [(False, [("NOT_ALL_COMPARED", "7")]), (True, [])])
def test_what_found_no_room_is_said_of_a_task_with_a_code(backfill: bool, told: list[Any]):
    hub = Hub(policy=compile_policy(DOCUMENT))
    hub.submit(backfill=backfill)

    assert said(hub.enter(findings=some_findings(left_out=7))) == told
    assert differences(hub, policy_of(DOCUMENT)) == []


@many
@given(
    st.sets(st.sampled_from(NUMBERS), max_size=6),
    st.sets(st.sampled_from(NUMBERS), min_size=1),
    st.booleans(),
    st.integers(0, 2),
)
def test_marks_say_what_names_would_and_the_auditor_agrees(
    lapsed: set[str],
    officers: set[str],
    named: bool,
    left_out: int,
):
    rows = [OfficerFinding(cert_no=one, standing=Standing.REVOKED) for one in sorted(lapsed)]
    marks = [LapsedFinding(mark=mark_of(one), standing=Standing.REVOKED) for one in sorted(lapsed)]
    told = []
    for found in ({"officers": tuple(rows)}, {"lapsed": tuple(marks)}):
        hub = Hub(policy=compile_policy(DOCUMENT))
        hub.submit(officers=sorted(officers))
        came = sorted(lapsed) if named and "officers" in found else []
        fact = hub.enter(officers=came, findings=some_findings(left_out=left_out, **found))
        told.append(said(fact))
        assert differences(hub, policy_of(DOCUMENT)) == []
    if not named:
        assert told[0] == told[1]
    assert told[1][: len(lapsed & officers)] == [
        ("OFFICER_REVOKED", one) for one in sorted(lapsed & officers)
    ]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("_mark", lambda number: number), ("ISSUED", "RECORDED_BACKFILL")],
)
def test_an_auditor_that_takes_marks_otherwise_is_found(
    name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
):
    hub = Hub(policy=compile_policy(DOCUMENT))
    hub.submit()
    hub.enter(findings=some_findings(lapsed=(MARKED[1], *MARKED[:1]), left_out=3))
    assert differences(hub, policy_of(DOCUMENT)) == []

    monkeypatch.setattr(doubts, name, wrong)
    assert differences(hub, policy_of(DOCUMENT)) != []


def test_if_it_names_somebody_it_is_about_them_whoever_the_task_named():
    hub = Hub()
    hub.submit()
    data = {"task_id": "T-1", "how": "SCANNED", "at": LATER, "officers": ["TJ0009"]}

    (fact,) = hub.send(ENTRY_RECORDED, data, findings=some_findings(officers=SUSPENDED[1:]))

    assert said(fact) == [("OFFICER_REVOKED", "TJ0009")]


def test_of_a_task_without_a_code_nobody_is_asked_for_again():
    hub = Hub()
    hub.submit(backfill=True)

    assert said(hub.enter(findings=some_findings(officers=SUSPENDED))) == []


def test_a_task_decided_before_its_officers_were_remembered_says_nothing_of_them():
    hub = Hub()
    hub.submit()
    task = replace(hub.state.tasks["T-1"], officers=())
    hub.state = replace(hub.state, tasks={"T-1": task})

    assert said(hub.enter(findings=some_findings(officers=SUSPENDED))) == []


@pytest.mark.parametrize(
    ("task", "since", "items"),
    [
        pytest.param({}, ("b", "c", "a"), ["b", "a"], id="those that the task names"),
        pytest.param({}, ("c",), [], id="none of them"),
        pytest.param(BY_CLUE, ("a",), [], id="on a clue"),
        pytest.param({"trigger": "COMPLAINT"}, ("a",), ["a"], id="on a clue that is not given"),
        pytest.param({"mode": "OFFSITE"}, ("a",), [], id="off-site"),
        pytest.param({"backfill": True}, ("a",), [], id="made already"),
    ],
)
def test_items_put_on_the_whitelist_since_are_said_at_the_entry(
    task: dict[str, Any], since: tuple[str, ...], items: list[str]
):
    hub = Hub()
    hub.submit(items=["a", "b"], **task)

    told = said(hub.enter(findings=some_findings(whitelisted_items=since)))

    assert told == [("ITEM_WHITELISTED_SINCE", item) for item in items]


def test_what_is_said_at_an_entry_comes_in_one_order():
    hub = Hub()
    valid = [("TJ0001", date(2026, 3, 18)), ("TJ0002", None)]
    hub.submit(
        findings={
            "officers": tuple(
                OfficerFinding(cert_no=name, standing=Standing.VALID, valid_to=last)
                for name, last in valid
            )
        }
    )
    hub.whitelist(since="2026-03-12")
    found = some_findings(officers=SUSPENDED, whitelisted_items=("1101-001",))

    assert said(hub.enter(at=LATER, findings=found)) == [
        ("WHITELISTED_SINCE", ""),
        ("ITEM_WHITELISTED_SINCE", "1101-001"),
        ("CERTIFICATE_ENDED", "2026-03-18"),
        ("OFFICER_SUSPENDED", "TJ0001"),
    ]


def test_an_entry_without_a_task_is_not_judged_again():
    hub = Hub()
    hub.whitelist()

    found = some_findings(officers=SUSPENDED, whitelisted_items=("1101-001",))
    assert said(hub.enter(findings=found)) == []
