"""A hub under fire: real Kafka, real Redis, real processes, and a seeded list of faults."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import redis

from connectors.audit import AuditReport, read_keys, run_audit
from connectors.audit.readers import journal_partitions, read_redis, read_topics
from connectors.child import Child
from connectors.console.event_lines import LineFault, LineReader, Posting
from connectors.console.taken_in import Intake
from connectors.generate import CitySpec, generate
from connectors.kafka_admin import KafkaAdmin
from connectors.keys import create_demo_keys
from connectors.local_kafka import KafkaNode
from connectors.publisher import KafkaPublisher, OutRecord
from connectors.redis_server import RedisServer
from schemas.sites import SITES
from schemas.topics import IN_PREFIX, REGISTRY, Sizing, in_topic, plan

CRASH_POINTS = (
    "before script", "before publish", "after publish", "before commit", "after commit",
    "recover", "in recovery",
)  # fmt: skip
HEAL_WAIT_S = 120.0
PAUSE_S = (1.0, 2.5)
SEND_CHUNK = 100


@dataclass
class Process:
    """One worker; the keeper starts it again whenever it is gone."""

    role: str
    child: Child
    starts: int = 0


@dataclass
class Campaign:
    """Everything of one run."""

    node: KafkaNode
    home: Path
    seed: int
    workers: Sequence[str] = ("intake", "intake", "decide", "decide", "decide")
    entry: Sequence[str] = ("-m", "hub", "worker")
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.redis = RedisServer(self.home / "redis", fsync="always")
        self.keys = self.home / "keys"
        create_demo_keys(self.keys, years=range(2023, 2029))
        self._stop = threading.Event()
        self._processes: list[Process] = []

    # --- life ---------------------------------------------------------------------------------

    def run(self, spec: CitySpec, faults: Sequence[str]) -> AuditReport:
        """Send a city while faults happen, let everything heal, and audit."""
        self.redis.start()
        postings = self._postings(spec)
        with KafkaAdmin(self.node.bootstrap, timeout_s=60) as admin:
            depts = sorted({one.dept for one in postings} | {REGISTRY})
            admin.apply(plan(depts, SITES, Sizing(legal_retention_days=3650, in_partitions=1)))
        keeper = threading.Thread(target=self._keep, daemon=True)
        try:
            for number, role in enumerate(self.workers):
                self._processes.append(Process(role, self._child(role, number)))
            keeper.start()
            leading = [one for one in postings if one.dept == REGISTRY]
            rest = [one for one in postings if one.dept != REGISTRY]
            asyncio.run(self._send(leading, 0.0))
            self._level([REGISTRY], decided=False)
            pause_s = sum(PAUSE_S) / 2 * len(faults) / max(len(rest) // SEND_CHUNK, 1)
            sender = threading.Thread(target=lambda: asyncio.run(self._send(rest, pause_s)))
            sender.start()
            for fault in faults:
                time.sleep(self.rng.uniform(*PAUSE_S))  # between faults the hub must get on
                getattr(self, fault)()
                self.done[fault] += 1
            sender.join()
            began = time.monotonic()
            self._level(depts, decided=True)
            self.healed_s = time.monotonic() - began
        finally:
            self._stop.set()
            if keeper.ident:
                keeper.join()
            for process in self._processes:
                process.child.stop()
        try:
            return self._audit()
        finally:
            self.redis.stop()

    def restarts(self) -> int:
        """How often a worker was started again."""
        return sum(max(process.starts - 1, 0) for process in self._processes)

    def _child(self, role: str, number: int) -> Child:
        env = {
            **os.environ,
            "HUB_BROKER": self.node.bootstrap,
            "HUB_REDIS_URL": self.redis.url,
            "HUB_KEYS_DIR": str(self.keys),
            "HUB_SESSION_TIMEOUT_S": "3",
            "HUB_HEARTBEAT_S": "1",
            "HUB_LOG_LEVEL": "warning",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        name = f"{role}-{number}"
        self._env = env
        argv = [sys.executable, *self.entry, role]
        return Child(name, argv, log=self.home / f"{name}.log", env=env)

    def _keep(self) -> None:
        while not self._stop.wait(0.1):
            for process in self._processes:
                if not process.child.alive:
                    process.child.start()
                    process.starts += 1

    # --- load ---------------------------------------------------------------------------------

    def _postings(self, spec: CitySpec) -> list[Posting]:
        reader, found = LineReader(), []
        for line in generate(spec, self.seed):
            try:
                found.append(reader.read(line))
            except LineFault:
                self.done["line that names no topic"] += 1
        return found

    async def _send(self, postings: Sequence[Posting], pause_s: float) -> None:
        publisher = KafkaPublisher(self.node.bootstrap)
        await publisher.start()
        for at in range(0, len(postings), SEND_CHUNK):
            await publisher.publish(
                [
                    OutRecord(in_topic(one.dept), 0, one.key, one.value, one.headers)
                    for one in postings[at : at + SEND_CHUNK]
                ]
            )
            await asyncio.sleep(pause_s)
        await publisher.stop()

    def _level(self, depts: Sequence[str], *, decided: bool) -> None:
        with KafkaAdmin(self.node.bootstrap, timeout_s=60) as admin:
            intake = Intake(admin, patience_s=HEAL_WAIT_S)
            intake.wait([dept.removeprefix(IN_PREFIX) for dept in depts])
            if decided:
                intake.wait_decided()

    def _audit(self) -> AuditReport:
        dump = asyncio.run(read_topics(self.node.bootstrap))
        view = asyncio.run(read_redis(self.redis.url, journal_partitions(dump)))
        return run_audit(dump, view, read_keys(self.keys))

    # --- faults -------------------------------------------------------------------------------

    def _any(self, role: str) -> Child:
        return self.rng.choice([p.child for p in self._processes if p.role == role])

    def kill_decide(self) -> None:
        """SIGKILL, wherever it is."""
        self._any("decide").kill()

    def kill_intake(self) -> None:
        """SIGKILL, wherever it is."""
        self._any("intake").kill()

    def ask_decide_to_end(self) -> None:
        """SIGTERM: it finishes, commits, leaves."""
        self._any("decide").terminate()

    def freeze_decide(self) -> None:
        """SIGSTOP beyond the session timeout: a zombie wakes up when others own its partitions."""
        child = self._any("decide")
        if child.alive:
            pid = child.pid
            os.kill(pid, signal.SIGSTOP)
            time.sleep(4.5)  # the session is three seconds
            if child.alive and child.pid == pid:
                os.kill(pid, signal.SIGCONT)

    def crash_at_a_point(self) -> None:
        """A worker that dies at a named point of a batch's life."""
        process = self.rng.choice([p for p in self._processes if p.role == "decide"])
        env = {**self._env, "HUB_CRASH_AT": f"{self.rng.choice(CRASH_POINTS)}:2"}
        index = self._processes.index(process)
        doomed = Child(
            f"doomed-{index}",
            [sys.executable, *self.entry, "decide"],
            log=self.home / f"doomed-{index}.log",
            env=env,
        )
        doomed.start()
        _until(lambda: not doomed.alive, 12.0)
        doomed.kill()

    def kill_broker(self) -> None:
        """SIGKILL of Kafka, then it comes back with its data."""
        self.node.kill()
        self.node.start()

    def kill_redis(self) -> None:
        """SIGKILL of Redis, then it comes back with its data."""
        self.redis.kill()
        self.redis.start()

    def wipe_redis(self) -> None:
        """FLUSHALL under running workers."""
        redis.Redis.from_url(self.redis.url).flushall()

    def remember_redis(self) -> None:
        """Copy the append-only file, for `restore_redis`."""
        self.redis.kill()
        shutil.rmtree(self.home / "backup", ignore_errors=True)
        shutil.copytree(self.redis.folder, self.home / "backup")
        self.redis.start()

    def restore_redis(self) -> None:
        """An old copy of the append-only file comes back."""
        self.redis.kill()
        shutil.rmtree(self.redis.folder)
        shutil.copytree(self.home / "backup", self.redis.folder)
        self.redis.start()

    def storm(self) -> None:
        """Members come and go, faster than a rebalance takes."""
        for _ in range(3):
            self._any("decide").terminate()
            time.sleep(0.1)


def _until(holds: Callable[[], bool], wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
