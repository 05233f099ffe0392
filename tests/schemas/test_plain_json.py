"""The quick writer gives pydantic's bytes, and meets only fields for which that holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, get_args

import golden
import pytest
from pydantic import BaseModel

from schemas.base import Message
from schemas.facts import Decided
from schemas.messages import OUTBOUND
from schemas.plain_json import encode_around, encode_plain
from streams.rules.outward import StoredDecision, outward

WRITTEN = [Decided, *OUTBOUND.values()]
PLAIN = {str, int, bool, date, type(None)}  # an instant is a date too, and is not among them


def by_pydantic(message: BaseModel) -> bytes:
    return message.model_dump_json(by_alias=True).encode()


def bare_types(annotation: Any) -> Iterator[type]:
    """The types that an annotation comes down to."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
        if issubclass(annotation, BaseModel):
            for field in annotation.model_fields.values():
                yield from bare_types(field.annotation)
        return
    for part in get_args(annotation):
        if not isinstance(part, str) and part is not Ellipsis:
            yield from bare_types(part)


@pytest.fixture(scope="module")
def answers() -> list[tuple[Decided, Any]]:
    return list(golden.decide_golden())


def test_every_answer_is_written_as_pydantic_writes_it(answers):
    for decided, _ in answers:
        assert encode_plain(decided) == by_pydantic(decided)


def test_every_message_to_a_department_is_written_as_pydantic_writes_it(answers):
    bodies = [told.body for decided, after in answers for told in outward(decided, after)]
    messages = [body for body in bodies if not isinstance(body, StoredDecision)]

    assert {type(message) for message in messages} >= {*OUTBOUND.values()} - {
        OUTBOUND["event.refused"]
    }
    for message in messages:
        assert encode_plain(message) == by_pydantic(message)


def test_a_part_that_was_written_before_is_taken_as_it_is(answers):
    decided = next(one for one, _ in answers if one.facts[0].fact == "DECIDED")
    made = decided.facts[0].decision

    assert encode_around(decided, made, encode_plain(made)) == by_pydantic(decided)
    assert encode_around(decided, made, b'"taken"').count(b'"decision":"taken"') == 1


def test_text_of_every_kind_is_written_as_pydantic_writes_it(answers):
    odd = "".join(map(chr, range(0x80))) + "中é\u2028\U0001f600"
    decided = answers[0][0].model_copy(update={"key": odd, "digest": odd})

    assert encode_plain(decided) == by_pydantic(decided)


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model.__name__)
def test_the_fields_of_what_is_written_so_are_plain(model):
    found = set(bare_types(model))

    assert len(found) > 2
    odd = {kind for kind in found - PLAIN if not issubclass(kind, StrEnum | Message)}
    assert not odd


def test_what_is_no_plain_message_is_refused():
    with pytest.raises(TypeError):
        encode_plain({"a": {1, 2}})
