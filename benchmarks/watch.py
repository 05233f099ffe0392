"""What does watching cost? CPU of one look at a city's topics on a real node, by polling interval.

Departments' topics, each of several partitions, with committed positions; between two looks a few
of them move, and some have lag, whose oldest record is read.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median
from typing import Any

import redis.asyncio as aioredis
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from benchmarks.outcome import Goal, Outcome, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.process import calm_garbage_collector
from connectors.watch.departments import DepartmentWatch
from connectors.watch.role import DEPARTMENTS_EVERY
from connectors.watch.watcher import Watcher
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.settings import Settings
from schemas.topics import DECIDED, JOURNAL, in_topic, out_topic
from streams import watching

TOPICS, PARTITIONS = 800, 5_000
"""Of a run with 200,000 events; fewer in proportion."""
FULL_EVENTS = 200_000
LOOKS = 12
MOVING = 20
"""So many departments publish between two looks; half of that is not taken in yet."""
GOAL_SHARE = 0.02
COORDINATOR_WAIT_S = 60.0


def watch(plan: Plan) -> Outcome:
    """Measure looks at so many topics and partitions."""
    share = min(1.0, plan.events / FULL_EVENTS)
    depts = [f"D{number:05}" for number in range(max(2, int(TOPICS * share) // 2))]
    per_topic = max(1, round(PARTITIONS * share / len(depts)) - 1)
    with plan.site("watch") as site:
        plan.tell(f"{2 * len(depts)} topics are made, {per_topic} partitions a department")
        topics = {in_topic(dept): per_topic for dept in depts}
        topics |= {out_topic(dept): 1 for dept in depts} | {JOURNAL: 4, DECIDED: 4}
        _create(site.bootstrap, topics)
        _commit_all(site.bootstrap, topics)
        found = asyncio.run(_looks(site, depts, plan.folder))
    every_s = Settings().watch_every_s
    return _outcome(found, every_s, len(topics), sum(topics.values()))


def _create(bootstrap: str, topics: dict[str, int]) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    there = admin.list_topics(timeout=30).topics
    new = [NewTopic(name, count, 1) for name, count in topics.items() if name not in there]
    for first in range(0, len(new), 50):
        for future in admin.create_topics(new[first : first + 50], operation_timeout=60).values():
            future.result(120)


def _commit_all(bootstrap: str, topics: dict[str, int]) -> None:
    """Both groups are at the head of everything they read."""
    groups = {
        INTAKE_GROUP: [name for name in topics if name.startswith("insp.in.")],
        DECIDE_GROUP: [JOURNAL],
    }
    for group, names in groups.items():
        consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
        places = [TopicPartition(name, n, 0) for name in names for n in range(topics[name])]
        for first in range(0, len(places), 500):
            _commit(consumer, places[first : first + 500])
        consumer.close()


def _commit(consumer: Consumer, places: list[TopicPartition]) -> None:
    """A node that was just started still reads its groups."""
    ends = time.monotonic() + COORDINATOR_WAIT_S
    while True:
        try:
            consumer.commit(offsets=places, asynchronous=False)
        except KafkaException:
            if time.monotonic() >= ends:
                raise
            time.sleep(0.5)
        else:
            return


async def _looks(site: Site, depts: list[str], folder: Path) -> dict[str, Any]:
    producer = Producer({"bootstrap.servers": site.bootstrap})
    stages: list[float] = []
    departments: list[float] = []
    # As every role does.
    calm_garbage_collector()
    async with aioredis.from_url(site.redis_url) as client:
        clock = lambda: time.time_ns() // 1_000_000  # noqa: E731 - a clock
        told = (client, site.redis_url)
        watcher = Watcher(
            bootstrap=site.bootstrap, redis=told, rules=watching, sites=(),
            every_s=15.0, clock=clock,
        )  # fmt: skip
        others = DepartmentWatch(
            bootstrap=site.bootstrap, redis=told, positions=watcher.positions, rules=watching,
            clock=clock,
        )  # fmt: skip
        wall: list[float] = []
        for number in range(LOOKS):
            for dept in depts[number * MOVING % len(depts) :][:MOVING]:
                producer.produce(in_topic(dept), b"{}", partition=0)
            producer.flush(30)
            began, cpu = time.perf_counter(), time.process_time()
            await watcher.look()
            stages.append(time.process_time() - cpu)
            wall.append(time.perf_counter() - began)
            if number % DEPARTMENTS_EVERY == 0:
                cpu = time.process_time()
                await others.look(watcher.positions.ends, watcher.ledgers.calendar)
                departments.append(time.process_time() - cpu)
        watcher.positions.close()
    return {"stages": stages, "departments": departments, "wall": wall}


def _outcome(found: dict[str, Any], every_s: float, topics: int, partitions: int) -> Outcome:
    # The first look lists the topics and counts a month of former days; that is once a start.
    look = sum(found["stages"][1:]) / len(found["stages"][1:])
    depts = sum(found["departments"][1:]) / len(found["departments"][1:])
    share = look / every_s + depts / (every_s * DEPARTMENTS_EVERY)
    first = found["stages"][0] + found["departments"][0]
    rows = [
        ["a look at the stages, CPU ms", f"{1000 * look:.0f}"],
        ["a look at the departments, CPU ms", f"{1000 * depts:.0f}"],
        ["the first of each, CPU ms", f"{1000 * first:.0f}"],
        ["a look at the stages, ms of waiting (median)", f"{1000 * median(found['wall']):.0f}"],
        [f"share of a core at one look every {every_s:g} s", f"{share:.2%}"],
    ]
    title = f"The watch: {topics:,} topics, {partitions:,} partitions"
    goal = Goal("watching takes less than 2 % of a core", f"{share:.2%}", share < GOAL_SHARE)
    return Outcome("watch", [Table(title, ("", "found"), rows)], [goal], found)
