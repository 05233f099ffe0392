"""A line becomes a record where it can; what intake must refuse is sent as it stands."""

import json
from base64 import b64encode
from contextlib import suppress

import pytest
from console_fakes import a_department, line
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.console.traffic.event_lines import LINE_BYTES_MAX, LineFault, LineReader
from schemas.envelope import read_record

USCC = "91120116MA05ABCD0A"
TASK = {"task_id": "T-1", "uscc": "91110000600037341L", "entity_name": "名称"}


def read(text: bytes):
    return LineReader().read(text)


def test_a_line_becomes_a_record_in_binary_mode_that_intake_can_read():
    posting = read(line("WJW-120116", "inspection.task.submitted", TASK))

    envelope, content = read_record(posting.headers, posting.value)
    assert (envelope.source, envelope.type) == ("WJW-120116", "inspection.task.submitted")
    assert envelope.time == "2026-03-10T09:00:00+08:00"
    assert json.loads(content.value) == TASK
    assert content.type == "application/json"


@pytest.mark.parametrize(
    ("kind", "data", "key"),
    [
        ("special.claimed", {"special_id": "ZX-1"}, b"special:ZX-1"),
        ("survey.object.found", {"survey_task_id": "S-1", "uscc": USCC}, b"survey:S-1"),
        ("survey.closed", {"survey_task_id": "S-1"}, b"survey:S-1"),
        (
            "inspection.task.submitted", {"task_id": "S-1", "uscc": "survey:S-1"}, b"survey:S-1",
        ),
        ("inspection.task.submitted", {"special_id": "ZX-1", "uscc": USCC}, USCC.encode()),
        ("special.claimed", {}, None),
    ],
)  # fmt: skip
def test_what_concerns_no_one_enterprise_has_an_order_of_its_own(kind, data, key):
    assert read(line("WJW-120116", kind, data)).key == key


def test_the_data_are_the_bytes_of_the_file():
    text = b'{"source":"A","type":"t","data":{ "uscc" : "x","n":1.10 } }\n'

    assert read(text).value == b'{ "uscc" : "x","n":1.10 }'


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"uscc": "91110000600037341L", "task_id": "T"}, b"91110000600037341L"),
        ({"uscc": " 9111 0000-600037341l", "task_id": "T"}, b"91110000600037341L"),
        ({"uscc": "911100006000373410", "task_id": "T"}, b"911100006000373410"),
        ({"uscc": "nonsense", "task_id": "T"}, b"T"),
        ({"uscc": 5, "task_id": "T"}, b"T"),
        ({"uscc": None, "task_id": ""}, None),
        ({"task_id": ["T"]}, None),
        ({}, None),
        ([1], None),
        ("text", None),
    ],
)
def test_the_key_is_the_credit_code_else_the_task(data, key):
    assert read(line("A", "t", data)).key == key


def test_a_credit_code_seen_before_has_the_same_key_again():
    reader = LineReader()
    text = line("A", "t", {"uscc": "91110000600037341l"})

    assert reader.read(text).key == reader.read(text).key == b"91110000600037341L"


def test_raw_bytes_are_sent_as_they_are_even_if_empty():
    raw = b64encode(b"\x00\xff[[").decode()

    posting = read(line("A", "t", {}, hub_raw=raw, datacontenttype="text/plain"))
    empty = read(line("A", "t", {}, hub_raw=""))

    assert posting.value == b"\x00\xff[["
    assert dict(posting.headers)["content-type"] == b"text/plain"
    assert empty.value == b""
    assert not any(name.startswith("ce_hub") for name, _ in posting.headers)


def test_an_event_may_be_put_on_another_departments_topic():
    posting = read(line("FOREIGN", "t", {}, hub_topic="WJW-120116"))

    assert posting.dept == "WJW-120116"
    assert dict(posting.headers)["ce_source"] == b"FOREIGN"


def test_wrong_attributes_are_sent_for_intake_to_refuse():
    event = {"source": "A", "id": 5, "type": None, "specversion": "0.3", "data": {"uscc": USCC}}

    posting = read(json.dumps(event).encode())

    headers = dict(posting.headers)
    assert headers["ce_id"] == b"5"
    assert headers["ce_type"] == b"null"
    assert headers["ce_specversion"] == b"0.3"
    assert "ce_time" not in headers


def test_an_event_without_data_has_no_value():
    assert read(b'{"source":"A","type":"t"}').value is None


def test_the_department_that_a_line_registers_is_known():
    assert read(a_department("WJW-120116")).registers == "WJW-120116"
    assert read(a_department("WJW-120116")).from_registry
    assert read(line("WJW-120116", "registry.item", {"dept": "X"})).registers is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"not json\n", "not a CloudEvent in JSON"),
        (b"[1,2]\n", "not a CloudEvent in JSON"),
        (b"\xff\xfe\n", "not a CloudEvent in JSON"),
        (b'{"source":"A","data":{}', "not a CloudEvent in JSON"),
        (b'{"type":"t"}', "source '' is not 1 to 64"),
        (b'{"source":"A B","type":"t"}', "source 'A B' is not"),
        (b'{"source":"insp.in.A","type":"t"}', "is not 1 to 64"),
        (b'{"source":"A","hub_topic":"B/C"}', "hub_topic 'B/C' is not"),
        (b'{"source":"A","hub_raw":"%%%"}', "hub_raw is not base64"),
        (b"[" * 100_000, "not a CloudEvent in JSON"),
        (b" " * (LINE_BYTES_MAX + 1), "bytes long"),
    ],
)
def test_a_line_that_cannot_be_sent_says_why(text, said):
    with pytest.raises(LineFault) as fault:
        read(text)

    assert said in str(fault.value)


@given(text=st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_whatever_a_line_is_it_becomes_a_record_or_a_fault(text):
    with suppress(LineFault):
        read(b'{"source":"A","type":' + text + b',"data":' + text + b"}")
