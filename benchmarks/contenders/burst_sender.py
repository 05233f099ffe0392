"""Puts a burst on the departments' topics as fast as it can: all but one department's events.

Prepared in memory first; begins when the file `go` appears in its folder.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benchmarks.city import as_sent, postings
from benchmarks.job import Job, read_job, run
from benchmarks.meter import tell
from connectors.publisher import KafkaPublisher

CHUNK_RECORDS = 5_000
POLL_S = 0.01
GO, READY = "go", "ready"


async def main(job: Job) -> None:
    quiet = job.extra["quiet"]
    records = [
        as_sent(posting)
        for posting in postings(Path(job.extra["file"]))
        if not posting.from_registry and posting.dept != quiet
    ]
    publisher = KafkaPublisher(job.bootstrap)
    await publisher.start()
    (job.path / READY).touch()
    while not (job.path / GO).exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(POLL_S)
    began_s = time.time()
    for first in range(0, len(records), CHUNK_RECORDS):
        await publisher.publish(records[first : first + CHUNK_RECORDS])
    ended_s = time.time()
    await publisher.stop()
    tell({"events": len(records), "began_s": began_s, "ended_s": ended_s})


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
