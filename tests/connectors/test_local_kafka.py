"""A real Kafka node keeps what it acknowledged; what it lacks to run is said in words."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from class_archive import class_archive
from confluent_kafka import Consumer, Producer, TopicPartition

from connectors import kafka_jars
from connectors.child import ServerError, accepts
from connectors.kafka_admin import KafkaAdmin
from connectors.kafka_jars import fetch_jars, jars_folder, java, kafka_version, why_no_node
from connectors.local_kafka import KafkaNode
from schemas.topics import DECIDED, IN_BYTES_MAX, JOURNAL, OUTWARD_BYTES_MAX, Sizing, in_topic, plan

ROOT = Path(__file__).parents[2]
TOPICS = plan(["WJW-120116"], [], Sizing(legal_retention_days=1))

TO_OUTPUT = (
    'for word; do case $word in -DoutputDirectory=*) out=${word#*=};; esac; done\nmkdir -p "$out"'
)
"""The part of a stand-in for Maven that finds where the jars are to go."""


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


def tool(folder: Path, name: str, script: str) -> None:
    """Put a program of that name on a PATH of its own."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o700)


@pytest.fixture
def node(clean_kafka):
    """The real node with the hub's topics."""
    with KafkaAdmin(clean_kafka.bootstrap) as admin:
        admin.apply(TOPICS)
    return clean_kafka


@pytest.mark.kafka
def test_what_a_node_acknowledged_is_there_after_kill_at_the_same_address(node):
    address, pid = node.bootstrap, node.pid
    values = [b"%d" % number for number in range(500)]
    write(address, values)

    node.kill()
    assert not accepts(port_of(address))
    node.start()

    assert node.bootstrap == address
    assert node.pid != pid
    assert read(address, len(values)) == values


@pytest.mark.kafka
def test_a_later_node_on_the_same_folder_has_the_same_data_and_address(node):
    write(node.bootstrap, [b"1", b"2"])
    address = node.bootstrap

    node.stop()
    with KafkaNode(node.folder, jars=ROOT / ".kafka") as later:
        found, later_address = read(later.bootstrap, 2), later.bootstrap
    node.start()

    assert found == [b"1", b"2"]
    assert later_address == address


@pytest.mark.kafka
def test_a_mistyped_topic_does_not_come_into_being(clean_kafka):
    settings = {"bootstrap.servers": clean_kafka.bootstrap, "log_level": 0}
    producer = Producer({**settings, "topic.metadata.propagation.max.ms": 500})
    errors = []

    producer.produce("insp.jurnal", b"x", on_delivery=lambda error, _: errors.append(error))
    producer.flush(20)

    assert errors[0].name() in {"UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC"}


@pytest.mark.kafka
def test_a_dead_worker_may_be_missed_within_a_second(node):
    """Chaos runs use short sessions; by default a node refuses anything below six seconds."""
    settings = {"bootstrap.servers": node.bootstrap, "group.id": "brief", "log_level": 0}
    consumer = Consumer({**settings, "session.timeout.ms": 1000, "heartbeat.interval.ms": 300})
    consumer.subscribe([JOURNAL])
    deadline = time.monotonic() + 20
    try:
        while not consumer.assignment():
            message = consumer.poll(0.05)
            assert message is None or message.error() is None, message.error()
            assert time.monotonic() < deadline, "the group did not form"
    finally:
        consumer.close()


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("topic", "size_max"), [(in_topic("WJW-120116"), IN_BYTES_MAX), (DECIDED, OUTWARD_BYTES_MAX)]
)
def test_the_largest_record_is_taken_and_a_larger_one_refused(node, topic, size_max):
    settings = {"bootstrap.servers": node.bootstrap, "acks": "all", "log_level": 0}
    producer = Producer({**settings, "message.max.bytes": 2 * OUTWARD_BYTES_MAX})
    errors = []
    for size in (size_max - 1000, size_max + 1000):
        producer.produce(topic, b"x" * size, on_delivery=lambda error, _: errors.append(error))
        producer.flush(20)

    assert errors[0] is None
    assert errors[1].name() == "MSG_SIZE_TOO_LARGE"


@pytest.mark.kafka
def test_the_time_of_a_record_is_the_brokers(node):
    producer = Producer({"bootstrap.servers": node.bootstrap, "log_level": 0})
    times = []
    producer.produce(JOURNAL, b"x", timestamp=1, on_delivery=lambda _, m: times.append(m))
    producer.flush(20)

    (kind, at_ms) = times[0].timestamp()

    assert kind == 2  # TIMESTAMP_LOG_APPEND_TIME
    assert at_ms > 1


@pytest.mark.kafka
def test_a_folder_in_use_is_refused_and_the_node_that_has_it_goes_on(kafka_node):
    kafka_node.start()
    settings = (kafka_node.folder / "server.properties").read_text()

    with pytest.raises(ServerError, match=f"{kafka_node.folder} is in use by another server"):
        KafkaNode(kafka_node.folder, jars=ROOT / ".kafka").start()

    assert (kafka_node.folder / "server.properties").read_text() == settings
    with KafkaAdmin(kafka_node.bootstrap) as admin:
        admin.partition_counts()


@pytest.mark.kafka
def test_the_nodes_of_the_tests_have_their_classes_from_an_archive(clean_kafka, kafka_jars):
    """Else every start of one takes twice as long, and nobody would notice."""
    mapped = Path(f"/proc/{clean_kafka.pid}/maps").read_text()

    assert str(class_archive(kafka_jars).resolve()) in mapped


def test_a_folder_with_foreign_data_is_refused(kafka_node, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").write_text("cluster.id=x\nnode.id=7\nversion=1\n")

    with pytest.raises(ServerError, match=r"ended at once[\s\S]*Stored node id 7"):
        KafkaNode(tmp_path, jars=ROOT / ".kafka").start()


def test_without_java_the_message_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServerError, match="needs Java 17 or later; install it, or use the embed"):
        java()
    assert "no java on the PATH" in (why_no_node(tmp_path) or "")


def test_an_old_java_is_named(monkeypatch, tmp_path):
    tool(tmp_path, "java", "echo 'openjdk version \"11.0.2\" 2019' >&2")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServerError, match=r"too old .*11\.0\.2.*Java 17"):
        java()


def test_java_home_comes_first_and_is_named_when_it_has_none(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with pytest.raises(ServerError, match=f"no java in JAVA_HOME {tmp_path}"):
        java()


def test_without_maven_the_message_says_what_to_do(monkeypatch, tmp_path):
    tool(tmp_path, "java", "echo 'openjdk version \"17.0.1\" 2021' >&2")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "no mvn on the PATH" in (why_no_node(tmp_path) or "")
    jars_folder(tmp_path).mkdir()
    assert why_no_node(tmp_path) is None


def test_a_failing_maven_is_quoted_and_leaves_no_half_folder(monkeypatch, tmp_path):
    script = f"{TO_OUTPUT}; touch \"$out/half.jar\"; echo '[ERROR] no route to it'; exit 1"
    tool(tmp_path / "bin", "mvn", script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)

    with pytest.raises(ServerError, match=r"exit code 1[\s\S]*no route to it"):
        fetch_jars(tmp_path / "jars", lambda _: None)

    assert list((tmp_path / "jars").iterdir()) == []


def test_fetching_says_how_far_it_is_and_happens_once(monkeypatch, tmp_path):
    script = (
        "for word; do case $word in -DoutputDirectory=*) out=${word#*=};; esac; done\n"
        'mkdir -p "$out"; touch "$out/a.jar" "$out/b.jar"\n'
        "i=0; while [ $i -lt 90 ]; do echo 'Downloaded from somewhere'; i=$((i+1)); done"
    )
    tool(tmp_path / "bin", "mvn", script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    told: list[str] = []

    folder = fetch_jars(tmp_path / "jars", told.append)
    again = fetch_jars(tmp_path / "jars", told.append)

    assert folder == again == jars_folder(tmp_path / "jars")
    assert {jar.name for jar in folder.iterdir()} == {"a.jar", "b.jar"}
    assert [line for line in told if "40 files" in line or "80 files" in line] == told[1:3]
    assert "2 jars" in told[-1]
    assert len(told) == 4


def test_a_hanging_maven_is_ended(monkeypatch, tmp_path):
    tool(tmp_path / "bin", "mvn", "exec sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    monkeypatch.setattr(kafka_jars, "FETCH_WAIT_S", 0.05)

    with pytest.raises(ServerError, match="Maven could not fetch"):
        fetch_jars(tmp_path / "jars", lambda _: None)


def test_the_version_is_the_one_of_the_pom():
    assert f"<kafka.version>{kafka_version()}</kafka.version>" in kafka_jars.POM.read_text()


@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("1", "1 error")])
def test_without_java_the_kafka_tests_are_skipped_aloud_and_fail_in_ci(tmp_path, ci, outcome):
    """Runs one of the tests above in a pytest of its own, on a machine without Java."""
    test = f"{__file__}::test_a_folder_in_use_is_refused_and_the_node_that_has_it_goes_on"
    env = {"PATH": str(tmp_path), "CI": ci, "PYTHONPATH": str(ROOT)}

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome in run.stdout
    assert "no java on the PATH" in run.stdout
    assert run.returncode == (1 if ci else 0)
