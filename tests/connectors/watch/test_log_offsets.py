"""Offsets are the same as the administration's own, whatever they are asked through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from connectors.broker import EmbeddedBroker
from connectors.child import free_port
from connectors.kafka_admin import BrokerUnreachable, KafkaAdmin
from connectors.kafka_login import KafkaLogin
from connectors.local_kafka import KafkaNode
from connectors.watch.log_offsets import LogOffsets

PLACES = [("looked-at", number) for number in range(4)]
COUNTS = (0, 1, 5, 12)


def fill(bootstrap: str) -> str:
    """Record n of each partition bears the time 1000 n."""
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for (topic, partition), count in zip(PLACES, COUNTS, strict=True):
        for number in range(count):
            producer.produce(topic, b"x", partition=partition, timestamp=1000 * (number + 1))
            producer.flush(10)
    return bootstrap


@pytest.fixture
def real(clean_kafka: KafkaNode) -> str:
    """A real node with a topic of four partitions, whose records keep the sender's time."""
    admin = AdminClient({"bootstrap.servers": clean_kafka.bootstrap})
    new = NewTopic("looked-at", 4, 1, config={"message.timestamp.type": "CreateTime"})
    admin.create_topics([new])["looked-at"].result(10)
    return fill(clean_kafka.bootstrap)


@pytest.fixture
def embedded(fresh_broker: EmbeddedBroker) -> str:
    """An embedded broker with the same."""
    return fill(fresh_broker.bootstrap)


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.kafka)])
def filled(request: pytest.FixtureRequest) -> str:
    """Each of them."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def logs(filled: str) -> Iterator[LogOffsets]:
    found = LogOffsets(filled, KafkaLogin(), "somebody", 10)
    yield found
    found.close()


def test_logs_begin_and_end_where_the_administration_says(logs, filled, monkeypatch):
    # More than one question: the last of them is asked of one partition alone.
    monkeypatch.setattr("connectors.watch.log_offsets.AT_ONCE", 3)

    ends = logs.ends(PLACES)

    assert ends == dict(zip(PLACES, COUNTS, strict=True))
    with KafkaAdmin(filled) as admin:
        assert ends == admin.end_offsets(PLACES)
        assert logs.beginnings(PLACES) == admin.beginning_offsets(PLACES)
    assert logs.ends([]) == {}


def test_a_partition_that_is_not_there_is_named(logs):
    with pytest.raises(LookupError, match=r"looked-at.*create the topics first"):
        logs.ends([*PLACES, ("looked-at", 77)])


@pytest.mark.kafka
def test_where_logs_stood_at_a_moment(real):
    logs = LogOffsets(real, KafkaLogin(), "somebody", 10)

    stood = logs.since(PLACES, 4500)
    logs.close()

    assert stood == {PLACES[2]: 4, PLACES[3]: 4}, "where nothing came since there is no offset"


def test_a_broker_that_does_not_answer_is_named():
    address = f"127.0.0.1:{free_port()}"
    logs = LogOffsets(address, KafkaLogin(), "somebody", 0.2)

    with pytest.raises(BrokerUnreachable, match=f"{address} does not answer"):
        logs.ends(PLACES)
    logs.close()
