"""On what does a benchmark run?

A real Kafka node and a real Redis of its own, in a folder of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import redis
from kafka import KafkaAdminClient

from benchmarks.job import Job
from connectors.broker import GivenBroker
from connectors.kafka_admin import KafkaAdmin
from connectors.keys import create_demo_keys
from connectors.local_kafka import KafkaNode
from connectors.redis_server import GivenRedis, RedisServer
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import Sizing, plan

SIZING = Settings().sizing()
ADMIN_WAIT_S = 60.0
POLL_S = 0.05
KEY_YEARS = range(2023, 2029)


class Site:
    """A broker, a Redis, keys and a dataset."""

    def __init__(
        self,
        folder: Path,
        broker: KafkaNode | GivenBroker,
        redis_server: RedisServer | GivenRedis,
        tell: Callable[[str], None],
    ) -> None:
        self.folder = folder
        self.tell = tell
        self._broker = broker
        self._redis = redis_server
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.enter_context(self._broker)
            stack.enter_context(self._redis)
            create_demo_keys(self.keys, years=KEY_YEARS)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def bootstrap(self) -> str:
        """Kafka's address."""
        return self._broker.bootstrap

    @property
    def redis_url(self) -> str:
        """Redis' address."""
        return self._redis.url

    @property
    def keys(self) -> Path:
        """The key ring."""
        return self.folder / "keys"

    @property
    def watched(self) -> dict[str, int]:
        """Process ids of the servers, where they are our own."""
        servers = {"kafka": self._broker, "redis": self._redis}
        return {
            name: server.pid
            for name, server in servers.items()
            if isinstance(server, KafkaNode | RedisServer)
        }

    def job(
        self,
        name: str,
        events: int,
        *,
        group: str | None = None,
        uvloop: bool = False,
        **extra: Any,
    ) -> Job:
        """A job for one run of a contender, with an empty folder and, unless given.

        Its own group.
        """
        run = f"{re.sub(r'[^A-Za-z0-9]+', '-', name)}-{uuid.uuid4().hex[:8]}"
        folder = self.folder / "runs" / run
        folder.mkdir(parents=True)
        return Job(
            bootstrap=self.bootstrap,
            redis_url=self.redis_url,
            folder=str(folder),
            group=group or f"bench-{run}",
            events=events,
            watched=self.watched,
            uvloop=uvloop,
            extra={"keys": str(self.keys), **extra},
        )

    def dataset(self, wanted: Mapping[str, Any], fill: Callable[[], Mapping[str, Any]]) -> Any:
        """What lies in this site's topics. Filled once; kept while the same is wanted.

        Args:
            wanted: What says which data it is.
            fill: Fills empty topics; returns what is worth knowing of them.
        """
        note = self.folder / "dataset.json"
        if note.exists():
            kept = json.loads(note.read_text())
            if kept["wanted"] == wanted:
                return kept["found"]
            note.unlink()
        self.drop_topics(None)
        self.empty_redis()
        found = fill()
        note.write_text(json.dumps({"wanted": wanted, "found": found}))
        return found

    def create_hub_topics(self, departments: Iterable[str], sizing: Sizing = SIZING) -> None:
        """Create the topics of a hub with these departments."""
        with KafkaAdmin(self.bootstrap, timeout_s=ADMIN_WAIT_S) as admin:
            admin.apply(plan(departments, SITES, sizing))

    def renew_hub_topics(self, names: Iterable[str], departments: Iterable[str]) -> None:
        """Empty these topics of the hub."""
        self.drop_topics(names)
        self.create_hub_topics(departments)

    def renew_topics(self, partitions: Mapping[str, int], **configs: str) -> None:
        """Create these topics, empty; what was in them is gone."""
        self.drop_topics(partitions)
        wanted = {
            name: {"num_partitions": count, "replication_factor": 1, "configs": configs}
            for name, count in partitions.items()
        }
        with _client(self.bootstrap) as client:
            client.create_topics(wanted)
            client.wait_for_topics(list(wanted), timeout_ms=int(ADMIN_WAIT_S * 1000))

    def count(self, topic: str) -> int:
        """How many records a topic holds."""
        with KafkaAdmin(self.bootstrap, timeout_s=ADMIN_WAIT_S) as admin:
            count = admin.partition_counts()[topic]
            return sum(admin.end_offsets((topic, n) for n in range(count)).values())

    def drop_topics(self, names: Iterable[str] | None) -> None:
        """Delete these topics, or all with None, and wait until they are gone."""
        wanted = None if names is None else set(names)
        deadline = time.monotonic() + ADMIN_WAIT_S
        with _client(self.bootstrap) as client:
            while True:
                there = {t["name"] for t in client.describe_topics() if not t["is_internal"]}
                doomed = sorted(there if wanted is None else there & wanted)
                if not doomed:
                    return
                if time.monotonic() > deadline:
                    raise TimeoutError(f"topics are still there: {', '.join(doomed[:5])}")
                for first in range(0, len(doomed), 100):
                    client.delete_topics(doomed[first : first + 100], raise_errors=False)
                time.sleep(POLL_S)

    def empty_redis(self) -> None:
        """Drop everything in Redis, its append-only file too."""
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()
            client.script_flush()
            # The file would grow from run to run and be rewritten in the middle of one. A rewrite
            # that the last run set off by itself must end first.
            _until_rewritten(client)
            client.bgrewriteaof()
            _until_rewritten(client)

    def forget_runs(self) -> None:
        """Delete what the contenders left behind."""
        shutil.rmtree(self.folder / "runs", ignore_errors=True)


def _until_rewritten(client: redis.Redis) -> None:
    while client.info("persistence")["aof_rewrite_in_progress"]:
        time.sleep(POLL_S)


def own_site(folder: Path, jars: Path, tell: Callable[[str], None]) -> Site:
    """A site with servers of its own; its Redis has every write on disk before it answers."""
    node = KafkaNode(folder / "kafka", jars=jars, tell=tell)
    return Site(folder, node, RedisServer(folder / "redis", fsync="always"), tell)


class _client:  # noqa: N801 - a function in all but name: the library's client is no context manager
    def __init__(self, bootstrap: str) -> None:
        wait_ms = int(ADMIN_WAIT_S * 1000)
        self._client = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=wait_ms)

    def __enter__(self) -> Any:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()
