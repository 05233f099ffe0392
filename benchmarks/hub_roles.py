"""How are the hub's own processes run in a benchmark?

As `hub worker ROLE`, told where things are.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contender import LOG, LOG_LINES, POLL_S, PROJECT
from benchmarks.site import Site
from connectors.child import Child

UP_WAIT_S = 60.0
SIGNS = {"intake": "stage is up", "decide": "partition is ours", "gateway": "gateway listens"}
"""What each role logs when it works."""


@contextmanager
def hub_roles(
    site: Site,
    roles: Sequence[str],
    *,
    uvloop: bool = False,
    up_wait_s: float = UP_WAIT_S,
    **more: str,
) -> Iterator[Mapping[str, Child]]:
    """Workers of the hub, up; ended in order afterwards."""
    env = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "HUB_BROKER": site.bootstrap,
        "HUB_REDIS_URL": site.redis_url,
        "HUB_DATA_DIR": str(site.folder),
        "HUB_KEYS_DIR": str(site.keys),
        "HUB_UVLOOP": str(uvloop).lower(),
        **more,
    }
    running: dict[str, Child] = {}
    logs: dict[str, Path] = {}
    try:
        for role in roles:
            folder = site.job(f"hub-{role}", 0).path
            logs[role] = folder / LOG
            argv = [sys.executable, "-m", "hub", "worker", role]
            running[role] = Child(f"hub worker {role}", argv, log=logs[role], env=env)
            running[role].start()
        for role in roles:
            _wait_for(role, running[role], logs[role], up_wait_s)
        yield running
    finally:
        for child in running.values():
            child.terminate()
        for child in running.values():
            child.stop()


def _wait_for(role: str, child: Child, log: Path, up_wait_s: float) -> None:
    deadline = time.monotonic() + up_wait_s
    while SIGNS[role] not in log.read_text():
        if not child.alive or time.monotonic() > deadline:
            tail = "\n".join(log.read_text().splitlines()[-LOG_LINES:])
            raise RuntimeError(f"hub worker {role} did not come up; its last lines:\n{tail}")
        time.sleep(POLL_S)
