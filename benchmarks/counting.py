"""How fast are answers counted into the statistics, and how fast are the figures read?

The command people use, `hub stats rebuild`, over the logs of a decided year; twice, to see whether
both runs come to the same digest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

from benchmarks.city import YEAR
from benchmarks.contender import PROJECT, Contender
from benchmarks.decide import prepared
from benchmarks.outcome import Goal, Outcome, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from schemas.topics import DECIDED

YEAR_EVENTS = 1_000_000
GOAL_YEAR_S = 600.0
GOAL_READ_S = 2.0
_DECIDE = Contender(name="decide", module="benchmarks.contenders.decide_hub")


def counting(plan: Plan) -> Outcome:
    """Count a generated year from its first record, and read it."""
    with plan.site("decide") as site:
        data = prepared(plan, site)
        site.renew_hub_topics([DECIDED], data["departments"])
        site.empty_redis()
        _DECIDE.run(site.job("decide", data["records"]))
        runs = [_stats(site, "rebuild") for _ in range(2)]
        # The generated year, not the one that goes on: of that there would be nothing to read.
        read = _stats(site, "--as-is", "--by", "department", "--year", str(YEAR))
        size_mib = sum(one.stat().st_size for one in (site.folder / "statistics").iterdir()) / 2**20
    records = data["records"]
    rates = [records / run["seconds"] for run in runs]
    year_s = YEAR_EVENTS / min(rates)
    rows = [
        [f"counted from the first record, run {number}", f"{run['seconds']:.1f} s", f"{rate:,.0f}"]
        for number, (run, rate) in enumerate(zip(runs, rates, strict=True), 1)
    ]
    rows.append(["read, a line for each department", f"{read['seconds']:.2f} s", ""])
    notes = [
        f"{records:,} answered journal records of a generated year, one process, the start of the "
        f"command included; the file has {size_mib:.1f} MiB.",
        f"A city's year of {YEAR_EVENTS:,} events is counted in {year_s / 60:.1f} minutes.",
    ]
    digests = {run["told"]["digest"] for run in runs}
    return Outcome(
        "counting",
        [Table("Statistics", ("what", "takes", "records/s"), rows, notes)],
        [
            Goal(
                f"a year of {YEAR_EVENTS:,} events is counted in {GOAL_YEAR_S / 60:g} minutes",
                f"{year_s / 60:.1f} minutes",
                year_s <= GOAL_YEAR_S,
            ),
            Goal(
                f"figures are read in {GOAL_READ_S:g} s",
                f"{read['seconds']:.2f} s",
                read["seconds"] <= GOAL_READ_S,
            ),
            Goal("two runs are identical", f"{len(digests)} digest", len(digests) == 1),
        ],
        {"records": records, "runs": runs, "read_s": read["seconds"], "size_mib": size_mib},
    )


def _stats(site: Site, *words: str) -> dict[str, Any]:
    """One `hub stats` command: what it said, and how long it took."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "HUB_BROKER": site.bootstrap,
        "HUB_DATA_DIR": str(site.folder),
    }
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "hub", "stats", *words, "--json"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    took_s = time.monotonic() - began_s
    if done.returncode:
        raise RuntimeError(f"hub stats ended with {done.returncode}: {done.stderr[-2000:]}")
    return {"seconds": took_s, "told": json.loads(done.stdout)}
