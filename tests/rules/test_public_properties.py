"""What holds for results and repairs on any log, in any order, however often it is delivered?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from builders import answered
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from public_builders import Desk, Facts
from random_logs import many
from random_public import logs, play

from schemas.facts import Decided, NotedFact
from schemas.feed import DisclosureState, StopReason
from schemas.public_facts import DisclosureFact
from streams.rules.apply import apply
from streams.rules.publicity.grounds import ranked, state_of
from streams.rules.state import EMPTY, SubjectState, decode_state, encode_state

Step = Callable[[Desk], Any]

COURSE: list[Step] = [
    lambda desk: desk.publish("R-1"),
    lambda desk: desk.publish("R-2"),
    lambda desk: desk.apply_for("R-1", "R-2"),
    lambda desk: desk.accept(),
    lambda desk: desk.ask(),
    lambda desk: desk.receive("OTHER"),
    lambda desk: desk.decide(result_ids=["R-2"]),
    lambda desk: desk.stop("CASCADE", "R-1"),
]
REVOKED: list[Step] = [*COURSE, lambda desk: desk.decide("REVOKED", "V-1")]


def standing(desk: Desk) -> dict[str, Any]:
    """Each result with its content and the grounds on which it stands."""
    return {
        result_id: (state_of(result.grounds), result.outcomes, result.grounds)
        for result_id, result in sorted(desk.public.results.items())
    }


def versions(desk: Desk) -> list[DisclosureFact]:
    return [fact for facts in desk.answers for fact in facts if isinstance(fact, DisclosureFact)]


@many
@given(st.permutations(COURSE))
def test_a_repair_ends_alike_in_whatever_order_its_steps_come(steps: list[Step]) -> None:
    desk, straight = Desk(), Desk()
    for step in steps:
        step(desk)
    for step in COURSE:
        step(straight)

    assert standing(desk) == standing(straight)
    assert desk.public.kept == desk.public.held == {}


@many
@given(st.permutations(REVOKED))
def test_a_revoked_repair_ends_alike_too(steps: list[Step]) -> None:
    desk = Desk()
    for step in steps:
        step(desk)

    assert {one: held[0] for one, held in standing(desk).items()} == {
        "R-1": DisclosureState.STOPPED,
        "R-2": DisclosureState.DISCLOSED,
    }


def had_effect(facts: Facts) -> bool:
    """Neither refused nor a repeat: what was refused may be asked again, and come to something."""
    return not isinstance(facts[0], NotedFact)


@many
@given(logs, st.integers(0, 25))
def test_what_is_delivered_again_changes_nothing(log: list[dict[str, Any]], upto: int) -> None:
    desk = play(log)
    before = desk.state
    again = [event for event, facts in zip(desk.events, desk.answers, strict=True)
             if had_effect(facts)]  # fmt: skip

    for number, event in enumerate(again[:upto]):
        source = replace(event.source, offset=1000 + number)
        desk.take(replace(event, source=source))

    assert desk.state == before


@many
@given(logs)
def test_versions_only_rise(log: list[dict[str, Any]]) -> None:
    last: dict[str, int] = {}
    for fact in versions(play(log)):
        before = last.get(fact.result_id, 0)
        stays_unseen = before == 0 and fact.state is not DisclosureState.DISCLOSED
        assert fact.version == (0 if stays_unseen else before + 1)
        last[fact.result_id] = fact.version


@many
@given(logs)
def test_a_state_is_what_its_grounds_say(log: list[dict[str, Any]]) -> None:
    desk = play(log)

    for fact in versions(desk):
        reasons = [ground.reason for ground in fact.grounds]
        assert (fact.state is DisclosureState.DISCLOSED) == (not reasons)
        withdrawing = {StopReason.RESULT_WITHDRAWN, StopReason.ENTITY_ERROR} & set(reasons)
        assert (fact.state is DisclosureState.WITHDRAWN) == bool(withdrawing)
        assert fact.reason == (reasons[0] if reasons else None)
        assert len({ground.name for ground in fact.grounds}) == len(fact.grounds)
    for result in desk.public.results.values():
        assert result.grounds == ranked(result.grounds)


@many
@given(logs)
def test_nothing_brings_a_result_back_but_what_may(log: list[dict[str, Any]]) -> None:
    before: dict[str, set[str]] = {}
    for fact in versions(play(log)):
        names = {ground.name for ground in fact.grounds}
        gone = before.get(fact.result_id, set()) - names
        allowed = {"RESUMED": "order:BANKRUPTCY_TEMP_MASK", "REVOKED": "repair:"}
        assert all(name.startswith(allowed.get(fact.cause, "-")) for name in gone), fact
        before[fact.result_id] = names


@many
@given(logs)
def test_the_recorded_facts_alone_rebuild_the_state(log: list[dict[str, Any]]) -> None:
    desk = play(log)
    state: SubjectState = EMPTY

    for event, facts in zip(desk.events, desk.answers, strict=True):
        line = answered(event, facts)
        read = Decided.model_validate_json(line.model_dump_json(by_alias=True))
        for fact in read.facts:
            state = apply(state, fact, event.source.offset)

    assert state == desk.state
    assert decode_state(encode_state(state)) == state
