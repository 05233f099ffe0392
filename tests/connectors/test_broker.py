"""One word chooses the broker; the embedded one leaves nothing behind, the local one everything."""

import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from connectors.broker import EMBEDDED_PARTITIONS, EmbeddedBroker, GivenBroker, open_broker
from connectors.child import ServerError, accepts
from connectors.kafka_admin import KafkaAdmin
from connectors.local_kafka import KafkaNode
from schemas.topics import JOURNAL

ROOT = Path(__file__).parents[2]


def port_of(bootstrap: str) -> int:
    return int(bootstrap.rsplit(":", 1)[1])


def write(bootstrap: str, values: list[bytes]) -> None:
    """Write to partition 0 of the journal; each is acknowledged by the broker, or it raises."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0})
    refused = []
    for value in values:
        producer.produce(
            JOURNAL, value, partition=0, on_delivery=lambda error, _: refused.append(error)
        )
    assert producer.flush(20) == 0
    assert refused == [None] * len(values)


def read(bootstrap: str, count: int) -> list[bytes]:
    settings = {"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0}
    consumer = Consumer({**settings, "enable.auto.commit": False})
    consumer.assign([TopicPartition(JOURNAL, 0, 0)])
    found = [message.value() for message in consumer.consume(count, timeout=20)]
    consumer.close()
    return found


def test_a_word_chooses_the_broker(tmp_path):
    assert isinstance(open_broker("embedded"), EmbeddedBroker)
    assert isinstance(open_broker("local", folder=tmp_path), KafkaNode)
    given = open_broker("kafka-1:9092,kafka-2:9092")
    assert isinstance(given, GivenBroker)
    assert given.bootstrap == "kafka-1:9092,kafka-2:9092"
    assert {open_broker(c).kind for c in ("embedded", "local", "a:1")} == {
        "embedded",
        "local",
        "address",
    }


@pytest.mark.parametrize("choice", ["", "Embedded", "kafka", "kafka:", ":9092", "a:1,", "a:b"])
def test_another_word_is_refused_and_says_what_is_expected(choice):
    with pytest.raises(ValueError, match="'embedded', 'local' or an address"):
        open_broker(choice)


def test_a_broker_without_a_start_has_no_address(tmp_path):
    for broker in (EmbeddedBroker(), KafkaNode(tmp_path)):
        with pytest.raises(ServerError, match="start it first"):
            _ = broker.bootstrap


def test_the_embedded_broker_is_shared_with_other_processes(fresh_broker):
    program = (
        "import sys; from confluent_kafka import Producer\n"
        "producer = Producer({'bootstrap.servers': sys.argv[1]})\n"
        f"producer.produce({JOURNAL!r}, b'from a child', partition=0)\n"
        "sys.exit(producer.flush(10))"
    )

    subprocess.run([sys.executable, "-c", program, fresh_broker.bootstrap], check=True)

    assert read(fresh_broker.bootstrap, 1) == [b"from a child"]
    with KafkaAdmin(fresh_broker.bootstrap) as admin:
        assert admin.partition_counts() == {JOURNAL: EMBEDDED_PARTITIONS}


def test_the_embedded_broker_is_gone_when_stopped_and_empty_when_started_again():
    broker = EmbeddedBroker()
    with broker:
        write(broker.bootstrap, [b"1"])
        port = port_of(broker.bootstrap)

    assert not accepts(port)
    with broker, KafkaAdmin(broker.bootstrap) as admin:
        assert admin.partition_counts() == {}


def test_the_embedded_broker_does_not_outlive_its_process():
    program = (
        "import sys; from connectors.broker import EmbeddedBroker\n"
        "with EmbeddedBroker() as broker: print(broker.bootstrap, flush=True); sys.stdin.read()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    port = port_of(owner.stdout.readline().decode().strip())
    assert accepts(port)

    owner.kill()
    owner.communicate()

    assert not accepts(port)
