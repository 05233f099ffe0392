"""What a special inspection remembers is bounded, and no instant passes for "never" (art. 5, 6)."""

from __future__ import annotations

import pytest
from beside_the_auditor import differences, policy_of
from builders import a_document, answered
from msgspec.structs import replace
from special_world import HEXI, NANKAI, Special, said
from survey_world import OTHER_USCC, a_survey

from connectors.audit import special_state as audited_state
from connectors.audit import specials as audited
from connectors.audit import state as audited_log
from schemas.messages import SURVEY_CLOSED
from schemas.reasons import Refusal
from schemas.special_answers import SpecialUpdated
from streams.changes import parked
from streams.rules.outward import outward
from streams.rules.special import steps as specials
from streams.rules.special.state import SpecialState, SurveyState
from streams.rules.state import decode_state, encode_state

EPOCH = "1970-01-01T00:00:00Z"
POLICY = policy_of(a_document())


def at(minute: int) -> str:
    return f"2026-03-10T09:{minute:02}:00+08:00"


@pytest.fixture(autouse=True)
def _room_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specials, "STEPS_MAX", 2)
    monkeypatch.setattr(audited, "STEPS_MAX", 2)


@pytest.fixture
def special() -> Special:
    special = Special()
    special.file()
    return special


def assert_told_and_parked(special: Special, code: str, to: str) -> None:
    decided = answered(special.hub.events[-1], special.hub.answers[-1])
    assert parked(decided) == (Refusal.TOO_MANY, f"{code} about {special.special_id}")
    (message,) = outward(decided, special.hub.state)
    assert message.dept == to
    assert isinstance(message.body, SpecialUpdated)
    assert (message.body.outcome, [one.code for one in message.body.reasons]) == ("REFUSED", [code])


def test_a_dispatch_beyond_the_last_place_is_refused_told_and_parked(special: Special) -> None:
    for minute in range(2):
        assert said(special.dispatch(HEXI, at=at(minute))) == "DISPATCHED FILED"
    before = special.hub.state

    assert said(special.dispatch(NANKAI, at=at(9))) == "REFUSED, TOO_MANY_DISPATCHED"
    assert special.hub.state == before
    assert_told_and_parked(special, "TOO_MANY_DISPATCHED", special.state.dept)
    assert said(special.dispatch(HEXI, at=at(1))) == "REPEATED", "what is known stays known"
    assert differences(special.hub, POLICY) == []


def test_a_refusal_beyond_the_last_place_is_refused_told_and_parked(
    special: Special, monkeypatch: pytest.MonkeyPatch
) -> None:
    special.dispatch(HEXI, at=at(0))
    special.refuse(at=at(1))
    monkeypatch.setattr(specials, "STEPS_MAX", 1)
    monkeypatch.setattr(audited, "STEPS_MAX", 1)
    with monkeypatch.context() as wider:
        wider.setattr(specials, "STEPS_MAX", 2)
        special.dispatch(HEXI, at=at(2))

    assert said(special.refuse(at=at(3))) == "REFUSED, TOO_MANY_REFUSED"
    assert_told_and_parked(special, "TOO_MANY_REFUSED", HEXI)
    assert special.state.parties[HEXI].status == "WAITING"


@pytest.mark.parametrize("too_much", ["dispatch", "refuse"])
def test_a_wrong_bound_of_either_side_is_found(
    special: Special, too_much: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minute in range(3):
        special.dispatch(HEXI, at=at(minute))
        special.refuse(at=at(10 + minute))
        if too_much == "refuse" and minute == 0:
            monkeypatch.setattr(specials, "STEPS_MAX", 3)
            monkeypatch.setattr(audited, "STEPS_MAX", 3)
    monkeypatch.setattr(audited, "STEPS_MAX", 1)

    assert differences(special.hub, POLICY) != []


def test_published_in_the_first_instant_of_the_count_it_is_published(special: Special) -> None:
    data = {"address": "https://wsjk.tj.gov.cn/1", "at": EPOCH}
    assert said(special.send("published", special.state.dept, data)[0]) == "PUBLISHED FILED"

    assert special.state.published_at == 0
    assert said(special.publish()) == "REPEATED"
    assert differences(special.hub, POLICY) == []
    special.hub.state = decode_state(encode_state(special.hub.state))
    assert said(special.publish()) == "REPEATED"


def test_a_survey_that_ended_in_it_has_ended() -> None:
    hub = a_survey()
    hub.send(SURVEY_CLOSED, {"survey_task_id": "S-1", "at": EPOCH})

    assert said(hub.find(OTHER_USCC, result_id="R-2")) == "REFUSED, SURVEY_CLOSED"
    assert said(hub.close()) == "REPEATED"
    assert differences(hub, policy_of(a_document())) == []


def test_states_of_an_earlier_release_know_what_happened_by_its_instant() -> None:
    old = SpecialState("WJW-120000", "FILED", b"", published_at=5)  # type: ignore[arg-type]
    assert old.is_published
    assert not replace(old, published_at=0).is_published
    assert SurveyState(closed_at=5).is_closed
    assert not SurveyState().is_closed


@pytest.mark.parametrize("name", ["published", "closed"])
def test_an_auditor_for_whom_it_never_happened_is_found(
    special: Special, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "published":
        data = {"address": "https://wsjk.tj.gov.cn/1", "at": EPOCH}
        hub = special.hub
        special.send("published", special.state.dept, data)
        special.publish()
        monkeypatch.setitem(audited_state._CHANGES, "PUBLISHED", lambda *_: None)
    else:
        hub = a_survey()
        hub.send(SURVEY_CLOSED, {"survey_task_id": "S-1", "at": EPOCH})
        hub.close()
        monkeypatch.setattr(audited_log, "take_found", lambda *_: audited_state.Survey())

    assert differences(hub, POLICY) != []
