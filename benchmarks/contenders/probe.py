"""Sends events at a steady rate, through the hub and through relays at once, and reads the answers.

One clock for all: sender and readers are this process. Every event goes to the hub and, with the
same key and bytes, to the relays; each reader notes when it had the answer in hand.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.city import postings
from benchmarks.job import Job, read_job, run
from benchmarks.meter import tell
from connectors.console.event_lines import Posting
from schemas.messages import TASK_SUBMITTED
from schemas.topics import DECIDED, in_topic, out_topic

TICK_S = 0.001
LAST_WAIT_S = 3.0
RELAY = "relay"
END = "end"
"""A file in the job's folder: stop sending."""
PERCENTS = (50, 90, 99, 100)


class Probe:
    """Notes instants, in seconds since the epoch, by reader and task."""

    def __init__(self) -> None:
        self.sent_s: dict[str, float] = {}
        self.read_s: dict[str, dict[str, float]] = {}
        self.stamps_s: dict[str, dict[str, float]] = {"in": {}, "journal": {}, "decided": {}}

    def reader(self, name: str) -> Callable[[Any, float], None]:
        """What to do with a record that this reader has in hand."""
        seen = self.read_s.setdefault(name, {})

        def relayed(record: Any, now_s: float) -> None:
            seen.setdefault(record.headers[0][1].decode(), now_s)

        def told(record: Any, now_s: float) -> None:
            seen.setdefault(orjson.loads(record.value).get("task_id", ""), now_s)

        def decided(record: Any, now_s: float) -> None:
            answer = orjson.loads(record.value)
            made = answer["facts"][-1].get("decision")
            if made is not None:
                task_id = made["task_id"]
                seen.setdefault(task_id, now_s)
                self.stamps_s["journal"][task_id] = answer["at"] / 1000
                self.stamps_s["decided"][task_id] = record.timestamp / 1000

        return {"relay": relayed, "out": told, "decided": decided}[name]

    def appended(self, task_id: str, sent: Any) -> None:
        """The broker has an event on its department's topic."""
        self.stamps_s["in"][task_id] = sent.result().timestamp / 1000


async def main(job: Job) -> None:
    extra = job.extra
    tasks = submitted(Path(extra["file"]), set(extra["departments"]))
    probe = Probe()
    producer = AIOKafkaProducer(
        bootstrap_servers=job.bootstrap, acks="all", enable_idempotence=True, linger_ms=0
    )
    await producer.start()
    readers = [
        await _reader(job, "decided", [DECIDED], probe),
        await _reader(job, "out", [out_topic(dept) for dept in extra["departments"]], probe),
    ]
    if extra.get("relay_in"):
        readers.append(await _reader(job, "relay", [extra["relay_out"]], probe))
    await _send(job, producer, tasks, probe)
    await asyncio.sleep(LAST_WAIT_S)
    for reader in readers:
        reader.cancel()
    await producer.stop()
    result = _result(probe, extra["warm_s"])
    if "each" in extra:
        seen = probe.read_s[extra["each"]]
        result["each"] = [
            (at, seen[task] - at) for task, at in probe.sent_s.items() if task in seen
        ]
    tell(result)


def submitted(path: Path, depts: set[str]) -> Iterator[tuple[str, Posting]]:
    """Tasks of these departments, again and again, each time under new ids."""
    pool = []
    for posting in postings(path):
        if posting.type == TASK_SUBMITTED and posting.dept in depts:
            try:
                data = orjson.loads(posting.value or b"")
                pool.append((posting, data, data["task_id"]))
            except (orjson.JSONDecodeError, KeyError, TypeError):
                continue  # one of the malformed: intake would refuse it
    lap = f"{time.time_ns():x}"
    for number, (posting, data, task_id) in enumerate(cycle(pool)):
        data["task_id"] = fresh = f"{task_id}-{lap}-{number}"
        headers = [
            (name, fresh.encode() if name == "ce_id" else value) for name, value in posting.headers
        ]
        yield fresh, posting._replace(value=orjson.dumps(data), headers=headers)


async def _send(
    job: Job, producer: AIOKafkaProducer, tasks: Iterator[tuple[str, Posting]], probe: Probe
) -> None:
    rate, relay_in = job.extra["rate"], job.extra.get("relay_in")
    total_s = job.extra["warm_s"] + job.extra.get("measure_s", math.inf)
    end = job.path / END
    began = time.perf_counter()
    number = 0
    while (since := time.perf_counter() - began) < total_s and not end.exists():
        while number < since * rate:
            number += 1
            task_id, posting = next(tasks)
            probe.sent_s[task_id] = time.time()
            sent = await producer.send(
                in_topic(posting.dept), posting.value, key=posting.key, headers=posting.headers
            )
            sent.add_done_callback(lambda done, task_id=task_id: probe.appended(task_id, done))
            if relay_in is not None:
                mark = [(RELAY, task_id.encode())]
                await producer.send(relay_in, posting.value, key=posting.key, headers=mark)
        await asyncio.sleep(TICK_S)


async def _reader(job: Job, name: str, topics: list[str], probe: Probe) -> asyncio.Task[None]:
    consumer = AIOKafkaConsumer(bootstrap_servers=job.bootstrap, enable_auto_commit=False)
    await consumer.start()
    there = []
    for topic in topics:
        await consumer._client._wait_on_metadata(topic)
        there += [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
    consumer.assign(there)
    await consumer.seek_to_end()
    note = probe.reader(name)

    async def read() -> None:
        while True:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                now_s = time.time()
                for record in records:
                    note(record, now_s)

    return asyncio.create_task(read())


def _result(probe: Probe, warm_s: float) -> dict[str, Any]:
    began_s = min(probe.sent_s.values()) + warm_s
    wanted = {task: at for task, at in probe.sent_s.items() if at >= began_s}
    readers = {
        name: summary([seen[task] - at for task, at in wanted.items() if task in seen])
        for name, seen in probe.read_s.items()
    }
    return {"expected": len(wanted), "readers": readers, "steps_s": _steps(probe, wanted)}


def summary(latencies_s: list[float]) -> dict[str, float]:
    """Percentiles in milliseconds, and how many there were."""
    ordered = sorted(latencies_s)
    if not ordered:
        return {"read": 0, **{f"p{percent}": float("nan") for percent in PERCENTS}}
    last = len(ordered) - 1
    found = {
        f"p{percent}": ordered[min(last, int(len(ordered) * percent / 100))] * 1000
        for percent in PERCENTS
    }
    return {"read": len(ordered), **found}


def _steps(probe: Probe, wanted: dict[str, float]) -> dict[str, float]:
    """Means of the way's parts, by the broker's append times (whole milliseconds)."""
    sent_in, journal, decided = (probe.stamps_s[name] for name in ("in", "journal", "decided"))
    read = probe.read_s["decided"]
    whole = [t for t in wanted if t in sent_in and t in journal and t in decided and t in read]
    if not whole:
        return {}
    parts: dict[str, list[float]] = {
        "sender to the department's topic": [sent_in[t] - wanted[t] for t in whole],
        "intake: department's topic to journal": [journal[t] - sent_in[t] for t in whole],
        "decide: journal to insp.decided": [decided[t] - journal[t] for t in whole],
        "insp.decided to reader": [read[t] - decided[t] for t in whole],
    }
    return {name: sum(values) / len(values) for name, values in parts.items()}


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
