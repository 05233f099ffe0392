"""What waits is bounded; what finds no room is refused, told, and kept where operators see it."""

from __future__ import annotations

import pytest
from builders import DEPT, USCC, answered
from public_builders import Desk, said

from schemas import messages
from schemas.reasons import Refusal
from streams.changes import parked
from streams.rules.outward import outward
from streams.rules.publicity.grounds import KEPT_MAX

FULL = "REFUSED TOO_MANY_KEPT"


def a_full_desk(room: int = 0) -> Desk:
    """So many more grounds may wait."""
    desk = Desk()
    for number in range(KEPT_MAX - room):
        desk.stop(result_id=f"X-{number}")
    return desk


def parked_last(desk: Desk) -> tuple[Refusal, str] | None:
    return parked(answered(desk.events[-1], desk.answers[-1]))


def test_the_last_place_is_taken_and_the_next_order_is_refused_told_and_parked() -> None:
    desk = a_full_desk(room=1)

    assert said(desk.stop(result_id="R-last")) == "R-last keeps order:EXPIRED"
    assert parked_last(desk) is None
    assert said(desk.stop(result_id="R-more")) == FULL
    assert parked_last(desk) == (Refusal.TOO_MANY, "TOO_MANY_KEPT about R-more")
    (message,) = outward(answered(desk.events[-1], desk.answers[-1]), desk.state)
    assert (message.dept, message.body.outcome) == (DEPT, "REFUSED")


def test_an_approval_without_room_leaves_its_case_open_and_acts_when_the_result_is_there() -> None:
    desk = a_full_desk(room=1)
    desk.apply_for("R-1", "R-2")
    desk.accept()

    assert said(desk.decide()) == f"{FULL}:R-1 TOO_MANY_KEPT:R-2"
    assert desk.public.repairs["C-1"].status == "ACCEPTED"
    desk.publish("R-1")
    facts = desk.decide()
    assert "R-1 v2 STOPPED REPAIR_APPROVED" in said(facts)
    assert "R-2 keeps repair:C-1" in said(facts)


def test_an_approval_that_needs_no_room_acts_however_much_waits() -> None:
    desk = a_full_desk()
    desk.publish()
    desk.apply_for()
    desk.accept()

    assert "R-1 v2 STOPPED" in said(desk.decide())


def test_a_held_approval_without_room_is_dropped_told_and_parked() -> None:
    desk = a_full_desk()
    desk.apply_for("R-1")
    desk.decide()
    facts = desk.accept()

    assert said(facts).endswith(f"{FULL}:R-1 (drops {DEPT} DECIDED APPROVED D-1)")
    assert parked_last(desk) == (Refusal.TOO_MANY, "TOO_MANY_KEPT about C-1")


def test_what_waits_no_longer_makes_room() -> None:
    desk = a_full_desk()
    desk.publish("X-0")

    assert said(desk.stop(result_id="R-more")) == "R-more keeps order:EXPIRED"


def test_a_step_beyond_the_held_ones_is_parked() -> None:
    desk = Desk()
    for number in range(20):
        desk.ask(at=f"2026-09-24T09:00:{number:02}+08:00")

    assert said(desk.accept()) == "REFUSED TOO_MANY_HELD"
    assert parked_last(desk) == (Refusal.TOO_MANY, "TOO_MANY_HELD about C-1")


class TestCorrectionsAreInOrderOfWhatTheySay:
    """The newest instant holds, whatever order they arrive in and however often."""

    NEW, OLD = "2026-04-02T09:00:00+08:00", "2026-04-01T09:00:00+08:00"

    def test_one_that_says_nothing_new_makes_older_ones_void(self) -> None:
        desk = Desk()
        desk.publish()

        assert said(desk.correct(at=self.NEW)) == "REPEATED"
        assert said(desk.correct(at=self.OLD, outcomes=["2"])) == "REPEATED OLDER"
        assert said(desk.correct(at=self.NEW)) == "REPEATED"
        assert desk.public.results["R-1"].version == 1

    def test_an_unpublished_result_remembers_that_it_stays_so(self) -> None:
        desk = Desk()
        desk.publish(publish=False)

        assert said(desk.correct(at=self.NEW, publish=False)) == "REPEATED"
        assert said(desk.correct(at=self.OLD)) == "REPEATED OLDER"
        assert "R-1" not in desk.public.results

    def test_a_newer_one_acts_and_needs_no_memory_of_its_own(self) -> None:
        desk = Desk()
        desk.publish()
        desk.correct(at=self.OLD)

        assert said(desk.correct(at=self.NEW, outcomes=["2"])).startswith("R-1 v2 DISCLOSED")
        assert desk.public.corrected == {}

    def test_a_repeat_is_remembered_once(self) -> None:
        desk = Desk()
        desk.publish()
        facts = [desk.correct(at=at) for at in (self.OLD, self.NEW, self.NEW, self.OLD)]

        assert [fact.at is not None for (fact,) in facts] == [True, True, False, False]


@pytest.mark.parametrize(
    ("named", "told"), [("HBJ-120116", "HBJ-120116"), (None, DEPT)], ids=["named", "by its result"]
)
def test_a_refused_application_of_the_hub_is_told_to_a_department(
    named: str | None, told: str
) -> None:
    desk = Desk()
    desk.publish(negative=False)
    facts = desk.apply_for(dept="HUB", **({} if named is None else {"dept_": named}))

    (message,) = outward(answered(desk.events[-1], facts), desk.state)
    assert (message.dept, message.body.outcome) == (told, "REFUSED")
    assert message.body.dept == told
    assert message.body.uscc == USCC
    assert message.type == messages.REPAIR_UPDATED
