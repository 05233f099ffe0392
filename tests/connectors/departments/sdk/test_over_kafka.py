"""Over Kafka: what is sent lies there with key and headers; what is answered is read once."""

from __future__ import annotations

import json

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from sdk_fakes import DEPT, USCC, a_task

from connectors.child import free_port
from connectors.departments.sdk import HubClient
from connectors.departments.sdk.over_kafka import KafkaTransport
from connectors.departments.sdk.transport import NotNow, Refused
from schemas.envelope import Envelope, read_record
from schemas.messages import TASK_SUBMITTED

EMBEDDED = {"api_version": (2, 3)}
"""The embedded broker answers to no newer protocol."""


@pytest.fixture
def transport(fresh_broker):
    made = KafkaTransport(fresh_broker.bootstrap, DEPT, **EMBEDDED)
    yield made
    made.close()


@pytest.fixture
def out(clean_kafka) -> str:
    """The address of a real broker on which the department is answered."""
    admin = AdminClient({"bootstrap.servers": clean_kafka.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic("insp.out." + DEPT, 1, 1)])["insp.out." + DEPT].result(10)
    return clean_kafka.bootstrap


def read_one(bootstrap, topic):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(4)])
    (found,) = consumer.consume(1, timeout=30)
    consumer.close()
    return found


def answer(bootstrap, *decisions):
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for decision in decisions:
        value = decision if isinstance(decision, bytes) else json.dumps(decision).encode()
        headers = [("ce_type", b"decision.made"), ("content-type", b"application/json")]
        producer.produce("insp.out." + DEPT, value, USCC.encode(), partition=0, headers=headers)
    assert producer.flush(10) == 0


def test_an_event_lies_on_the_departments_topic_as_the_hub_reads_it(transport, fresh_broker):
    (receipt,) = transport.send([a_task(1)])

    record = read_one(fresh_broker.bootstrap, "insp.in." + DEPT)
    assert receipt.id == f"insp.in.{DEPT}/{record.partition()}/{record.offset()}"
    assert record.key() == USCC.encode()
    envelope, content = read_record(record.headers(), record.value())
    assert envelope == Envelope("E-1", DEPT, TASK_SUBMITTED, "2026-03-10T09:00:00+08:00")
    assert json.loads(content.value) == a_task(1).data
    assert content.type == "application/json"


def test_an_event_too_large_is_refused_and_the_others_are_not(transport):
    huge = a_task(1, entity_name="x" * (3 << 20))

    first, second = transport.send([huge, a_task(2)])

    assert isinstance(first, Refused)
    assert first.code == "TOO_LARGE"
    assert not isinstance(second, Refused | NotNow)


def test_nobody_there_means_to_send_it_again():
    transport = KafkaTransport(f"127.0.0.1:{free_port()}", DEPT, bootstrap_timeout_ms=50)

    (outcome,) = transport.send([a_task(1)])

    assert isinstance(outcome, NotNow)


@pytest.mark.kafka
def test_answers_are_read_and_the_position_is_kept(out, tmp_path):
    answer(out, *({"task_id": f"T-{number}", "decision": "ISSUED"} for number in range(3)))

    with HubClient(KafkaTransport(out, DEPT), tmp_path / "a.db") as client:
        told = client.decisions(wait_s=0.2)
        assert [next(told).task_id, next(told).task_id] == ["T-0", "T-1"]
        told.close()
    # Another file: it knows nothing of what was handled but the position.
    with HubClient(KafkaTransport(out, DEPT), tmp_path / "b.db") as again:
        told = again.decisions(wait_s=0.2)
        assert next(told).task_id == "T-1", "the one in hand was not handled"
        assert next(told).task_id == "T-2"
        told.close()


@pytest.mark.kafka
def test_what_is_no_json_is_handed_out_with_its_bytes(out, tmp_path):
    answer(out, b"\x00\x00\x00\x00\x0f...")

    with HubClient(KafkaTransport(out, DEPT), tmp_path / "a.db") as client:
        told = client.decisions(wait_s=0.2)
        found = next(told)
        told.close()

    assert found.value[:5] == b"\x00\x00\x00\x00\x0f"
    assert found.data == {"content_type": "application/json"}
