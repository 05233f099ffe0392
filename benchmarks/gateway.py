"""What does taking events in over HTTP cost, and how long is a decision waited for?

Beside a bare FastAPI endpoint that only produces to Kafka, and beside the way over Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

from benchmarks.city import city_file, departments, fill_control
from benchmarks.contender import LOG, POLL_S, WAIT_S, Contender
from benchmarks.contenders.probe import PERCENTS, submitted
from benchmarks.hub_roles import hub_roles
from benchmarks.latency import district
from benchmarks.outcome import Goal, Outcome, Result, Rounds, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.child import free_port
from connectors.departments.gateway.ways_in.token_file import FILE_NAME, issue_token
from schemas.topics import DECIDED, JOURNAL, in_topic, out_topic

BARE_TOPIC = "bench.http"
PARTITIONS = 4
SINGLE, BATCH = "single events", "batches of 100"
SIZES = {SINGLE: 1, BATCH: 100}
CONNECTIONS = {SINGLE: 128, BATCH: 8}
EVENTS = {SINGLE: 12_000, BATCH: 24_000}
GOAL = 0.7
RATE, WARM_S, TOTAL_S, WAIT_ASKED_S = 200, 2.0, 12.0, 5
GOAL_P99_MS = 1000
WAITING_MAX = 800
"""More connections than requests can be waiting: the rate is kept whatever the answers take."""
DAY_S = 86_400


def gateway(plan: Plan) -> Outcome:
    """Both servers are up all the time and are asked in turns; then both ways to a decision."""
    with plan.site("gateway") as site:
        path = city_file(plan.folder, district(), "district")
        names = site.dataset({"gateway": True}, lambda: _fill(site, path))["departments"]
        dept = _busiest(path, names)
        expires = int(time.time()) + DAY_S
        (site.folder / "gateway" / FILE_NAME).unlink(missing_ok=True)
        token = issue_token(site.folder / "gateway" / FILE_NAME, dept, expires)[0]
        extra = {"file": str(path), "dept": dept, "token": token}
        rounds = {kind: _flood(plan, site, kind, extra) for kind in SIZES}
        # What the floods left on the department's topic would stand before every question.
        site.renew_hub_topics([in_topic(dept), out_topic(dept), JOURNAL, DECIDED], names)
        waits = _waits(plan, site, extra)
    tables = [_flood_table(kind, found) for kind, found in rounds.items()]
    goals = [found.at_least(GOAL, f"the gateway: {kind}", f"bare FastAPI: {kind}")
             for kind, found in rounds.items()]  # fmt: skip
    raw = {"rounds": {k: found.results for k, found in rounds.items()}, "waits": waits}
    return Outcome("gateway", [*tables, _waits_table(waits)], [*goals, _waits_goal(waits)], raw)


def _fill(site: Site, path: Any) -> dict[str, Any]:
    names = departments(path)
    site.create_hub_topics(names)
    site.renew_topics({BARE_TOPIC: PARTITIONS})
    fill_control(site, path)
    return {"departments": names}


def _busiest(path: Any, names: Sequence[str]) -> str:
    """The first of the departments that has tasks at all."""
    return next(submitted(path, set(names)))[1].dept


@contextmanager
def _bare(site: Site) -> Iterator[tuple[int, int]]:
    """The bare endpoint, up: its port and its process id."""
    port = free_port()
    contender = Contender(name="bare", module="benchmarks.contenders.bare_fastapi")
    job = site.job("bare", 0, port=port, topic=BARE_TOPIC)
    child = contender.start(job)
    try:
        deadline = time.monotonic() + WAIT_S
        while "Uvicorn running" not in (job.path / LOG).read_text():
            if not child.alive or time.monotonic() > deadline:
                raise RuntimeError(f"the bare endpoint did not come up: see {job.path / LOG}")
            time.sleep(POLL_S)
        yield port, child.pid
    finally:
        child.kill()


def _flood(plan: Plan, site: Site, kind: str, extra: dict[str, Any]) -> Rounds:
    port = free_port()
    more = {
        "HUB_GATEWAY_PORT": str(port), "HUB_GATEWAY_EVENTS_PER_S": "1000000",
        "HUB_GATEWAY_EVENTS_BURST": "1000000",
    }  # fmt: skip
    with hub_roles(site, ["gateway"], **more) as hub, _bare(site) as (bare_port, bare_pid):
        pids = {"the gateway": hub["gateway"].pid, "bare FastAPI": bare_pid}
        contenders = [
            Contender(
                name=f"{name}: {kind}",
                module="benchmarks.contenders.http_load",
                extra={
                    **extra, "port": at, "batch": SIZES[kind], "server": pids[name],
                    "connections": CONNECTIONS[kind],
                },
            )
            for name, at in (("the gateway", port), ("bare FastAPI", bare_port))
        ]  # fmt: skip
        return plan.interleave(site, contenders, EVENTS[kind])


def _flood_table(kind: str, rounds: Rounds) -> Table:
    rows = []
    for name, results in rounds.results.items():
        rates = [result["rate"] for result in results]
        cpu_us = median(r["server_cores"]["server"] / r["rate"] * 1e6 for r in results)
        cores = [median(r["server_cores"][one] for r in results)
                 for one in ("server", "kafka", "redis")]  # fmt: skip
        rows.append([
            name, f"{median(rates):,.0f}", f"{min(rates):,.0f} … {max(rates):,.0f}",
            f"{rounds.ratio(name, f'bare FastAPI: {kind}'):.2f}", f"{cpu_us:.0f}",
            *(f"{used:.2f}" for used in cores), f"{median(r['cores'] for r in results):.2f}",
        ])  # fmt: skip
    columns = (
        "server", "events/s", "lowest … highest", "times bare FastAPI", "its CPU µs/event",
        "cores: its own", "Kafka", "Redis", "the client",
    )  # fmt: skip
    note = f"{EVENTS[kind]:,} events over {CONNECTIONS[kind]} connections; one process each."
    return Table(f"HTTP: {kind}, stored durably before the answer", columns, rows, [note])


def _waits(plan: Plan, site: Site, extra: dict[str, Any]) -> dict[str, list[Result]]:
    """Decisions over HTTP and over Kafka, in turns, through the same processes."""
    port, found = free_port(), dict[str, list[Result]](http=[], kafka=[])
    http = Contender(name="http", module="benchmarks.contenders.http_load", arguments=["steady"])
    probe = Contender(name="probe", module="benchmarks.contenders.probe")
    steady = {**extra, "rate": RATE, "warm_s": WARM_S, "total_s": TOTAL_S}
    roles = ["intake", "decide", "gateway"]
    site.empty_redis()
    with hub_roles(site, roles, HUB_GATEWAY_PORT=str(port)):
        for _ in range(plan.rounds):
            asked = {"port": port, "connections": WAITING_MAX, "wait_s": WAIT_ASKED_S}
            found["http"].append(http.run(site.job("http", 0, **steady, **asked)))
            over_kafka = probe.run(site.job("probe", 0, **steady, departments=[extra["dept"]]))
            found["kafka"].append(over_kafka["readers"]["out"])
            plan.tell(", ".join(f"{way} p99 {r[-1]['p99']:.0f} ms" for way, r in found.items()))
    return found


def _waits_table(waits: dict[str, list[Result]]) -> Table:
    texts = {"http": f"HTTP, Prefer: wait={WAIT_ASKED_S}", "kafka": "Kafka, event to answer read"}
    rows = [
        [texts[way], *(f"{_middle(results, percent):.1f}" for percent in PERCENTS)]
        for way, results in waits.items()
    ]
    decided = sum(result["decided"] for result in waits["http"])
    of = sum(result["of"] for result in waits["http"])
    note = f"{decided:,} of {of:,} requests were answered with the decision itself."
    return Table(
        f"A decision at {RATE} requests/s, ms",
        ("", *(f"p{p}" if p < 100 else "max" for p in PERCENTS)), rows, [note],
    )  # fmt: skip


def _waits_goal(waits: dict[str, list[Result]]) -> Goal:
    found = _middle(waits["http"], 99)
    text = f"p99 of a decision that HTTP waits for: at most {GOAL_P99_MS} ms"
    return Goal(text, f"{found:.0f} ms", found <= GOAL_P99_MS)


def _middle(results: Sequence[Result], percent: int) -> float:
    return float(median(result[f"p{percent}"] for result in results))
