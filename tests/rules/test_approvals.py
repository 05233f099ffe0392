"""An urgent inspection is approved afterwards: how is its approval handed in (art. 15)?"""

from __future__ import annotations

from typing import Any

import pytest
from beside_the_auditor import differences, policy_of
from builders import OTHER_DEPT, Hub, a_document, a_task, some_findings
from hypothesis import given
from hypothesis import strategies as st
from random_logs import many

from connectors.audit import approvals as audited
from connectors.audit import fold as audited_fold
from schemas.decision import TaskUpdated
from schemas.facts import ApprovalFact, ConflictFact, DecidedFact, Fact, NotedFact, RepeatedFact
from schemas.messages import DECISION_MADE, TASK_SUBMITTED, TASK_UPDATED
from streams.rules.entry.caps import compile_policy
from streams.rules.outward import outward
from streams.rules.state import decode_state, encode_state

DOCUMENT = a_document(urgent_approval_days=5)
OUTSTANDING = {"mode": "RETROACTIVE_URGENT"}
GIVEN = {**OUTSTANDING, "no": "A-9", "by": "负责人", "at": "2026-03-18T09:00:00+08:00"}
LATE = {**GIVEN, "at": "2026-03-24T09:00:00+08:00"}
"""The planned day is the 16th; the fifth working day after it is the 23rd."""


def send(hub: Hub, approval: dict[str, Any] | None, dept: str | None = None, **fields: Any) -> Fact:
    task = a_task(trigger="URGENT", clue_no="12345", approval=approval, **fields)
    more = {} if dept is None else {"dept": dept}
    return hub.send(TASK_SUBMITTED, task, findings=some_findings(task), **more)[0]


def urgent(approval: dict[str, Any] | None = OUTSTANDING) -> Hub:
    """A hub with an urgent task whose approval is still to follow."""
    hub = Hub(policy=compile_policy(DOCUMENT))
    assert isinstance(send(hub, approval), DecidedFact)
    return hub


def told(hub: Hub) -> TaskUpdated:
    (message,) = outward(hub.decided(), hub.state)
    assert message.type == TASK_UPDATED
    assert isinstance(message.body, TaskUpdated)
    return message.body


@pytest.mark.parametrize(
    "first",
    [
        OUTSTANDING,
        {**OUTSTANDING, "no": "A-9"},
        {**OUTSTANDING, "by": "负责人"},
        {**OUTSTANDING, "no": "A-9", "by": "负责人"},
    ],
    ids=["nothing known", "its number", "who approved", "all but the instant"],
)
def test_the_same_task_with_its_approval_is_no_conflict(first: dict[str, Any]) -> None:
    hub = urgent(first)

    fact = send(hub, GIVEN)

    assert isinstance(fact, ApprovalFact)
    assert fact.doubts == ()
    assert (told(hub).outcome, told(hub).code_state, told(hub).reasons) == ("APPLIED", "ISSUED", ())
    assert decode_state(encode_state(hub.state)) == hub.state


def test_what_was_decided_stays_and_both_forms_are_the_same_task_from_then_on() -> None:
    hub = urgent()
    before = hub.state.tasks["T-1"]
    send(hub, GIVEN)

    for approval in (OUTSTANDING, GIVEN, LATE):
        assert isinstance(send(hub, approval), RepeatedFact)
        assert [one.type for one in outward(hub.decided(), hub.state)] == [DECISION_MADE]
    now = hub.state.tasks["T-1"]
    assert (now.code, now.digest, now.day) == (before.code, before.digest, before.day)


@pytest.mark.parametrize("step", ["enter", "complete", "cancel"])
def test_it_is_taken_whatever_became_of_the_visit(step: str) -> None:
    hub = urgent()
    getattr(hub, step)()

    assert isinstance(send(hub, GIVEN), ApprovalFact)


def test_late_is_said_and_never_refused() -> None:
    hub = urgent()

    fact = send(hub, LATE)

    assert isinstance(fact, ApprovalFact)
    assert [one.code for one in told(hub).reasons] == ["APPROVED_TOO_LATE"]
    on_the_last_day = {**GIVEN, "at": "2026-03-23T23:59:59+08:00"}
    assert send(urgent(), on_the_last_day).doubts == ()  # type: ignore[union-attr]


def test_an_approval_that_still_lacks_something_waits_on() -> None:
    hub = urgent()

    fact = send(hub, {**GIVEN, "by": None})

    assert isinstance(fact, NotedFact)
    assert [one.code for one in told(hub).reasons] == ["APPROVAL_INCOMPLETE"]
    assert isinstance(send(hub, OUTSTANDING), RepeatedFact)
    assert isinstance(send(hub, GIVEN), ApprovalFact)


@pytest.mark.parametrize(
    ("approval", "fields"),
    [
        ({**GIVEN, "mode": "PRIOR"}, {}),
        (GIVEN, {"items": ["1101-002"]}),
        (GIVEN, {"planned_on": "2026-03-17"}),
        (GIVEN, {"officers": ["TJ0001"]}),
        (None, {}),
    ],
    ids=["given beforehand after all", "other items", "another day", "other officers", "none"],
)
def test_anything_else_that_differs_is_another_task(
    approval: dict[str, Any] | None, fields: dict[str, Any]
) -> None:
    assert isinstance(send(urgent(), approval, **fields), ConflictFact)


def test_another_departments_approval_is_none() -> None:
    assert isinstance(send(urgent(), GIVEN, OTHER_DEPT), ConflictFact)


def test_a_second_approval_is_another_ones() -> None:
    hub = urgent()
    send(hub, GIVEN)

    assert isinstance(send(hub, {**GIVEN, "no": "A-10"}), ConflictFact)


@pytest.mark.parametrize("first", [GIVEN, {**GIVEN, "at": None, "mode": "PRIOR"}])
def test_where_nothing_was_awaited_nothing_is_handed_in(first: dict[str, Any]) -> None:
    hub = urgent(first)

    assert isinstance(send(hub, {**GIVEN, "no": "A-10"}), ConflictFact)


approvals = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "no": st.sampled_from([None, "A-9", "A-10"]),
            "by": st.sampled_from([None, "负责人"]),
            "at": st.sampled_from([None, GIVEN["at"], LATE["at"]]),
            "mode": st.sampled_from(["PRIOR", "RETROACTIVE_URGENT", "RETROACTIVE_URGENT"]),
        }
    ),
)


@many
@given(st.lists(st.tuples(approvals, st.sampled_from([["a"], ["b"]])), max_size=5))
def test_it_is_handed_in_once_changes_nothing_else_and_the_auditor_agrees(
    log: list[tuple[dict[str, Any] | None, list[str]]],
) -> None:
    hub = Hub(policy=compile_policy(DOCUMENT))
    for approval, items in log:
        before = hub.state.tasks.get("T-1")
        fact = send(hub, approval, items=items)
        if isinstance(fact, ApprovalFact):
            assert before is not None
            assert before.approval == b"" != hub.state.tasks["T-1"].approval
        elif before is not None:
            assert hub.state.tasks["T-1"] == before
    handed_in = [one for facts in hub.answers for one in facts if isinstance(one, ApprovalFact)]

    assert len(handed_in) <= 1
    assert differences(hub, policy_of(DOCUMENT)) == []


@pytest.mark.parametrize(
    ("place", "name", "wrong"),
    [
        (audited_fold, "approved_afterwards", lambda *_: None),
        (audited, "_digests_before", lambda *_: {""}),
        (audited, "plus_working_days", lambda *_: None),
    ],
    ids=["it is a conflict", "nothing is that task", "never late"],
)
def test_a_wrong_rule_of_either_side_is_found(
    place: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = urgent()
    send(hub, LATE)
    assert differences(hub, policy_of(DOCUMENT)) == []

    monkeypatch.setattr(place, name, wrong)
    assert differences(hub, policy_of(DOCUMENT)) != []
