"""What is said when officers come: who of them may not, and which items are whitelisted by now."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import Hub, some_findings
from msgspec.structs import replace

from schemas.enums import Standing
from schemas.facts import EnteredFact
from schemas.journal import OfficerFinding
from schemas.messages import ENTRY_RECORDED

BY_CLUE = {"trigger": "COMPLAINT", "clue_no": "12345-7"}
LATER = "2026-03-20T10:00:00+08:00"


def said(fact: Any) -> list[tuple[str, str]]:
    assert isinstance(fact, EnteredFact)
    return [(one.code, one.about) for one in fact.doubts]


SUSPENDED = (
    OfficerFinding(cert_no="TJ0001", standing=Standing.SUSPENDED),
    OfficerFinding(cert_no="TJ0009", standing=Standing.REVOKED),
)
"""Who of the department has no valid certificate on the day of an entry that names nobody."""


@pytest.mark.parametrize("how", ["SHOWN_ONLY", "SCANNED", "REFUSED", "LICENCE_FAILED"])
def test_if_the_entry_names_nobody_the_officers_of_the_task_are_asked_for_again(how: str):
    hub = Hub()
    hub.submit()

    told = said(hub.enter(how=how, findings=some_findings(officers=SUSPENDED)))

    assert told == [("OFFICER_SUSPENDED", "TJ0001")]


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
