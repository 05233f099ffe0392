"""Does it scale with partitions?

The decide stage with one, two and four workers on four partitions.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.contender import Contender, result_of
from benchmarks.decide import prepared
from benchmarks.outcome import Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.child import Child
from schemas.topics import DECIDED

COUNTS = (1, 2, 4)
END_WAIT_S = 300.0
POLL_S = 0.2
HEARTBEAT_S = 0.5
_WORKER = Contender(name="worker", module="benchmarks.contenders.decide_hub")


def workers(plan: Plan) -> Outcome:
    """Each number of workers, round after round, on the journal of a generated year."""
    with plan.site("decide") as site:
        data = prepared(plan, site)
        found: dict[int, list[Result]] = {count: [] for count in COUNTS}
        for _ in range(plan.rounds):
            for count in COUNTS:
                result = _run(site, count, data)
                found[count].append(result)
                plan.tell(f"{count} workers: {result['rate']:,.0f} events/s")
    return Outcome(
        "workers",
        [_table(found)],
        raw={"runs": {str(count): runs for count, runs in found.items()}},
    )


def _run(site: Site, count: int, data: Mapping[str, Any]) -> Result:
    site.empty_redis()
    site.renew_hub_topics([DECIDED], data["departments"])
    group = f"bench-workers-{time.time_ns()}"
    # One more than there are: nobody thinks that all is done, all are told to end.
    jobs = [
        site.job(
            f"worker-{count}",
            data["records"] + 1,
            group=group,
            timeline=True,
            heartbeat_s=HEARTBEAT_S,
        )
        for _ in range(count)
    ]
    running: list[Child] = []
    try:
        running.extend(_WORKER.start(job) for job in jobs)
        wait_for(lambda: site.count(DECIDED) >= data["records"], running)
        for child in running:
            child.terminate()
        while any(child.alive for child in running):
            time.sleep(POLL_S)
        ended = [child.returncode for child in running]
    finally:
        for child in running:
            child.kill()
    results = [result_of("worker", job, status) for job, status in zip(jobs, ended, strict=True)]
    rate = shared_rate([result.pop("timeline") for result in results])
    return {"rate": rate, "workers": results}


def wait_for(
    done: Callable[[], bool], running: Sequence[Child], wait_s: float = END_WAIT_S
) -> None:
    """Wait until something is so; every one of these processes must go on working meanwhile.

    Raises:
        RuntimeError: one of them ended, or it took too long.
    """
    deadline = time.monotonic() + wait_s
    while not done():
        if time.monotonic() > deadline or not all(child.alive for child in running):
            raise RuntimeError("a contender ended early or got stuck: see its log")
        time.sleep(POLL_S)


def shared_rate(timelines: Sequence[Sequence[Sequence[float]]]) -> float:
    """Events a second of all workers together, while all of them worked.

    A timeline has one entry a batch: when it was done, in seconds, and how many records were by
    then.
    """
    begin_s = max(timeline[0][0] for timeline in timelines)
    end_s = min(timeline[-1][0] for timeline in timelines)
    done = sum(done_at(timeline, end_s) - done_at(timeline, begin_s) for timeline in timelines)
    return done / (end_s - begin_s)


def done_at(timeline: Sequence[Sequence[float]], at_s: float) -> float:
    """How many records were done at an instant, in between two batches in proportion."""
    number = bisect_left(timeline, at_s, key=lambda entry: entry[0])
    if number == 0:
        return timeline[0][1]
    if number == len(timeline):
        return timeline[-1][1]
    (before_s, before), (after_s, after) = timeline[number - 1][:2], timeline[number][:2]
    return before + (after - before) * (at_s - before_s) / (after_s - before_s)


def _table(found: Mapping[int, Sequence[Result]]) -> Table:
    one = median(run["rate"] for run in found[COUNTS[0]])
    rows = []
    for count, runs in found.items():
        rate = median(run["rate"] for run in runs)
        cores = median(sum(worker["cores"] for worker in run["workers"]) for run in runs)
        rows.append([str(count), f"{rate:,.0f}", f"{rate / one:.2f}", f"{cores:.2f}"])
    return Table(
        "Decide: workers on four partitions",
        ("workers", "events/s", "times one worker", "cores: workers"),
        rows,
        [
            "Counted from the moment at which all workers have partitions until the first has none "
            "left to do. Kafka and Redis run on the same cores: with two cores the second worker "
            "already competes with them.",
        ],
    )
