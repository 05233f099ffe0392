"""What the tests against real servers share: helpers beside them, both brokers, topics."""

import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from waiting import until

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.kafka)])
def bootstrap(request: pytest.FixtureRequest) -> str:
    """The address of a broker: of the embedded one, and of a real node."""
    name = {"embedded": "embedded_broker", "real": "kafka_node"}[request.param]
    broker = request.getfixturevalue(name)
    broker.start()
    return str(broker.bootstrap)


@pytest.fixture
def new_topic(request: pytest.FixtureRequest, bootstrap: str) -> Callable[[], str]:
    """Makes topics of four partitions that nobody has used."""
    is_real = request.node.get_closest_marker("kafka") is not None

    def make() -> str:
        name = f"t-{uuid.uuid4().hex[:12]}"
        admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        if is_real:
            for future in admin.create_topics([NewTopic(name, 4, 1)]).values():
                future.result(10)
        # The embedded broker makes what it is asked about; a real one takes a moment to tell.
        until(lambda: len(admin.list_topics(name, 10).topics[name].partitions) == 4, name)
        return name

    return make
