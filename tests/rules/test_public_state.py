"""What is remembered of results and repairs, and do its bytes outlive a release?"""

from __future__ import annotations

import msgspec
import pytest
from builders import DEPT, OTHER_DEPT, Hub
from public_builders import Desk

from schemas.enums import CaseStatus, RepairStep
from schemas.public_facts import RepairFact
from streams.rules.apply import apply
from streams.rules.publicity import state as public_state
from streams.rules.state import EMPTY, SubjectState, decode_state, encode_state, public_of


def a_full_desk() -> Desk:
    desk = Desk()
    desk.publish("R-1")
    desk.correct("R-1")
    desk.stop("CASCADE", "R-1")
    desk.stop("BANKRUPTCY_TEMP_MASK", "R-2")
    desk.resume(result_id="R-2")
    desk.stop(result_id="R-3", dept=OTHER_DEPT)
    desk.apply_for("R-1", "R-2")
    desk.accept()
    desk.ask()
    desk.receive("OTHER")
    desk.decide("REFUSED", "D-1")
    desk.decide(repair_id="C-2")
    return desk


def test_it_comes_back_from_its_bytes() -> None:
    state = a_full_desk().state

    assert decode_state(encode_state(state)) == state
    assert all(getattr(public_of(state), name) for name in public_of(state).__struct_fields__)


def test_an_enterprise_without_results_ratings_draws_and_specials_pays_five_bytes() -> None:
    hub = Hub()
    hub.submit()
    hub.complete()
    state = hub.state
    former = msgspec.msgpack.encode([state.tasks, state.classes, state.whitelist, state.joints])

    assert encode_state(state) == b"\x99" + former[1:] + b"\xc0\x80\x80\xc0\xc0"
    assert decode_state(former) == state


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (public_state.PublicState, "results kept repairs held resumed corrected"),
        (
            public_state.GroundState,
            "name dept reason scope decision_no said_at due_on provisional",
        ),
        (
            public_state.ResultState,
            "dept task_id inspected_on outcomes found_problem negative entity_name follow_up "
            "version grounds corrected_at",
        ),
        (
            public_state.RepairState,
            "dept status channel digest result_ids documents applied_at accepted_at asked "
            "received decisions reason due_on provisional asked_for",
        ),
        (
            public_state.HeldState,
            "name dept step at result_ids documents decision decision_no reason",
        ),
    ],
)
def test_fields_are_only_ever_appended(kind: type[msgspec.Struct], fields: str) -> None:
    assert [field.name for field in msgspec.structs.fields(kind)] == fields.split()


def test_a_step_of_a_case_that_nobody_opened_is_no_fact_of_ours() -> None:
    fact = RepairFact(
        repair_id="C-1",
        dept=DEPT,
        by=DEPT,
        step=RepairStep.ACCEPTED,
        status=CaseStatus.ACCEPTED,
        at=0,
    )

    with pytest.raises(ValueError, match="C-1: ACCEPTED of a case that nobody opened"):
        apply(EMPTY, fact, 0)


def test_nothing_is_remembered_before_there_is_something() -> None:
    assert SubjectState().public is None
    assert public_of(EMPTY).results == {}
