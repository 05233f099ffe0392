"""What is remembered of an enterprise, and do its bytes outlive a release?"""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from builders import Hub, a_cap, a_policy

from schemas.enums import CodeState, Decision, Kind, Mode, Trigger
from streams.rules import letters
from streams.rules.letters import nature, natures, of_survey
from streams.rules.state import (
    EMPTY,
    INSPECTED,
    OPEN,
    SubjectState,
    TaskState,
    decode_state,
    encode_state,
    is_live,
)


def a_full_state() -> SubjectState:
    hub = Hub(policy=a_policy(a_cap(5)))
    hub.classify("A")
    hub.whitelist(until="2026-01-31")
    hub.form_joint("J-1")
    hub.submit("T-1", joint_id="J-1")
    hub.submit("T-2", mode="OFFSITE")
    hub.cancel("T-3")
    hub.enter("T-4")
    hub.complete("T-4")
    hub.expire("T-1")
    hub.enter("T-1")
    return hub.state


def test_a_state_comes_back_from_its_bytes() -> None:
    state = a_full_state()

    assert decode_state(encode_state(state)) == state
    assert list(decode_state(encode_state(state)).tasks) == list(state.tasks)
    assert decode_state(encode_state(EMPTY)) == EMPTY


def test_bytes_of_a_release_that_knew_fewer_fields_are_still_read() -> None:
    old = msgspec.msgpack.encode([{"T-1": ["WJW", b"0" * 16, "I", "I"]}])

    state = decode_state(old)

    assert state.tasks == {"T-1": TaskState(dept="WJW", digest=b"0" * 16, decision="I", state="I")}
    assert (state.classes, state.whitelist, state.joints) == ({}, None, {})


def test_fields_are_only_ever_appended() -> None:
    assert [field.name for field in msgspec.structs.fields(TaskState)] == [
        "dept", "digest", "decision", "state", "nature", "items", "day", "joint_id", "code",
        "valid_until", "result_id", "offset", "overturned", "overturned_at",
        "result_at", "along", "special_id", "certified_until", "officers",
        "approval",
    ]  # fmt: skip
    assert [field.name for field in msgspec.structs.fields(SubjectState)] == [
        "tasks", "classes", "whitelist", "joints", "public", "ratings", "draws",
        "special", "survey",
    ]  # fmt: skip


def test_a_letter_keeps_its_meaning_for_ever() -> None:
    tables = (letters.MODE, letters.KIND, letters.TRIGGER, letters.DECISION, letters.CODE_STATE)

    assert ["".join(table.values()) for table in tables] == [
        "OF", "DSC", "PCTDEFMRLSU", "KCQATSFBJWXI", "NIHSRLDCEV",
    ]  # fmt: skip
    assert [set(table) for table in tables] == [
        set(Mode), set(Kind), set(Trigger), set(Decision), set(CodeState),
    ]  # fmt: skip
    assert all(len(set(table.values())) == len(table) for table in tables)


def test_bytes_that_are_no_state_are_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_state(b"\xc1")


def test_a_typical_task_takes_less_than_250_bytes() -> None:
    hub = Hub()
    hub.submit("WJW-2026-000123", items=["1101-001", "1101-002"])
    hub.enter("WJW-2026-000123")
    hub.complete("WJW-2026-000123", "WJW-2026-000123-R1", items=["1101-001"])

    assert len(encode_state(hub.state)) - len(encode_state(EMPTY)) < 250


def test_which_tasks_are_live() -> None:
    def plainly(decision: Decision | None, state: CodeState) -> bool:
        if state.name in ("SCANNED", "SCAN_REFUSED", "LICENCE_FAILED", "COMPLETED"):
            return True
        if decision is Decision.ISSUED:
            return state.name not in ("CANCELLED", "EXPIRED", "REVOKED", "NONE")
        if decision in (Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL):
            return state is not CodeState.CANCELLED
        return False

    for decision, state in product((None, *Decision), CodeState):
        task = TaskState(
            decision=letters.UNDECIDED if decision is None else letters.DECISION[decision],
            state=letters.CODE_STATE[state],
        )
        assert is_live(task) is plainly(decision, state), (decision, state)
    assert {letters.CODE_STATE_OF[letter] for letter in INSPECTED} == {
        "SCANNED", "SCAN_REFUSED", "LICENCE_FAILED", "COMPLETED",
    }  # fmt: skip
    assert {letters.CODE_STATE_OF[letter] for letter in OPEN} == {"ISSUED", "SHOWN"}


def test_natures_are_those_a_rule_sees() -> None:
    seen = natures([Mode.ONSITE], [Kind.DAILY], [Trigger.SUPERIOR_SPECIAL], [Trigger.URGENT])

    expected = {
        nature(Mode.ONSITE, Kind.DAILY, trigger, evidence)
        for trigger in Trigger
        for evidence in (True, False)
        if trigger is not Trigger.SUPERIOR_SPECIAL and not (trigger is Trigger.URGENT and evidence)
    }
    assert seen == expected | {of_survey(one) for one in expected}


def test_applying_a_fact_leaves_the_state_before_as_it_was() -> None:
    hub = Hub()
    hub.submit()
    before, kept = hub.state, encode_state(hub.state)
    hub.enter()
    hub.submit("T-2")
    hub.classify("A")

    assert encode_state(before) == kept
