"""What does an hour cost in which no system can be reached? Memory of each worker, and of Redis.

The hour is compressed: what comes in an hour at 50 events/s is fed as fast as it is taken. What the
clock does meanwhile, retries and probes, is tried with an injected clock in
tests/streams/test_hours_outage.py.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import redis

from benchmarks.delivery import Delivery, Feeder, rss_mb, wait_for
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.child import Child
from connectors.kafka_admin import KafkaAdmin
from schemas.sites import SITES
from schemas.topics import feed_topic

RATE = 50
HOUR = 3_600 * RATE
STEPS = 10
WARM = 1_000
WAIT_S = 600.0
GROWTH_MB_MAX = 64.0
BYTES_MAX = 2_500
MB = 2**20


def deliver_hour(plan: Plan) -> Outcome:
    """Every event is a stop that is owed to all three systems."""
    events = min(HOUR, plan.events)
    with plan.site("deliver") as site:
        steps = _hour(site, events, plan)
    return Outcome("deliver_hour", [_table(steps)], _goals(steps), {"steps": steps})


def _hour(site: Site, events: int, plan: Plan) -> list[dict[str, Any]]:
    """Memory at each tenth of the hour; the first line is before it, with a few owed."""
    delivery = Delivery(site, "hour", list(SITES))
    feeder, steps = Feeder(site.bootstrap), list[dict[str, Any]]()
    with delivery.running_systems(), delivery.running_workers() as workers:
        for code in SITES:
            delivery.systems.fault(code, "out", drop=True)
        owed = 0
        for number, more in enumerate((WARM, *[events // STEPS] * STEPS)):
            _feed(feeder, more)
            owed += more
            wait_for("all is taken in", lambda: _owed(site) == owed, workers, WAIT_S)  # noqa: B023
            steps.append({"share": number / STEPS, "owed": owed, **_memory(site, workers)})
            plan.tell(f"{number / STEPS:.0%}: {steps[-1]}")
        arrived = sum(delivery.arrived(code) for code in SITES)
        if arrived:
            raise RuntimeError(f"{arrived} deliveries arrived at systems that were down")
    return steps


def _feed(feeder: Feeder, count: int) -> None:
    """So many more for each system, as fast as the broker takes them."""
    feeding = [threading.Thread(target=feeder.put, args=(code, count)) for code in SITES]
    for thread in feeding:
        thread.start()
    for thread in feeding:
        thread.join()


def _memory(site: Site, workers: Mapping[str, Child]) -> dict[str, float]:
    with redis.Redis.from_url(site.redis_url) as client:
        used: Any = client.info("memory")
    return {
        "redis_mb": used["used_memory"] / MB,
        **{code: rss_mb(child.pid) for code, child in workers.items()},
    }


def _owed(site: Site) -> int | None:
    """How many are owed to each system, once their ledgers hold all of their feeds."""
    with KafkaAdmin(site.bootstrap, timeout_s=60) as admin:
        ends = admin.end_offsets([(feed_topic(code), 0) for code in SITES])
    with redis.Redis.from_url(site.redis_url) as client:
        if any(
            int(client.hget(f"insp:{{site:{code}}}:position", "feed") or 0)
            < ends[feed_topic(code), 0]
            for code in SITES
        ):
            return None
        owed = {int(client.zcard(f"insp:{{site:{code}}}:stop")) for code in SITES}
    return owed.pop() if len(owed) == 1 else None


def _bytes_each(steps: Sequence[Result], number: int) -> float:
    """What Redis keeps for each delivery that came to be owed since the beginning."""
    entries = (steps[number]["owed"] - steps[0]["owed"]) * len(SITES)
    return float((steps[number]["redis_mb"] - steps[0]["redis_mb"]) * MB / entries)


def _table(steps: Sequence[Result]) -> Table:
    shown = [
        [
            f"{one['share']:.0%}", f"{one['owed']:,}",
            *(f"{one[code]:.0f}" for code in SITES), f"{one['redis_mb']:.0f}",
            f"{_bytes_each(steps, number):,.0f}" if number else "-",
        ]
        for number, one in enumerate(steps)
    ]  # fmt: skip
    notes = [
        f"An hour at {RATE} events/s is {HOUR:,} events, each a stop that is owed to all three "
        f"systems; here {steps[-1]['owed'] - steps[0]['owed']:,}, fed as fast as they were taken "
        "in, while all three systems cut every connection. Nothing was delivered, nothing dropped.",
    ]
    columns = (
        "of the hour", "owed to each", *(f"deliver {code}, RSS MB" for code in SITES),
        "Redis, MB", "bytes an owed entry",
    )  # fmt: skip
    return Table("Deliver: memory while all systems are down", columns, shown, notes)


def _goals(steps: Sequence[Result]) -> list[Goal]:
    # The first tenth fills buffers and the entries that a process holds at most.
    grown = max(steps[-1][code] - steps[1][code] for code in SITES)
    text = f"a deliver process grows by at most {GROWTH_MB_MAX:g} MB from 10 % of the hour to its"
    each = _bytes_each(steps, len(steps) - 1)
    return [
        Goal(f"{text} end", f"{grown:.0f} MB", grown <= GROWTH_MB_MAX),
        Goal(
            f"Redis keeps at most {BYTES_MAX:,} bytes for each delivery that is owed",
            f"{each:,.0f}", each <= BYTES_MAX,
        ),
    ]  # fmt: skip
