"""Does JSON that a department sends today still fit a message whose schema changes?"""

import pytest

from connectors.departments.json_fit import misfits

POINT = {"type": "record", "name": "Point", "fields": [{"name": "ok", "type": "boolean"}]}


def a_schema(*fields):
    return {"type": "record", "name": "T", "namespace": "n", "fields": list(fields)}


def a_field(kind, **more):
    return {"name": "a", "type": kind, **more}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "x"),
        ("boolean", True),
        ("long", 7),
        ("double", 7),
        ({"type": "int", "logicalType": "date"}, "2026-03-16"),
        ({"type": "long", "logicalType": "timestamp-millis"}, "2026-03-16T09:00:00+08:00"),
        (["null", "string"], None),
        (["null", "string"], "x"),
        ({"type": "array", "items": "string"}, ["x", "y"]),
        (POINT, {"ok": True, "unknown": 1}),
        ([POINT, {"type": "array", "items": "Point"}], [{"ok": False}]),
    ],
    ids=repr,
)
def test_what_fits(kind, value):
    assert misfits(a_schema(a_field(kind)), {"a": value}) == []


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("string", 7, "`a` is sent as something else: string"),
        ("long", True, "`a` is sent as something else: long"),
        ("long", "7", "`a` is sent"),
        ({"type": "int", "logicalType": "date"}, 20000, "date expected"),
        (["null", "string"], 7, "`a` is sent as something else: string"),
        ([POINT, "string"], 7, "`a` is sent"),
        ("string", None, "`a` is sent as something else: string"),
        ({"type": "array", "items": "string"}, "x", "a list expected"),
        ({"type": "array", "items": POINT}, [{"ok": True}, {}], "`a[].ok` is required there"),
        (POINT, [], "an object expected"),
    ],
    ids=repr,
)
def test_what_does_not_fit(kind, value, said):
    (found,) = misfits(a_schema(a_field(kind)), {"a": value})

    assert said in found


def test_only_fields_without_default_must_be_sent():
    schema = a_schema(a_field("string", default=""), {"name": "b", "type": "string"})

    assert misfits(schema, {}) == ["`b` is required there and not sent"]
