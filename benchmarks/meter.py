"""How long did a contender take, from the first record in hand to the last one done for good?"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.job import Job

RESULT = "RESULT "
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Meter:
    """Measures one process. Records count when their effects are durable and delivered.

    With `timeline` in the job's extra it also notes, batch by batch: when, how many, how much
    memory.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._began_s: float | None = None
        self._cpu_s = 0.0
        self._servers_s: dict[str, float] = {}
        self._timeline: list[tuple[float, int, float]] | None = None
        if job.extra.get("timeline"):
            self._timeline = []
        self.done = 0

    def first(self) -> None:
        """The first record is in hand: the clock runs from now."""
        if self._began_s is None:
            self._servers_s = servers_cpu_s(self._job.watched)
            self._cpu_s = time.process_time()
            self._began_s = time.perf_counter()

    def count(self, records: int) -> None:
        """So many more are done. With the last one of the job, tell and end the process."""
        self.done += records
        if self._timeline is not None:
            self._timeline.append((time.time(), self.done, rss_mb()))
        if self.done >= self._job.events:
            self.finish()

    def finish(self, **more: Any) -> NoReturn:
        """Tell what was measured and end the process at once."""
        tell({**self.result(), **more})
        # A graceful end takes seconds, and there is nothing left to save.
        os._exit(0)

    def result(self) -> dict[str, Any]:
        """What was measured so far."""
        if self._began_s is None:
            raise RuntimeError("nothing was measured: no record ever came")
        took_s = time.perf_counter() - self._began_s
        cpu_s = time.process_time() - self._cpu_s
        servers = servers_cpu_s(self._job.watched)
        return {
            "events": self.done,
            "seconds": took_s,
            "ended_at_s": time.time(),
            "rate": self.done / took_s,
            "cpu_us": cpu_s / self.done * 1e6,
            "cores": cpu_s / took_s,
            "rss_mb": rss_mb(),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
            **({} if self._timeline is None else {"timeline": self._timeline}),
            "server_cores": {
                name: (used - self._servers_s[name]) / took_s for name, used in servers.items()
            },
        }


class Metered:
    """A batch handler that is measured; in all else it is the handler itself."""

    def __init__(self, inner: Any, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def handle(self, tp: Any, records: Sequence[Any]) -> None:
        """What the handler does, counted."""
        self._meter.first()
        await self._inner.handle(tp, records)
        self._meter.count(len(records))


def tell(result: Mapping[str, Any]) -> None:
    """Hand the result to the benchmark: one line on standard output."""
    sys.__stdout__.write(f"{RESULT}{json.dumps(result)}\n")  # type: ignore[union-attr] # it is there
    sys.__stdout__.flush()  # type: ignore[union-attr] # see above


def servers_cpu_s(pids: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor each of these processes has used since it began."""
    return {name: _cpu_s(pid) for name, pid in pids.items()}


def rss_mb(pid: int | str = "self") -> float:
    """Memory that a process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS_A_SECOND
