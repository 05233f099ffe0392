"""How fast are events taken in, with full validation?

And both hops together, on the same two cores?
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.city import YEAR, city_file, fill_inputs
from benchmarks.contender import LOG, POLL_S, WAIT_S, Contender, result_of
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.generate import city_year
from schemas.topics import DECIDED, JOURNAL, dlq_topic

HUB = "the hub"
BARE = "bare aiokafka"
GOAL_RATE = 15_000
_INTAKE = Contender(name=HUB, module="benchmarks.contenders.intake_hub")
_BARE = Contender(name=BARE, module="benchmarks.contenders.intake_hub", arguments=["bare"])
_DECIDE = Contender(name="decide", module="benchmarks.contenders.decide_hub")


def prepared(plan: Plan, site: Site) -> dict[str, Any]:
    """Departments' topics with a generated year."""
    path = city_file(plan.folder, city_year(plan.events, year=YEAR))
    found: dict[str, Any] = site.dataset(
        {"inputs of a year": plan.events}, lambda: fill_inputs(site, path)
    )
    return found


def renew(site: Site, data: dict[str, Any]) -> None:
    """An empty journal."""
    site.renew_hub_topics([JOURNAL, DECIDED, dlq_topic("intake")], data["departments"])


def intake(plan: Plan) -> Outcome:
    """Intake on the engine and on a bare loop; then intake and decide side by side."""
    with plan.site("intake") as site:
        data = prepared(plan, site)
        names = data["departments"]
        contenders = [
            Contender(
                name=one.name,
                module=one.module,
                arguments=one.arguments,
                extra={"departments": names},
            )
            for one in (_INTAKE, _BARE)
        ]
        rounds = plan.interleave(
            site, contenders, data["records"], lambda _c, _j: renew(site, data)
        )
        accepted = site.count(JOURNAL)
        both = [_both(plan, site, data, accepted) for _ in range(plan.rounds)]
    notes = [
        f"{data['records']:,} events on the topics of {len(names)} departments, "
        f"{data['records'] - accepted:,} of them refused."
    ]
    found = rounds.middle(HUB)
    text = f"the hub takes in at least {GOAL_RATE:,} events/s a process, fully validated"
    return Outcome(
        "intake",
        [
            rounds.table("Intake: decoded, validated, judged, appended", HUB, notes),
            _both_table(both),
        ],
        [Goal(text, f"{found:,.0f}", found >= GOAL_RATE)],
        {"rounds": rounds.results, "both": both},
    )


def _both(plan: Plan, site: Site, data: dict[str, Any], accepted: int) -> Result:
    """Intake and decide, one process each, from the first event in hand to the last decided."""
    site.empty_redis()
    renew(site, data)
    jobs = {
        "decide": site.job("both-decide", accepted),
        "intake": site.job("both-intake", data["records"], departments=data["departments"]),
    }
    running = {"decide": _DECIDE.start(jobs["decide"])}
    try:
        # Recovery is done before the clock runs, as in a hub that is up.
        _wait_for(lambda: "partition is ours" in (jobs["decide"].path / LOG).read_text())
        running["intake"] = _INTAKE.start(jobs["intake"])
        _wait_for(lambda: not any(child.alive for child in running.values()))
        ended = {name: child.returncode for name, child in running.items()}
    finally:
        for child in running.values():
            child.kill()
    results = {name: result_of(name, job, ended[name]) for name, job in jobs.items()}
    taken_in, decided = results["intake"], results["decide"]
    began_at_s = taken_in["ended_at_s"] - taken_in["seconds"]
    took_s = decided["ended_at_s"] - began_at_s
    rate = data["records"] / took_s
    plan.tell(f"both hops: {rate:,.0f} events/s")
    return {"rate": rate, "seconds": took_s, **results}


def _wait_for(done: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("the contenders did not get on: see their logs")
        time.sleep(POLL_S)


def _both_table(both: Sequence[Result]) -> Table:
    def middle(figure: Any) -> float:
        return float(median(figure(result) for result in both))

    rows = [
        ["events/s through both hops", f"{middle(lambda r: r['rate']):,.0f}"],
        ["intake meanwhile, events/s", f"{middle(lambda r: r['intake']['rate']):,.0f}"],
        ["intake, cores", f"{middle(lambda r: r['intake']['cores']):.2f}"],
        ["decide, cores", f"{middle(lambda r: r['decide']['cores']):.2f}"],
        ["Kafka, cores", f"{middle(lambda r: r['decide']['server_cores']['kafka']):.2f}"],
        ["Redis, cores", f"{middle(lambda r: r['decide']['server_cores']['redis']):.2f}"],
    ]
    title = "Both hops: intake and decide side by side, one process each"
    return Table(title, ("", "median"), rows)
