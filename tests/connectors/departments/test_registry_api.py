"""Can a standard Avro consumer decode without asking us? Schemas over HTTP, as Confluent's."""

from __future__ import annotations

import json
import struct
from contextlib import closing
from http.client import HTTPConnection
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import fastavro
import pytest

from connectors.departments.registry_answers import MEDIA_TYPE
from connectors.departments.registry_api import registry_router
from connectors.departments.schema_catalogue import Catalogue, Released, shipped
from schemas.avro_schemas import by_id, subjects
from schemas.codec import encode_avro
from schemas.inbound import TaskCancelled
from schemas.messages import INBOUND, TASK_CANCELLED

HEADERS = {"Content-Type": MEDIA_TYPE}
FULL_NAME = "inspection.TaskCancelled"


class Answer(NamedTuple):
    status: int
    media_type: str
    json: Any


@pytest.fixture(scope="module")
def base(serve) -> str:
    return serve(registry_router())


@pytest.fixture(scope="module")
def two_versions(serve) -> str:
    newest = shipped().by_id[2]
    former = {**newest.schema, "fields": newest.schema["fields"][:2]}
    released = [Released(2, TASK_CANCELLED, 1, json.dumps(former)),
                Released(90, TASK_CANCELLED, 2, newest.text)]  # fmt: skip
    return serve(registry_router(Catalogue(released), prefix="/registry")) + "/registry"


def ask(base: str, path: str, body: Any = None, *, method: str | None = None) -> Answer:
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    where = urlsplit(base + path)
    with closing(HTTPConnection(where.netloc, timeout=10)) as connection:
        target = f"{where.path}?{where.query}"
        connection.request(method or ("POST" if data else "GET"), target, data, HEADERS)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers["content-type"], json.load(answer))


def test_a_consumer_decodes_with_the_id_in_the_record_alone(base):
    told = TaskCancelled(task_id="T-1", uscc="91120116MA05ABCD0A", reason="雨")
    value = encode_avro(told, TASK_CANCELLED)

    schema_id = struct.unpack(">xI", value[:5])[0]
    schema = json.loads(ask(base, f"/schemas/ids/{schema_id}").json["schema"])
    read = fastavro.schemaless_reader(BytesIO(value[5:]), schema, None)

    assert read == {**told.model_dump(), "extra": None}


def test_every_id_and_both_names_lead_to_the_same_schema(base):
    for number, file in by_id().items():
        named = ask(base, f"/schemas/ids/{number}/versions").json
        assert {one["version"] for one in named} == {file.version}
        for one in named:
            found = ask(base, f"/subjects/{one['subject']}/versions/{file.version}").json
            assert found["id"] == number
            assert found["schema"] == ask(base, f"/schemas/ids/{number}").json["schema"]


def test_subjects_are_full_names_and_event_types(base):
    listed = ask(base, "/subjects").json

    assert len(listed) == 2 * len(subjects())
    assert {FULL_NAME, TASK_CANCELLED} <= set(listed)
    assert ask(base, "/subjects?subjectPrefix=inspection.Task").json == sorted(
        name for name in listed if name.startswith("inspection.Task")
    )


@pytest.mark.parametrize("subject", [FULL_NAME, TASK_CANCELLED])
def test_versions_of_a_subject(two_versions, subject):
    assert ask(two_versions, f"/subjects/{subject}/versions").json == [1, 2]
    latest = ask(two_versions, f"/subjects/{subject}/versions/latest").json
    assert latest == ask(two_versions, f"/subjects/{subject}/versions/-1").json
    assert (latest["subject"], latest["version"], latest["id"]) == (subject, 2, 90)
    assert len(ask(two_versions, f"/subjects/{subject}/versions/1/schema").json["fields"]) == 2
    assert ask(two_versions, f"/subjects/{subject}/versions/1/referencedby").json == []


def test_a_schema_is_looked_up_as_java_writes_it(base):
    schema = shipped().by_id[2].schema
    for field in schema["fields"]:
        if field["type"] == "string":
            field["type"] = {"type": "string", "avro.java.string": "String"}

    found = ask(base, f"/subjects/{FULL_NAME}", {"schema": json.dumps(schema), "x": 1})

    assert (found.status, found.json["id"], found.json["version"]) == (200, 2, 1)


def test_registering_answers_the_id_of_what_is_released_and_nothing_else(base):
    path = f"/subjects/{TASK_CANCELLED}/versions"
    other = {"type": "record", "name": "inspection.TaskCancelled", "fields": []}

    assert ask(base, path, {"schema": shipped().by_id[2].text}).json == {"id": 2}
    refused = ask(base, path, {"schema": json.dumps(other), "schemaType": "AVRO"})
    assert (refused.status, refused.json["error_code"]) == (422, 42205)


def test_a_new_schema_is_tried_before_anybody_writes_with_it(base):
    path = f"/compatibility/subjects/{FULL_NAME}/versions"
    schema = shipped().by_id[2].schema
    more = {**schema, "fields": [*schema["fields"], {"name": "why", "type": "string"}]}

    assert ask(base, path, {"schema": json.dumps(schema)}).json["is_compatible"]
    for at in ("", "/1", "/latest"):
        answer = ask(base, path + at, {"schema": json.dumps(more)}).json
        assert not answer["is_compatible"]
        assert "why" in " ".join(answer["messages"])


def test_levels_and_mode(base):
    full, backward = [{"compatibilityLevel": f"{one}_TRANSITIVE"} for one in ("FULL", "BACKWARD")]

    assert ask(base, "/config").json == full
    assert ask(base, f"/config/{next(iter(INBOUND))}").json == full
    assert ask(base, "/config/decision.made").json == full, "who reads it upgrades later"
    assert ask(base, "/config/journal.inspection.task.submitted").json == backward
    assert ask(base, "/mode").json == {"mode": "READONLY"}
    assert ask(base, "/schemas/types").json == ["AVRO"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/schemas/ids/9999", None, 404, 40403),
        ("/schemas/ids/x", None, 404, 40403),
        ("/schemas/ids/-1/versions", None, 404, 40403),
        ("/schemas/ids/9999/subjects", None, 404, 40403),
        ("/schemas/ids/00000000000000000000000001", None, 422, 42201),
        ("/subjects/nobody/versions", None, 404, 40401),
        ("/subjects/nobody/versions/1", None, 404, 40401),
        ("/subjects/nobody", {"schema": '"string"'}, 404, 40401),
        (f"/subjects/{FULL_NAME}/versions/9", None, 404, 40402),
        (f"/subjects/{FULL_NAME}/versions/0", None, 422, 42202),
        (f"/subjects/{FULL_NAME}/versions/newest", None, 422, 42202),
        (f"/subjects/{FULL_NAME}", {"schema": '"string"'}, 404, 40403),
        (f"/subjects/{FULL_NAME}", {"schema": "{"}, 422, 42201),
        (f"/subjects/{FULL_NAME}", {"schema": "[" * 2000}, 422, 42201),
        (f"/subjects/{FULL_NAME}", {"schema": '{"type":"record"}'}, 422, 42201),
        (f"/subjects/{FULL_NAME}", {"schema": '"string"', "schemaType": "JSON"}, 422, 42201),
        (f"/subjects/{FULL_NAME}", {"schema": "x" * 300_000}, 422, 42201),
        (f"/subjects/{FULL_NAME}", {"scheme": 1}, 422, 42201),
        (f"/subjects/{FULL_NAME}", b"\xff", 422, 42201),
        ("/config/nobody", None, 404, 40401),
        (f"/compatibility/subjects/{FULL_NAME}/versions/7", {"schema": '"int"'}, 404, 40402),
        (f"/compatibility/subjects/{FULL_NAME}/versions", {"schema": '"in"'}, 422, 42201),
    ],
)  # fmt: skip
def test_every_error_is_one_that_clients_know(base, path, body, status, code):
    answer = ask(base, path, body)

    assert (answer.status, answer.json["error_code"]) == (status, code)
    assert answer.media_type == MEDIA_TYPE
    assert answer.json["message"]


def test_answers_have_the_registrys_media_type(base):
    assert ask(base, "/subjects").media_type == MEDIA_TYPE


def test_nothing_can_be_deleted(base):
    assert ask(base, f"/subjects/{FULL_NAME}", method="DELETE").status == 405
