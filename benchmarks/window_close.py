"""What does a window's close over all pending draws do to decisions that go on meanwhile?

The scheduler's own keeper closes it, as fast as workers that decide answer it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any

from redis.asyncio import Redis

from benchmarks.city import city_file, departments, judged, postings, publish_all
from benchmarks.contender import POLL_S, Contender, result_of
from benchmarks.contenders.probe import END, summary
from benchmarks.hub_roles import hub_roles
from benchmarks.latency import district
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from benchmarks.workers import wait_for
from connectors.console.traffic.event_lines import LineReader, Posting
from connectors.kafka_log import KafkaLog
from connectors.publisher import KafkaPublisher
from connectors.redis_view import RedisView
from schemas.messages import POLICY_PUBLISHED
from schemas.settings import Settings
from schemas.topics import DECIDED, JOURNAL
from streams.registry import Registry
from streams.rules.calendar import SHANGHAI, quarter_of
from streams.timers import Portions
from streams.windows import WindowKeeper

RATE = 20
BEFORE_S, AFTER_S = 15.0, 5.0
TOTAL_S, DRAIN_S = 3_000.0, 1_800.0
DRAWS_AN_ENTERPRISE = 10
"""In a run of any size: what a window's close costs depends on it."""
LISTS = 200
"""So many draws; each names its share of the objects."""
SEED = 4
GOAL_TIMES = 3.0
_PROBE = Contender(name="probe", module="benchmarks.contenders.probe")


def window_close(plan: Plan) -> Outcome:
    """As many pending draws as a run has events, in one district, then the window closes."""
    with plan.site("window") as site:
        path = city_file(plan.folder, district(), "district")
        names = departments(path)
        wanted = {"draws": plan.events, "at": time.time()}
        filled = site.dataset(wanted, lambda: _fill(site, path, plan.events))
        site.empty_redis()
        result = _run(site, path, names, filled["records"])
        plan.tell(f"closed for {result['enterprises']:,} in {result['decided_s']:.1f} s")
    return Outcome("window_close", [_table(result)], _goals(result), {"run": result})


def _fill(site: Site, path: Path, draws: int) -> dict[str, Any]:
    """Control topics, and a journal of draws that the policy takes though they are late."""
    site.create_hub_topics(departments(path))
    leading = takewhile(lambda one: one.from_registry, postings(path))
    # The draws' own policy stands in for the file's.
    lines = [*(one for one in leading if one.type != POLICY_PUBLISHED), *_draw_lines(path, draws)]
    counts = publish_all(site.bootstrap, judged(lines, Registry()))
    return {"records": counts[JOURNAL]}


def _draw_lines(path: Path, draws: int) -> Iterator[Posting]:
    """A policy that takes late draws, then each department's draws of the quarter we live in."""
    reader, rng = LineReader(), Random(SEED)
    now = datetime.now(UTC) - timedelta(minutes=1)
    subjects, names, policy = [], [], {}
    for posting in takewhile(lambda one: one.from_registry, postings(path)):
        data = json.loads(posting.value or b"{}")
        if "uscc" in data and data["status"] == "ACTIVE" and data["uscc"][:2] in ("91", "92", "93"):
            subjects.append(data["uscc"])
        elif "listed" in data and data["listed"] and not data["valid_to"]:
            names.append(data["dept"])
        elif "policy" in data:
            policy = data
    numbers = {**policy["policy"], "version": "window-close", "late_draws": "take"}
    events = [("REGISTRY", "policy.published", {**policy, "policy": numbers})]
    subjects = subjects[: max(1, draws // DRAWS_AN_ENTERPRISE)]
    left = draws
    while left > 0:
        size = min(max(1, draws // LISTS), left, len(subjects))
        number, left = len(events), left - size
        data = {
            "draw_id": f"CQ-{number}", "quarter": quarter_of(now.astimezone(SHANGHAI).date()),
            "plan_code": "JH", "drawn_at": now.isoformat(), "items": ["1101-001"],
            "objects": rng.sample(subjects, size),
        }  # fmt: skip
        events.append((names[number % len(names)], "draw.submitted", data))
    for number, (source, kind, data) in enumerate(events):
        event = {
            "specversion": "1.0", "id": f"window-{number}", "source": source, "type": kind,
            "time": now.isoformat(), "data": data,
        }  # fmt: skip
        yield reader.read(json.dumps(event).encode(), number + 1)


def _run(site: Site, path: Path, names: list[str], records: int) -> Result:
    job = site.job(
        "probe", 0, file=str(path), departments=names[:1],
        rate=RATE, warm_s=0.0, total_s=TOTAL_S, each="out",
    )  # fmt: skip
    with hub_roles(site, ["intake", "decide"]) as roles:
        workers = list(roles.values())
        wait_for(lambda: site.count(DECIDED) >= records, workers, DRAIN_S)
        probe = _PROBE.start(job)
        try:
            # Its first decisions show that the probe is there.
            wait_for(lambda: site.count(DECIDED) >= records + RATE, workers, DRAIN_S)
            time.sleep(BEFORE_S)
            began_s = time.time()
            closed = asyncio.run(_close(site, path))
            asked_s = time.time()
            until = site.count(JOURNAL)
            wait_for(lambda: site.count(DECIDED) >= until, workers, DRAIN_S)
            decided_s = time.time()
            time.sleep(AFTER_S)
            (job.path / END).touch()
            while probe.alive:
                time.sleep(POLL_S)
            ended = probe.returncode
        finally:
            probe.kill()
    each = result_of("probe", job, ended)["each"]
    return {
        "draws": records,
        "enterprises": closed,
        "asked_s": asked_s - began_s,
        "decided_s": decided_s - began_s,
        "before": summary([late for at, late in each if at < began_s]),
        "meanwhile": summary([late for at, late in each if began_s <= at < decided_s]),
        "after": summary([late for at, late in each if at >= decided_s]),
    }


async def _close(site: Site, path: Path) -> int:
    """Close the window as the scheduler does; returns for how many enterprises."""
    registry = Registry()
    for _ in judged(_control(path), registry):
        pass
    redis = Redis.from_url(site.redis_url)
    publisher = KafkaPublisher(site.bootstrap)
    await publisher.start()
    try:
        view, per_s = RedisView(redis, site.redis_url), Settings().windows_closed_per_s
        keeper = WindowKeeper(
            view,
            Portions(view, publisher, asyncio.Event(), per_s_max=per_s),
            await KafkaLog(site.bootstrap).partitions(JOURNAL),
            registry,
        )
        return await keeper.close(datetime.now(SHANGHAI).date() + timedelta(days=1))
    finally:
        await publisher.stop()
        await redis.aclose()


def _control(path: Path) -> list[Posting]:
    """What the scheduler knows: the policy in force."""
    return [next(_draw_lines(path, 0))]


def _table(result: Result) -> Table:
    rows = [
        ["draws that waited", f"{result['draws']:,}"],
        ["enterprises whose window was closed", f"{result['enterprises']:,}"],
        ["asked for within, s", f"{result['asked_s']:.1f}"],
        ["all decided and delivered after, s", f"{result['decided_s']:.1f}"],
    ]
    for when in ("before", "meanwhile", "after"):
        found = result[when]
        shown = " / ".join(f"{found[f'p{percent}']:,.0f}" for percent in (50, 99, 100))
        rows.append([f"a decision {when}, p50 / p99 / max ms", shown])
    note = (
        f"One department sends {RATE} tasks a second throughout, read from its own topic; "
        f"{Settings().windows_closed_per_s:,.0f} windows a second are closed at most, and no more "
        "than decide answers beside it. One run."
    )
    title = "A window's close over pending draws, in front of a live hub"
    return Table(title, ("", "found"), rows, [note])


def _goals(result: Result) -> list[Goal]:
    times = result["meanwhile"]["p99"] / result["before"]["p99"]
    text = f"p99 of a decision during the close: at most {GOAL_TIMES:g} times that before"
    return [Goal(text, f"{times:.2f}", times <= GOAL_TIMES)]
