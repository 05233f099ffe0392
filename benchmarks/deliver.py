"""How fast is what is owed brought to a system, beside a bare client loop on the same system?

The system itself says when each delivery came: its journal is the clock for both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from benchmarks.contender import Contender
from benchmarks.delivery import Delivery, Feeder, rss_mb, wait_for
from benchmarks.meter import servers_cpu_s
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.child import Child
from connectors.kafka_admin import KafkaAdmin
from schemas.sites import CREDIT_TIANJIN, NATIONAL
from schemas.topics import receipt_topic

STOPS_MAX = 100_000
HUB, BARE = "the hub", "bare client loop"
GOAL = 0.7
WAIT_S = 1_200.0
PROOFS = 3
"""Receipts of one delivery: accepted, processed, observed."""
QUICK = {"HUB_DELIVER_POLL_S": "1", "HUB_DELIVER_LOOK_S": "1"}


def deliver(plan: Plan) -> Outcome:
    """Both systems that are pushed to: the hub and a bare loop take turns."""
    stops = min(plan.events, STOPS_MAX)
    found: dict[str, dict[str, list[Result]]] = {}
    with plan.site("deliver") as site:
        for code in (CREDIT_TIANJIN.code, NATIONAL.code):
            found[code] = {BARE: [], HUB: []}
            for number in range(plan.rounds):
                for name, run in ((BARE, _bare), (HUB, _hub)):
                    result = run(site, code, stops)
                    found[code][name].append(result)
                    plan.tell(f"round {number + 1}: {code}: {name}: {result['rate']:,.0f}/s")
    tables = [_table(code, rounds, stops) for code, rounds in found.items()]
    goals = [_goal(code, rounds) for code, rounds in found.items()]
    return Outcome("deliver", tables, goals, {"stops": stops, "runs": found})


def _bare(site: Site, code: str, stops: int) -> dict[str, Any]:
    delivery = Delivery(site, f"bare-{code}", [code])
    Feeder(site.bootstrap).put(code, stops)
    contender = Contender(name=BARE, module="benchmarks.contenders.deliver_bare")
    with delivery.running_systems() as systems:
        job = site.job(BARE, stops, site=code)
        child = contender.start(job, **delivery.env)
        wait_for(
            "the first delivery", lambda: _is_well(child) and delivery.arrived(code) > 0, systems,
            WAIT_S,
        )  # fmt: skip
        before = servers_cpu_s({"system": systems[code].pid})
        try:
            _wait_for_all(delivery, code, stops, systems, lambda: _is_well(child))
        finally:
            child.stop()
        return _measured(delivery, code, servers_cpu_s({"system": systems[code].pid}), before)


def _hub(site: Site, code: str, stops: int) -> dict[str, Any]:
    delivery = Delivery(site, f"hub-{code}", [code], **QUICK)
    Feeder(site.bootstrap).put(code, stops)
    with delivery.running_systems() as systems, delivery.running_workers() as workers:
        pids = {"system": systems[code].pid, "own": workers[code].pid, **site.watched}
        wait_for("the first delivery", lambda: delivery.arrived(code) > 0, workers, WAIT_S)
        before = servers_cpu_s(pids)
        _wait_for_all(delivery, code, stops, workers, lambda: True)
        result = _measured(delivery, code, servers_cpu_s(pids), before)
        result["rss_mb"] = rss_mb(workers[code].pid)
        with KafkaAdmin(site.bootstrap, timeout_s=60) as admin:
            there = (receipt_topic(code), 0)
            done = PROOFS * stops
            wait_for(
                "all are proven", lambda: admin.end_offsets([there])[there] >= done, workers, WAIT_S
            )
        first_ms = delivery.arrivals(code)[1]
        result["proven_rate"] = stops / (time.time() - first_ms / 1000)
        return result


def _is_well(loop: Child) -> bool:
    """True while it runs and when it is through.

    Raises:
        RuntimeError: it failed.
    """
    if loop.returncode not in (None, 0):
        raise RuntimeError(f"the bare loop failed:\n{loop.log_tail()}")
    return True


def _wait_for_all(
    delivery: Delivery, code: str, stops: int, alive: Mapping[str, Child],
    is_well: Callable[[], bool],
) -> None:  # fmt: skip
    wait_for(
        f"{code} has all {stops:,}",
        lambda: is_well() and delivery.arrived(code) >= stops <= delivery.arrivals(code)[0],
        alive,
        WAIT_S,
    )


def _measured(
    delivery: Delivery, code: str, used: dict[str, float], before: dict[str, float]
) -> dict[str, Any]:
    count, first_ms, last_ms = delivery.arrivals(code)
    seconds = max(last_ms - first_ms, 1) / 1000
    cores = {name: (used[name] - before[name]) / seconds for name in used}
    return {"stops": count, "seconds": seconds, "rate": count / seconds, "cores": cores}


def _ratio(rounds: dict[str, list[Result]]) -> float:
    pairs = zip(rounds[HUB], rounds[BARE], strict=True)
    return float(median(mine["rate"] / bare["rate"] for mine, bare in pairs))


def _goal(code: str, rounds: dict[str, list[Result]]) -> Goal:
    found = _ratio(rounds)
    text = f"{code}: the hub brings at least {GOAL:g} times what a bare client loop brings"
    return Goal(text, f"{found:.2f}", found >= GOAL)


def _table(code: str, rounds: dict[str, list[Result]], stops: int) -> Table:
    rows = []
    for name, results in rounds.items():
        rates = [one["rate"] for one in results]
        proven = [one["proven_rate"] for one in results if "proven_rate" in one]
        memory = [one["rss_mb"] for one in results if "rss_mb" in one]
        cores = results[-1]["cores"]
        rows.append(
            [
                name, f"{median(rates):,.0f}", f"{min(rates):,.0f} … {max(rates):,.0f}",
                f"{median(proven):,.0f}" if proven else "-",
                f"{median(memory):.0f}" if memory else "-",
                " / ".join(f"{name} {share:.2f}" for name, share in cores.items()),
            ]
        )  # fmt: skip
    return Table(
        f"Deliver: {stops:,} owed stops to {code}",
        ("contender", "arrive/s", "lowest … highest", "proven/s", "RSS MB", "cores"),
        rows,
        [
            "Arrivals by the stand-in's own journal, from the first to the last. The loop uses the "
            "same connector and as many calls at once, reads the feed and keeps nothing. The hub "
            "meanwhile writes attempts and chained receipts, polls business receipts and reads the "
            "public page of each: `proven` is until all of that is done.",
        ],
    )
