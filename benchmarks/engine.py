"""What does the engine cost? The same small fold, durable and delivered, on four engines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random

from benchmarks.contender import Contender
from benchmarks.contenders.small_fold import SINK, SOURCE, TABLE, dumps
from benchmarks.job import Job
from benchmarks.outcome import Outcome
from benchmarks.plan import Plan
from benchmarks.quix import quix_python
from benchmarks.site import Site
from connectors.publisher import KafkaPublisher, OutRecord

PARTITIONS = 4
FAUST_EVENTS_MAX = 20_000
DUPLICATES = 0.1
DEPARTMENTS = 30
HUB = "the hub's engine"
BARE = "bare aiokafka + Redis"
EXACTLY = "Quix Streams exactly-once"
AT_LEAST = "Quix Streams at-least-once"
GUIDE = "Faust as its guide teaches"
_MODULES = "benchmarks.contenders."
_FIRST_DAY_S = 1_767_225_600
_CHUNK = 5_000


def engine(plan: Plan) -> Outcome:
    """Five contenders on the same records: one process each, four partitions."""
    with plan.site("engine") as site:
        wanted = {"small events": plan.events}
        site.dataset(wanted, lambda: _fill(site, plan.events))
        python = quix_python(plan.folder, plan.tell)
        contenders = [
            Contender(name=HUB, module=_MODULES + "small_hub"),
            Contender(name=BARE, module=_MODULES + "small_hub", arguments=["bare"]),
            _quix(EXACTLY, "exactly-once", python),
            _quix(AT_LEAST, "at-least-once", python),
            Contender(
                name=GUIDE,
                module=_MODULES + "small_faust",
                arguments=["worker", "-l", "warn", "--without-web"],
                events=FAUST_EVENTS_MAX,
            ),
        ]
        rounds = plan.interleave(
            site, contenders, plan.events, lambda one, job: _renew(site, one, job)
        )
    notes = [
        f"{plan.events:,} events of {max(1, plan.events // 4):,} enterprises; Faust as its guide "
        f"teaches has {FAUST_EVENTS_MAX:,} of them and is compared as a rate.",
        "The hub and the bare loop keep their state in Redis, each write on disk before it is "
        "answered; Quix Streams in RocksDB and a changelog topic, checkpoints once a second; "
        "Faust in its tables, in memory and a changelog topic.",
    ]
    return Outcome(
        "engine",
        [rounds.table("Engine: the small fold, durable, deliveries awaited", HUB, notes)],
        [
            rounds.at_least(2.7, HUB, EXACTLY),
            rounds.at_least(30, HUB, GUIDE),
            rounds.at_least(0.85, HUB, BARE),
        ],
        {"rounds": rounds.results},
    )


def _renew(site: Site, contender: Contender, job: Job) -> None:
    topics = {SINK: PARTITIONS}
    if contender.name == GUIDE:
        # Faust asks for it too late now and then, and then waits for ever for its partitions.
        topics[f"{job.group}-{TABLE}-changelog"] = PARTITIONS
    site.renew_topics(topics)


def _quix(name: str, guarantee: str, python: str) -> Contender:
    module = _MODULES + "small_quix"
    return Contender(name=name, module=module, arguments=[guarantee], python=python)


def _fill(site: Site, count: int) -> dict[str, int]:
    site.renew_topics({SOURCE: PARTITIONS})

    async def fill() -> None:
        publisher = KafkaPublisher(site.bootstrap)
        await publisher.start()
        chunk: list[OutRecord] = []
        for key, value in small_events(count):
            chunk.append(OutRecord(SOURCE, None, key, value))
            if len(chunk) == _CHUNK:
                await publisher.publish(chunk)
                chunk.clear()
        await publisher.publish(chunk)
        await publisher.stop()

    asyncio.run(fill())
    return {"records": count}


def small_events(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the reference events: one in ten repeats an earlier one."""
    rng = Random("small events")
    earlier: list[tuple[bytes, bytes]] = []
    for number in range(count):
        if earlier and rng.random() < DUPLICATES:
            yield rng.choice(earlier)
            continue
        uscc = f"91120{rng.randrange(max(1, count // 4)):013d}"
        event = {
            "task": f"T{number:08d}",
            "uscc": uscc,
            "dept": f"D{rng.randrange(DEPARTMENTS):02d}",
            "item": "I001",
            "mode": "onsite",
            "at": _FIRST_DAY_S + number,
        }
        earlier.append((uscc.encode(), dumps(event)))
        yield earlier[-1]
