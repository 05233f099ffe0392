"""Is what was wrong said in words a department can act on, short, with nothing hidden in them?"""

import json
from string import Formatter

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError

from schemas.codec import JSON, decode
from schemas.dead_letter import DEAD_LETTER
from schemas.malformed import _EXPECTED, Malformed, from_validation, path, shown, visible
from schemas.messages import POLICY_PUBLISHED, REGISTRY_DEPARTMENT, SUBJECT_CLASSIFIED
from schemas.reasons import Refusal

CAP = {
    "id": "R",
    "version": 1,
    "source": "s",
    "from": "2026-01-01",
    "scope": {"kind": "EACH_AGENCY"},
}
POLICY = {"policy": {"version": "v"}, "cap": [CAP]}
CLASSIFIED = {"uscc": "U", "scheme": "GENERAL_RISK", "class": "A", "as_of": "2026-01-01"}
LETTER = {
    "stage": "intake", "reason": "EMPTY", "message": "m", "topic": "t", "partition": 0, "offset": 1,
    "timestamp_ms": 1, "first_failed_at_ms": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("type_name", "content", "field", "said"),
    [
        (POLICY_PUBLISHED, POLICY | {"policy": {"version": "v", "repeat_from": 0}},
         "policy.repeat_from", "0 found: 1 or more expected"),
        (POLICY_PUBLISHED, POLICY | {"cap": [CAP | {"years": 11}]},
         "cap[0].years", "11 found: 10 or less expected"),
        (POLICY_PUBLISHED, POLICY | {"cap": [CAP, CAP]},
         "", "an object found: cap rules given twice: R@1"),
        (POLICY_PUBLISHED, POLICY | {"cap": [CAP | {"scope": {"kind": "GROUP"}}]},
         "cap[0].scope", "an object found: a GROUP scope needs its members"),
        (POLICY_PUBLISHED, POLICY | {"polizy": 1, "policy": {"version": "v", "reapeat_from": 1}},
         "policy.reapeat_from", "1 found: no such field here"),
        (SUBJECT_CLASSIFIED, CLASSIFIED | {"class": ""}, "class", '"" found: a character or form'),
        (SUBJECT_CLASSIFIED, CLASSIFIED | {"as_of": "2026-01-01T09:00:00"},
         "as_of", "a day as YYYY-MM-DD expected"),
        (REGISTRY_DEPARTMENT, {"dept": "."}, "dept", "(and 6 more faults)"),
        (DEAD_LETTER, LETTER | {"stage": "x"}, "stage", "'intake', 'decide' or 'deliver' expected"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_what_was_found_and_what_belongs_there(
    type_name, content, field, said
):
    with pytest.raises(Malformed) as caught:
        decode(json.dumps(content).encode(), JSON, type_name)

    assert caught.value.field == field
    assert said in caught.value.message


@pytest.mark.parametrize("kind", _EXPECTED)
def test_every_figure_that_our_words_name_is_one_the_fault_brings(kind):
    figures = {
        "min_length": 1, "max_length": 1, "actual_length": 1, "ge": 1, "le": 1, "pattern": "p",
        "expected": "x", "error": "e", "field_type": "Tuple", "class_name": "M",
    }  # fmt: skip

    named = {name for _, name, _, _ in Formatter().parse(_EXPECTED[kind]) if name}

    assert PydanticKnownError(kind, figures).type == kind
    for name in named:
        with pytest.raises(TypeError, match=name):
            PydanticKnownError(kind, {key: held for key, held in figures.items() if key != name})


def test_a_kind_of_fault_without_words_of_ours_has_pydantic_s():
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(complex).validate_python("x")

    fault = from_validation(caught.value)

    assert fault.reason is Refusal.INVALID_FIELD
    assert fault.message.startswith('"x" found: Input should be a valid')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 99, '"' + "x" * 40 + '…"'),
        ("天津\u202e\x00", '"天津\\u202e\\u0000"'),
        (None, "null"), (True, "true"), (False, "false"), (7, "7"), (-7, "-7"), (1.5, "1.5"),
        (10**50, "a whole number of 167 bits"),
        ({"secret": 1}, "an object"), ([1, 2], "a list of 2"), (b"secret", "6 bytes"),
    ],
)  # fmt: skip
def test_what_was_found_is_shown_short_and_visibly(value, text):
    assert shown(value) == text


def test_a_place_is_written_as_people_write_it():
    assert path(("items", 2, "points", 0, "note")) == "items[2].points[0].note"
    assert path(()) == ""
    assert visible("\ud800") == "\\ud800"
    assert Malformed(Refusal.EMPTY, "x" * 999, "m").field == "x" * 200 + "…"
