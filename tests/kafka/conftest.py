"""What the tests against real servers share: helpers beside them, both brokers, a watched hub."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from waiting import until

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[1] / "connectors" / "console"))

from console_fakes import Console
from ledger_world import Ledgers, an_entry
from watched_hub import SITE, WatchedHub

from schemas.watch import Stage, Verdict


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


@pytest.fixture
def hub(clean_kafka, redis_url: str, tmp_path: Path) -> Iterator[WatchedHub]:
    """A hub with a journal of one partition and nobody in it."""
    world = WatchedHub(clean_kafka.bootstrap, redis_url, tmp_path)
    yield world
    for reader in world.readers:
        reader.leave()


@pytest.fixture
def status(hub: WatchedHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """What `hub status --json` says, and with which status it ends."""
    monkeypatch.setenv("COLUMNS", "80")
    console = Console(monkeypatch)
    console.set(
        HUB_BROKER=hub.bootstrap, HUB_REDIS_URL=hub.redis_url, HUB_DATA_DIR=str(tmp_path / "run")
    )
    # It is asked at the moment of the last look.
    monkeypatch.setattr("connectors.console.due.status.now_ms", lambda: hub.now_ms)

    def ask(stage: str) -> tuple[str, int]:
        answer = console("status", "--json")
        row = next(one for one in answer.json["stages"] if one["stage"] == stage)
        return row["verdict"], answer.status

    ask.console = console
    return ask


@pytest.fixture
def site(hub: WatchedHub) -> Ledgers:
    """A system with a deliver worker and a ledger in which one stop is owed."""
    hub.deliverer()
    ledgers = Ledgers(hub.redis_url)
    ledgers.put(SITE, an_entry(SITE, said=datetime.now(UTC)))
    assert hub.row(hub.look(), Stage.DELIVER).verdict is Verdict.OK
    return ledgers
