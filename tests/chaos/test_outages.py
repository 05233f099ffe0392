"""A server that is away is waited for: by itself, with a message that names it, no restart."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos_fleet import Fleet
from chaos_load import Load
from chaos_run import env_of
from chaos_servers import Servers
from chaos_verdict import judge, level, wait_until_level
from waiting import until

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]

EVENTS = 300


@pytest.fixture
def load(shared_servers: Servers) -> Load:
    """A small city whose registries are published."""
    load = Load(shared_servers.kafka.bootstrap, shared_servers.partitions, EVENTS, 3)
    load.prepare()
    return load


@pytest.fixture
def fleet(shared_servers: Servers, tmp_path: Path) -> Iterator[Fleet]:
    """No workers yet."""
    with Fleet(tmp_path / "logs", env_of(shared_servers)) as fleet:
        yield fleet


def start(fleet: Fleet) -> None:
    """One worker of each role."""
    for role in ("intake", "decide"):
        fleet.add(role, role)


def test_a_hub_that_is_started_before_its_broker_waits(
    shared_servers: Servers, fleet: Fleet, load: Load
):
    address = shared_servers.kafka.bootstrap
    shared_servers.kafka.kill()
    try:
        start(fleet)
        for role in ("intake", "decide"):
            until(lambda role=role: "waiting" in fleet.log(role), f"{role} says that it waits")
            assert address in fleet.log(role)
            assert "Traceback" not in fleet.log(role)
    finally:
        shared_servers.kafka.start()
    load.wait_until_registered()
    load.run(0.0, threading.Event())
    wait_until_level(shared_servers)

    assert set(fleet.stop().values()) == {0}
    assert judge(shared_servers).broken == {}


def test_without_redis_events_are_taken_in_and_decided_when_it_is_back(
    shared_servers: Servers, fleet: Fleet, load: Load
):
    start(fleet)
    load.wait_until_registered()
    wait_until_level(shared_servers)
    shared_servers.redis.kill()
    try:
        load.run(0.0, threading.Event())
        until(lambda: "Redis does not answer, waiting" in fleet.log("decide"), "decide says so")
        until(lambda: "insp-decide" in level(shared_servers), "all is taken in meanwhile")
        assert shared_servers.redis.url in fleet.log("decide")
        assert "Traceback" not in fleet.log("decide")
    finally:
        shared_servers.redis.start()
    wait_until_level(shared_servers)

    assert not fleet.statuses(), "a worker was restarted"
    assert set(fleet.stop().values()) == {0}
    assert judge(shared_servers).broken == {}
