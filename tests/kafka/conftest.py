"""What the tests against real servers share: helpers beside them, both brokers, topics."""

import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.kafka)])
def bootstrap(request: pytest.FixtureRequest) -> str:
    """The address of a broker: of the embedded one, and of a real node."""
    if request.param == "embedded":
        return str(request.getfixturevalue("embedded_broker").bootstrap)
    node = request.getfixturevalue("kafka_node")
    node.start()
    return str(node.bootstrap)


@pytest.fixture
def new_topic() -> Callable[[str, int], str]:
    """Makes topics nobody has used. The embedded broker makes them itself, with four partitions."""

    def make(bootstrap: str, partitions: int = 4) -> str:
        name = f"t-{uuid.uuid4().hex[:12]}"
        admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        for future in admin.create_topics([NewTopic(name, partitions, 1)]).values():
            if future.exception() is not None:  # the embedded broker knows no such request
                assert len(admin.list_topics(name, timeout=10).topics[name].partitions) == 4
        return name

    return make
