"""Does deciding stay as fast as work grows, and what does a task cost to keep?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import redis

from benchmarks.city import YEAR, city_file, departments, judged, postings, publish_all
from benchmarks.contender import Contender
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.generate import city_year
from connectors.generate.subjects import credit_code
from schemas.codec import decode_journal, encode_journal
from schemas.messages import TASK_SUBMITTED
from schemas.topics import DECIDED, JOURNAL
from streams.ports import Outgoing
from streams.registry import Registry

TASKS_PER_EVENT = 5
"""Of a run with 200,000 events: a million tasks."""
WINDOW_SHARE = 0.05
MARKS = (0.01, 0.1, 1.0)
POOL_EVENTS = 60_000
GOAL_FLAT = 0.8
GOAL_REBUILD_S = 60.0
_DECIDE = Contender(name="decide", module="benchmarks.contenders.decide_hub")
_REBUILD = Contender(name="rebuild", module="benchmarks.contenders.rebuild_hub")


def growth(plan: Plan) -> Outcome:
    """One worker decides task after task.

    Then the view is dropped and made again from the facts.
    """
    tasks = plan.events * TASKS_PER_EVENT
    window = int(tasks * WINDOW_SHARE)
    total = tasks + window
    with plan.site("growth") as site:
        path = city_file(plan.folder, city_year(POOL_EVENTS, year=YEAR), "pool")
        names = departments(path)
        site.dataset({"tasks": total}, lambda: _fill(site, path, total))
        site.renew_hub_topics([DECIDED], names)
        site.empty_redis()
        with redis.Redis.from_url(site.redis_url) as client:
            before = client.info("memory")["used_memory"]
            decided = _DECIDE.run(site.job("grow", total, timeline=True))
            a_task = (client.info("memory")["used_memory"] - before) / total
        plan.tell(f"{total:,} tasks decided in {decided['seconds']:.0f} s")
        rebuilt = _REBUILD.run(site.job("rebuild", total))
    timeline = decided.pop("timeline")
    marks = [_mark(timeline, int(tasks * share), window) for share in MARKS]
    return Outcome(
        "growth",
        [_table(marks, window), _costs(a_task, decided, rebuilt)],
        _goals(marks, rebuilt),
        {"decided": decided, "rebuilt": rebuilt, "marks": marks, "bytes_a_task": a_task},
    )


def _fill(site: Site, path: Path, count: int) -> dict[str, Any]:
    site.create_hub_topics(departments(path))
    site.tell(f"the journal is filled with {count:,} tasks …")
    publish_all(site.bootstrap, _journal(path, count))
    return {}


def _journal(path: Path, count: int) -> Iterator[Outgoing]:
    """The registries, then so many tasks: the same year again and again, of other enterprises."""
    pool: list[Outgoing] = []
    for record in judged(postings(path), Registry()):
        if record.topic != JOURNAL:
            yield record
        elif decode_journal(record.value).type == TASK_SUBMITTED:
            pool.append(record)
    numbers = {key: number for number, key in enumerate(dict.fromkeys(r.key for r in pool))}
    for made in range(count):
        lap, place = divmod(made, len(pool))
        yield _copy(pool[place], lap, numbers[pool[place].key] + lap * len(numbers))


def _copy(record: Outgoing, lap: int, serial: int) -> Outgoing:
    """The same task of another enterprise, under another id."""
    was = decode_journal(record.value)
    data: Any = was.data
    uscc = credit_code(data.uscc[:2], data.uscc[2:8], serial)
    changed = data.model_copy(update={"uscc": uscc, "task_id": f"{data.task_id}-{lap}"})
    now = was.model_copy(update={"id": f"{was.id}-{lap}", "data": changed})
    return record._replace(key=uscc.encode(), value=encode_journal(now))


def _mark(timeline: Sequence[Sequence[float]], already: int, window: int) -> Result:
    """How fast it was over so many tasks when so many were in the state already."""
    begin_s, end_s = _when(timeline, already), _when(timeline, already + window)
    rss_mb = next(rss for at_s, _, rss in timeline if at_s >= begin_s)
    return {"already": already, "rate": window / (end_s - begin_s), "rss_mb": rss_mb}


def _when(timeline: Sequence[Sequence[float]], done: int) -> float:
    """The instant at which so many were done."""
    number = bisect_left(timeline, float(done), key=lambda entry: entry[1])
    if number == 0:
        return timeline[0][0]
    (before_s, before), (after_s, after) = timeline[number - 1][:2], timeline[number][:2]
    return before_s + (after_s - before_s) * (done - before) / (after - before)


def _table(marks: Sequence[Result], window: int) -> Table:
    rows = [
        [
            f"{mark['already']:,}",
            f"{mark['rate']:,.0f}",
            f"{mark['rate'] / marks[0]['rate']:.2f}",
            f"{mark['rss_mb']:.0f}",
        ]
        for mark in marks
    ]
    note = (
        f"Over the {window:,} tasks that follow; every record is a task of a department. One run."
    )
    columns = ("tasks in state", "events/s", "times the first", "worker RSS MB")
    return Table("Decide: cost as work grows", columns, rows, [note])


def _costs(a_task: float, decided: Result, rebuilt: Result) -> Table:
    rows = [
        ["Redis, bytes a task", f"{a_task:,.0f}"],
        ["worker, highest resident memory, MB", f"{decided['peak_mb']:.0f}"],
        [f"rebuild of {rebuilt['events']:,} tasks, s", f"{rebuilt['seconds']:.0f}"],
        ["rebuild, answers applied a second", f"{rebuilt['rate']:,.0f}"],
        ["rebuild, cores", f"{rebuilt['cores']:.2f}"],
        ["rebuild, highest resident memory, MB", f"{rebuilt['peak_mb']:.0f}"],
    ]
    return Table("What a task costs to keep, and to rebuild", ("", "found"), rows)


def _goals(marks: Sequence[Result], rebuilt: Result) -> list[Goal]:
    flat = marks[-1]["rate"] / marks[0]["rate"]
    first, last = marks[0]["already"], marks[-1]["already"]
    took_s = rebuilt["seconds"]
    return [
        Goal(
            f"as fast with {last:,} tasks in state as with {first:,}, within 20 %",
            f"{flat:.2f}",
            flat >= GOAL_FLAT,
        ),
        Goal(
            f"a rebuild of {rebuilt['events']:,} tasks in {GOAL_REBUILD_S:g} s",
            f"{took_s:.0f} s",
            took_s <= GOAL_REBUILD_S,
        ),
    ]
