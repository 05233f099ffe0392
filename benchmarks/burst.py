"""What does a burst do to a live hub?

How long until it is level again, and how do others fare meanwhile?
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.city import YEAR, city_file, departments, fill_control, judged, postings
from benchmarks.contender import POLL_S, Contender, result_of
from benchmarks.contenders.burst_sender import GO, READY
from benchmarks.contenders.probe import END, summary
from benchmarks.hub_roles import hub_roles
from benchmarks.outcome import Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from benchmarks.workers import wait_for
from connectors.child import Child
from connectors.generate import quarter_burst
from schemas.topics import DECIDED, JOURNAL
from streams.registry import Registry

RATE = 20
BEFORE_S = 10.0
AFTER_S = 5.0
TOTAL_S = 600.0
_PROBE = Contender(name="probe", module="benchmarks.contenders.probe")
_SENDER = Contender(name="sender", module="benchmarks.contenders.burst_sender")


def burst(plan: Plan) -> Outcome:
    """The wave that opens a quarter, once, in front of a hub that is live."""
    with plan.site("burst") as site:
        path = city_file(plan.folder, quarter_burst(plan.events, year=YEAR), "quarter")
        names = departments(path)
        quiet = names[0]
        accepted = _accepted(path, quiet)
        # Each run needs empty topics: the second time everything would be a repetition.
        site.dataset({"burst": plan.events, "at": time.time()}, lambda: _fill(site, path, names))
        result = _run(site, path, quiet, accepted)
        plan.tell(f"drained in {result['drain_s']:.1f} s")
    return Outcome("burst", [_table(result, len(names))], raw={"run": result})


def _accepted(path: Path, quiet: str) -> int:
    """How many journal records the burst brings about, all but one department's."""
    note = path.with_suffix(f".without-{quiet}.json")
    if not note.exists():
        lines = (line for line in postings(path) if line.from_registry or line.dept != quiet)
        count = sum(record.topic == JOURNAL for record in judged(lines, Registry()))
        note.write_text(json.dumps(count))
    return int(json.loads(note.read_text()))


def _fill(site: Site, path: Path, names: Sequence[str]) -> dict[str, Any]:
    site.create_hub_topics(names)
    fill_control(site, path)
    return {}


def _run(site: Site, path: Path, quiet: str, accepted: int) -> Result:
    sender_job = site.job("sender", 0, file=str(path), quiet=quiet)
    probe_job = site.job(
        "probe",
        0,
        file=str(path),
        departments=[quiet],
        rate=RATE,
        warm_s=0.0,
        total_s=TOTAL_S,
        each="out",
    )
    with hub_roles(site, ["intake", "decide"]) as roles:
        running = [_SENDER.start(sender_job)]
        try:
            wait_for((sender_job.path / READY).exists, running)
            running.append(_PROBE.start(probe_job))
            time.sleep(BEFORE_S)
            (sender_job.path / GO).touch()
            wait_for(lambda: site.count(DECIDED) >= accepted, list(roles.values()))
            drained_s = time.time()
            time.sleep(AFTER_S)
            (probe_job.path / END).touch()
            ended = [_status(child) for child in running]
        finally:
            for child in running:
                child.kill()
    sent = result_of("sender", sender_job, ended[0])
    each = result_of("probe", probe_job, ended[1])["each"]
    return {
        "events": sent["events"],
        "sent_s": sent["ended_s"] - sent["began_s"],
        "drain_s": drained_s - sent["began_s"],
        "before": summary([late for at, late in each if at < sent["began_s"]]),
        "meanwhile": summary([late for at, late in each if sent["began_s"] <= at < drained_s]),
        "after": summary([late for at, late in each if at >= drained_s]),
    }


def _status(child: Child) -> int | None:
    while child.alive:
        time.sleep(POLL_S)
    return child.returncode


def _table(result: Result, topics: int) -> Table:
    rows = [
        ["burst sent in, s", f"{result['sent_s']:.1f}"],
        ["drained (all decided and delivered) after, s", f"{result['drain_s']:.1f}"],
        ["events/s through the hub meanwhile", f"{result['events'] / result['drain_s']:,.0f}"],
    ]
    for when in ("before", "meanwhile", "after"):
        found = result[when]
        shown = " / ".join(f"{found[f'p{percent}']:,.0f}" for percent in (50, 99, 100))
        rows.append([f"another department's event {when}, p50 / p99 / max ms", shown])
    note = (
        f"{result['events']:,} events of the first days of a quarter, on the topics of {topics} "
        f"departments at once; one department stays out of it and sends {RATE} tasks a second "
        "throughout. Read from its own topic. One run."
    )
    return Table("A burst in front of a live hub", ("", "found"), rows, [note])
