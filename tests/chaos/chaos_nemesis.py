"""What breaks when? A schedule made of a seed before anything starts, then carried out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Thread

from chaos_fleet import Fleet
from chaos_servers import Servers
from waiting import until

CRASH_POINTS = {
    "decide": (
        "recover", "in recovery", "before script", "before publish", "after publish",
        "before commit", "after commit",
    ),
    "intake": ("before publish", "after publish", "before commit", "after commit"),
}  # fmt: skip
MEET_S = 60.0
FREEZE_S = 4.5
"""Longer than the session of the workers: another one has the partitions by then."""


@dataclass(frozen=True)
class Fault:
    """One line of the schedule."""

    at_s: float
    what: str
    role: str = ""
    number: int = 0
    detail: str = ""

    def __str__(self) -> str:
        who = f"{self.role}-{self.number}" if self.role else ""
        return f"{self.at_s:7.1f} s  {self.what:<12} {who:<10} {self.detail}".rstrip()


@dataclass(frozen=True)
class Campaign:
    """How much is broken, in how long."""

    seed: int
    lasts_s: float
    workers: Mapping[str, int] = field(default_factory=lambda: {"intake": 2, "decide": 3})
    kills: int = 10
    crash_rounds: int = 1
    terms: int = 3
    freezes: int = 2
    joins: int = 3
    broker_kills: int = 1
    redis_kills: int = 1
    wipes: int = 1
    restores: int = 1
    rebuilds: int = 1

    def schedule(self) -> list[Fault]:
        """Every fault with its time. Equal campaigns break the same things."""
        rng = Random(f"nemesis {self.seed}")
        faults = [
            *(self._on_worker(rng, "kill") for _ in range(self.kills)),
            *(self._on_worker(rng, "term") for _ in range(self.terms)),
            *(self._on_worker(rng, "freeze") for _ in range(self.freezes)),
            *(self._on_worker(rng, "join") for _ in range(self.joins)),
            *(Fault(0, "kill broker") for _ in range(self.broker_kills)),
            *(Fault(0, "kill redis") for _ in range(self.redis_kills)),
            *(Fault(0, "wipe redis") for _ in range(self.wipes)),
            *(Fault(0, "rebuild") for _ in range(self.rebuilds)),
        ]
        for role, points in CRASH_POINTS.items():
            for point in points * self.crash_rounds:
                # Points in recovery are met at the start, the others after some batches.
                times = 1 if "recover" in point else rng.randint(1, 4)
                fault = self._on_worker(rng, "crash", role)
                faults.append(Fault(0, "crash", role, fault.number, f"{point}:{times}"))
        rng.shuffle(faults)
        for _ in range(self.restores):
            first, second = sorted(rng.sample(range(len(faults) + 1), 2))
            faults.insert(second, Fault(0, "old copy", detail="restored"))
            faults.insert(first, Fault(0, "keep copy"))
        step_s = self.lasts_s / len(faults)
        return [
            Fault(round((n + rng.random()) * step_s, 1), one.what, one.role, one.number, one.detail)
            for n, one in enumerate(faults)
        ]

    def _on_worker(self, rng: Random, what: str, role: str = "") -> Fault:
        role = role or rng.choice(sorted(self.workers))
        return Fault(0, what, role, rng.randrange(self.workers[role]))


class Nemesis:
    """Carries a schedule out; `meet_s`: how long workers may take to come to their points."""

    meet_s = MEET_S

    def __init__(self, servers: Servers, fleet: Fleet, say: Callable[[str], None]) -> None:
        self._servers, self._fleet, self._say = servers, fleet, say
        self._guests = 0
        self._threads: list[Thread] = []
        self.done: Counter[str] = Counter()

    def run(self, schedule: list[Fault]) -> None:
        """Everything in its order, none earlier than its time, and until all points are met."""
        began = time.monotonic()
        for fault in schedule:
            time.sleep(max(0.0, fault.at_s - (time.monotonic() - began)))
            self._say(f"{time.monotonic() - began:7.1f} s  now: {str(fault)[11:]}")
            self._do(fault)
            self.done[fault.what] += 1
        for thread in self._threads:
            thread.join()
        try:
            until(lambda: not self._fleet.pending(), "all points are met", self.meet_s)
        except AssertionError as cause:
            raise AssertionError(f"nobody crashed at {self._fleet.pending()}") from cause

    def _do(self, fault: Fault) -> None:
        self.acts(fault)[fault.what]()

    def acts(self, fault: Fault) -> Mapping[str, Callable[[], object]]:
        """What can be done, to the one whom the fault names."""
        servers, fleet, name = self._servers, self._fleet, f"{fault.role}-{fault.number}"
        return {
            "kill": lambda: fleet.kill(name),
            "crash": lambda: self.crash(name, fault.detail),
            "rebuild": fleet.rebuild,
            "term": lambda: fleet.term(name),
            "freeze": lambda: self._beside(lambda: fleet.freeze(name, FREEZE_S)),
            "join": lambda: self._join(fault.role),
            "kill broker": servers.kill_broker,
            "kill redis": servers.kill_redis,
            "wipe redis": servers.wipe_redis,
            "keep copy": servers.copy_redis,
            "old copy": servers.restore_redis,
        }

    def crash(self, name: str, point: str) -> None:
        """Kill it, so that its successors die at the point."""
        if point.startswith("in recovery"):
            # There is something to be recovered.
            self._servers.wipe_redis()
        self._fleet.kill(name, crash_at=point)

    def _join(self, role: str) -> None:
        """A guest joins the group and leaves it soon: two rebalances."""
        self._guests += 1
        name = f"{role}-guest-{self._guests}"
        self._fleet.add(name, role)

        def leave() -> None:
            time.sleep(5)
            self._fleet.remove(name)

        self._beside(leave)

    def _beside(self, act: Callable[[], object]) -> None:
        thread = Thread(target=act, daemon=True)
        self._threads.append(thread)
        thread.start()
