"""The hub's workers as processes that die all the time, and are started again at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from connectors.child import Child

PROJECT = Path(__file__).parents[2]
HUB = ("-m", "hub", "worker")
LOOK_EVERY_S = 0.05
STOP_WAIT_S = 30.0
FAST = {
    "HUB_SESSION_TIMEOUT_S": "3",
    "HUB_HEARTBEAT_S": "1",
    "HUB_COMMIT_INTERVAL_S": "0.3",
}
SAID = (
    "stale batch dropped", "facts applied to the view", "does not answer, waiting",
    "the ledger was made again",
)  # fmt: skip
"""What workers say that is worth counting."""


@dataclass
class Slot:
    """One worker's place, whichever process fills it."""

    name: str
    role: str
    entry: Sequence[str]
    env: Mapping[str, str]
    args: Sequence[str] = ()
    child: Child | None = None
    wanted: bool = True
    points: deque[str] = field(default_factory=deque)
    armed: str = ""
    killed: bool = False
    statuses: Counter[int] = field(default_factory=Counter)
    met: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The role, and of which site where there is one for each."""
        return " ".join((self.role, *self.args[-1:])) if self.role == "deliver" else self.role

    def bury(self) -> None:
        """Note how the process ended. A point counts as met when nobody else killed it."""
        status = self.child.returncode if self.child is not None else None
        self.statuses[status or 0] += 1
        if status == -signal.SIGKILL and self.armed and not self.killed:
            self.met.append(f"{self.title} {self.points.popleft()}")
        self.child, self.killed = None, False


class Fleet:
    """Keeps workers running until stopped; usable with `with`."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """Prepare; `env` names broker, Redis and keys."""
        self._folder = folder
        self._env = {**os.environ, "PYTHONPATH": str(PROJECT), **FAST, **env}
        self._slots: dict[str, Slot] = {}
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="fleet", daemon=True)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for slot in self._slots.values():
            if slot.child is not None:
                slot.child.kill()

    def add(
        self,
        name: str,
        role: str,
        *args: str,
        entry: Sequence[str] = HUB,
        crash_at: str = "",
        **env: str,
    ) -> None:
        """A worker to be kept running; `args` follow its role, `env` is for it alone.

        With `crash_at` it and its successors go on until one died at that point.
        """
        with self._lock:
            slot = self._slots[name] = Slot(name, role, tuple(entry), env, args)
            slot.points.extend([crash_at] if crash_at else ())
            self._start(slot)

    def pid(self, name: str) -> int:
        """The process id of a worker that runs."""
        child = self._slots[name].child
        assert child is not None
        return child.pid

    def let_die(self, name: str) -> None:
        """Do not start it again when it ends."""
        with self._lock:
            self._slots[name].wanted = False

    def remove(self, name: str) -> None:
        """Let a worker go in order, for good."""
        with self._lock:
            slot = self._slots[name]
            slot.wanted = False
            if slot.child is not None:
                slot.child.terminate()

    def kill(self, name: str, *, crash_at: str = "") -> None:
        """`kill -9`; with `crash_at` its successors go on until one died at that point."""
        with self._lock:
            slot = self._slots[name]
            slot.killed = True
            if crash_at:
                slot.points.append(crash_at)
            self._signal(slot, signal.SIGKILL)

    def term(self, name: str) -> None:
        """Ask it to end; another takes its place."""
        with self._lock:
            self._signal(self._slots[name], signal.SIGTERM)

    def rebuild(self) -> None:
        """The operator rebuilds the view, and dies over it."""
        argv = [sys.executable, "-m", "hub", "rebuild"]
        env = {**self._env, "HUB_CRASH_AT": "in rebuild:2"}
        with (self._folder / "rebuild.log").open("ab") as log:
            done = subprocess.run(argv, env=env, stdout=log, stderr=log, check=False, timeout=60)
        assert done.returncode == -signal.SIGKILL, f"the rebuild ended with {done.returncode}"

    def freeze(self, name: str, for_s: float) -> None:
        """Stand still for longer than the session lasts, then go on as a zombie."""
        with self._lock:
            child = self._slots[name].child
        if child is None or not child.alive:
            return
        try:
            pid = child.pid
            os.kill(pid, signal.SIGSTOP)
            time.sleep(for_s)
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return

    def names(self, role: str = "") -> list[str]:
        """Names of the workers that are kept running."""
        with self._lock:
            return [s.name for s in self._slots.values() if s.wanted and s.role.startswith(role)]

    def pending(self) -> list[str]:
        """Crash points that nobody got to yet."""
        with self._lock:
            return [f"{s.name} {point}" for s in self._slots.values() for point in s.points]

    def met(self) -> list[str]:
        """Crash points at which a worker died by its own hand."""
        with self._lock:
            return sorted(point for slot in self._slots.values() for point in slot.met)

    def stop(self) -> dict[str, int | None]:
        """End all in order; returns with which status each ended."""
        self._over.set()
        self._thread.join()
        running = [s for s in self._slots.values() if s.child is not None and s.child.alive]
        for slot in running:
            assert slot.child is not None
            slot.child.terminate()
        ends = time.monotonic() + STOP_WAIT_S
        while any(s.child and s.child.alive for s in running) and time.monotonic() < ends:
            time.sleep(LOOK_EVERY_S)
        return {s.name: s.child.returncode if s.child else None for s in running}

    def statuses(self) -> Counter[int]:
        """How processes ended, all slots together; minus a number: by that signal."""
        return sum((slot.statuses for slot in self._slots.values()), Counter[int]())

    def log(self, name: str) -> str:
        """What a worker's processes said so far."""
        path = self._folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def said(self) -> Counter[str]:
        """How often workers said what is worth counting."""
        found: Counter[str] = Counter()
        for log in self._folder.glob("*.log"):
            for line in log.read_text(errors="replace").splitlines():
                found.update(words for words in SAID if words in line)
        return found

    def _signal(self, slot: Slot, number: signal.Signals) -> None:
        if slot.child is not None and slot.child.alive:
            os.kill(slot.child.pid, number)

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            with self._lock:
                for slot in self._slots.values():
                    if slot.child is not None and not slot.child.alive:
                        slot.bury()
                    if slot.child is None and slot.wanted:
                        self._start(slot)

    def _start(self, slot: Slot) -> None:
        slot.armed = slot.points[0] if slot.points else ""
        env = {**self._env, **slot.env}
        if slot.armed:
            env["HUB_CRASH_AT"] = slot.armed
        argv = [sys.executable, *slot.entry, slot.role, *slot.args]
        slot.child = Child(slot.name, argv, log=self._folder / f"{slot.name}.log", env=env)
        slot.child.start()
