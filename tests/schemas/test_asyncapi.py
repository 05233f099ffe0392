"""Is the AsyncAPI document one that others can generate from, and does it say all that there is?"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastavro
import jsonschema_rs
import pytest
import yaml

from schemas.asyncapi import asyncapi
from schemas.asyncapi_messages import draft_07
from schemas.avro_schemas import by_id, subjects
from schemas.dead_letter import DEAD_LETTER
from schemas.feed import DISCLOSURE, DISCLOSURE_DIGEST, DISCLOSURE_RECEIPT
from schemas.messages import INBOUND, OUTBOUND, Place, Sender
from schemas.topics import TABLE
from schemas.yaml_text import yaml_text

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "tests" / "data" / "asyncapi-3.0.0.json"
COMMITTED = ROOT / "docs" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(json.dumps(asyncapi()))


@pytest.fixture(scope="module")
def judge() -> Any:
    return jsonschema_rs.validator_for(json.loads(PUBLISHED.read_text(encoding="utf-8")))


def test_the_document_stands_by_the_published_schema(document, judge):
    assert [error.message for error in judge.iter_errors(document)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda d: d.update(asyncapi="2.6.0"), id="another version"),
        pytest.param(lambda d: d["channels"]["in"].update(adress="x"), id="a word misspelt"),
        pytest.param(lambda d: d["operations"]["send.out"].update(action="pub"), id="an action"),
        pytest.param(lambda d: d["operations"]["send.out"].pop("channel"), id="no channel"),
        pytest.param(
            lambda d: d["components"]["messages"]["decision.made"].update(payload={"type": 7}),
            id="a payload that is no schema",
        ),
        pytest.param(
            lambda d: d["components"]["messages"]["decision.made.avro"]["payload"]["schema"].pop(
                "fields"
            ),
            id="an Avro record without fields",
        ),
    ],
)
def test_the_published_schema_finds_faults(document, judge, spoil: Callable[[Any], Any]):
    spoilt = copy.deepcopy(document)
    spoil(spoilt)

    assert not judge.is_valid(spoilt)


def test_the_committed_copy_is_the_generated_one():
    made = yaml_text(asyncapi())

    assert COMMITTED.read_text(encoding="utf-8") == made, "run `make schemas`"


def test_the_yaml_says_what_the_document_says(document):
    assert yaml.safe_load(yaml_text(document)) == document


@pytest.mark.parametrize(
    "value",
    [
        {"no": "yes", "null": None, "1": 1, "a: b": True, "x": [], "y": {}, "t": "a\nb: c # d"},
        {"list": [{"a": [1, [2, {"b": "天津"}]]}, "", [[]]], "deep": {"a": {"b": {"c": [{}]}}}},
        {"text": "\u2028\u202e\x00\\ \"'", "number": 1e-9, "e\u00e9": -1, "$ref": "#/x"},
    ],
)
def test_any_document_comes_back_from_its_yaml(value):
    assert yaml.safe_load(yaml_text(value)) == value


def test_every_family_of_topics_is_a_channel(document):
    channels = {name: channel["address"] for name, channel in document["channels"].items()}

    assert channels == {spec.family: spec.template for spec in TABLE}


def test_every_inbound_type_is_received_in_both_encodings(document):
    for name, row in INBOUND.items():
        if row.sender is not Sender.HUB:
            assert {name, f"{name}.avro"} <= messages_of(document, f"receive.in.{said_by(row)}")
        if row.place is Place.JOURNAL:
            assert f"journal.{name}" in messages_of(document, "send.journal")
        if row.place is Place.CTL_REGISTRY:
            assert f"ctl.{name}" in messages_of(document, "receive.ctl.registry")
        if row.place is Place.CTL_POLICY:
            assert f"ctl.{name}" in messages_of(document, "receive.ctl.policy")


def test_every_answer_is_sent_in_both_encodings(document):
    expected = {name for row in OUTBOUND for name in (row, f"{row}.avro")}

    assert messages_of(document, "send.out") == expected


def test_what_goes_to_sites_and_operators_is_there(document):
    assert messages_of(document, "send.feed") == {DISCLOSURE, DISCLOSURE_DIGEST}
    assert messages_of(document, "receive.receipt") == {DISCLOSURE_RECEIPT}
    assert messages_of(document, "send.dlq") == {DEAD_LETTER}
    assert messages_of(document, "send.decided") == {"decided"}


def test_the_hub_receives_what_departments_send_and_never_the_other_way_round(document):
    assert not {name for name in document["operations"] if name.startswith("send.in")}
    assert "receive.out" not in document["operations"]
    for name, operation in document["operations"].items():
        assert name.startswith(operation["action"] + ".")


def test_a_department_is_not_told_to_send_what_only_others_may(document):
    theirs = messages_of(document, "receive.in.department")

    assert not {name for name in theirs if name.startswith(("registry.", "policy."))}
    assert "subject.classified" in messages_of(document, "receive.in.registry")


@pytest.mark.parametrize("subject", sorted(subjects()))
def test_avro_payloads_are_the_files_with_their_ids(document, subject):
    if subject == DEAD_LETTER or (subject in INBOUND and INBOUND[subject].sender is Sender.HUB):
        return
    name = subject if subject.startswith("journal.") else f"{subject}.avro"
    message = document["components"]["messages"][name]
    ids = {str(number) for number, file in by_id().items() if file.subject == subject}

    assert fastavro.parse_schema(message["payload"]["schema"])
    key = message["bindings"]["kafka"]["key"]["description"]
    assert ids & set(key.replace("(", " ").replace(")", " ").split())


def test_every_reference_leads_somewhere(document):
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_json_payloads_accept_what_the_models_accept(document):
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$ref": "#/components/schemas/TaskCancelled",
        "components": document["components"],
    }
    judge = jsonschema_rs.validator_for(schema)

    assert judge.is_valid({"task_id": "T", "uscc": "U", "reason": "", "unknown": 1})
    assert not judge.is_valid({"task_id": "T"})
    assert not judge.is_valid({"task_id": "T", "uscc": 1})


def test_answers_name_what_they_answer(document):
    made = document["components"]["messages"]["decision.made"]

    assert made["correlationId"] == {"$ref": "#/components/correlationIds/task_id"}
    assert document["operations"]["receive.in.department"]["reply"]["channel"] == {
        "$ref": "#/channels/out"
    }


def test_schemas_are_said_in_the_words_of_draft_7():
    pair = {"prefixItems": [{"type": "string"}], "maxItems": 1}
    either = {"discriminator": {"propertyName": "fact", "mapping": {}}, "oneOf": [pair]}

    assert draft_07(either) == {
        "discriminator": "fact",
        "oneOf": [{"items": [{"type": "string"}], "maxItems": 1}],
    }


def messages_of(document: dict[str, Any], operation: str) -> set[str]:
    listed = document["operations"][operation]["messages"]
    return {message["$ref"].rpartition("/")[2] for message in listed}


def said_by(row: Any) -> str:
    return "department" if row.sender is Sender.DEPARTMENT else "registry"


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for held in value.values():
            yield from references(held)
    elif isinstance(value, list):
        for held in value:
            yield from references(held)
