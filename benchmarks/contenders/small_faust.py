"""The small fold on Faust, as its guide teaches: records, tables, `send` for each event.

Run with Faust's own command line: `worker -l warn --without-web`.
"""

from __future__ import annotations

import asyncio
from time import gmtime
from typing import Any

import faust

from benchmarks.contenders.small_fold import CAP, SINK, SOURCE, TABLE, code
from benchmarks.job import read_job
from benchmarks.meter import Meter

JOB = read_job()
METER = Meter(JOB)


class Task(faust.Record):
    """What comes in."""

    task: str
    uscc: str
    dept: str
    item: str
    mode: str
    at: int


class Answer(faust.Record):
    """What goes out."""

    task: str
    uscc: str
    dept: str
    item: str
    mode: str
    at: int
    decision: str
    code: str | None = None


app = faust.App(
    JOB.group,
    broker=f"kafka://{JOB.bootstrap}",
    store="memory://",
    topic_partitions=4,
    web_enabled=False,
    datadir=str(JOB.path / "data"),
)
source = app.topic(SOURCE, key_type=str, value_type=Task)
sink = app.topic(SINK, key_type=str, value_type=Answer)
counts = app.Table("counts", default=int)
decisions = app.Table(TABLE, default=int)


def delivered(sent: Any) -> None:
    """Count an answer that the broker has."""
    sent.result()
    METER.count(1)


@app.agent(source)
async def cap(stream: Any) -> None:
    """Decide each task."""
    async for task in stream:
        METER.first()
        name = f"{task.uscc}|{task.dept}|{gmtime(task.at).tm_year}"
        decided = decisions[task.task]
        if not decided:
            decided = 1 if counts[name] < CAP else 2
            if decided == 1:
                counts[name] += 1
            decisions[task.task] = decided
        verdict, given = ("ISSUE", code(task.task)) if decided == 1 else ("INTERCEPT", None)
        sent = await sink.send(
            key=task.uscc, value=Answer(**task.asdict(), decision=verdict, code=given)
        )
        # Its future of a delivery; the type says only that it can be awaited.
        asyncio.ensure_future(sent).add_done_callback(delivered)


if __name__ == "__main__":
    app.main()
