"""Which broker does the hub work on: embedded, local, or one that somebody else runs?"""

import re
from pathlib import Path
from typing import Literal, Protocol, Self

from confluent_kafka import Producer

from connectors.child import Server, ServerError, Tell
from connectors.local_kafka import KafkaNode

FOLDER = Path(".kafka")
"""Where a local node keeps its jars and data unless told otherwise."""

EMBEDDED_PARTITIONS = 4
"""Every topic of the embedded broker has as many; librdkafka lets nobody choose."""

_ADDRESS = re.compile(r"[^\s,:/]+:\d{1,5}(,[^\s,:/]+:\d{1,5})*")


class Broker(Protocol):
    """A broker that can be started, asked for its address, and stopped; usable with `with`."""

    @property
    def kind(self) -> Literal["embedded", "local", "address"]:
        """Which of the three it is."""

    @property
    def bootstrap(self) -> str:
        """Its address for clients: `host:port`, several joined by commas."""

    def start(self) -> None:
        """Bring it up and wait until it answers."""

    def stop(self) -> None:
        """Take down what `start` brought up, and nothing else."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class EmbeddedBroker(Server):
    """librdkafka's mock cluster, in this process, in memory: nothing to install, nothing kept.

    It runs in a thread of its own outside Python's lock and listens on 127.0.0.1, so child
    processes share it by its address; it ends with this process, however that ends. It knows no
    topic administration, no transactions, and keeps 5 MiB or 100,000 records a partition.
    """

    kind: Literal["embedded"] = "embedded"

    def __init__(self) -> None:
        self._cluster: Producer | None = None
        self._bootstrap: str | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`.

        Raises:
            ServerError: it is not running, so it has none.
        """
        if self._bootstrap is None:
            raise ServerError("the embedded broker has no address: start it first")
        return self._bootstrap

    def start(self) -> None:
        """Create an empty cluster of one broker."""
        if self._cluster is not None:
            return
        # The address is required by the client and replaced by the mock's own.
        settings = {"test.mock.num.brokers": 1, "bootstrap.servers": "embedded", "log_level": 0}
        self._cluster = Producer(settings)
        (broker,) = self._cluster.list_topics(timeout=10.0).brokers.values()
        self._bootstrap = f"{broker.host}:{broker.port}"

    def stop(self) -> None:
        """Drop the cluster and all it held."""
        # The mock belongs to the client object and goes when the last reference does.
        self._cluster = self._bootstrap = None


class GivenBroker(Server):
    """A broker that somebody else runs: `start` and `stop` leave it alone."""

    kind: Literal["address"] = "address"

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> None:
        """Do nothing: whoever uses it says clearly when it does not answer."""

    def stop(self) -> None:
        """Do nothing: it is not ours."""


def open_broker(choice: str, *, folder: Path = FOLDER, tell: Tell = lambda _: None) -> Broker:
    """Give the broker that `--broker` names, not started yet.

    Args:
        choice: `embedded`, `local`, or an address `host:port[,host:port…]`.
        folder: Where a local node keeps its jars (shared by all nodes) and, below `node`, its data.
        tell: Hears what takes long.

    Raises:
        ValueError: it is none of these.
    """
    if choice == "embedded":
        return EmbeddedBroker()
    if choice == "local":
        return KafkaNode(folder / "node", jars=folder, tell=tell)
    if _ADDRESS.fullmatch(choice):
        return GivenBroker(choice)
    raise ValueError(
        f"broker {choice!r} is not known: 'embedded', 'local' or an address like "
        "kafka-1:9092,kafka-2:9092 expected"
    )
