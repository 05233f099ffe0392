"""What is one contender asked to do? Handed over in an environment variable, as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connectors.logs import set_up_logs
from connectors.process import calm_garbage_collector, run_loop

VARIABLE = "HUB_BENCH_JOB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of one contender.

    Attributes:
        bootstrap: The address of Kafka.
        redis_url: The address of Redis.
        folder: Where the contender may keep files; empty at its start.
        group: A consumer group of its own.
        events: How many records make the run complete.
        watched: Process ids of the servers whose share of the machine is told along.
        uvloop: Run on uvloop, not on asyncio's own loop.
        extra: What only this contender needs.
    """

    bootstrap: str
    redis_url: str
    folder: str
    group: str
    events: int
    watched: Mapping[str, int] = field(default_factory=dict)
    uvloop: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The environment of the contender's process."""
        return {VARIABLE: json.dumps(asdict(self))}

    @property
    def path(self) -> Path:
        """`folder` as a path."""
        return Path(self.folder)


def read_job() -> Job:
    """What this process is asked to do."""
    return Job(**json.loads(os.environ[VARIABLE]))


def run(main: Coroutine[Any, Any, None], job: Job) -> None:
    """Run a contender as the hub runs a role: what start-up left is never collected again."""
    set_up_logs("info", json=False)
    calm_garbage_collector()
    run_loop(main, uvloop=job.uvloop)
