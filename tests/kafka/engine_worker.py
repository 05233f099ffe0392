"""An engine in a process of its own: `engine_worker.py BOOTSTRAP GROUP TOPIC FILE [FAIL_AT]`.

What is handled is appended to the file, one `partition offset` a line, and is durable by then.
With FAIL_AT the handler breaks on that offset of any partition. The environment variable INSTANCE
makes it a static member of that name, whose session is long.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from connectors.logs import set_up_logs
from streams.engine import Engine, EngineSettings
from streams.lanes import Partition

log = structlog.get_logger()
STATIC_SESSION_S = 120.0
"""Longer than any test waits: what happens sooner is not the session's end."""


class ToFile:
    """Writes down what it is given."""

    eager = False

    def __init__(self, path: Path, fail_at: int | None) -> None:
        self._fail_at = fail_at
        self._file = path.open("a", encoding="ascii")

    async def open(self, tp: Partition, committed: int | None) -> None:
        """Kafka's position is the position."""

    async def idle(self, tp: Partition) -> None:
        """Nothing to look after."""

    async def close(self, tp: Partition) -> None:
        """Nothing is kept; it is told."""
        log.info("partition is given back", partition=tp.partition)

    async def handle(self, tp: Partition, records: Sequence[Any]) -> None:
        """Make a batch durable."""
        if self._fail_at in [record.offset for record in records]:
            raise RuntimeError("the handler broke")
        self._file.writelines(f"{tp.partition} {record.offset}\n" for record in records)
        self._file.flush()
        os.fsync(self._file.fileno())


async def main(bootstrap: str, group: str, topic: str, path: str, fail_at: str = "") -> None:
    """Run until a signal comes."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    instance = os.environ.get("INSTANCE")
    settings = EngineSettings(
        bootstrap, group, session_timeout_s=STATIC_SESSION_S if instance else 3.0, heartbeat_s=1.0,
        commit_interval_s=0.2, batch_records_max=20, instance_id=instance,
    )  # fmt: skip
    handler = ToFile(Path(path), int(fail_at) if fail_at else None)
    await Engine(settings, [topic], handler).run(stop)


if __name__ == "__main__":
    set_up_logs("info", json=False)
    asyncio.run(main(*sys.argv[1:]))
