"""What the tests share: brokers and a Redis that really run, and `async def` tests."""

import asyncio
import fcntl
import gc
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from class_archive import class_archive
from hypothesis import settings
from kafka_cleaning import clean
from side_by_side import TOGETHER, Lanes

from connectors import child, local_kafka
from connectors.broker import EmbeddedBroker
from connectors.kafka_jars import fetch_jars, why_no_node
from connectors.local_kafka import KafkaNode
from connectors.redis_server import RedisServer

KAFKA_JARS = Path(__file__).parents[1] / ".kafka"
"""Fetched once for all runs."""
GARBAGE_LOOKED_FOR_EVERY = 10_000
"""How many more objects were made than freed since the collector last looked; by default 700."""

# An example that takes long says how busy the machine is, and nothing of the law that it tries.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")


def pytest_configure() -> None:
    """Nodes come up fast, and processes side by side draw from ports of their own.

    Else one might be given the port of a server that the other has just killed. No node of a test
    lives long enough for what Java's second compiler costs. And the garbage collector looks less
    often: of what thousands of tests and all libraries are made, it finds nothing to collect.
    """
    gc.set_threshold(GARBAGE_LOOKED_FOR_EVERY, 10, 10)
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    child.PORTS = child.PORTS[number::count]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no process is left over with it at the end."""
    on_kafka = {item.path for item in items if item.get_closest_marker("kafka")}

    def turn(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return TOGETHER.index(folder) if folder in TOGETHER else 2 if item.path in on_kafka else 3

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    """However tests are to be shared out: so."""
    return Lanes(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an `async def` test in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """Where the jars of a real Kafka node are, or will be.

    Where Java or Maven are missing its tests are skipped and say why; with `CI` set they fail.
    """
    missing = why_no_node(KAFKA_JARS)
    if missing and os.environ.get("CI"):
        pytest.fail(f"in CI the tests on a real Kafka node must run: {missing}")
    if missing:
        pytest.skip(missing)
    KAFKA_JARS.mkdir(exist_ok=True)
    # Maven's own folder is not made for several that fetch into it at once.
    with (KAFKA_JARS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fetch_jars(KAFKA_JARS, print)
        archive = class_archive(KAFKA_JARS)
    local_kafka.JAVA_OPTIONS.append(f"-XX:SharedArchiveFile={archive}")
    return KAFKA_JARS


@pytest.fixture(scope="session")
def kafka_node(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """A real Kafka node for the whole session. A test that kills it starts it again."""
    with KafkaNode(tmp_path_factory.mktemp("kafka"), jars=kafka_jars, tell=print) as node:
        yield node


@pytest.fixture
def clean_kafka(kafka_node: KafkaNode) -> KafkaNode:
    """The real node, up, without topics and consumer groups."""
    clean(kafka_node)
    return kafka_node


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[EmbeddedBroker]:
    """An embedded broker for the whole session; topics of other tests may be there."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
def fresh_broker() -> Iterator[EmbeddedBroker]:
    """An embedded broker for one test alone, empty."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def redis_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the whole session, `appendfsync always`. A test that kills it may leave it so."""
    with RedisServer(tmp_path_factory.mktemp("redis"), fsync="always") as server:
        yield server


@pytest.fixture(scope="module")
def empty_redis(redis_node: RedisServer) -> RedisServer:
    """The session's Redis, up, empty when the module begins."""
    emptied(redis_node)
    return redis_node


@pytest.fixture
def redis_url(redis_node: RedisServer) -> str:
    """The address of an empty Redis."""
    return emptied(redis_node)


def emptied(server: RedisServer) -> str:
    """Start it if need be and drop all it holds: its address."""
    server.start()
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        client.script_flush()
    return server.url
