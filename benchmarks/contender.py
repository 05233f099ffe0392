"""How is a contender run? As a process of its own, alone; its last line says what it measured."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.job import Job
from benchmarks.meter import RESULT
from connectors.child import Child

PROJECT = Path(__file__).parents[1]
WAIT_S = 600.0
POLL_S = 0.02
LOG = "log"
LOG_LINES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One program to be measured.

    Attributes:
        name: What it is called in the table.
        module: The module that is run.
        arguments: Its command line.
        python: The interpreter; Quix Streams has one of its own.
        uvloop: Run it on uvloop.
        events: So many records at most; None: all.
        extra: What only it is told.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    python: str = sys.executable
    uvloop: bool = False
    events: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def start(self, job: Job, **env: str) -> Child:
        """Start it for one job; what it writes goes to a file in the job's folder."""
        child = Child(
            self.name,
            [self.python, "-m", self.module, *self.arguments],
            log=job.path / LOG,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **job.environment(), **env},
        )
        child.start()
        return child

    def run(self, job: Job, wait_s: float = WAIT_S) -> dict[str, Any]:
        """Run it to its end and give what it measured.

        Raises:
            RuntimeError: it failed; the message carries the end of its log.
        """
        child = self.start(job)
        deadline = time.monotonic() + wait_s
        while child.alive and time.monotonic() < deadline:
            time.sleep(POLL_S)
        status = child.returncode
        child.kill()
        return result_of(self.name, job, status)


def result_of(name: str, job: Job, status: int | None) -> dict[str, Any]:
    """What a contender that ended with this status measured."""
    lines = (job.path / LOG).read_text(errors="replace").splitlines()
    for line in reversed(lines):
        if status == 0 and line.startswith(RESULT):
            found: dict[str, Any] = json.loads(line.removeprefix(RESULT))
            return found
    ended = "did not end in time" if status is None else f"ended with status {status}"
    last = "\n".join(lines[-LOG_LINES:])
    raise RuntimeError(f"{name} {ended} and measured nothing; its last lines:\n{last}")
