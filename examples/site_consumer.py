"""How does a publicity system follow its feed? Start from here: kafka-python, SQLite, nothing else.

    python site_consumer.py BOOTSTRAP SITE FILE [API_VERSION]

Three promises, and where they are kept. Nothing is lost: the position is committed after the
database. Nothing comes back: the highest version of a result wins, whatever the order of arrival.
Everything is told: a receipt goes out until the broker has it; a receipt twice does no harm.
API_VERSION, such as 2.3, is for brokers that do not negotiate (the hub's embedded one).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time

from kafka import KafkaConsumer, KafkaProducer

BOOTSTRAP, SITE, FILE = sys.argv[1:4]
OPTIONS = {"bootstrap_servers": BOOTSTRAP}
if len(sys.argv) > 4:
    OPTIONS["api_version"] = tuple(int(part) for part in sys.argv[4].split("."))

db = sqlite3.connect(FILE, isolation_level=None)
db.execute("PRAGMA synchronous=FULL")
db.executescript("""
CREATE TABLE IF NOT EXISTS result (
    key TEXT PRIMARY KEY, result_id TEXT, uscc TEXT, version INTEGER, state TEXT, body TEXT,
    partition INTEGER);
CREATE TABLE IF NOT EXISTS receipt (
    id INTEGER PRIMARY KEY AUTOINCREMENT, result_id TEXT, value TEXT, told INTEGER DEFAULT 0);
""")


def take(record) -> None:
    """One record of the feed: a result's newest state, a digest to compare with, or a tombstone."""
    key = record.key.decode()
    if record.value is None:
        return  # every receipt is there and the retention has passed: nothing to do
    said = json.loads(record.value)
    if key.startswith("digest:"):
        compare(record.partition, said)
        return
    if said["state"] == "DISCLOSED" and "hub_form_fault" in said["body"]:
        note(said, record.value, stage="REJECTED", status="no columns")
        return  # there is nothing to show; a stop says in `state` all that is needed
    # The key is the credit code, a bar and the result's id: two enterprises may use one id.
    # What must be shown is what `state` says. Anything but DISCLOSED: take it off the page.
    db.execute(
        "INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
        " version = excluded.version, state = excluded.state, body = excluded.body"
        " WHERE excluded.version > version",
        (key, said["result_id"], said["uscc"], said["version"], said["state"],
         json.dumps(said["body"], ensure_ascii=False), record.partition),
    )  # fmt: skip
    note(said, record.value)


def note(said: dict, value: bytes, **answer: str) -> None:
    """Keep the receipt of a record until the broker has it."""
    receipt = json.dumps({**receipt_of(said, value), **answer}, ensure_ascii=False)
    db.execute("INSERT INTO receipt (result_id, value) VALUES (?, ?)", (said["result_id"], receipt))


def receipt_of(said: dict, value: bytes) -> dict:
    """The business receipt of a record: which version of what took effect, by the bytes' hash."""
    name = "|".join((SITE, said["uscc"], said["result_id"], str(said["version"])))
    number = db.execute("SELECT coalesce(max(id), 0) + 1 FROM receipt").fetchone()[0]
    return {
        "site": SITE,
        "uscc": said["uscc"],
        "result_id": said["result_id"],
        "version": said["version"],
        "state": said["state"],
        "stage": "PROCESSED",
        "by": "SITE",
        "key": hashlib.sha256(name.encode()).hexdigest()[:32],
        "body_sha256": hashlib.sha256(value).hexdigest(),
        "status": "processed",
        "site_receipt_id": f"{SITE}-{number}",
        "at": int(time.time() * 1000),
    }


def compare(partition: int, digest: dict) -> None:
    """Say so if what is disclosed here is not what the hub says is disclosed."""
    rows = db.execute(
        "SELECT result_id, CAST(version AS TEXT), uscc FROM result"
        " WHERE partition = ? AND state = 'DISCLOSED'",
        (partition,),
    ).fetchall()
    theirs = digest.get("keyed_sha256")  # digests of before it was there name the id alone
    lines = "".join(
        f"{uscc}|{result_id} {version}\n" if theirs else f"{result_id} {version}\n"
        for result_id, version, uscc in sorted(rows)
    )
    own = hashlib.sha256(lines.encode()).hexdigest()
    if (len(rows), own) != (digest["count"], theirs or digest["sha256"]):
        print(f"partition {partition} differs: {len(rows)} here, {digest['count']} there",
              file=sys.stderr)  # fmt: skip


def tell() -> None:
    """Send every receipt that the broker does not have yet."""
    rows = db.execute("SELECT id, result_id, value FROM receipt WHERE told = 0").fetchall()
    head = {"ce_specversion": "1.0", "ce_source": SITE, "ce_type": "disclosure.receipt",
            "content-type": "application/json"}  # fmt: skip
    sent = []
    for number, result_id, value in rows:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        headers = {**head, "ce_id": f"{SITE}-{number}", "ce_time": at}
        pairs = [(name, text.encode()) for name, text in headers.items()]
        topic = f"insp.receipt.{SITE}"
        sent.append(producer.send(topic, value.encode(), result_id.encode(), pairs, partition=0))
    for future in sent:
        future.get(30)
    db.executemany("UPDATE receipt SET told = 1 WHERE id = ?", [(row[0],) for row in rows])


producer = KafkaProducer(acks="all", **OPTIONS)
consumer = KafkaConsumer(
    f"insp.feed.{SITE}",
    group_id=f"site.{SITE}",
    enable_auto_commit=False,
    auto_offset_reset="earliest",
    session_timeout_ms=6000,  # after a crash the broker lets us in again so soon
    heartbeat_interval_ms=2000,
    **OPTIONS,
)
tell()
while True:
    batch = [record for records in consumer.poll(500).values() for record in records]
    if batch:
        db.execute("BEGIN")
        for one in batch:
            take(one)
        db.execute("COMMIT")
        consumer.commit()
        tell()
