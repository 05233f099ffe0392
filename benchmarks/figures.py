"""What do figures cost? The page of a city's watch, and what measuring adds to a batch.

The page is asked over HTTP, from the picture in Redis: 800 departments, 200 listed partitions, a
meter with every series of the table. Before each question the watch has looked again, as it has
where Prometheus asks as often as it looks: no page is the same twice. Measuring is a batch of
1,000 decisions published through the wrapper, beside the same without it.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Mapping, Sequence
from statistics import median, quantiles
from typing import Any

import redis
from msgspec import structs

from benchmarks.outcome import Goal, Outcome, Table
from benchmarks.plan import Plan
from connectors.metrics.meter import Meter
from connectors.metrics.serving import FiguresServer, Pulse
from connectors.metrics.stages import MeasuredPublisher
from connectors.metrics.watched import watched_figures
from connectors.process import calm_garbage_collector
from connectors.redis_server import RedisServer
from connectors.watch.role import DEPARTMENTS_EVERY
from connectors.watch.store import DEPARTMENTS, SNAPSHOT
from schemas.metric_shape import Kind, Source
from schemas.metrics import TABLE
from schemas.sites import SITES
from schemas.watch import (
    LISTED_MAX,
    Departments,
    DepartmentView,
    PartitionView,
    QualityNote,
    SiteView,
    Snapshot,
    Stage,
    StageView,
    Verdict,
    encode_departments,
    encode_snapshot,
)
from streams.ports import Outgoing

DEPTS, ASKED, BATCH, BATCHES = 800, 50, 1000, 200
GOAL_MS, GOAL_US = 100.0, 3.0
_SERIES = 20
"""Values of the last label of each row."""


def figures(plan: Plan) -> Outcome:
    """Measure the page and the wrapper."""
    with RedisServer(plan.folder / "figures-redis", fsync="everysec") as server:
        meter = _filled()
        meter.show(watched_figures(server.url).page)
        # As every role does.
        calm_garbage_collector()
        with (
            redis.Redis.from_url(server.url) as client,
            FiguresServer(meter, Pulse(), "127.0.0.1", 0) as asked,
        ):
            began = time.process_time()
            plain = _ask(asked.port, "", client)
            cpu_ms = (time.process_time() - began) / ASKED * 1000
            rich = _ask(asked.port, "application/openmetrics-text; version=1.0.0", client)
    bare, measured = asyncio.run(_batches())
    page_ms = quantiles(plain, n=20)[-1] * 1000
    added_us = (measured - bare) / BATCH * 1e6
    rows = [
        ["page, text form", f"{median(plain) * 1000:.1f} ms", f"{page_ms:.1f} ms"],
        ["page, OpenMetrics", f"{median(rich) * 1000:.1f} ms",
         f"{quantiles(rich, n=20)[-1] * 1000:.1f} ms"],
        ["page, text form, CPU, the asker's included", f"{cpu_ms:.1f} ms", "-"],
        ["counting a decision on its way out, CPU", f"{added_us:.2f} µs", "-"],
    ]  # fmt: skip
    return Outcome(
        "figures",
        [Table("what figures cost", ("what", "median", "p95"), rows)],
        [
            Goal(
                f"metrics page under {GOAL_MS:g} ms (p95)", f"{page_ms:.1f} ms", page_ms < GOAL_MS
            ),
            Goal(
                f"under {GOAL_US:g} µs of CPU a decision", f"{added_us:.2f} µs", added_us < GOAL_US
            ),
        ],
        {"page_s": plain, "page_cpu_ms": cpu_ms, "open_s": rich, "added_us": added_us},
    )


def _ask(port: int, accept: str, client: redis.Redis) -> list[float]:
    took = []
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})
    picture, departments = _picture(), _departments()
    for number in range(ASKED):
        picture = structs.replace(picture, at_ms=picture.at_ms + 15_000)
        client.set(SNAPSHOT, encode_snapshot(picture))
        if number % DEPARTMENTS_EVERY == 0:
            departments = structs.replace(departments, at_ms=picture.at_ms)
            client.set(DEPARTMENTS, encode_departments(departments))
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            answer.read()
        took.append(time.perf_counter() - began)
    return took


def _filled() -> Meter:
    meter = Meter()
    do = {Kind.COUNTER: meter.add, Kind.GAUGE: meter.set, Kind.HISTOGRAM: meter.seen}
    for row in TABLE:
        own = row.source is Source.HUB and not row.name.startswith(("hub_stage", "kafka_"))
        if own and row.labels and "dept" not in row.labels and not row.name.startswith(_OF_WATCH):
            for number in range(_SERIES):
                values = ["x"] * (len(row.labels) - 1) + [f"v{number}"]
                do[row.kind](row.name, 1, **dict(zip(row.labels, values, strict=True)))
    return meter


_OF_WATCH = ("hub_verdict", "hub_site_entries", "hub_site_b", "hub_site_p", "hub_dead_letters_kept",
             "hub_canary")  # fmt: skip


def _picture() -> Snapshot:
    places = [(Stage.INTAKE, ""), (Stage.DECIDE, "")]
    places += [(stage, site) for stage in (Stage.DELIVER, Stage.PROVE) for site in SITES]
    return Snapshot(
        at_ms=int(time.time() * 1000),
        every_s=5,
        broker="127.0.0.1:9092",
        verdict=Verdict.OK,
        stages=tuple(
            StageView(stage=stage, site=site, verdict=Verdict.OK, lag=9, drain_per_s=1.0,
                      need_per_s=0.5, headroom=2.0, will_miss=0, next_due_ms=1, latest_ms=1)
            for stage, site in places
        ),
        partitions=tuple(
            PartitionView(stage=Stage.INTAKE, group="insp-intake", topic=f"insp.in.D{number:05}",
                          partition=0, committed=1, end=9, lag=8, verdict=Verdict.WARN, oldest_ms=1)
            for number in range(LISTED_MAX)
        ),
        sites=tuple(
            SiteView(site=site, lanes=dict.fromkeys(("stop", "disclose", "prove"), 5))
            for site in SITES
        ),
        dead_letters={"intake": 5, "decide": 0, "deliver": 0},
    )  # fmt: skip


def _departments() -> Departments:
    return Departments(
        at_ms=int(time.time() * 1000),
        departments=tuple(
            DepartmentView(
                dept=f"D{number:05}", verdict=Verdict.OK, notes=(QualityNote.SILENT,), last_ms=1,
                events=30, refused=1,
            )
            for number in range(DEPTS)
        ),
    )  # fmt: skip


class _Nowhere:
    """A broker that takes everything at once."""

    async def publish(self, records: Sequence[Any]) -> Mapping[tuple[str, int], int]:
        return {}


async def _batches() -> tuple[float, float]:
    """CPU seconds a batch, without and with the wrapper: medians, taken in turns."""
    headers = [("ce_id", b"1"), ("ce_source", b"HUB"), ("ce_type", b"decision.made")]
    value = b'{"task_id":"WJW-2026-000001","uscc":"91120116MA05ABCD0C","decision":"ISSUED"}'
    records = [Outgoing("insp.decided", 0, b"k", value, ()) for _ in range(BATCH)]
    records += [Outgoing("insp.out.WJW-120116", 0, b"k", value, headers) for _ in range(BATCH)]
    bare, wrapped = _Nowhere(), MeasuredPublisher(_Nowhere(), "decide", Meter())
    took: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(BATCHES):
        for measured in (False, True):
            began = time.process_time()
            await (wrapped if measured else bare).publish(records)
            took[measured].append(time.process_time() - began)
    return median(took[False]), median(took[True])
