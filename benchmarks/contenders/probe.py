"""Sends events at a steady rate through the hub, or in turns through relays, and reads the answers.

One clock for all: sender and readers are threads of this process, on librdkafka, so that they take
little of the machine. Hub and relays take turns of a few seconds: at once they would measure how
two cores are shared out among them.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import orjson
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from benchmarks.city import postings
from benchmarks.job import Job, read_job
from benchmarks.meter import tell
from connectors.console.traffic.event_lines import Posting
from schemas.messages import TASK_SUBMITTED
from schemas.topics import DECIDED, in_topic, out_topic

TICK_S = 0.001
LOOK_S = 0.25
LAST_WAIT_S = 3.0
READY_WAIT_S = 1.0
RELAY = "relay"
END = "end"
"""A file in the job's folder: stop sending."""
PERCENTS = (50, 90, 99, 100)
Times = dict[str, float]
"""Seconds since the epoch, or seconds, by task."""


class Probe:
    """Notes when each task was sent, appended on its way, and read."""

    def __init__(self, job: Job) -> None:
        self._servers = {"bootstrap.servers": job.bootstrap}
        self.producer = Producer(
            {**self._servers, "linger.ms": 0, "acks": "all", "enable.idempotence": True}
        )
        self._over = threading.Event()
        self._readers: list[threading.Thread] = []
        self.sent_s: dict[str, Times] = {"hub": {}, RELAY: {}}
        self.read_s: dict[str, Times] = defaultdict(dict)
        self.stamps_s: dict[str, Times] = defaultdict(dict)

    def listen(self, name: str, topics: list[str], note: Callable[[Any, float], None]) -> None:
        """Read these topics from now on; `note` gets every message and when it was in hand."""
        consumer = Consumer(
            {**self._servers, "group.id": f"probe-{name}", "enable.auto.commit": False}
        )
        known = consumer.list_topics(timeout=10).topics
        consumer.assign(
            [
                TopicPartition(topic, number, OFFSET_END)
                for topic in topics
                for number in known[topic].partitions
            ]
        )

        def read() -> None:
            while not self._over.is_set():
                message = consumer.poll(0.1)
                if message is not None and message.error() is None:
                    note(message, time.time())
            consumer.close()

        self._readers.append(threading.Thread(target=read))
        self._readers[-1].start()

    def relayed(self, message: Any, now_s: float) -> None:
        """What came through the relays."""
        self.read_s[RELAY].setdefault(message.headers()[0][1].decode(), now_s)

    def told(self, message: Any, now_s: float) -> None:
        """What a department hears."""
        self.read_s["out"].setdefault(orjson.loads(message.value()).get("task_id", ""), now_s)

    def decided(self, message: Any, now_s: float) -> None:
        """What stands on the decided topic."""
        answer = orjson.loads(message.value())
        made = answer["facts"][-1].get("decision")
        if made is not None:
            task_id = made["task_id"]
            self.read_s["decided"].setdefault(task_id, now_s)
            self.stamps_s["journal"][task_id] = answer["at"] / 1000
            self.stamps_s["decided"][task_id] = message.timestamp()[1] / 1000

    def send(self, task_id: str, posting: Posting) -> None:
        """To its department's topic."""

        def appended(error: Any, message: Any) -> None:
            if error is not None:
                raise RuntimeError(f"{message.topic()} took no event: {error}")
            self.stamps_s["in"][task_id] = message.timestamp()[1] / 1000

        self.sent_s["hub"][task_id] = time.time()
        self.producer.produce(
            in_topic(posting.dept),
            posting.value,
            posting.key,
            headers=posting.headers,
            on_delivery=appended,
        )

    def send_relay(self, topic: str, task_id: str, posting: Posting) -> None:
        """To the first relay."""
        self.sent_s[RELAY][task_id] = time.time()
        mark = [(RELAY, task_id.encode())]
        self.producer.produce(topic, posting.value, posting.key, headers=mark)

    def stop(self) -> None:
        """Read what is still on its way, then no more."""
        self.producer.flush(LAST_WAIT_S)
        time.sleep(LAST_WAIT_S)
        self._over.set()
        for reader in self._readers:
            reader.join()


def main(job: Job) -> None:
    extra = job.extra
    tasks = submitted(Path(extra["file"]), set(extra["departments"]))
    next(tasks)  # the file is read now, not when the clock runs
    probe = Probe(job)
    probe.listen("decided", [DECIDED], probe.decided)
    probe.listen("out", [out_topic(dept) for dept in extra["departments"]], probe.told)
    if "relay_in" in extra:
        probe.listen(RELAY, [extra["relay_out"]], probe.relayed)
    time.sleep(READY_WAIT_S)
    began_s = time.time()
    _send(job, probe, tasks)
    probe.stop()
    tell(_result(probe, began_s + extra["warm_s"], extra.get("each")))


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
        data["task_id"] = fresh = f"{task_id[:40]}-{lap}-{number}"
        headers = [
            (name, fresh.encode() if name == "ce_id" else value) for name, value in posting.headers
        ]
        yield fresh, posting._replace(value=orjson.dumps(data), headers=headers)


def _send(job: Job, probe: Probe, tasks: Iterator[tuple[str, Posting]]) -> None:
    extra, end = job.extra, job.path / END
    turn_s, relay_in = extra.get("turn_s", 0.0), extra.get("relay_in")
    began, number, looked_s = time.perf_counter(), 0, 0.0
    while True:
        since_s = time.perf_counter() - began
        if since_s >= looked_s + LOOK_S:
            looked_s = since_s
            if end.exists():
                return
        if since_s >= extra["total_s"]:
            return
        is_relays = relay_in is not None and int(since_s / turn_s) % 2
        while number < since_s * extra["rate"]:
            number += 1
            task_id, posting = next(tasks)
            if is_relays:
                probe.send_relay(relay_in, task_id, posting)
            else:
                probe.send(task_id, posting)
        # librdkafka counts whole milliseconds: less would make this loop spin on a core that the
        # measured programs need.
        probe.producer.poll(0)
        time.sleep(TICK_S)


def _result(probe: Probe, from_s: float, each: str | None) -> dict[str, Any]:
    wanted = {
        name: {task: at for task, at in sent.items() if at >= from_s}
        for name, sent in probe.sent_s.items()
    }
    late: dict[str, list[tuple[float, float]]] = {}
    for name, seen in probe.read_s.items():
        sent = wanted[RELAY if name == RELAY else "hub"]
        late[name] = [(at, seen[task] - at) for task, at in sent.items() if task in seen]
    result = {
        "expected": {name: len(sent) for name, sent in wanted.items()},
        "readers": {name: summary([one for _, one in found]) for name, found in late.items()},
        "steps_s": _steps(probe, wanted["hub"]),
    }
    return result if each is None else {**result, "each": late[each]}


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


def _steps(probe: Probe, wanted: Times) -> dict[str, float]:
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
    main(read_job())
