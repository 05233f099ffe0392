"""The consumer that any site can start from keeps its promises, as a process on a broker."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from confluent_kafka import Producer
from deliveries import a_result, delivery, disclosed, stopped, without_columns
from waiting import until
from worlds import publish, read, receipts_from

from connectors.broker import EmbeddedBroker

CONSUMER = Path(__file__).parents[3] / "examples" / "site_consumer.py"
SITE = "SUBJECTS-TJ"


def results(file: Path) -> dict[str, tuple[int, str]]:
    """What the site holds, read from its disk."""
    if not file.exists():
        return {}
    with sqlite3.connect(file) as db:
        try:
            rows = db.execute("SELECT result_id, version, state FROM result").fetchall()
        except sqlite3.OperationalError:
            return {}
    return {result_id: (version, state) for result_id, version, state in rows}


def test_keeps_the_highest_version_and_receipts_each(tmp_path: Path, fresh_broker: EmbeddedBroker):
    file, log = tmp_path / "site.db", (tmp_path / "log").open("w")
    argv = [sys.executable, str(CONSUMER), fresh_broker.bootstrap, SITE, str(file), "2.3"]
    first, second = a_result(), a_result()
    early = [
        delivery(SITE, stopped(first)), delivery(SITE, disclosed(first)),
        delivery(SITE, disclosed(second)),
    ]  # fmt: skip
    later = delivery(SITE, stopped(second))
    consumer, told = receipts_from(fresh_broker.bootstrap), []

    def receipted(*keys: str) -> bool:
        told.extend(read(consumer))
        return set(keys) <= {one.key for one in told}

    publish(fresh_broker.bootstrap, early)
    process = subprocess.Popen(argv, stderr=log)
    try:
        until(lambda: receipted(*(one.key for one in early)), "three receipts")
        assert results(file) == {first: (2, "STOPPED"), second: (1, "DISCLOSED")}
        # Killed and started again it goes on where its database ends.
        process.kill()
        process.wait()
        publish(fresh_broker.bootstrap, [later])
        _digest(fresh_broker.bootstrap, first, {"count": 7, "sha256": ""})
        process = subprocess.Popen(argv, stderr=log)
        until(lambda: receipted(later.key), "the receipt of the stop")
        assert results(file)[second] == (2, "STOPPED")
        until(lambda: "differs: 0 here, 7 there" in (tmp_path / "log").read_text(), "the digest")
    finally:
        process.kill()
        process.wait()
        consumer.close()
        log.close()
    assert {one.body_sha256 for one in told} == {one.body_sha256 for one in (*early, later)}


def test_a_disclosure_without_columns_is_refused_and_a_stop_without_them_carried_out(
    tmp_path: Path, fresh_broker: EmbeddedBroker
):
    file = tmp_path / "site.db"
    argv = [sys.executable, str(CONSUMER), fresh_broker.bootstrap, SITE, str(file), "2.3"]
    shown, empty, ended = a_result(), a_result(), a_result()
    taken = [
        delivery(SITE, disclosed(shown)), delivery(SITE, disclosed(ended)),
        without_columns(SITE, stopped(ended)),
    ]  # fmt: skip
    refused = [
        without_columns(SITE, disclosed(shown, version=2)),
        without_columns(SITE, disclosed(empty)),
    ]
    consumer, told = receipts_from(fresh_broker.bootstrap), []

    publish(fresh_broker.bootstrap, [*taken, *refused])
    process = subprocess.Popen(argv)
    try:
        until(lambda: told.extend(read(consumer)) or len(told) >= 5, "five receipts")
    finally:
        process.kill()
        process.wait()
        consumer.close()

    assert {one.key: one.ok for one in told} == {
        **{one.key: True for one in taken}, **{one.key: False for one in refused},
    }  # fmt: skip
    assert {one.body_sha256 for one in told} == {one.body_sha256 for one in (*taken, *refused)}
    assert results(file) == {shown: (1, "DISCLOSED"), ended: (2, "STOPPED")}


def _digest(bootstrap: str, near: str, said: dict[str, object]) -> None:
    """A digest that is wrong on purpose."""
    producer = Producer({"bootstrap.servers": bootstrap})
    number = int(hashlib.sha256(near.encode()).hexdigest(), 16) % 4
    producer.produce(
        f"insp.feed.{SITE}", json.dumps(said).encode(), f"digest:{number}".encode(), number
    )
    assert producer.flush(10) == 0
