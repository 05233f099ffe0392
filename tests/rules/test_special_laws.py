"""What holds of special inspections and surveys, whatever comes in whatever order?"""

from __future__ import annotations

from typing import Any

import pytest
from beside_the_auditor import differences, policy_of
from builders import DEPT, OTHER_DEPT, USCC, Hub, a_cap, a_document, a_task, an_event, some_findings
from hypothesis import given
from hypothesis import strategies as st
from random_logs import many
from special_world import BASIS, CITY, CITY_TOO, FAR, HEXI, NANKAI, OBJECTS, STREET, Special
from survey_world import OTHER_USCC, SURVEY, Survey, entered

from connectors.audit import special_filing, special_notes, special_state, specials, surveys
from schemas.enums import Standing
from schemas.facts import NotedFact
from schemas.journal import Findings
from schemas.messages import TASK_SUBMITTED
from schemas.special_words import Platform
from schemas.survey_facts import SurveyFact
from streams.rules.decide import fold
from streams.rules.entry.caps import compile_policy
from streams.rules.state import decode_state, encode_state

DEPTS = [CITY, CITY_TOO, HEXI, NANKAI, STREET, FAR]
INSTANTS = [f"2026-03-{day}T09:00:00+08:00" for day in (10, 19, 22)]
depts, instants = st.sampled_from(DEPTS), st.sampled_from(INSTANTS)
standings = st.dictionaries(
    st.sampled_from(["WJW_120103", "WJW_120000"]),
    st.sampled_from([Standing.NOT_LISTED, Standing.EXPIRED, Standing.UNKNOWN]),
    max_size=1,
)
parties = st.lists(st.sampled_from([HEXI, NANKAI, STREET]), min_size=1, max_size=3)


def step(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"step": st.just(name), **fields})


filings = step(
    "file",
    by=st.sampled_from([CITY, CITY, CITY, CITY_TOO, HEXI]),
    approval=st.sampled_from([None, {"no": "A", "by": "B", "at": INSTANTS[0]}, {"no": "A"}]),
    basis_docs=st.sampled_from([[BASIS], [BASIS], []]),
    departments=st.sampled_from([[], [], [CITY_TOO], [CITY_TOO, HEXI], [CITY, FAR]]),
    objects=st.sampled_from([[OBJECTS[0]], list(OBJECTS), None, ["x"]]),
    survey=st.just(value=False),
)
sound = step(
    "file", by=st.just(CITY), departments=st.sampled_from([[], [], [CITY_TOO], [CITY_TOO, HEXI]])
)
reported = step(
    "report",
    by=st.sampled_from([HEXI, CITY]),
    uscc=st.sampled_from(OBJECTS),
    stage=st.sampled_from(["TASK", "RESULT", "CANCELLED"]),
    decision=st.sampled_from(["ISSUED", "INTERCEPTED_OVER_CAP"]),
)
others = st.one_of(
    step("agree", by=st.sampled_from([CITY_TOO, HEXI, NANKAI])),
    step("publish", by=st.sampled_from([CITY, CITY_TOO])),
    step(
        "dispatch",
        by=st.sampled_from([CITY, CITY, CITY_TOO, HEXI]),
        to=st.one_of(parties, parties, st.lists(depts, min_size=1, max_size=3)),
        due_on=st.sampled_from(["2026-03-20", "2026-03-20", "2026-03-09"]),
        at=instants,
        standings=standings,
    ),
    step(
        "claim",
        by=st.sampled_from([HEXI, HEXI, NANKAI, CITY, STREET]),
        platform=st.sampled_from(list(Platform)),
        at=instants,
        standings=standings,
    ),
    step(
        "refuse",
        by=st.sampled_from([HEXI, NANKAI, CITY]),
        reason=st.sampled_from(["r", " "]),
        at=instants,
    ),
    step("overdue", dept=depts, on=st.sampled_from(["2026-03-20", "2026-03-21"])),
    reported,
    reported,
)
ends = step("close", by=st.sampled_from([CITY, CITY, HEXI]))
logs = st.builds(
    lambda first, course, end, late: [*first, *course, *end, *late],
    st.lists(st.one_of(sound, sound, filings), min_size=1, max_size=2),
    st.lists(others, min_size=4, max_size=14),
    st.lists(ends, max_size=1),
    st.lists(st.one_of(others, filings), max_size=3),
)


def play(log: list[dict[str, Any]]) -> Special:
    """A special inspection after a log."""
    special = Special()
    for one in log:
        said = {name: value for name, value in one.items() if name != "step"}
        more = said.pop("standings", {})
        if one["step"] == "report":
            _report(special, **said)
        elif one["step"] == "dispatch":
            special.dispatch(*said.pop("to"), **said, **more)
        else:
            getattr(special, one["step"])(**said, **more)
    return special


def _report(special: Special, by: str, uscc: str, stage: str, decision: str) -> None:
    data = {
        "special_id": special.special_id, "task_id": "T", "stage": stage, "on": "2026-03-16",
        "decision": decision if stage == "TASK" else None,
        "result_id": "R" if stage == "RESULT" else None,
    }  # fmt: skip

    hub = special.hub
    fields = {"policy": hub.policy, "offset": len(hub.events) + 100, "findings": Findings()}
    hub.take(
        an_event(
            "special.object.reported", {**data, "uscc": uscc}, dept=by, uscc=hub.uscc, **fields
        )
    )


@many
@given(logs)
def test_the_auditor_comes_to_the_same_facts(log: list[dict[str, Any]]) -> None:
    assert differences(play(log).hub, policy_of(a_document())) == []


@many
@given(logs, st.integers(0, 30))
def test_a_step_that_was_taken_changes_nothing_when_it_comes_again(
    log: list[dict[str, Any]], at: int
) -> None:
    hub = play(log).hub
    taken = [
        event
        for event, (fact, *_) in zip(hub.events, hub.answers, strict=True)
        if fact.fact == "SPECIAL"
    ]
    if taken:
        after, facts = fold(hub.state, taken[at % len(taken)], hub.policy, hub.mint)
        assert isinstance(facts[0], NotedFact)
        assert after == hub.state


@many
@given(logs)
def test_what_has_no_effect_leaves_no_trace(log: list[dict[str, Any]]) -> None:
    hub, state = play(log).hub, Hub().state
    for event in hub.events:
        after, facts = fold(state, event, hub.policy, hub.mint)
        if isinstance(facts[0], NotedFact):
            assert after == state
        state = after
    assert decode_state(encode_state(state)) == state == hub.state


finds = st.fixed_dictionaries(
    {
        "step": st.just("find"),
        "uscc": st.sampled_from([USCC, OTHER_USCC]),
        "result_id": st.sampled_from(["R-1", "R-2"]),
        "dept": st.sampled_from([DEPT, DEPT, DEPT, OTHER_DEPT]),
        "publish": st.booleans(),
        "items": st.sampled_from([[], [{"item": "a", "points": [{"point": "1", "ok": True}]}]]),
        "inspected_on": st.sampled_from(["2026-03-17", "2027-01-04"]),
    }
)
survey_logs = st.lists(
    st.one_of(
        finds, finds, finds,
        st.fixed_dictionaries({"step": st.just("close"), "dept": st.sampled_from([DEPT])}),
        st.fixed_dictionaries({"step": st.just("cancel"), "task_id": st.just("S-1")}),
        st.fixed_dictionaries({"step": st.just("submit"), "task_id": st.just("S-1")}),
    ),
    max_size=8,
)  # fmt: skip
COUNTS = [a_document(a_cap(1)), a_document(a_cap(1), survey_found="skip")]


def play_survey(log: list[dict[str, Any]], **policy: Any) -> tuple[Survey, list[Hub]]:
    """A survey after a log, and the enterprises it told."""
    hub = Survey(uscc=SURVEY, **policy)
    told: dict[str, Hub] = {}
    for one in [{"step": "submit", "task_id": "S-1"}, *log]:
        said = {name: value for name, value in one.items() if name != "step"}
        if one["step"] == "submit":
            _submit(hub)
            continue
        fact = getattr(hub, one["step"])(**said)
        if isinstance(fact, SurveyFact) and fact.uscc is not None:
            known = told.setdefault(fact.uscc, Hub(uscc=fact.uscc, **policy))
            told[fact.uscc] = entered(hub, known=known)
    return hub, list(told.values())


def _submit(hub: Hub) -> None:

    task = a_task("S-1", survey=True, kind="SPECIAL")
    hub.send(TASK_SUBMITTED, task, findings=some_findings(task, subject=None))


@many
@given(survey_logs, st.sampled_from(COUNTS))
def test_the_auditor_comes_to_the_same_facts_about_surveys(log: Any, document: Any) -> None:
    hub, enterprises = play_survey(log, policy=compile_policy(document))
    for enterprise in enterprises:
        enterprise.submit("T-9", planned_on="2026-06-01")

    for one in (hub, *enterprises):
        assert differences(one, policy_of(document)) == []


@many
@given(survey_logs)
def test_an_enterprise_hears_of_a_survey_once_however_often_it_was_found(log: Any) -> None:
    hub, enterprises = play_survey(log)

    assert len(enterprises) == len(hub.state.survey.found if hub.state.survey else {})
    for enterprise in enterprises:
        assert list(enterprise.state.tasks) == ["S-1"]


PLANTED = {
    # what is wrong with the auditor's rule: the place, its name, what stands there instead
    "approvals are not looked at": (special_filing, "_missing", lambda _data: []),
    "nobody's standing is looked at": (special_filing, "fault_of", lambda *_: ""),
    "a dispatch skips who cannot be given it": (specials, "_unfit", lambda *_: ""),
    "anybody dispatches": (specials, "level_of", lambda *_: "CITY"),
    "a plan needs no agreement": (specials, "not_open", lambda _special: ""),
    "silence is never late": (special_state, "WAITING", "NEVER"),
    "a result is never owed": (special_state.Special, "owing", lambda _self: []),
    "with every platform results are pushed": (
        special_state.Special, "_is_exempt", lambda *_: False,
    ),
    "steps are told of another's": (special_notes, "instant_ms", lambda _at: 0),
    "a survey never ends": (special_state.Survey, "is_closed", False),
    "found twice is two": (surveys, "_why_not", lambda *_: "UNKNOWN_SURVEY"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["anybody dispatches", "approvals are not looked at",
                                  "a plan needs no agreement", "a result is never owed",
                                  "with every platform results are pushed",
                                  "a dispatch skips who cannot be given it",
                                  "nobody's standing is looked at", "silence is never late",
                                  "steps are told of another's"])  # fmt: skip
def test_a_wrong_rule_of_either_side_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, attribute, wrong = PLANTED[name]
    log = [
        {"step": "file", "by": CITY, "approval": None},
        {"step": "file", "by": CITY, "departments": [FAR]},
        {"step": "file", "by": CITY, "departments": [CITY_TOO]},
        {"step": "claim", "by": CITY},
        {"step": "agree", "by": CITY_TOO},
        {"step": "dispatch", "to": [HEXI], "by": HEXI},
        {"step": "agree", "by": CITY_TOO},
        {"step": "dispatch", "to": [HEXI, CITY], "by": CITY},
        {"step": "dispatch", "to": [HEXI, NANKAI, STREET], "by": CITY},
        {"step": "claim", "by": HEXI, "platform": "STATE_COUNCIL"},
        {"step": "claim", "by": NANKAI, "platform": "OWN"},
        {"step": "overdue", "dept": STREET},
        *(
            {"step": "report", "by": by, "uscc": uscc, "stage": "TASK", "decision": "ISSUED"}
            for by, uscc in ((HEXI, OBJECTS[0]), (NANKAI, OBJECTS[1]))
        ),
        {"step": "close", "by": CITY},
    ]
    hub = play(log).hub
    assert differences(hub, policy_of(a_document())) == []

    monkeypatch.setattr(place, attribute, wrong)
    assert differences(hub, policy_of(a_document())) != []
