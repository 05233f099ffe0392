"""The decide stage on the hub's engine, or with `bare` on a plain aiokafka loop.

With `one-out` the answers to all departments go to one topic.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

from benchmarks.contenders.bare_loop import drive
from benchmarks.contenders.parts import OneOutTopic, decide_handler, publisher_of
from benchmarks.job import Job, read_job, run
from benchmarks.meter import Meter, Metered
from schemas.topics import JOURNAL
from streams.engine import Engine, EngineSettings

HEARTBEAT_S = 3.0


async def main(job: Job, *, bare: bool, one_out: bool) -> None:
    publisher: Any = await publisher_of(job)
    if one_out:
        publisher = OneOutTopic(publisher)
    meter = Meter(job)
    # Who works together with others cannot know when all is done.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, meter.finish)
    handler = Metered(await decide_handler(job, publisher), meter)
    if bare:
        await drive(job.bootstrap, job.group, [JOURNAL], handler)
    heartbeat_s = job.extra.get("heartbeat_s", HEARTBEAT_S)
    settings = EngineSettings(job.bootstrap, job.group, heartbeat_s=heartbeat_s)
    await Engine(settings, [JOURNAL], handler).run(asyncio.Event())


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB, bare="bare" in sys.argv, one_out="one-out" in sys.argv), JOB)
