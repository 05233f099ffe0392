"""What do the other systems notice while one is down?"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from statistics import median, quantiles

import orjson
import redis
from kafka import KafkaConsumer, TopicPartition

from benchmarks.delivery import Delivery, Feeder, wait_for
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.child import Child
from connectors.kafka_admin import KafkaAdmin
from schemas.sites import CREDIT_TIANJIN, SITES
from schemas.topics import feed_topic, receipt_topic

DOWN = CREDIT_TIANJIN.code
OTHERS = tuple(code for code in SITES if code != DOWN)
RATE = 50
TURN_S = 20.0
REST_S = 10.0
TICK_S = 0.1
WARM_S = 5.0
WAIT_S = 300.0
LONGER_MAX = 1.25
QUICK = {"HUB_DELIVER_POLL_S": "0.5", "HUB_DELIVER_LOOK_S": "0.5"}
NONE, ONE = "none down", f"{DOWN} down"


def deliver_apart(plan: Plan) -> Outcome:
    """Delays at the other systems by turns with and without one that is down."""
    with plan.site("deliver") as site:
        delays = _delays(site, plan.rounds)
        plan.tell(f"p50 ms: { {name: round(median(ms)) for name, ms in delays.items()} }")
    rows = {key: _percents(ms) for key, ms in sorted(delays.items())}
    return Outcome(
        "deliver_apart",
        [_delay_table(rows)],
        _delay_goals(rows),
        {"delays": rows},
    )


def _delays(site: Site, rounds: int) -> dict[str, list[int]]:
    """From the record on the feed to the business receipt, ms, by state and site."""
    delivery = Delivery(site, "apart", list(SITES), **QUICK)
    feeder, spans = Feeder(site.bootstrap), list[tuple[str, int, int]]()
    with delivery.running_systems(), delivery.running_workers() as workers:
        _feed(feeder, WARM_S)
        _rest(site, OTHERS, workers)
        for _ in range(rounds):
            for name in (NONE, ONE):
                if name is ONE:
                    delivery.systems.fault(DOWN, "out", drop=True)
                began = time.time_ns() // 1_000_000
                _feed(feeder, TURN_S)
                spans.append((name, began, time.time_ns() // 1_000_000))
                delivery.systems.fault(DOWN, "clear")
                _rest(site, SITES, workers)
    found: dict[str, list[int]] = {}
    for code in OTHERS:
        fed, done = _first(site, feed_topic(code), ""), _first(site, receipt_topic(code), "HUB")
        for name, began, ended in spans:
            ms = [done[key] - at for key, at in fed.items() if began <= at < ended]
            found.setdefault(f"{code}, {name}", []).extend(ms)
    return found


def _feed(feeder: Feeder, for_s: float) -> None:
    """All three feeds grow at the whole rate, steadily."""
    began, each = time.monotonic(), int(RATE * TICK_S)
    for tick in range(int(for_s / TICK_S)):
        for code in SITES:
            feeder.put(code, each)
        time.sleep(max(0.0, began + (tick + 1) * TICK_S - time.monotonic()))


def _rest(site: Site, codes: Sequence[str], workers: Mapping[str, Child]) -> None:
    """Return when these sites owe nothing any more."""
    lanes = ("stop", "disclose", "prove")

    def at_rest() -> bool:
        ends = _ends(site)
        with redis.Redis.from_url(site.redis_url) as client:
            return all(
                client.hget(f"insp:{{site:{code}}}:position", "feed") == b"%d" % ends[code]
                and not any(client.zcard(f"insp:{{site:{code}}}:{lane}") for lane in lanes)
                for code in codes
            )

    wait_for("nothing is owed", at_rest, workers, WAIT_S)


def _ends(site: Site) -> dict[str, int]:
    with KafkaAdmin(site.bootstrap, timeout_s=60) as admin:
        ends = admin.end_offsets([(feed_topic(code), 0) for code in SITES])
    return {code: ends[feed_topic(code), 0] for code in SITES}


def _first(site: Site, topic: str, by: str) -> dict[bytes, int]:
    """By result: when its first record came; of receipts, the first that says it is processed."""
    consumer = KafkaConsumer(bootstrap_servers=site.bootstrap, enable_auto_commit=False)
    there = TopicPartition(topic, 0)
    consumer.assign([there])
    consumer.seek_to_beginning(there)
    end, found = consumer.end_offsets([there])[there], dict[bytes, int]()
    while consumer.position(there) < end:
        for records in consumer.poll(1000, max_records=10_000).values():
            for record in records:
                if not by or _is_processed(record.value, by):
                    found.setdefault(record.key.rpartition(b"|")[2], record.timestamp)
    consumer.close()
    return found


def _is_processed(value: bytes, by: str) -> bool:
    said = orjson.loads(value)
    return bool(said["by"] == by and said["stage"] in ("PROCESSED", "OBSERVED"))


def _percents(ms: Sequence[int]) -> Result:
    cuts = quantiles(ms, n=100)
    return {"count": len(ms), "p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(ms)}


def _delay_table(rows: Mapping[str, Result]) -> Table:
    shown = [
        [name, f"{row['count']:,}", *(f"{row[p]:,.0f}" for p in ("p50", "p90", "p99", "max"))]
        for name, row in rows.items()
    ]
    note = (
        f"{RATE} stops/s on each of three feeds, by turns of {TURN_S:g} s with all systems up and "
        f"with {DOWN} cutting every connection, in one run. From the append to the feed to the "
        "hub's record of the business receipt; receipts are polled every 0.5 s."
    )
    columns = ("system, and what is down", "stops", "p50 ms", "p90", "p99", "max")
    return Table("Deliver: the others while one is down", columns, shown, [note])


def _delay_goals(rows: Mapping[str, Result]) -> list[Goal]:
    goals = []
    for code in OTHERS:
        for percent in ("p50", "p90"):
            found = rows[f"{code}, {ONE}"][percent] / rows[f"{code}, {NONE}"][percent]
            text = f"{code}: {percent} delay while {DOWN} is down, times that while none is"
            text += f": at most {LONGER_MAX:g}"
            goals.append(Goal(text, f"{found:.2f}", found <= LONGER_MAX))
    return goals
