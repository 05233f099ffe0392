"""What holds for every log? The invariants, tried on logs that nobody thought of.

The counting is done again here, in the plainest way, from the recorded facts and the words of
docs/semantics.md §4, and compared with what the decisions say.
"""

from __future__ import annotations

from typing import Any

from builders import USCC, answered
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from plain_ledger import Ledger, check_caps, check_move
from random_logs import logs, many, play, policies

from schemas.enums import Decision
from schemas.facts import (
    CancelledFact,
    CompletedFact,
    Decided,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    NotedFact,
    RepeatedFact,
)
from schemas.journal import JournalEvent
from schemas.messages import (
    CHOICE_RECORDED,
    CODE_EXPIRED,
    RESULT_RECORDED,
    TASK_CANCELLED,
    TASK_SUBMITTED,
)
from schemas.policy import PolicyDocument
from streams.rules.apply import apply
from streams.rules.decide import fold
from streams.rules.state import EMPTY, SubjectState, decode_state, encode_state

OTHER_USCC = "92120116MA05WXYZ1B"


@many
@given(policies, logs)
def test_no_code_above_a_cap_and_no_interception_without_one(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    ledger = Ledger()

    for facts in hub.answers:
        for fact in facts:
            if isinstance(fact, DecidedFact):
                check_caps(ledger, document.cap, fact)
            if isinstance(fact, EnteredFact | CompletedFact):
                check_move(ledger, document.cap, fact)
            ledger.note(fact)


@many
@given(policies, logs)
def test_an_event_that_comes_twice_in_a_row_changes_nothing(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    state = EMPTY

    for item in hub.events:
        state, _ = fold(state, item, hub.policy, hub.mint)
        again, facts = fold(state, item, hub.policy, hub.mint)
        assert again == state
        if item.record.type == TASK_SUBMITTED:
            assert isinstance(facts[0], RepeatedFact) or facts[0].fact == "CONFLICT"


ONCE_FOR_EVER = {TASK_SUBMITTED, TASK_CANCELLED, RESULT_RECORDED, CODE_EXPIRED, CHOICE_RECORDED}


@many
@given(policies, logs)
def test_what_was_asked_before_changes_nothing_however_late_it_comes_again(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    assume(hub.events)

    for item, facts in zip(list(hub.events), list(hub.answers), strict=True):
        # What had no effect the first time (an unknown task) may have one now: it is no repeat.
        if item.record.type in ONCE_FOR_EVER and not isinstance(facts[-1], NotedFact):
            again, repeated = fold(hub.state, item, hub.policy, hub.mint)
            assert again == hub.state
            assert not any(isinstance(fact, DecidedFact) for fact in repeated)


@many
@given(policies, logs)
def test_the_state_is_a_function_of_the_recorded_facts_alone(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    rebuilt = EMPTY

    for item, facts in zip(hub.events, hub.answers, strict=True):
        line = answered(item, facts).model_dump_json(by_alias=True)
        for fact in Decided.model_validate_json(line).facts:
            rebuilt = apply(rebuilt, fact, item.source.offset)

    assert rebuilt == hub.state
    assert decode_state(encode_state(rebuilt)) == hub.state
    assert encode_state(decode_state(encode_state(rebuilt))) == encode_state(hub.state)


@many
@given(policies, logs)
def test_a_task_has_one_decision_one_code_and_is_released_at_most_once(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    facts = [fact for answer in hub.answers for fact in answer]

    decided = [fact.decision for fact in facts if isinstance(fact, DecidedFact)]
    released = [
        fact.task_id
        for fact in facts
        if isinstance(fact, ExpiredFact) or (isinstance(fact, CancelledFact) and fact.released)
    ]
    assert len({made.task_id for made in decided}) == len(decided)
    visits = {
        (fact.task.joint_id if fact.task.along else fact.decision.task_id): fact.decision.code
        for fact in facts
        if isinstance(fact, DecidedFact) and fact.decision.code is not None
    }
    codes = [made.code for made in decided if made.code is not None]
    assert set(codes) == set(visits.values())
    assert len(set(codes)) == len(visits), "a visit has one code, however many members it has"
    assert all((made.code is not None) is (made.decision is Decision.ISSUED) for made in decided)
    assert len(set(released)) == len(released)


@many
@given(policies, logs, logs, st.randoms(use_true_random=False))
def test_the_order_of_different_enterprises_does_not_matter(
    document: PolicyDocument,
    log: list[dict[str, Any]],
    other_log: list[dict[str, Any]],
    chance: Any,
) -> None:
    hubs = [play(document, log), play(document, other_log, OTHER_USCC)]
    queues = [list(hub.events) for hub in hubs]
    states: dict[str, SubjectState] = {}
    answers: dict[str, list[tuple[Fact, ...]]] = {USCC: [], OTHER_USCC: []}

    while any(queues):
        item: JournalEvent = chance.choice([queue for queue in queues if queue]).pop(0)
        state, facts = fold(states.get(item.key, EMPTY), item, hubs[0].policy, hubs[0].mint)
        states[item.key] = state
        answers[item.key].append(facts)

    for hub in hubs:
        assert states[hub.uscc] == hub.state
        assert answers[hub.uscc] == hub.answers


def test_the_logs_come_to_every_kind_of_end() -> None:
    """The generator is worth its salt only if its logs reach what the properties speak of."""
    seen: set[str] = set()

    @settings(many, max_examples=300)
    @given(policies, logs)
    def look(document: PolicyDocument, log: list[dict[str, Any]]) -> None:
        for answer in play(document, log).answers:
            for fact in answer:
                seen.add(fact.fact)
                if isinstance(fact, DecidedFact):
                    seen.add(fact.decision.decision)
                    seen.update(fact.decision.warnings)
                if isinstance(fact, EnteredFact | CompletedFact) and fact.over:
                    seen.add("over")

    look()

    assert seen >= {
        "DECIDED", "REPEATED", "CONFLICT", "CANCELLED", "ENTERED", "COMPLETED", "CHOICE",
        "CLASSIFIED", "WHITELISTED", "JOINT", "NOTED", "EXPIRED", "over", "ISSUED",
        "INTERCEPTED_OVER_CAP",
        "RECORDED_BACKFILL", "RECORDED_OFFSITE", "REFUSED_WHITELISTED", "OVER_CAP_BACKFILL",
        "REJECTED_UNQUALIFIED", "REJECTED_NO_APPROVAL", "SHORT_WINDOW", "SAME_ITEM",
    }  # fmt: skip
