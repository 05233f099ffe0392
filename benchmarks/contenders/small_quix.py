"""The small fold on Quix Streams, as its guide teaches: stateful `apply`, RocksDB and a changelog.

Runs in an environment of its own. Argument: at-least-once or exactly-once.
"""

from __future__ import annotations

import sys
from typing import Any

from quixstreams import Application  # type: ignore[import-not-found] # in its own environment
from quixstreams.checkpointing.checkpoint import (  # type: ignore[import-not-found] # see above
    Checkpoint,
)

from benchmarks.contenders.small_fold import SINK, SOURCE, answer, decide, new_state
from benchmarks.job import Job, read_job
from benchmarks.meter import Meter

COMMIT_INTERVAL_S = 1.0
"""Five times what is usual: what is decided becomes visible once in that time."""


def application(job: Job, guarantee: Any) -> Application:
    """An application that keeps its state in the job's folder."""
    return Application(
        broker_address=job.bootstrap,
        consumer_group=job.group,
        auto_offset_reset="earliest",
        processing_guarantee=guarantee,
        commit_interval=COMMIT_INTERVAL_S,
        state_dir=str(job.path / "state"),
        loglevel="WARNING",
    )


class Counted:
    """Counts records at checkpoints: only there are their effects durable and delivered."""

    def __init__(self, meter: Meter) -> None:
        self.seen = 0
        self._meter = meter
        commit = Checkpoint.commit

        def counting(checkpoint: Checkpoint, *args: Any, **kwargs: Any) -> None:
            seen = self.seen
            commit(checkpoint, *args, **kwargs)
            self._meter.count(seen - self._meter.done)

        Checkpoint.commit = counting  # it offers no such event

    def one(self) -> None:
        """One record is in hand."""
        if not self.seen:
            self._meter.first()
        self.seen += 1


def main(job: Job, guarantee: str) -> None:
    app = application(job, guarantee)
    counted = Counted(Meter(job))

    def fold(event: dict[str, Any], state: Any) -> dict[str, Any]:
        counted.one()
        held = state.get("s") or new_state()
        decided = decide(held, event)
        state.set("s", held)
        return answer(event, decided)

    frame = app.dataframe(app.topic(SOURCE, key_deserializer="bytes"))
    frame = frame.apply(fold, stateful=True)
    frame.to_topic(app.topic(SINK, key_serializer="bytes"))
    app.run()


if __name__ == "__main__":
    main(read_job(), sys.argv[1])
