"""Makes the harness importable, and knows `--chaos=full` and `--chaos-seed`."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from chaos_servers import Servers

from connectors.local_kafka import KafkaNode
from connectors.redis_server import RedisServer


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--chaos=full tests/chaos` runs the long campaign and writes its evidence."""
    parser.addoption("--chaos", default="", choices=["", "full"], help="the long campaign")
    parser.addoption("--chaos-seed", type=int, help="another schedule of faults, another load")


@pytest.fixture
def is_full(request: pytest.FixtureRequest) -> bool:
    """Whether the long campaign was asked for."""
    # Unknown to a run that was not started on this folder: the option is read before it is found.
    return bool(request.config.getoption("--chaos", default="") == "full")


@pytest.fixture
def seeded(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """The seed of a campaign: its own, or the one that was asked for."""
    asked: int | None = request.config.getoption("--chaos-seed", default=None)
    return lambda own: own if asked is None else asked


@pytest.fixture
def servers(kafka_jars: Path, tmp_path: Path) -> Iterator[Servers]:
    """A Kafka node and a Redis for one test alone; tests break them."""
    with Servers.own(tmp_path, kafka_jars) as servers:
        yield servers


@pytest.fixture
def shared_servers(
    clean_kafka: KafkaNode, redis_url: str, redis_node: RedisServer, tmp_path: Path
) -> Servers:
    """The node and the Redis that other tests use too, emptied; one journal partition."""
    assert redis_url == redis_node.url
    return Servers(tmp_path, clean_kafka, redis_node, partitions=1)


@pytest.fixture
def say() -> Callable[[str], None]:
    """Prints to whoever watches with `-s`, and into the report of a failing test."""
    return lambda text: print(text, flush=True)  # noqa: T201 - the course of the run is evidence
