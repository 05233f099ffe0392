"""The servers under the hub, and what befalls them: a real Kafka node and a Redis of our own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import redis

from connectors.keys import create_demo_keys
from connectors.local_kafka import KafkaNode
from connectors.redis_server import RedisServer

YEARS = range(2024, 2028)
_AOF = "appendonly*"
"""Redis 6 has a file of this name, Redis 7 a folder."""


class Servers:
    """Kafka and Redis, the folder of whatever belongs to one hub, and how large it is."""

    def __init__(
        self, folder: Path, kafka: KafkaNode, redis_server: RedisServer, *, partitions: int = 4
    ) -> None:
        """Take servers, empty and running, and make the keys of a hub."""
        self.folder = folder
        self.kafka = kafka
        self.redis = redis_server
        self.partitions = partitions
        self.keys = folder / "keys"
        create_demo_keys(self.keys, years=YEARS)
        self._copy = folder / "redis-copy"

    @classmethod
    @contextmanager
    def own(cls, folder: Path, jars: Path) -> Iterator[Self]:
        """Servers for one test alone, which may break them."""
        with (
            RedisServer(folder / "redis", fsync="always") as redis_server,
            KafkaNode(folder / "kafka", jars=jars) as kafka,
        ):
            yield cls(folder, kafka, redis_server)

    def kill_broker(self) -> None:
        """`kill -9`, and up again."""
        self.kafka.kill()
        self.kafka.start()

    def kill_redis(self) -> None:
        """`kill -9`, and up again with what its append-only file holds."""
        self.redis.kill()
        self.redis.start()

    def wipe_redis(self) -> None:
        """Everything is forgotten, while workers go on."""
        with redis.Redis.from_url(self.redis.url) as client:
            client.flushall()

    def copy_redis(self) -> None:
        """Keep a copy of the append-only file as it is now."""
        shutil.rmtree(self._copy, ignore_errors=True)
        self._copy.mkdir()
        for found in self.redis.folder.glob(_AOF):
            copy = shutil.copytree if found.is_dir() else shutil.copy2
            copy(found, self._copy / found.name)

    def restore_redis(self) -> None:
        """Put the old copy back, as an operator would after a disk failure."""
        self.redis.kill()
        for found in self.redis.folder.glob(_AOF):
            shutil.rmtree(found) if found.is_dir() else found.unlink()
        shutil.copytree(self._copy, self.redis.folder, dirs_exist_ok=True)
        self.redis.start()

    def positions(self) -> list[int]:
        """How far each journal partition's view is."""
        with redis.Redis.from_url(self.redis.url) as client:
            keys = [f"insp:{{{number}}}:position" for number in range(self.partitions)]
            return [int(client.hget(key, "pos") or 0) for key in keys]
