"""How long does a decision take at a steady rate.

And how long would the hops take by themselves?
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from benchmarks.city import YEAR, city_file, departments, fill_control
from benchmarks.contender import Contender
from benchmarks.contenders.probe import PERCENTS
from benchmarks.hub_roles import hub_roles
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.generate import CitySpec

RATE = 500
WARM_S = 15.0
TURN_S = 2.5
TURNS = 10
RELAY_TOPICS = ("bench.relay.1", "bench.relay.2", "bench.relay.3")
PARTITIONS = 4
DISTRICTS = 1
GOAL_P50, GOAL_P99 = 2.0, 3.0
_NAMES = {
    "out": "the hub, read from the department's topic",
    "decided": "the hub, read from insp.decided",
    "relay": "two bare relays",
}
_SENT = {"relay": "relay"}


def district(tasks: int = 20_000) -> CitySpec:
    """A district and the city's own departments: 80 topics."""
    return CitySpec(
        year=YEAR,
        districts=DISTRICTS,
        subjects=20_000,
        officers=2_000,
        tasks=tasks,
        duplicates=0.0,
        malformed=0.0,
    )


def latency(plan: Plan) -> Outcome:
    """The hub and two relays take turns in the same run, on both event loops."""
    with plan.site("latency") as site:
        path = city_file(plan.folder, district(), "district")
        found: dict[str, list[Result]] = {"asyncio": [], "uvloop": []}
        for number in range(plan.rounds):
            for loop, results in found.items():
                # The same enterprises are inspected in every run: on old data each would have more
                # visits than the last, and more than anybody really has.
                wanted = {"district": loop, "round": number, "at": time.time_ns()}
                names = site.dataset(wanted, lambda: _fill(site, path))["departments"]
                extra = {"file": str(path), "departments": names}
                result = _run(site, extra, uvloop=loop == "uvloop")
                results.append(result)
                p50 = {name: found["p50"] for name, found in result["readers"].items()}
                plan.tell(f"{loop}: p50 ms: " + ", ".join(f"{n} {ms:.1f}" for n, ms in p50.items()))
    tables = [_table(found, len(names)), _steps_table(found)]
    return Outcome("latency", tables, _goals(found["asyncio"]), {"runs": found})


def _fill(site: Site, path: Any) -> dict[str, Any]:
    names = departments(path)
    site.create_hub_topics(names)
    site.renew_topics(dict.fromkeys(RELAY_TOPICS, PARTITIONS))
    fill_control(site, path)
    return {"departments": names}


def _run(site: Site, extra: Mapping[str, Any], *, uvloop: bool) -> Result:
    relays = [
        Contender(
            name="relay",
            module="benchmarks.contenders.relay",
            extra={"source": source, "sink": sink},
        )
        for source, sink in pairwise(RELAY_TOPICS)
    ]
    probe = Contender(name="probe", module="benchmarks.contenders.probe")
    running = [one.start(site.job("relay", 0, uvloop=uvloop, **one.extra)) for one in relays]
    try:
        with hub_roles(site, ["intake", "decide"], uvloop=uvloop):
            job = site.job(
                "probe",
                0,
                uvloop=uvloop,
                rate=RATE,
                warm_s=WARM_S,
                total_s=WARM_S + TURNS * TURN_S,
                turn_s=TURN_S,
                relay_in=RELAY_TOPICS[0],
                relay_out=RELAY_TOPICS[-1],
                **extra,
            )
            result = probe.run(job)
        if not all(child.alive for child in running):
            raise RuntimeError(f"a relay ended early: see the logs in {site.folder}/runs")
        return result
    finally:
        for child in running:
            child.kill()


def _middle(results: Sequence[Result], name: str, percent: int) -> float:
    return float(median(result["readers"][name][f"p{percent}"] for result in results))


def _table(found: Mapping[str, Sequence[Result]], topics: int) -> Table:
    rows = []
    for loop, results in found.items():
        for name, text in _NAMES.items():
            got = sum(result["readers"][name]["read"] for result in results)
            wanted = sum(result["expected"][_SENT.get(name, "hub")] for result in results)
            times = " / ".join(
                f"{_middle(results, name, p) / _middle(results, 'relay', p):.1f}" for p in PERCENTS
            )
            values = [f"{_middle(results, name, p):.1f}" for p in PERCENTS]
            rows.append([f"{text} ({loop})", *values, times, f"{got:,} of {wanted:,}"])
    return Table(
        f"Latency at {RATE} events/s: event sent to decision read, ms",
        ("", "p50", "p90", "p99", "max", "times two relays", "answers read"),
        rows,
        [
            f"The hub has {topics} departments' topics and does two hops (intake, decide), each "
            "durable before it is answered for. The relays do two hops too and keep nothing. "
            f"Both are up all the time and take turns of {TURN_S:g} s at the whole rate.",
        ],
    )


def _steps_table(found: Mapping[str, Sequence[Result]]) -> Table:
    names = list(next(iter(found.values()))[0]["steps_s"])
    rows = [
        [name, *(f"{_mean_ms(results, name):.1f}" for results in found.values())] for name in names
    ]
    note = "Means, by the broker's append times, which are whole milliseconds."
    return Table("Latency: where the time goes, ms", ("", *found), rows, [note])


def _mean_ms(results: Sequence[Result], name: str) -> float:
    return float(median(result["steps_s"][name] for result in results)) * 1000


def _goals(results: Sequence[Result]) -> list[Goal]:
    goals = []
    for percent, most in ((50, GOAL_P50), (99, GOAL_P99)):
        found = _middle(results, "out", percent) / _middle(results, "relay", percent)
        text = f"p{percent} of a decision: at most {most:g} times two bare relays"
        goals.append(Goal(text, f"{found:.2f}", found <= most))
    return goals
