"""A department that asks for Avro gets Avro, which any standard reader decodes; the others JSON."""

from __future__ import annotations

import io
import json
import struct
from datetime import date
from typing import Any

import fastavro
import pytest
from fakes import FakeKafka

from connectors.audit.answers import Answers
from connectors.audit.decode import Decoder
from connectors.audit.dump import Dump
from connectors.audit.report import Book
from connectors.departments.schema_catalogue import shipped
from schemas.codec import AVRO, JSON
from schemas.decision import DecisionMade
from schemas.envelope import Envelope, read_headers, write_headers
from schemas.messages import DECISION_MADE, EVENT_REFUSED, REGISTRY_DEPARTMENT, TASK_SUBMITTED
from schemas.topics import in_topic, out_topic
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.ports import Outgoing
from streams.reader_format import InReadersFormat
from streams.registry import Registry

DEPT, OTHER = "WJW-120116", "XFJ-120116"
MADE: dict[str, Any] = {
    "task_id": "T-1", "uscc": "91120116MA0000003A", "dept": DEPT, "decision": "ISSUED",
    "code": "07-3KQ9-VX2M", "code_kind": "SINGLE", "qr_text": "https://hub.test/c/07",
    "warnings": ["REPEAT_INSPECTION"], "reasons": [], "exempt": False, "year": 2026, "used": 2,
    "cap": 3, "rule": "R@4", "counted": ["T-0", "T-1"], "policy_version": "2026-03+1a2b3c4d",
    "rules_version": 2, "source": {"topic": "insp.journal", "partition": 3, "offset": 1841},
    "decided_at": "2026-03-10T09:00:00.412+08:00", "valid_until": "2026-03-23", "digests": None,
    "classes": [], "offsite": [],
}  # fmt: skip
VALUE = json.dumps(MADE).encode()


class AlwaysLevel:
    """Control topics with nothing new."""

    async def level(self, *, now: bool = False) -> None:
        """Nothing is on its way."""


def formats(**wanted: str) -> Registry:
    """The registry's control topic says so."""
    taken = Registry()
    for dept, form in wanted.items():
        entry = {"dept": dept.replace("_", "-"), "name": "委", "region": "120116",
                 "level": "DISTRICT", "system": "WJW", "listed": True,
                 "valid_from": "2020-01-01", "out_format": form}  # fmt: skip
        key = f"{REGISTRY_DEPARTMENT}:{entry['dept']}"
        taken.take(key.encode(), json.dumps(entry).encode())
    return taken


def an_answer(dept: str, value: bytes = VALUE) -> Outgoing:
    envelope = Envelope("3-1841-0", "HUB", DECISION_MADE, "2026-03-10T09:00:00+08:00")
    return Outgoing(out_topic(dept), None, b"key", value, write_headers(envelope))


async def sent(dept: str, wanted: Registry, control: Any = None) -> Any:
    kafka = FakeKafka()
    await InReadersFormat(kafka, wanted, control or AlwaysLevel()).publish([an_answer(dept)])
    (record,) = kafka.all(out_topic(dept))
    return record


async def test_a_standard_reader_decodes_what_a_department_asked_for_in_avro():
    record = await sent(DEPT, formats(WJW_120116="AVRO"))

    read = decode_avro(record.value)

    assert record.value[0] == 0
    assert dict(record.headers)["content-type"] == AVRO.encode()
    assert (read["task_id"], read["code"], read["valid_until"]) == (
        "T-1", "07-3KQ9-VX2M", date(2026, 3, 23),
    )  # fmt: skip
    assert decode_made(record.value) == DecisionMade.model_validate_json(VALUE)


def decode_made(value: bytes) -> Any:
    read = decode_avro(value)
    read = {name: one for name, one in read.items() if name in DecisionMade.model_fields}
    return DecisionMade.model_validate(read, strict=False)


async def test_only_the_form_differs_never_key_place_or_envelope():
    asked, plain = await sent(DEPT, formats(WJW_120116="AVRO")), an_answer(DEPT)

    assert asked.key == plain.key
    assert read_headers(asked.headers) == read_headers(plain.headers)


@pytest.mark.parametrize("wanted", [{}, {"WJW_120116": "JSON"}, {"XFJ_120116": "AVRO"}])
async def test_the_others_get_the_very_bytes(wanted: dict[str, str]):
    record = await sent(DEPT, formats(**wanted))

    assert record.value == VALUE
    assert dict(record.headers)["content-type"] == JSON.encode()


async def test_what_a_department_asks_for_last_counts():
    taken = formats(WJW_120116="AVRO")
    entry = {"dept": DEPT, "name": "委", "region": "120116", "level": "DISTRICT",
             "system": "WJW", "listed": True, "valid_from": "2020-01-01"}  # fmt: skip
    taken.take(f"{REGISTRY_DEPARTMENT}:{DEPT}".encode(), json.dumps(entry).encode())

    assert not taken.wants_avro(DEPT)


class OnItsWay:
    """The control topic has an entry that the follower has not taken in yet."""

    def __init__(self, registry: Registry, form: str) -> None:
        self.registry, self.form = registry, form

    async def level(self, *, now: bool = False) -> None:
        """Only who asks for this moment sees an entry of this moment."""
        if now:
            self.registry.departments |= formats(WJW_120116=self.form).departments


async def test_a_department_that_registered_this_moment_gets_its_form_from_the_first_answer_on():
    registry = Registry()

    record = await sent(DEPT, registry, OnItsWay(registry, "AVRO"))

    assert dict(record.headers)["content-type"] == AVRO.encode()


async def test_what_is_no_answer_waits_for_no_entry():
    registry, kafka = Registry(), FakeKafka()
    elsewhere = an_answer(DEPT)._replace(topic="insp.decided", partition=0)

    await InReadersFormat(kafka, registry, OnItsWay(registry, "AVRO")).publish([elsewhere])

    assert registry.departments == {}


async def test_a_refusal_by_intake_comes_in_the_same_form():
    kafka, registry = FakeKafka(), Registry()
    entry = {"dept": DEPT, "name": "委", "region": "120116", "level": "DISTRICT", "system": "WJW",
             "listed": True, "valid_from": "2020-01-01", "out_format": "AVRO"}  # fmt: skip
    registry.take(f"{REGISTRY_DEPARTMENT}:{DEPT}".encode(), json.dumps(entry).encode())
    control = AlwaysLevel()
    publisher = InReadersFormat(kafka, registry, control)
    handler = IntakeHandler(registry=registry, control=control, publisher=publisher)
    envelope = Envelope("E-1", DEPT, TASK_SUBMITTED, "2026-02-01T09:00:00+08:00")
    record = kafka.append(Outgoing(in_topic(DEPT), 0, None, b"{", write_headers(envelope)))

    await handler.handle(Partition(record.topic, 0), [record])

    (told,) = kafka.all(out_topic(DEPT))
    assert dict(told.headers)["ce_type"] == EVENT_REFUSED.encode()
    assert decode_avro(told.value)["reason"] == "UNDECODABLE"


def decode_avro(value: bytes) -> Any:
    schema_id = struct.unpack(">bI", value[:5])[1]
    return fastavro.schemaless_reader(
        io.BytesIO(value[5:]), shipped().by_id[schema_id].schema, None
    )


async def test_the_auditor_takes_it_for_the_decision_that_is_kept():
    record = await sent(DEPT, formats(WJW_120116="AVRO"))
    answers = Answers(Dump(), Decoder(), Book())
    other = json.dumps(MADE | {"used": 3}).encode()

    assert answers.says_the_same(record.value, VALUE)
    assert not answers.says_the_same(record.value, other)
    assert answers.says_the_same(VALUE, VALUE)
    assert not answers.says_the_same(VALUE, VALUE + b" ")
