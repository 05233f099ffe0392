"""Are CloudEvents read and written as their specification says? The SDK is the judge."""

import base64
import json
from datetime import datetime

import pytest
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    from_structured_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import AVRO, JSON, VALUE_SIZE_MAX_BYTES
from schemas.envelope import (
    CLOCK_AHEAD_MAX_MS,
    STRUCTURED,
    Content,
    Envelope,
    check_time,
    read_headers,
    read_line,
    read_record,
    read_structured,
    write_headers,
    write_line,
)
from schemas.malformed import Malformed
from schemas.reasons import Refusal

ENVELOPE = Envelope(
    id="WJW-evt-0001",
    source="WJW-120116",
    type="inspection.task.submitted",
    time="2026-03-10T09:00:00+08:00",
    subject="91120116MA05ABCD0A",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
DATA = b'{"task_id":"T-1"}'
EVENT = {
    "specversion": "1.0", "id": "e-1", "source": "WJW-120116", "type": "registry.item",
    "time": "2026-03-10T01:00:00Z", "data": {"task_id": "T-1"},
}  # fmt: skip

envelopes = st.builds(
    Envelope,
    id=st.text(alphabet="abcXYZ019-_.~%é中", min_size=1, max_size=128),
    source=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    type=st.from_regex(r"[a-z]{1,9}\.[a-z]{1,9}", fullmatch=True),
    time=st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)).map(  # noqa: DTZ001 - Z follows
        lambda at: f"{at.isoformat()}Z"
    ),
    subject=st.none() | st.text(alphabet="abc 019中", min_size=1, max_size=50),
    traceparent=st.none() | st.just(ENVELOPE.traceparent),
)


def refused(call, *arguments):
    with pytest.raises(Malformed) as caught:
        call(*arguments)
    assert caught.value.message
    assert caught.value.message.isprintable()
    return caught.value.reason, caught.value.field


def headers_with(**changes):
    headers = dict(write_headers(ENVELOPE))
    for name, value in changes.items():
        key = {"content_type": "content-type", "traceparent": "traceparent"}.get(name, f"ce_{name}")
        headers[key] = value
    return [(name, value) for name, value in headers.items() if value is not None]


@given(envelope=envelopes)
@settings(max_examples=100, deadline=None)
def test_the_sdk_reads_what_we_write_and_we_read_what_it_writes(envelope):
    ours = KafkaMessage(headers=dict(write_headers(envelope)), key=None, value=DATA)

    event = from_binary_event(ours)
    theirs = to_binary_event(event)

    attributes = event.get_attributes()
    for name in ("id", "source", "type", "subject"):
        assert attributes.get(name) == getattr(envelope, name)
    assert attributes["time"].isoformat().replace("+00:00", "Z") == envelope.time
    assert event.get_data() == json.loads(DATA)
    read = read_headers(list(theirs.headers.items()))
    assert read == envelope._replace(traceparent=read.traceparent)


@given(envelope=envelopes)
@settings(max_examples=100, deadline=None)
def test_the_sdk_and_we_agree_on_structured_mode(envelope):
    line = write_line(envelope, DATA)

    event = from_structured_event(KafkaMessage(headers={}, key=None, value=line.encode()))
    read, content = read_structured(to_structured_event(event).value)

    assert event.get_data() == json.loads(DATA)
    assert read == envelope
    assert json.loads(content.value) == json.loads(DATA)
    assert content.type == JSON


@given(envelope=envelopes)
@settings(max_examples=100, deadline=None)
def test_an_event_survives_its_headers_and_its_line(envelope):
    assert read_headers(write_headers(envelope)) == envelope
    assert read_line(write_line(envelope, DATA)) == (envelope, Content(DATA, JSON))


def test_the_sdk_s_own_event_is_read():
    event = CloudEvent({"type": "registry.item", "source": "REGISTRY"}, {"item": "1"})
    message = to_binary_event(event)

    read = read_headers(list(message.headers.items()))

    assert (read.id, read.source) == (event.get_id(), "REGISTRY")


def test_header_names_are_read_in_any_case_and_values_as_they_stand():
    headers = [(name.upper(), value) for name, value in headers_with(id=b"50%25")]

    assert read_headers(headers).id == "50%25"


def test_a_trace_that_is_none_is_left_out_and_of_two_the_first_counts():
    assert read_headers(headers_with(traceparent=b"nonsense")).traceparent is None
    twice = [*headers_with(), ("traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-00")]
    assert read_headers(twice).traceparent == ENVELOPE.traceparent


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"id": None}, "id", id="no id"),
        pytest.param({"id": b""}, "id", id="empty id"),
        pytest.param({"id": b"x" * 10_000}, "id", id="id of 10 kB"),
        pytest.param({"id": b"x" * 129}, "id", id="id of 129"),
        pytest.param({"id": b"a\nb"}, "id", id="line break in the id"),
        pytest.param({"id": b"a\n"}, "id", id="line break after the id"),
        pytest.param({"id": b"a\0"}, "id", id="NUL in the id"),
        pytest.param({"id": b"\xff\xfe"}, "id", id="no UTF-8"),
        pytest.param({"id": "a\u202eb".encode()}, "id", id="right-to-left mark"),
        pytest.param({"source": None}, "source", id="no source"),
        pytest.param({"source": b"../WJW"}, "source", id="no registry code"),
        pytest.param({"type": None}, "type", id="no type"),
        pytest.param({"type": b"a b"}, "type", id="blank in the type"),
        pytest.param({"type": b"x" * 10_000}, "type", id="type of 10 kB"),
        pytest.param({"specversion": None}, "specversion", id="no version"),
        pytest.param({"specversion": b"0.3"}, "specversion", id="version 0.3"),
        pytest.param({"subject": b"a\x1bb"}, "subject", id="escape in the subject"),
        pytest.param({"subject": b"a" * 10_000}, "subject", id="subject of 10 kB"),
        pytest.param({"time": None}, "time", id="no time"),
        pytest.param({"time": b"2026-03-10T09:00:00"}, "time", id="no offset"),
        pytest.param({"time": b"2026-02-30T09:00:00Z"}, "time", id="no such day"),
        pytest.param({"time": b"2026-03-10 09:00:00Z"}, "time", id="blank for T"),
        pytest.param({"time": b"2026-W11-2T09:00:00Z"}, "time", id="week date"),
        pytest.param({"time": b"0001-01-01T00:00:00+14:00"}, "time", id="before all calendars"),
        pytest.param({"time": b"9999-12-31T23:59:59-14:00"}, "time", id="after all calendars"),
        pytest.param({"time": b"2026-03-10T09:00:00+99:00"}, "time", id="no such offset"),
        pytest.param({"time": "２026-03-10T09:00:00Z".encode()}, "time", id="full-width digit"),
    ],
)  # fmt: skip
def test_a_wrong_attribute_is_named(changes, field):
    assert refused(read_headers, headers_with(**changes)) == (Refusal.ENVELOPE, field)


def test_two_values_of_one_attribute_are_refused():
    assert refused(read_headers, [*headers_with(), ("CE_ID", b"other")]) == (Refusal.ENVELOPE, "id")
    assert read_headers([*headers_with(), ("ce_id", ENVELOPE.id.encode())]) == ENVELOPE


def test_the_letters_of_a_time_may_be_small():
    envelope = read_headers(headers_with(time=b"2026-03-10t09:00:00.5z"))

    assert envelope.time == "2026-03-10T09:00:00.5Z"


def test_a_record_is_read_in_the_mode_its_content_type_says():
    assert read_record(headers_with(), DATA) == (ENVELOPE, Content(DATA, JSON))
    assert read_record(headers_with(content_type=None), DATA)[1] == Content(DATA, None)
    assert read_record(headers_with(content_type=AVRO.encode()), b"\0")[1] == Content(b"\0", AVRO)
    line = write_line(ENVELOPE, DATA).encode()
    for media_type in (STRUCTURED, STRUCTURED.upper() + "; charset=UTF-8"):
        headers = [("content-type", media_type.encode())]
        assert read_record(headers, line) == (ENVELOPE, Content(DATA, JSON))
    batch = [("content-type", b"application/cloudevents-batch+json")]
    assert refused(read_record, batch, line) == (Refusal.ENVELOPE, "content-type")
    assert refused(read_record, headers_with(), None) == (Refusal.EMPTY, "")


def test_a_line_is_one_line_whatever_its_data_looked_like():
    line = write_line(ENVELOPE, b'{\n  "a": [1,\r\n 2],\n "b": "c d"\n}\n')

    assert "\n" not in line
    assert read_line(line + "\n")[1].value == b'{"a":[1,2],"b":"c d"}'


def test_data_in_base64_is_read():
    event = EVENT | {"data_base64": base64.b64encode(b"\0\0").decode(), "datacontenttype": AVRO}
    del event["data"]

    assert read_line(json.dumps(event))[1] == Content(b"\0\0", AVRO)


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        pytest.param("", Refusal.EMPTY, "", id="empty"),
        pytest.param("  \n", Refusal.EMPTY, "", id="blank"),
        pytest.param("{", Refusal.UNDECODABLE, "", id="cut off"),
        pytest.param("[]", Refusal.UNDECODABLE, "", id="a list"),
        pytest.param("null", Refusal.UNDECODABLE, "", id="null"),
        pytest.param('{"a":NaN}', Refusal.UNDECODABLE, "", id="NaN"),
        pytest.param("\ud800", Refusal.UNDECODABLE, "", id="lone surrogate"),
        pytest.param("[" * 100_000, Refusal.TOO_DEEP, "", id="deep"),
        pytest.param('{"a":' * 40 + "1" + "}" * 40, Refusal.TOO_DEEP, "", id="40 deep"),
        pytest.param("{}", Refusal.ENVELOPE, "specversion", id="nothing in it"),
        pytest.param(EVENT | {"id": 7}, Refusal.ENVELOPE, "id", id="number for id"),
        pytest.param(EVENT | {"id": None}, Refusal.ENVELOPE, "id", id="null for id"),
        pytest.param(EVENT | {"id": "\ud800"}, Refusal.UNDECODABLE, "", id="surrogate in id"),
        pytest.param(EVENT | {"data": None}, Refusal.EMPTY, "data", id="null for data"),
        pytest.param(EVENT | {"data_base64": "AA=="}, Refusal.ENVELOPE, "data_base64", id="both"),
        pytest.param(
            EVENT | {"data": "x" * VALUE_SIZE_MAX_BYTES}, Refusal.TOO_LARGE, "", id="large"
        ),
        pytest.param("x" * 3 * VALUE_SIZE_MAX_BYTES, Refusal.TOO_LARGE, "", id="very large"),
        pytest.param('{"id":"a","id":"b","data":1}', Refusal.UNDECODABLE, "", id="id twice"),
        pytest.param('{"id" :"a","id" :"b"}', Refusal.UNDECODABLE, "", id="id twice, with blanks"),
    ],
)
def test_a_line_that_is_no_event_is_refused(line, reason, field):
    text = line if isinstance(line, str) else json.dumps(line)

    assert refused(read_line, text) == (reason, field)


def test_base64_that_is_none_is_refused():
    event = {name: held for name, held in EVENT.items() if name != "data"}

    for wrong in ("%%%", "AA", 7, "é"):
        assert refused(read_line, json.dumps(event | {"data_base64": wrong})) == (
            Refusal.ENVELOPE, "data_base64",
        )  # fmt: skip


def test_an_event_of_the_future_is_refused_and_a_fast_clock_is_not():
    at_ms = 1_773_104_400_000  # 2026-03-10T09:00:00+08:00

    check_time(ENVELOPE.time, at_ms - CLOCK_AHEAD_MAX_MS)
    check_time("1990-01-01T00:00:00Z", at_ms)

    too_early_ms = at_ms - CLOCK_AHEAD_MAX_MS - 1
    assert refused(check_time, ENVELOPE.time, too_early_ms) == (Refusal.FUTURE_TIME, "time")
    assert refused(check_time, "soon", at_ms) == (Refusal.ENVELOPE, "time")
