"""A terminal to type commands into, an intake that takes everything, records to lay down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import typer
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic
from rich.cells import cell_len
from typer.testing import CliRunner
from waiting import until

from connectors.console import oversight, register_all
from schemas.access import INTAKE_GROUP
from schemas.dead_letter import DeadLetter, to_headers
from schemas.messages import DRAW_COMMITTED, DRAW_REVEALED, INBOUND
from schemas.reasons import Refusal
from schemas.registry import RegistryCalendar
from schemas.topics import CTL_POLICY, CTL_REGISTRY, IN_PREFIX, JOURNAL, dlq_topic
from streams.desks import oversight as rules
from streams.registry import ctl_key

WAIT_S = 20.0


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output; anything else there is an error."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """Everything that was written, with line breaks made by folding taken out."""
        return " ".join((self.out + " " + self.err).split())

    def fits(self, columns: int) -> bool:
        """Is no line wider than the terminal?"""
        return all(cell_len(line.rstrip()) <= columns for line in self.out.splitlines())


class Console:
    """Types commands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.app = typer.Typer(pretty_exceptions_enable=False)
        register_all(self.app)
        oversight.commands(rules)["status"](self.app)

    def set(self, **variables: str) -> None:
        """Set environment variables."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def __call__(self, *words: object) -> Answer:
        """Run one command. What no command should let through is raised."""
        done = CliRunner().invoke(self.app, [str(word) for word in words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)


@dataclass(frozen=True)
class Taken:
    """A record as intake found it."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    def header(self, name: str) -> str | None:
        """One header as text."""
        return next((value.decode() for key, value in self.headers if key == name), None)


class FakeIntake:
    """Takes in everything, in its own order, and commits; policies it puts on the control topic."""

    def __init__(self, bootstrap: str) -> None:
        self.taken: list[Taken] = []
        self.refuses_policies = False
        self.refused_ids: set[str] = set()
        self._producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": INTAKE_GROUP,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(WAIT_S)
        self._consumer.close()

    def of(self, dept: str) -> list[Taken]:
        """What one department's topic held."""
        return [one for one in self.taken if one.topic == IN_PREFIX + dept]

    def _run(self) -> None:
        # By assignment: it follows new topics at once, and nothing is ever rebalanced.
        mine: set[tuple[str, int]] = set()
        while not self._stop.is_set():
            topics = self._consumer.list_topics(timeout=WAIT_S).topics.values()
            there = {
                (t.topic, p) for t in topics if t.topic.startswith(IN_PREFIX) for p in t.partitions
            }
            if there - mine:
                fresh = [TopicPartition(*at, OFFSET_BEGINNING) for at in there - mine]
                self._consumer.incremental_assign(fresh)
                mine = there
            found = [one for one in self._consumer.consume(500, timeout=0.1) if not one.error()]
            for message in found:
                self._take(message)
            if found:
                self._producer.flush(WAIT_S)
                ends = {(one.topic(), one.partition()): one.offset() + 1 for one in found}
                places = [TopicPartition(*at, offset) for at, offset in ends.items()]
                self._consumer.commit(offsets=places, asynchronous=False)

    def _take(self, message: Any) -> None:
        headers = tuple(message.headers() or ())
        one = Taken(message.topic(), message.partition(), message.key(), message.value(), headers)
        self.taken.append(one)
        if one.header("ce_id") in self.refused_ids:
            self._refuse(message, one)
        elif one.header("ce_type") == "policy.published":
            if not self.refuses_policies:
                self._producer.produce(CTL_POLICY, one.value, key=one.header("ce_id"), partition=0)
        elif one.header("ce_type") == "registry.calendar":
            entry = RegistryCalendar.model_validate_json(one.value or b"")
            key = ctl_key("registry.calendar", entry)
            self._producer.produce(CTL_REGISTRY, one.value, key=key, partition=0)
        elif (type_ := one.header("ce_type") or "") in (DRAW_COMMITTED, DRAW_REVEALED):
            draw = INBOUND[type_].model.model_validate_json(one.value or b"")
            self._producer.produce(CTL_REGISTRY, one.value, key=ctl_key(type_, draw), partition=0)
        else:
            self._journal(one)

    def _journal(self, one: Taken) -> None:
        """Put it in the journal with the headers that intake writes."""
        names = ("ce_id", "ce_source", "ce_type")
        headers = [(name, value) for name, value in one.headers if name in names]
        self._producer.produce(JOURNAL, one.value, key=one.key, headers=headers)

    def _refuse(self, message: Any, one: Taken) -> None:
        letter = DeadLetter(
            stage="intake",
            reason=Refusal.INVALID_FIELD,
            message="refused by the test",
            topic=one.topic,
            partition=one.partition,
            offset=message.offset(),
            timestamp_ms=0,
            event_id=one.header("ce_id"),
            dept=one.topic.removeprefix(IN_PREFIX),
            first_failed_at_ms=0,
        )
        headers = to_headers(letter, one.headers)
        self._producer.produce(dlq_topic("intake"), one.value, key=one.key, headers=headers)


def create_topic(bootstrap: str, name: str, partitions: int = 1, **config: str) -> None:
    """Create a topic behind the hub's back."""
    settings = {key.replace("_", "."): value for key, value in config.items()}
    admin = AdminClient({"bootstrap.servers": bootstrap})
    new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=settings)
    admin.create_topics([new])[name].result(WAIT_S)


def write(bootstrap: str, topic: str, records: Iterable[dict[str, Any]]) -> None:
    """Put records on a topic: key, value, headers, partition, as `produce` takes them."""
    refused: list[str] = []
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for record in records:
        producer.produce(
            topic, **record, on_delivery=lambda error, _: refused.append(str(error)) if error else 0
        )
    assert producer.flush(WAIT_S) == 0
    assert not refused, f"{topic}: {refused}"


def read_all(bootstrap: str, topic: str) -> list[Any]:
    """Every record of a topic."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    parts = consumer.list_topics(topic, timeout=WAIT_S).topics[topic].partitions
    places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in parts]
    total = 0
    for place in places:
        low, high = _ends(consumer, place)
        total += high - low
    consumer.assign(places)
    found: list[Any] = []
    while len(found) < total:
        found += [message for message in consumer.consume(500, timeout=1.0) if not message.error()]
    consumer.close()
    return found


def _ends(consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
    """First and next offset; a topic that was just made anew may have no leader for a moment."""
    found: list[tuple[int, int]] = []

    def told() -> bool:
        try:
            found.append(consumer.get_watermark_offsets(place, timeout=WAIT_S))
        except KafkaException as cause:
            if cause.args[0].code() != KafkaError.NOT_LEADER_FOR_PARTITION:
                raise
        return bool(found)

    until(told, f"{place.topic} has a leader")
    return found[0]


def line(source: str, kind: str, data: dict[str, Any], number: int = 1, **more: Any) -> bytes:
    """One line of a file of events."""
    event = {
        "specversion": "1.0",
        "id": f"{source}-{kind}-{number}",
        "source": source,
        "type": kind,
        "time": "2026-03-10T09:00:00+08:00",
        **more,
        "data": data,
    }
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"


def a_department(dept: str, number: int = 1) -> bytes:
    """The line that registers a department."""
    data = {
        "dept": dept,
        "name": "部门",
        "region": "120116",
        "level": "DISTRICT",
        "system": "WJW",
        "listed": True,
        "valid_from": "2020-01-01",
        "valid_to": None,
    }
    return line("REGISTRY", "registry.department", data, number)
