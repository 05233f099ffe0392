"""What keeps the hub's own processes running? Each is started again when it ends, sooner or later.

A worker that meets something unexpected ends itself (status 70) so that nothing is acknowledged. A
worker that dies at every start is started ever later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import structlog

from connectors.child import Child

log = structlog.get_logger()

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 10.0
CALM_AFTER_S = 30.0
_LOOK_EVERY_S = 0.1
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class _Role:
    name: str
    child: Child
    started_at: float = 0.0
    wait_s: float = FIRST_WAIT_S
    start_at: float = 0.0
    starts: int = 0


class Supervisor:
    """Runs named processes until stopped."""

    def __init__(self, env: Mapping[str, str], logs: Path) -> None:
        self._env = dict(env)
        self._logs = logs
        self._roles: list[_Role] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, name: str, argv: Sequence[str], env: Mapping[str, str] = _NOTHING) -> None:
        """A process to be kept running; its output goes to `<name>.log`. `env`: for it alone."""
        child = Child(name, argv, log=self._logs / f"{name}.log", env={**self._env, **env})
        self._roles.append(_Role(name, child))

    def start(self) -> None:
        """Start all and watch them in a thread."""
        self._logs.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop all in order; each finishes what it has in work."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        for role in self._roles:
            role.child.terminate()
        for role in self._roles:
            role.child.stop()

    def restarts(self) -> dict[str, int]:
        """How often each process was started again."""
        return {role.name: max(role.starts - 1, 0) for role in self._roles}

    def pids(self) -> dict[str, int]:
        """Process ids of those that run."""
        return {role.name: role.child.pid for role in self._roles if role.child.alive}

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            now = time.monotonic()
            for role in self._roles:
                if not role.child.alive:
                    self._revive(role, now)

    def _revive(self, role: _Role, now: float) -> None:
        if role.starts and role.start_at < role.started_at:
            status = role.child.returncode
            calm = now - role.started_at > CALM_AFTER_S
            role.wait_s = FIRST_WAIT_S if calm else min(role.wait_s * 2, LONGEST_WAIT_S)
            role.start_at = now + role.wait_s
            log.warning(
                "process ended, it will be started again",
                name=role.name,
                status=status,
                in_s=role.wait_s,
            )
        if now >= role.start_at:
            role.child.start()
            role.started_at = now
            role.starts += 1
