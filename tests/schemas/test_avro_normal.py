"""Two libraries write one schema in two ways: it is the same; what matters on the wire is not."""

import json

import fastavro
import pytest
from avro.schema import parse

from schemas.avro_normal import NoAvroSchema, full_name, normal
from schemas.avro_schemas import AVRO_DIR, by_id

POINT = {"type": "record", "name": "Point", "fields": [{"name": "at", "type": "long"}]}


def a_record(**changed):
    field = {"name": "a", "type": "string"}
    return {"type": "record", "name": "T", "namespace": "n", "fields": [field], **changed}


def with_type(kind):
    return a_record(fields=[{"name": "a", "type": kind}])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(a_record(), a_record(doc="said", aliases=["x"]), id="documentation"),
        pytest.param(a_record(), a_record(name="n.T", namespace=None), id="full name"),
        pytest.param(
            with_type("string"),
            with_type({"type": "string", "avro.java.string": "String"}),
            id="Java's properties",
        ),
        pytest.param(
            with_type([{**POINT}, {"type": "array", "items": "Point"}]),
            with_type([{**POINT, "namespace": "n"}, {"type": "array", "items": "n.Point"}]),
            id="a nested name",
        ),
        pytest.param(with_type({"type": {"type": "int"}}), with_type("int"), id="wrapped"),
    ],
)
def test_the_same(one, other):
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_record(name="U"), id="name"),
        pytest.param(a_record(namespace="m"), id="namespace"),
        pytest.param(with_type(["null", "string"]), id="type"),
        pytest.param(
            a_record(fields=[{"name": "a", "type": "string", "default": ""}]), id="default"
        ),
        pytest.param(with_type({"type": "int", "logicalType": "date"}), id="logical type"),
        pytest.param(a_record(fields=[]), id="a field less"),
    ],
)
def test_not_the_same(other):
    assert normal(a_record()) != normal(other)


@pytest.mark.parametrize("file", by_id().values(), ids=lambda file: file.name)
def test_every_schema_is_the_same_as_other_libraries_write_it(file):
    schema = json.loads((AVRO_DIR / file.name).read_text(encoding="utf-8"))

    by_avro = parse(json.dumps(schema)).to_json()
    by_fastavro = fastavro.parse_schema(schema, _write_hint=False)
    assert normal(schema) == normal(json.loads(json.dumps(by_avro)))
    assert normal(schema) == normal(by_fastavro)
    assert full_name(schema).startswith("inspection.")


@pytest.mark.parametrize(
    "schema",
    [None, 7, {}, {"type": "record"}, a_record(fields=7), a_record(fields=[1]), with_type(None),
     a_record(fields=[{"type": "int"}]), {"type": 7}, {"type": "record", "name": 3}],
    ids=repr,
)  # fmt: skip
def test_what_is_no_schema_is_said_so(schema):
    with pytest.raises(NoAvroSchema):
        normal(schema)
