"""`hub schemas impact` names whom a schema change would break, by what was sent last."""

from __future__ import annotations

import json

import pytest
from console_fakes import write

from connectors.console.context import Exit
from connectors.console.stories.recent import newest_spans
from connectors.departments.schema_catalogue import shipped
from schemas.codec import AVRO, JSON, encode_avro, encode_json
from schemas.envelope import Envelope, write_headers
from schemas.inbound import TaskCancelled
from schemas.messages import REGISTRY_DEPARTMENT, TASK_CANCELLED
from schemas.topics import CTL_REGISTRY, in_topic

BY_AVRO, BY_JSON, SILENT = "WJW-120116", "XFJ-120116", "SJW-120116"
NAME = f"{TASK_CANCELLED}.v2.avsc"


@pytest.fixture
def hub(console, broker):
    """A broker on which one department sends Avro, one JSON, and one nothing."""
    words = [word for dept in (BY_AVRO, BY_JSON, SILENT) for word in ("--dept", dept)]
    console("topics", "apply", *words)
    send(broker, BY_AVRO, AVRO)
    send(broker, BY_JSON, JSON)
    return broker


def send(broker, dept, content_type, count=3, partition=0):
    told = TaskCancelled(task_id="T-1", uscc="91120116MA05ABCD0A", reason="雨")
    value = encode_avro(told, TASK_CANCELLED) if content_type == AVRO else encode_json(told)
    envelope = Envelope("E-1", dept, TASK_CANCELLED, "2026-03-10T09:00:00+08:00")
    record = {"value": value, "headers": write_headers(envelope, content_type), "key": b"K"}
    write(broker, in_topic(dept), [{**record, "partition": partition}] * count)


def a_change(folder, change=lambda fields: fields, name=NAME, type_name=TASK_CANCELLED):
    schema = shipped().newest(type_name).schema
    schema["fields"] = change(schema["fields"])
    (folder / name).write_text(json.dumps(schema), encoding="utf-8")
    return folder / name


def required(fields):
    return [*fields, {"name": "why", "type": "string"}]


def optional(fields):
    return [*fields, {"name": "why", "type": ["null", "string"], "default": None}]


def renamed(fields):
    return [{**field, "name": field["name"].replace("uscc", "code")} for field in fields]


def test_a_required_field_more_breaks_everybody_who_sends(console, hub, tmp_path):
    answer = console("schemas", "impact", a_change(tmp_path, required), "--json")

    (found,) = answer.json["schemas"]
    assert answer.status == Exit.FOUND
    assert found["breaks"] == [BY_AVRO, BY_JSON]
    by_avro, by_json = found["departments"]
    assert (by_avro["encoding"], by_avro["schema_id"], by_avro["records"]) == ("AVRO", 2, 3)
    assert by_avro["last"] == f"{in_topic(BY_AVRO)}/0/2"
    assert by_json["breaks"] == ["`why` is required there and not sent"]
    assert found["level_broken"]


def test_an_optional_field_more_breaks_nobody(console, hub, tmp_path):
    answer = console("schemas", "impact", a_change(tmp_path, optional))

    assert answer.status == Exit.DONE
    assert "breaks 0 of 2 departments" in answer.said


def test_the_table_names_departments_and_reasons(console, hub, tmp_path):
    answer = console("schemas", "impact", a_change(tmp_path, renamed))

    assert answer.status == Exit.FOUND
    assert f"breaks 2 of 2 departments: {BY_AVRO}, {BY_JSON}" in answer.said
    assert "FULL_TRANSITIVE does not hold" in answer.said
    assert "code" in answer.said


def test_only_the_newest_records_are_looked_at(console, hub, tmp_path):
    send(hub, BY_AVRO, JSON, count=5)

    answer = console("schemas", "impact", a_change(tmp_path, required), "--newest", 5, "--json")

    found = answer.json["schemas"][0]["departments"]
    assert [(one["dept"], one["encoding"]) for one in found] == [
        (BY_AVRO, "JSON"), (BY_JSON, "JSON"),
    ]  # fmt: skip


def test_a_break_of_the_released_versions_counts_though_nobody_uses_them(console, broker, tmp_path):
    console("topics", "apply", "--dept", SILENT)

    answer = console("schemas", "impact", a_change(tmp_path, required), "--json")

    assert answer.status == Exit.FOUND
    assert answer.json["schemas"][0]["breaks"] == []


def test_a_change_of_an_answer_concerns_those_who_read_it(console, hub, tmp_path):
    for dept, form in ((BY_AVRO, "AVRO"), (BY_JSON, "JSON")):
        entry = {"dept": dept, "out_format": form}
        write(hub, CTL_REGISTRY, [
            {"key": f"{REGISTRY_DEPARTMENT}:{dept}", "value": json.dumps(entry), "partition": 0}
        ])  # fmt: skip
    less = a_change(
        tmp_path,
        lambda fields: [field for field in fields if field["name"] != "decided_at"],
        "decision.made.v2.avsc", "decision.made",
    )  # fmt: skip

    (found,) = console("schemas", "impact", less, "--json").json["schemas"]

    assert found["breaks"] == [BY_AVRO, BY_JSON]
    assert found["departments"][1]["breaks"] == ["`decided_at` is no longer sent"]


def test_a_folder_is_taken_whole_and_what_is_unchanged_is_left_out(console, hub, tmp_path):
    a_change(tmp_path)
    a_change(tmp_path, required, "mine.avsc", "inspection.entry.recorded")
    (tmp_path / "new.avsc").write_text('{"type":"record","name":"New","fields":[]}')

    answer = console("schemas", "impact", tmp_path, "--json")

    assert [one["type"] for one in answer.json["schemas"]] == ["inspection.entry.recorded"]
    assert "new.avsc: no message of this name is released" in answer.said


def test_nothing_changed_is_said_so(console, hub, tmp_path):
    answer = console("schemas", "impact", a_change(tmp_path))

    assert answer.status == Exit.DONE
    assert "Nothing differs" in answer.said


@pytest.mark.parametrize("text", ["{", "7", '{"type":"record","fields":1,"name":"x"}', None])
def test_what_is_no_schema_is_refused(console, broker, tmp_path, text):
    if text is not None:
        (tmp_path / "bad.avsc").write_text(text)

    assert console("schemas", "impact", tmp_path).status == Exit.USAGE


@pytest.mark.parametrize(
    ("lengths", "newest", "shares"),
    [
        ([10, 10], 4, [2, 2]),
        ([1, 10, 10], 9, [1, 4, 4]),
        ([0, 0, 3], 9, [0, 0, 3]),
        ([5, 5], 3, [2, 1]),
        ([0, 0], 5, [0, 0]),
    ],
)
def test_a_short_partition_leaves_its_share_to_the_others(lengths, newest, shares):
    spans = {("t", number): (100, 100 + length) for number, length in enumerate(lengths)}

    kept = newest_spans(spans, newest)

    assert [end - first for first, end in (kept["t", n] for n in range(len(lengths)))] == shares
    assert all(kept[at][1] == spans[at][1] for at in spans)
