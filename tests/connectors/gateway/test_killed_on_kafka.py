"""`kill -9` of the gateway in mid-load, on a real node: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from delivery_world import a_disclosure
from gateway_registry import DEPT, USCC
from kafka_cleaning import clean
from waiting import until
from whole_hub import Running, a_task, an_enterprise, started

from connectors.child import free_port
from connectors.local_kafka import KafkaNode
from connectors.redis_server import RedisServer
from schemas.settings import Settings
from schemas.topics import feed_topic, in_topic, out_topic, receipt_topic

pytestmark = pytest.mark.kafka

EVENTS, KILLS = 240, 1
WAIT_S = 120.0
SITE = "SUBJECTS-TJ"
RESULTS = 120
PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def hub(
    kafka_node: KafkaNode, empty_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A hub on a real node."""
    clean(kafka_node)
    settings = Settings(
        broker=kafka_node.bootstrap, redis_url=empty_redis.url, gateway_port=free_port(),
        data_dir=tmp_path_factory.mktemp("hub"), session_timeout_s=3, heartbeat_s=1,
    )  # fmt: skip
    with started(settings) as running:
        yield running


def everything(bootstrap: str, topic: str) -> list[tuple[bytes, bytes, dict[str, bytes]]]:
    """Key, value and headers of all records of a topic by now."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    with closing(reader):
        known = reader.list_topics(topic, timeout=10).topics[topic].partitions
        places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in known]
        ends = {p: reader.get_watermark_offsets(TopicPartition(topic, p))[1] for p in known}
        reader.assign(places)
        left = sum(ends.values())
        found: list[tuple[bytes, bytes, dict[str, bytes]]] = []
        while len(found) < left:
            for one in reader.consume(1000, timeout=0.5):
                assert one.error() is None
                found.append((one.key(), one.value(), dict(one.headers() or [])))
    return found


def test_clients_that_retry_lose_and_double_nothing(hub: Running):
    events = [a_task(f"K-{n}", uscc=an_enterprise(n // 2)) for n in range(EVENTS)]

    with ThreadPoolExecutor(8) as clients:
        sent = [clients.submit(hub.deliver, event) for event in events]
        for kill in range(KILLS):
            under_way = (kill + 1) * EVENTS // (KILLS + 2)
            until(lambda n=under_way: sum(one.done() for one in sent) >= n, "load is under way")
            assert not all(one.done() for one in sent)
            hub.kill_gateway()
        first = [one.result() for one in sent]
    again = [hub.deliver(event) for event in events]

    assert first == again
    assert len(set(first)) == EVENTS
    bootstrap, wanted = hub.stack.bootstrap, {event["id"] for event in events}
    assert wanted <= {
        headers["ce_id"].decode() for _, _, headers in everything(bootstrap, in_topic(DEPT))
    }
    until(lambda: len(decided(bootstrap)) == EVENTS, "every task is decided", WAIT_S)
    # The cap is two a year, each enterprise has two tasks: one counted twice would be intercepted.
    for answers in decided(bootstrap).values():
        assert len(answers) == 1
        assert json.loads(next(iter(answers)))["decision"] == "ISSUED"


def decided(bootstrap: str) -> dict[str, set[bytes]]:
    """What the department was told on each task: all answers that differ."""
    told: dict[str, set[bytes]] = {}
    for _, value, headers in everything(bootstrap, out_topic(DEPT)):
        assert headers["ce_type"] in (b"decision.made", b"event.refused")
        task_id = json.loads(value).get("task_id", "")
        if task_id.startswith("K-"):
            told.setdefault(task_id, set()).add(value)
    return told


def test_a_site_that_pulls_gets_every_stop_and_tells_of_each_once(hub: Running, tmp_path: Path):
    kept = tmp_path / "site.db"
    (tmp_path / "token").write_text(hub.tokens[SITE])
    argv = [sys.executable, PROJECT / "examples/pull_consumer.py", hub.address, SITE, kept]
    site = subprocess.Popen([*map(str, argv), str(tmp_path / "token")])
    try:
        publish(hub.stack.bootstrap, 1, "DISCLOSED")
        until(lambda: shown(kept) == Counter({"DISCLOSED": RESULTS}), "all is disclosed", WAIT_S)
        hub.kill_gateway()  # while the site waits for more
        publish(hub.stack.bootstrap, 2, "STOPPED")
        until(lambda: shown(kept) == Counter({"STOPPED": RESULTS}), "all is stopped", WAIT_S)
        until(lambda: untold(kept) == 0, "every receipt is told", WAIT_S)
    finally:
        site.kill()
        site.wait()

    told = [json.loads(value) for _, value, _ in everything(
        hub.stack.bootstrap, receipt_topic(SITE))]  # fmt: skip
    about = {(one["result_id"], one["version"]) for one in told}
    assert about == {(f"R-{n}", version) for n in range(RESULTS) for version in (1, 2)}
    distinct = {one["site_receipt_id"]: one for one in told}
    assert len(distinct) == 2 * RESULTS
    assert all(one == distinct[one["site_receipt_id"]] for one in told)


def publish(bootstrap: str, version: int, state: str) -> None:
    """All results' next version, as decide would publish it."""
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for number in range(RESULTS):
        value = a_disclosure(SITE, f"R-{number}", version, state, USCC)
        producer.produce(feed_topic(SITE), value, f"R-{number}".encode(), partition=0)
    assert producer.flush(30) == 0


def shown(kept: Path) -> Counter[str]:
    return Counter(dict(ask(kept, "SELECT state, count(*) FROM result GROUP BY state")))


def untold(kept: Path) -> int:
    return int(ask(kept, "SELECT count(*) FROM receipt WHERE told <> 1")[0][0])


def ask(kept: Path, question: str) -> list[Any]:
    """What the site has kept; nothing before it has begun."""
    with closing(sqlite3.connect(kept, timeout=10)) as database:
        try:
            return database.execute(question).fetchall()
        except sqlite3.OperationalError:
            return []
