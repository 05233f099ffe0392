"""What the rules build without validation is what validation would give."""

from __future__ import annotations

from typing import Any

import golden
import pytest
from builders import Hub, a_cap, a_policy
from pydantic import BaseModel

from schemas.decision import TaskUpdated
from schemas.enums import Decision
from schemas.facts import CompletedFact, DecidedFact, EnteredFact
from streams.rules.outward import outward

WAYS: list[Any] = [
    pytest.param({}, id="issued"),
    pytest.param({"joint_id": "J", "findings": {"check_digit_ok": False}}, id="with prompts"),
    pytest.param({"approval": None}, id="rejected, with reasons"),
    pytest.param({"mode": "OFFSITE"}, id="off-site"),
    pytest.param({"backfill": True}, id="back-filled"),
    pytest.param({"items": ["over"]}, id="intercepted"),
    pytest.param({"findings": {"in_scope": False}}, id="out of scope"),
]


def models(value: object) -> list[BaseModel]:
    """A message and all messages in it."""
    if isinstance(value, BaseModel):
        return [value, *(inner for part in vars(value).values() for inner in models(part))]
    if isinstance(value, tuple):
        return [inner for part in value for inner in models(part)]
    return []


@pytest.mark.parametrize("fields", WAYS)
def test_a_decision_equals_its_validated_self(fields: dict[str, Any]) -> None:
    hub = Hub(policy=a_policy(a_cap(9), a_cap(0, id="O", match={"items": ["over"]})))
    hub.submit("V")
    hub.submit(**fields)
    (fact,) = hub.answers[-1]
    assert isinstance(fact, DecidedFact)

    validated = DecidedFact.model_validate(fact.model_dump())

    assert fact == validated
    assert fact.model_dump_json(by_alias=True) == validated.model_dump_json(by_alias=True)
    for made, checked in zip(models(fact), models(validated), strict=True):
        assert type(made) is type(checked)
        assert list(vars(made)) == list(type(made).model_fields)
        assert {name: type(part) for name, part in vars(made).items()} == {
            name: type(part) for name, part in vars(checked).items()
        }


@pytest.mark.parametrize("kind", [DecidedFact, EnteredFact, CompletedFact, TaskUpdated])
def test_what_the_log_comes_to_equals_its_validated_self(kind: type[BaseModel]) -> None:
    made = [
        one
        for decided, after in golden.decide_golden()
        for one in (*decided.facts, *(told.body for told in outward(decided, after)))
        if isinstance(one, kind)
    ]

    assert len(made) > 10
    for one in made:
        validated = kind.model_validate(one.model_dump())
        assert one == validated
        assert list(vars(one)) == list(kind.model_fields)
        assert {n: type(v) for n, v in vars(one).items()} == {
            n: type(v) for n, v in vars(validated).items()
        }


def test_the_ways_come_to_different_decisions() -> None:
    hub = Hub(policy=a_policy(a_cap(9), a_cap(0, id="O", match={"items": ["over"]})))

    made = [hub.submit(f"T-{n}", **way.values[0]).decision for n, way in enumerate(WAYS)]

    assert set(made) == {
        Decision.ISSUED, Decision.REJECTED_NO_APPROVAL, Decision.RECORDED_OFFSITE,
        Decision.RECORDED_BACKFILL, Decision.INTERCEPTED_OVER_CAP, Decision.RECORDED_OUT_OF_SCOPE,
    }  # fmt: skip


def test_a_built_message_cannot_be_changed() -> None:
    made = Hub().submit()

    with pytest.raises(ValueError, match="frozen"):
        made.code = "other"  # type: ignore[misc]  # that is the point
