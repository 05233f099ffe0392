"""What does the monthly update of classes do to a live hub, shared out and all at once?

The command people use, `hub registry import classes`, against workers that decide meanwhile.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import redis

from benchmarks.city import city_file, departments, fill_control
from benchmarks.contender import POLL_S, PROJECT, Contender, result_of
from benchmarks.contenders.probe import END, summary
from benchmarks.hub_roles import hub_roles
from benchmarks.latency import district
from benchmarks.meter import rss_mb
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from benchmarks.workers import wait_for
from connectors.child import Child
from connectors.generate.subjects import credit_code
from schemas.settings import Settings
from schemas.topics import DECIDED

RATE = 20
BEFORE_S = 15.0
AFTER_S = 5.0
PROBE_WAIT_S = 300.0
TOTAL_S = 6 * 3_600.0
CITY_SUBJECTS = 2_000_000
BEHIND_MAX = {"shared": 2_000, "all at once": 1 << 30}
ROWS_AT_ONCE_MAX = 100_000
"""What is sent all at once shows its harm with fewer rows."""
GOAL_TIMES = 3.0
_PROBE = Contender(name="probe", module="benchmarks.contenders.probe")


def classes(plan: Plan) -> Outcome:
    """The same sheet twice: with the room that decisions need, and as fast as it goes."""
    found: dict[str, Result] = {}
    with plan.site("classes") as site:
        path = city_file(plan.folder, district(), "district")
        names = departments(path)
        for name, behind_max in BEHIND_MAX.items():
            rows = plan.events if name == "shared" else min(plan.events, ROWS_AT_ONCE_MAX)
            sheet = _sheet(plan.folder, rows)
            site.dataset({"classes": rows, "at": time.time()}, lambda: _fill(site, path))
            site.empty_redis()
            found[name] = _run(site, path, names, sheet, behind_max)
            plan.tell(f"{name}: {found[name]['rate']:,.0f} rows/s")
    tables = [_table(found), _memory_table(found["shared"])]
    return Outcome("classes", tables, _goals(found), {"runs": found})


def _sheet(folder: Path, rows: int) -> Path:
    path = folder / f"classes-{rows}.csv"
    if not path.exists():
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["uscc", "scheme", "class", "as_of"])
            for number in range(rows):
                code = credit_code("91", "120116", number)
                writer.writerow([code, "GENERAL_RISK", "ABCD"[number % 4], "2026-03-01"])
    return path


def _fill(site: Site, path: Path) -> dict[str, Any]:
    names = departments(path)
    site.create_hub_topics(names)
    fill_control(site, path)
    return {"departments": names}


def _run(site: Site, path: Path, names: Sequence[str], sheet: Path, behind_max: int) -> Result:
    quiet = names[0]
    job = site.job(
        "probe", 0, file=str(path), departments=[quiet],
        rate=RATE, warm_s=0.0, total_s=TOTAL_S, each="out",
    )  # fmt: skip
    with hub_roles(site, ["intake", "decide"]) as roles:
        probe = _PROBE.start(job)
        try:
            # Its first decisions show that the probe is there.
            wait_for(lambda: site.count(DECIDED) >= RATE, list(roles.values()), PROBE_WAIT_S)
            time.sleep(BEFORE_S)
            held_mb = {"before": _held_mb(site, roles)}
            began_s = time.time()
            told = _import(site, sheet, behind_max)
            ended_s = time.time()
            held_mb["after"] = _held_mb(site, roles)
            time.sleep(AFTER_S)
            (job.path / END).touch()
            while probe.alive:
                time.sleep(POLL_S)
            status = probe.returncode
        finally:
            probe.kill()
    each = result_of("probe", job, status)["each"]
    return {
        "rows": told["sent"],
        "seconds": ended_s - began_s,
        "rate": told["sent"] / told["took_s"],
        "sent_s": told["took_s"],
        "held_mb": held_mb,
        "import_peak_mb": told["peak_mb"],
        "before": summary([late for at, late in each if at < began_s]),
        "meanwhile": summary([late for at, late in each if began_s <= at < ended_s]),
        "after": summary([late for at, late in each if at >= ended_s]),
    }


def _import(site: Site, sheet: Path, behind_max: int) -> dict[str, Any]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "HUB_BROKER": site.bootstrap,
        "HUB_REDIS_URL": site.redis_url,
        "HUB_DATA_DIR": str(site.folder),
    }
    argv = [
        sys.executable, "-m", "hub", "registry", "import", "classes", str(sheet),
        "--behind-max", str(behind_max), "--wait-s", "120", "--json",
    ]  # fmt: skip
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the import ended with {done.returncode}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    # Of all children that have ended the largest; the others are small.
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10
    return {**told, "peak_mb": peak_mb}


def _held_mb(site: Site, roles: Mapping[str, Child]) -> dict[str, float]:
    """Memory of each process now, and of the data in Redis."""
    with redis.Redis.from_url(site.redis_url) as client:
        data = client.info("memory")["used_memory"] / 2**20
    return {**{name: rss_mb(child.pid) for name, child in roles.items()}, "data in Redis": data}


def _memory_table(result: Result) -> Table:
    held = result["held_mb"]
    rows = [
        [name, f"{before:,.0f}", f"{held['after'][name]:,.0f}",
         f"{(held['after'][name] - before) * 2**20 / result['rows']:,.0f}"]
        for name, before in held["before"].items()
    ]  # fmt: skip
    rows.append(["the import itself, at most", "", f"{result['import_peak_mb']:,.0f}", ""])
    title = f"Memory, before and after {result['rows']:,} enterprises got a class (shared)"
    note = (
        "`intake` keeps nothing of classes; `decide` keeps states of at most "
        f"{Settings().states_cached_max:,} enterprises a partition; Redis keeps all."
    )
    return Table(title, ("", "before, MB", "after, MB", "bytes an enterprise"), rows, [note])


def _table(found: dict[str, Result]) -> Table:
    rows = []
    for name, result in found.items():
        city_min = CITY_SUBJECTS / result["rate"] / 60
        times = [
            " / ".join(f"{result[when][f'p{percent}']:,.0f}" for percent in (50, 99, 100))
            for when in ("before", "meanwhile", "after")
        ]
        judged_s = result["seconds"] - result["sent_s"]
        rows.append([
            name, f"{result['rows']:,}", f"{judged_s:.1f}", f"{result['sent_s']:.1f}",
            f"{result['rate']:,.0f}",
            f"{city_min:.0f}", *times,
        ])  # fmt: skip
    columns = (
        "import", "rows", "read and judged in, s", "sent in, s", "rows/s",
        "2,000,000 rows would take, min",
        "a decision before, p50 / p99 / max ms", "meanwhile", "after",
    )  # fmt: skip
    note = (
        f"`hub registry import classes`; a department sends {RATE} tasks a second throughout, read "
        f"from its own topic. Shared: at most {BEHIND_MAX['shared']:,} records before intake and "
        "decide together. 'Meanwhile' includes reading and judging the sheet before it is sent. "
        "The time for two million rows is reckoned from the rate. One run each."
    )
    return Table("The monthly update of classes in front of a live hub", columns, rows, [note])


def _goals(found: dict[str, Result]) -> list[Goal]:
    shared = found["shared"]
    times = shared["meanwhile"]["p99"] / shared["before"]["p99"]
    text = f"p99 of a decision during a shared update: at most {GOAL_TIMES:g} times that before"
    return [Goal(text, f"{times:.2f}", times <= GOAL_TIMES)]
