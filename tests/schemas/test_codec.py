"""Does a message survive its bytes? JSON, Avro and the journal, for every type there is."""

import copy
import io
import json
import pickle

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_builders import journal_records, messages, zigzag

from schemas import avro_schemas, avro_wire
from schemas.avro_bytes import read_number, write_number
from schemas.avro_schemas import JOURNAL_PREFIX, subjects
from schemas.avro_shape import record_shape
from schemas.codec import (
    AVRO,
    JSON,
    Malformed,
    decode,
    decode_journal,
    encode_avro,
    encode_journal,
    encode_json,
)
from schemas.journal import Findings, JournalRecord, Origin
from schemas.messages import RESULT_RECORDED, TASK_SUBMITTED
from schemas.reasons import Refusal

BORDER = sorted(name for name in subjects() if not name.startswith(JOURNAL_PREFIX))
JOURNAL = sorted(
    name.removeprefix(JOURNAL_PREFIX) for name in subjects() if name.startswith(JOURNAL_PREFIX)
)
FEW = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TASK = {
    "task_id": "WJW-2026-000123", "uscc": "91120116MA05ABCD0A", "entity_name": "天津某某有限公司",
    "mode": "ONSITE", "kind": "DAILY", "trigger": "PLAN", "items": ["1101-001"],
    "planned_on": "2026-03-16", "premises_region": "120116", "officers": ["TJ0001", "TJ0002"],
    "approval": {"no": "A-1", "by": "Li", "at": "2026-03-10T09:00:00+08:00", "mode": "PRIOR"},
}  # fmt: skip


def a_task(**fields):
    return decode(json.dumps(TASK | fields).encode(), JSON, TASK_SUBMITTED)


def a_record(task):
    return JournalRecord(
        id="e-1", type=TASK_SUBMITTED, time="2026-03-10T09:00:00+08:00", dept="WJW-120116",
        policy_version="2026-03+1a2b3c4d", findings=Findings(), data=task,
        origin=Origin(topic="insp.in.WJW-120116", partition=1, offset=2**40),
    )  # fmt: skip


@pytest.mark.parametrize("type_name", BORDER)
@given(data=st.data())
@FEW
def test_a_message_survives_json_and_avro(type_name, data):
    message = data.draw(messages(subjects()[type_name]))

    assert decode(encode_json(message), JSON, type_name) == message
    assert decode(encode_avro(message, type_name), AVRO, type_name) == message
    assert decode(encode_avro(message, type_name), None, type_name) == message


@pytest.mark.parametrize("type_name", JOURNAL)
@given(data=st.data())
@FEW
def test_a_journal_record_survives_the_journal(type_name, data):
    model = subjects()[JOURNAL_PREFIX + type_name]
    record = data.draw(journal_records(model, type_name))

    read = decode_journal(encode_journal(record))

    assert read == record
    assert type(read.data) is type(record.data)
    assert encode_json(read.data) == encode_json(copy.copy(read.data))
    assert decode_journal(encode_json(record), JSON) == record


@pytest.mark.parametrize("type_name", [*BORDER, *(JOURNAL_PREFIX + name for name in JOURNAL)])
@given(data=st.data())
@FEW
def test_fastavro_reads_and_writes_the_same_bytes(type_name, data):
    model = subjects()[type_name]
    message = data.draw(journal_records(model, type_name.removeprefix(JOURNAL_PREFIX))
                        if type_name.startswith(JOURNAL_PREFIX) else messages(model))  # fmt: skip
    schema = avro_schemas.parsed(avro_schemas.newest(type_name).schema_id)

    value = encode_avro(message, type_name)
    theirs = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
    again = io.BytesIO()
    fastavro.schemaless_writer(again, schema, theirs)

    assert again.getvalue() == value[5:]
    assert json.dumps(avro_wire._plain_reader(type_name)(value, 5), default=str) == json.dumps(
        theirs, default=str
    )


@pytest.mark.parametrize("length", [0, 1, 62, 63, 64, 65, 127, 128])
def test_texts_of_every_length_have_the_bytes_fastavro_gives_them(length):
    text = "x" * length
    schema = avro_schemas.parsed(avro_schemas.newest(TASK_SUBMITTED).schema_id)
    task = a_task().model_copy(
        update={
            "task_id": text,
            "clue_no": text,
            "items": ("a",) * length,
            "officers": (text, text),
        }
    )
    expected = io.BytesIO()
    fastavro.schemaless_writer(expected, schema, {**task.model_dump(by_alias=True), "extra": None})

    value = encode_avro(task, TASK_SUBMITTED)

    assert value[5:] == expected.getvalue()
    assert decode_journal(encode_journal(a_record(task))).data == task


@pytest.mark.parametrize("power", range(64))
def test_numbers_of_every_size_have_the_bytes_of_the_specification(power):
    for number in (2**power - 1, -(2**power), 2**power - 2, -(2**power) + 1):
        assert write_number(number) == zigzag(number)
        assert read_number(zigzag(number), 0) == (number, len(zigzag(number)))
    with pytest.raises(ValueError, match="64"):
        write_number(2**63 + power)
    with pytest.raises(ValueError, match="64"):
        write_number(-(2**63) - 1 - power)


def test_a_model_built_from_the_journal_is_as_good_as_a_validated_one():
    # An instant comes out of the journal in UTC, and is shown as it stands.
    task = a_task(seal={"no": 7}, approval={"at": "2026-03-10T01:00:00Z"})
    record = decode_journal(encode_json(a_record(task)), JSON)

    built = decode_journal(encode_journal(record))

    assert built == record
    assert encode_json(built) == encode_json(record)
    assert pickle.loads(pickle.dumps(built.data)) == record.data  # noqa: S301 - our own bytes
    assert built.model_copy(update={"id": "e-2"}).id == "e-2"
    assert built.data.model_dump() == record.data.model_dump()
    assert built.data.model_extra == {"seal": {"no": 7}}
    assert built.findings.model_fields_set == set(Findings.model_fields)
    with pytest.raises(ValueError, match="frozen"):
        built.data.task_id = "other"


def test_unknown_fields_are_kept_wherever_they_stand_and_named_by_their_paths():
    point = {"point": "p", "ok": True, "by": ["x"]}
    content = {
        "task_id": "T", "result_id": "R", "uscc": "91120116MA05ABCD0A", "outcomes": ["1"],
        "inspected_on": "2026-03-16", "found_problem": False, "negative": False, "publish": True,
        "items": [{"item": "1"}, {"item": "2", "depth": 3, "points": [point]}], "weather": "fog",
    }  # fmt: skip
    result = decode(json.dumps(content).encode(), JSON, RESULT_RECORDED)
    paths = ("items[1].depth", "items[1].points[0].by", "weather")

    through_avro = decode(encode_avro(result, RESULT_RECORDED), AVRO, RESULT_RECORDED)

    assert result.unknown_fields() == paths
    assert through_avro.unknown_fields() == paths
    assert json.loads(encode_json(through_avro))["items"][1]["points"][0]["by"] == ["x"]
    assert a_task(approval=TASK["approval"] | {"seal": 1}).unknown_fields() == ("approval.seal",)
    assert a_task().unknown_fields() == ()


def test_an_instant_is_the_same_instant_in_utc_cut_to_milliseconds():
    task = a_task(approval=TASK["approval"] | {"at": "2026-03-10T09:00:00.123987+08:00"})

    read = decode(encode_avro(task, TASK_SUBMITTED), AVRO, TASK_SUBMITTED)

    assert read.approval.at.isoformat() == "2026-03-10T01:00:00.123000+00:00"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/json",
        None,
    ],
)
def test_json_is_known_by_its_media_type_however_it_is_written(content_type):
    assert decode(json.dumps(TASK).encode(), content_type, TASK_SUBMITTED) == a_task()


@pytest.mark.parametrize("indent", [None, 2])
def test_json_may_be_written_with_blanks(indent):
    text = json.dumps(TASK, indent=indent, separators=(" ,", " : "))

    assert decode(text.encode(), JSON, TASK_SUBMITTED) == a_task()


def test_a_journal_record_says_its_own_type():
    record = a_record(a_task())
    mixed = encode_journal(record).replace(TASK_SUBMITTED.encode(), b"inspection.task.submixxed")

    with pytest.raises(Malformed) as caught:
        decode_journal(mixed)

    assert caught.value.reason is Refusal.UNKNOWN_TYPE


@pytest.mark.parametrize(
    "value", [b"", None, b"\x00\x00\x00\x00\x01", b"{}", b'{"type":"x"}', b"[1]"]
)
def test_what_is_no_journal_record_is_refused(value):
    with pytest.raises(Malformed):
        decode_journal(value)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_journal_record_ends_in_a_record_or_in_malformed(data):
    value = bytearray(encode_journal(a_record(a_task(seal="x" * 100))))
    for _ in range(data.draw(st.integers(1, 4))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(value)))

    try:
        record = decode_journal(bytes(value[:end]))
    except Malformed:
        return

    assert isinstance(record, JournalRecord)


def test_every_shape_can_be_written_from_its_defaults():
    for name, model in subjects().items():
        assert record_shape(model).members, name
