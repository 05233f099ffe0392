"""Whatever comes over the border: is it a message, or is it said readably what is wrong with it?"""

import json
from pathlib import Path

import pytest
from hostile import ENTRY, HONEST, RESULT, TASK
from wire_builders import avro_text, zigzag

from schemas.avro_schemas import newest
from schemas.codec import AVRO, JSON, VALUE_SIZE_MAX_BYTES, decode, encode_avro
from schemas.malformed import Malformed
from schemas.messages import ENTRY_RECORDED, REGISTRY_ITEM, RESULT_RECORDED, TASK_SUBMITTED
from schemas.reasons import Refusal

ROOT = Path(__file__).parents[2]
RECORDS_A_RUN = 10_000
BATCH = 40
HEAD = b"\x00" + newest(ENTRY_RECORDED).schema_id.to_bytes(4, "big")
ITEM = {"item": "1", "title": "t", "system": "WJW", "offsite_possible": True, "version": 1}


def entry(**fields):
    return json.dumps(ENTRY | fields).encode()


def avro_entry(**parts):
    honest = {
        "task_id": avro_text("T"), "uscc": avro_text("U"), "how": avro_text("SCANNED"),
        "at": zigzag(1773104400123), "note": avro_text(""), "officers": zigzag(0),
        "extra": zigzag(0),
    }  # fmt: skip
    return HEAD + b"".join((honest | parts).values())


def kept(text):
    return avro_entry(extra=zigzag(1) + avro_text(text))


def refused(value, content_type, type_name):
    with pytest.raises(Malformed) as caught:
        decode(value, content_type, type_name)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400
    return caught.value


NO_JSON = [
    pytest.param(b"\xff\xfe\x00", id="noise"),
    pytest.param(b"{", id="cut off"),
    pytest.param(entry() + b"x", id="something after the end"),
    pytest.param(b"\xef\xbb\xbf" + entry(), id="byte order mark"),
    pytest.param(entry().decode().encode("utf-16"), id="UTF-16"),
    pytest.param(entry()[:-1] + b',"x":"\xff"}', id="no UTF-8"),
    pytest.param(entry()[:-1] + b',"x":"\xed\xa0\x80"}', id="surrogate in UTF-8"),
    pytest.param(entry()[:-1] + b',"x":"\\ud800"}', id="lone surrogate"),
    pytest.param(entry()[:-1] + b',"x":"\x01"}', id="bare control character"),
    pytest.param(entry()[:-1] + b',"x":' + b"9" * 5000 + b"}", id="number of 5000 digits"),
    pytest.param(entry()[:-1] + b',"task_id":"T2"}', id="a name twice"),
    pytest.param(entry()[:-1] + b',"task_id" :"T"}', id="a name twice, with a blank"),
    pytest.param(entry()[:-1] + b',"x":{"a":1,"a":1}}', id="a name twice, far inside"),
    pytest.param(
        entry(note='":').replace(b'"task_id"', b'"task_id"\n') [:-1] + b',"how":"SCANNED"}',
        id="a name twice, hidden in a note",
    ),
]  # fmt: skip


@pytest.mark.parametrize("value", NO_JSON)
def test_what_is_no_json_is_undecodable(value):
    assert refused(value, JSON, ENTRY_RECORDED).reason is Refusal.UNDECODABLE


LONG_TEXT = zigzag(2**40) + b"x"
NO_AVRO = [
    pytest.param(HEAD, id="nothing after the schema id"),
    pytest.param(HEAD[:3], id="half a schema id"),
    pytest.param(b"\x01" + avro_entry()[1:], id="wrong magic byte"),
    pytest.param(entry(), id="JSON that says it is Avro"),
    pytest.param(avro_entry() + b"\x00", id="something after the end"),
    pytest.param(avro_entry()[:-1], id="cut off"),
    pytest.param(avro_entry(task_id=LONG_TEXT), id="a text of a terabyte"),
    pytest.param(avro_entry(task_id=zigzag(-1)), id="a text of negative length"),
    pytest.param(avro_entry(task_id=zigzag(-(2**63))), id="the most negative length"),
    pytest.param(avro_entry(task_id=b"\x82\x80\x00x"), id="a length written longer than it is"),
    pytest.param(avro_entry(task_id=b"\xff" * 11), id="a number of 77 bits"),
    pytest.param(avro_entry(task_id=zigzag(2) + b"\xff\xff"), id="no UTF-8"),
    pytest.param(avro_entry(task_id=zigzag(3) + b"\xed\xa0\x80"), id="surrogate in UTF-8"),
    pytest.param(avro_entry(at=zigzag(2**62)), id="an instant beyond all years"),
    pytest.param(avro_entry(extra=zigzag(2)), id="a branch beyond the union"),
    pytest.param(avro_entry(extra=zigzag(-1) + avro_text("{}")), id="a negative branch"),
    pytest.param(kept('{"a":1} ')[:-1], id="cut off in the last text"),
    pytest.param(kept("{"), id="unknown fields that are no JSON"),
    pytest.param(kept('{"a":NaN}'), id="NaN in unknown fields"),
    pytest.param(kept('{"a":1,"a":2}'), id="a name twice in unknown fields"),
    pytest.param(kept("{" + "\x00}" + "\x00"), id="UTF-16 in unknown fields"),
]


@pytest.mark.parametrize("value", NO_AVRO)
def test_what_is_no_avro_is_undecodable(value):
    assert refused(value, AVRO, ENTRY_RECORDED).reason is Refusal.UNDECODABLE


def avro_task(items, backfill=b"\x00"):
    task = encode_avro(decode(json.dumps(TASK).encode(), JSON, TASK_SUBMITTED), TASK_SUBMITTED)
    honest = zigzag(1) + avro_text("1101-001") + zigzag(0)
    assert honest in task
    return task.replace(honest, items)[:-2] + backfill + b"\x00"


def test_lists_may_come_in_several_blocks_but_only_with_positive_counts():
    one, block = avro_text("1"), zigzag(1) + avro_text("1")
    crooked = {
        "negative count with its size": zigzag(-2) + zigzag(4) + one + one + zigzag(0),
        "negative count with a lying size": zigzag(-2) + zigzag(400) + one + one + zigzag(0),
        "negative count without size": zigzag(-2) + one + one + zigzag(0),
        "the most negative count": zigzag(-(2**63)) + zigzag(4) + one + zigzag(0),
        "more entries than bytes": zigzag(2**40) + one + zigzag(0),
        "more entries than there are": zigzag(3) + one + one + zigzag(0),
        "as many entries as a number holds": zigzag(2**63 - 1) + one + zigzag(0),
    }

    task = decode(avro_task(block + block + zigzag(0)), AVRO, TASK_SUBMITTED)

    assert task.items == ("1", "1")
    for what, items in crooked.items():
        fault = refused(avro_task(items), AVRO, TASK_SUBMITTED)
        assert fault.reason is Refusal.UNDECODABLE, what
        assert ("negative count" in fault.message) == ("negative" in what), what
    for truth in (b"\x02", b"\x07", b"\xff"):
        assert refused(avro_task(block + zigzag(0), truth), AVRO, TASK_SUBMITTED)


@pytest.mark.parametrize(
    ("schema_id", "word"),
    [(0, "no schema"), (9999, "no schema"), (2**32 - 1, "no schema"),
     (newest(TASK_SUBMITTED).schema_id, TASK_SUBMITTED), (20, "journal.")],
)  # fmt: skip
def test_a_schema_id_that_is_not_of_this_type_is_named(schema_id, word):
    fault = refused(b"\x00" + schema_id.to_bytes(4, "big") + avro_entry()[5:], AVRO, ENTRY_RECORDED)

    assert fault.reason is Refusal.UNKNOWN_SCHEMA
    assert str(schema_id) in fault.message
    assert word in fault.message


@pytest.mark.parametrize("value", [b"", None])
def test_nothing_is_empty(value):
    assert refused(value, JSON, ENTRY_RECORDED).reason is Refusal.EMPTY


def test_size_is_looked_at_before_anything_else():
    large = b"[" * (VALUE_SIZE_MAX_BYTES + 1)

    assert refused(large, "nonsense", "no.such").reason is Refusal.TOO_LARGE
    assert refused(large[:-1], JSON, ENTRY_RECORDED).reason is Refusal.TOO_DEEP


def test_depth_is_bounded_everywhere():
    def at(depth):
        return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)

    assert decode(entry()[:-1] + b',"x":' + at(31) + b"}", JSON, ENTRY_RECORDED)
    for deep in (
        entry()[:-1] + b',"x":' + at(32) + b"}",
        entry()[:-1] + b',"x":' + b"[" * 150 + b"]" * 150 + b"}",
        entry()[:-1] + b',"note":' + at(40) + b"}",
        at(10_000),
        b"[" * 100_000,
    ):
        assert refused(deep, JSON, ENTRY_RECORDED).reason is Refusal.TOO_DEEP
    assert refused(kept("[" * 99_000), AVRO, ENTRY_RECORDED).reason is Refusal.TOO_DEEP
    assert decode(entry(note='[{"' * 99), JSON, ENTRY_RECORDED).note == '[{"' * 99


@pytest.mark.parametrize(
    "content_type", ["text/plain", "", "application/xml", "application/json;charset=gbk"]
)
def test_another_media_type_is_undecodable(content_type):
    fault = refused(entry(), content_type, ENTRY_RECORDED)

    assert (fault.reason, fault.field) == (Refusal.UNDECODABLE, "content-type")


@pytest.mark.parametrize(
    "type_name", ["no.such", "", "journal.inspection.entry.recorde", "x" * 9999]
)
def test_an_unknown_type_is_named(type_name):
    assert refused(entry(), JSON, type_name).reason is Refusal.UNKNOWN_TYPE


FIELDS = [
    # type, what is changed, field, what the message must say
    (ENTRY_RECORDED, {"task_id": None}, "task_id", "null found: text expected"),
    (ENTRY_RECORDED, {"task_id": 7}, "task_id", "7 found: text expected"),
    (ENTRY_RECORDED, {"task_id": ""}, "task_id", "at least 1"),
    (ENTRY_RECORDED, {"task_id": "x" * 10_000}, "task_id", "at most 128"),
    (ENTRY_RECORDED, {"task_id": "a\x00b"}, "task_id", '"a\\u0000b" found'),
    (ENTRY_RECORDED, {"task_id": "a\u202eb"}, "task_id", '"a\\u202eb" found'),
    (ENTRY_RECORDED, {"task_id": "a\n"}, "task_id", "\\u000a"),
    (ENTRY_RECORDED, {"note": "\x1b[31m"}, "note", "\\u001b"),
    (ENTRY_RECORDED, {"note": float("nan")}, "note", "nan found: text expected"),
    (ENTRY_RECORDED, {"note": {"a": 1}}, "note", "an object found: text expected"),
    (ENTRY_RECORDED, {"how": "FLEW"}, "how", "'SCANNED', 'REFUSED'"),
    (ENTRY_RECORDED, {"at": 1773104400}, "at", "RFC 3339"),
    (ENTRY_RECORDED, {"at": "2026-03-10T09:00:00"}, "at", "with its offset"),
    (ENTRY_RECORDED, {"at": "2026-02-30T09:00:00Z"}, "at", "RFC 3339"),
    (ENTRY_RECORDED, {"at": "0001-01-01T00:00:00+14:00"}, "at", "the year 1 found"),
    (ENTRY_RECORDED, {"at": "9999-12-31T23:59:59-14:00"}, "at", "the year 9999 found"),
    (ENTRY_RECORDED, {"x": float("nan")}, "x", "not finite"),
    (ENTRY_RECORDED, {"x": [{"y": float("-inf")}]}, "x", "not finite"),
    (ENTRY_RECORDED, {"x": 2**80}, "x", "64 bits"),
    (ENTRY_RECORDED, {"x": ["\u202e"]}, "x", "\\u202e"),
    (ENTRY_RECORDED, {"x": {"\x00": 1}}, "x", "\\u0000"),
    (ENTRY_RECORDED, {"\u202e": 1}, "\\u202e", "cannot be seen"),
    (ENTRY_RECORDED, {"": 1}, "", "too long or"),
    (ENTRY_RECORDED, {"y" * 200: 1}, "y" * 200, "too long or"),
    (ENTRY_RECORDED, {f"x{n}": n for n in range(51)}, "x0", "at most 50"),
    (TASK_SUBMITTED, {"planned_on": "2026-02-30"}, "planned_on", "a day that exists"),
    (TASK_SUBMITTED, {"planned_on": 20000}, "planned_on", "YYYY-MM-DD"),
    (TASK_SUBMITTED, {"planned_on": "1773100800"}, "planned_on", "a day as YYYY-MM-DD"),
    (TASK_SUBMITTED, {"planned_on": "2026-03-10T00:00:00"}, "planned_on", "a day as YYYY-MM-DD"),
    (ENTRY_RECORDED, {"at": "20260310"}, "at", "an instant as in RFC 3339"),
    (ENTRY_RECORDED, {"at": "-86400.5"}, "at", "an instant as in RFC 3339"),
    (TASK_SUBMITTED, {"survey": "yes"}, "survey", "true or false"),
    (TASK_SUBMITTED, {"survey": 1}, "survey", "1 found: true or false"),
    (TASK_SUBMITTED, {"items": []}, "items", "at least 1 entries"),
    (TASK_SUBMITTED, {"items": "1101"}, "items", "a list expected"),
    (TASK_SUBMITTED, {"items": ["1", "2", 3]}, "items[2]", "3 found: text expected"),
    (TASK_SUBMITTED, {"items": ["1"] * 201}, "items", "at most 200"),
    (TASK_SUBMITTED, {"approval": "yes"}, "approval", "an object expected"),
    (TASK_SUBMITTED, {"approval": {"at": "soon"}}, "approval.at", "RFC 3339"),
    (TASK_SUBMITTED, {"approval": {"at": "1500-01-01T00:00:00Z"}}, "approval.at", "1900"),
    (TASK_SUBMITTED, {"mode": 1, "kind": 2, "trigger": 3}, "mode", "(and 2 more faults)"),
    (RESULT_RECORDED, {"items": [{"item": "1", "points": [{"point": "p", "ok": 1}]}]},
     "items[0].points[0].ok", "true or false"),
    (REGISTRY_ITEM, {"version": 2**63}, "version", "64 bits"),
    (REGISTRY_ITEM, {"version": 1.5}, "version", "1.5 found: a whole number"),
    (REGISTRY_ITEM, {"points": [{"point": "p", "title": "t", "what": 1}]},
     "points[0].what", "no such field"),
]  # fmt: skip
CONTENT = HONEST | {REGISTRY_ITEM: ITEM}


@pytest.mark.parametrize(("type_name", "changes", "field", "said"), FIELDS)
def test_a_wrong_field_is_named_with_what_was_found_and_expected(type_name, changes, field, said):
    fault = refused(json.dumps(CONTENT[type_name] | changes).encode(), JSON, type_name)

    assert (fault.reason, fault.field) == (Refusal.INVALID_FIELD, field)
    assert said in fault.message


@pytest.mark.parametrize(
    ("value", "field", "said"),
    [
        (avro_entry(how=avro_text("FLEW")), "how", "'SCANNED'"),
        (avro_entry(task_id=avro_text("a\x00")), "task_id", "\\u0000"),
        (avro_entry(task_id=avro_text("x" * 10_000)), "task_id", "at most 128"),
        (avro_entry(at=zigzag(2**45)), "at", "the year 3084 found"),
        (kept("[]"), "extra", "a JSON object"),
        (kept('{"note":"other"}'), "extra.note", "a place of its own"),
        (kept('{"a":1e999}'), "a", "not finite"),
        (kept('{"a":"\\u202e"}'), "a", "\\u202e"),
    ],
)
def test_a_wrong_field_is_named_in_avro_too(value, field, said):
    fault = refused(value, AVRO, ENTRY_RECORDED)

    assert (fault.reason, fault.field) == (Refusal.INVALID_FIELD, field)
    assert said in fault.message


@pytest.mark.parametrize(
    ("value", "found"), [(b"[]", "a list of 0"), (b"7", "7"), (b"null", "null")]
)
def test_json_that_is_no_object_is_said_to_be_none(value, found):
    fault = refused(value, JSON, ENTRY_RECORDED)

    assert (fault.reason, fault.field) == (Refusal.INVALID_FIELD, "")
    assert fault.message == f"{found} found: an object expected"


def test_what_is_missing_is_named():
    without = {name: held for name, held in RESULT.items() if name != "result_id"}

    fault = refused(json.dumps(without).encode(), JSON, RESULT_RECORDED)

    assert str(fault) == "INVALID_FIELD: result_id: required, but not there"


def test_fifty_unknown_fields_are_kept():
    many = {f"x{number}": number for number in range(50)}

    assert len(decode(entry(**many), JSON, ENTRY_RECORDED).unknown_fields()) == 50
