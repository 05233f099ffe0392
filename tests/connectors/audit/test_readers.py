"""Does the auditor read what really lies on a broker and in Redis?"""

import io
import struct
from datetime import date, datetime

import fastavro
import orjson
import redis
from audit_history import task
from audit_repairs import RepairHistory
from audit_world import KEYS, World
from confluent_kafka import Producer

from connectors.audit import Record, run_audit
from connectors.audit.compare import kept_fault
from connectors.audit.decode import SCHEMAS, Decoder, read_entry
from connectors.audit.dump import Bounds
from connectors.audit.ladder import content_digest
from connectors.audit.readers import journal_partitions, read_redis, read_topics


def publish(dump, bootstrap):
    """Everything of a dump to the same partitions of a broker."""
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    for topic, partition, records in dump.walk(""):
        for record in records:
            producer.produce(
                topic,
                record.value,
                record.key,
                partition,
                timestamp=record.timestamp_ms,
                headers=[*record.headers, ("traceparent", b"00")],
            )
    assert producer.flush(30) == 0


def fill(view, url):
    """A view into a Redis."""
    with redis.Redis.from_url(url) as client:
        for number, shard in view.items():
            for part in ("position", "state", "task", "code", "public", "result", "case", "joint"):
                if entries := getattr(shard, part):
                    client.hset(f"insp:{{{number}}}:{part}", mapping=entries)
            for part in ("open", "case_due", "agenda", "drawn"):
                if entries := getattr(shard, part):
                    client.zadd(f"insp:{{{number}}}:{part}", entries)


async def test_a_broker_and_a_redis_are_read_to_their_ends(fresh_broker, redis_url):
    world = RepairHistory(seed=2, events=150).delivered()
    publish(world.dump, fresh_broker.bootstrap)
    fill(world.redis, redis_url)
    seen = []

    dump = await read_topics(fresh_broker.bootstrap, lambda done, total: seen.append((done, total)))
    view = await read_redis(redis_url, journal_partitions(dump))

    there = {t: {n: r for n, r in p.items() if r} for t, p in dump.records.items()}
    assert there == {t: {n: r for n, r in p.items() if r} for t, p in world.dump.records.items()}
    assert seen[-1] == (world.dump.count(), world.dump.count())
    # The broker has more partitions than were written to: nothing lies there, nor in their views.
    assert {n: s for n, s in view.items() if s.state} == world.redis
    assert run_audit(dump, view, KEYS).ok


async def test_an_empty_broker_gives_an_empty_dump(fresh_broker):
    dump = await read_topics(fresh_broker.bootstrap)

    assert dump.count() == 0
    assert not run_audit(dump, {}, KEYS).ok


def test_what_begins_late_is_known_to():
    world = World()
    world.dump.bounds["insp.journal", 0] = Bounds(3, 3)

    report = run_audit(world.dump, world.redis, KEYS)

    assert "begins at 3" in report.check("I4.journal").violations[0].what


def test_a_journal_record_in_avro_says_the_same_as_in_json():
    data = task("91120116MA05X0001A", "T-1", clue_no="C", survey=True)
    written = {
        "id": "1",
        "type": "inspection.task.submitted",
        "time": "2026-01-01T12:00:00+08:00",
        "dept": "WJW-120116",
        "policy_version": "1",
        "origin": {"topic": "insp.in.WJW-120116", "partition": 0, "offset": 7},
        "findings": {"officers": [{"cert_no": "TJ1", "standing": "VALID"}]},
        "data": data,
    }
    ids = orjson.loads((SCHEMAS / "ids.json").read_bytes())
    name = "journal.inspection.task.submitted.v1.avsc"
    number = next(int(key) for key, file in ids.items() if file == name)
    parsed = {
        **data,
        "planned_on": date(2026, 3, 16),
        "approval": {
            **data["approval"],
            "at": datetime.fromisoformat(data["approval"]["at"]),
        },
    }
    stream = io.BytesIO()
    schema = fastavro.schema.load_schema(str(SCHEMAS / name))
    fastavro.schemaless_writer(stream, schema, {**written, "data": parsed})
    avro = Record(0, 0, b"k", struct.pack(">bI", 0, number) + stream.getvalue())
    json = Record(0, 0, b"k", orjson.dumps(written), (("content-type", b"application/json"),))

    one, two = (read_entry(Decoder(), 0, record) for record in (avro, json))

    assert one.origin == two.origin
    assert one.findings["officers"] == two.findings["officers"]
    assert content_digest(one.dept, one.data) == content_digest(two.dept, two.data)
    assert kept_fault(two.data, one.data) == ""
