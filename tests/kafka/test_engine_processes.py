"""The engine in processes of its own on a real node: how it ends, and who takes over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from engine_parts import committed, held, knows_groups, shares, write
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from waiting import until

from connectors.child import Child
from streams.engine import EXIT_UNEXPECTED

pytestmark = pytest.mark.kafka

ENGINE_WORKER = Path(__file__).parent / "engine_worker.py"
PROJECT = Path(__file__).parents[2]


class Group:
    """Workers of one group on one topic, and what they have done together."""

    def __init__(self, folder: Path, bootstrap: str, topic: str) -> None:
        self.bootstrap, self.topic, self.name = bootstrap, topic, f"g-{topic}"
        self._folder = folder
        self.workers: dict[str, Child] = {}
        self._static: set[str] = set()

    def start(self, name: str, fail_at: int | None = None, instance: str = "") -> Child:
        """One more worker; `instance` makes it a static member."""
        argv = [sys.executable, str(ENGINE_WORKER), self.bootstrap, self.name, self.topic]
        argv += [str(self._folder / f"{name}.txt"), *([str(fail_at)] if fail_at else [])]
        env = {"PYTHONPATH": str(PROJECT)} | ({"INSTANCE": instance} if instance else {})
        worker = Child(name, argv, log=self._folder / f"{name}.log", env=env)
        worker.start()
        self.workers[name] = worker
        self._static |= {instance} - {""}
        return worker

    def end(self) -> None:
        """Kill the workers; a static member stays in the group until it is sent off."""
        for worker in self.workers.values():
            worker.kill()
        if self._static:
            with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
                gone = [MemberToRemove(group_instance_id=one) for one in self._static]
                admin.remove_group_members(self.name, gone)

    def done(self, *names: str) -> list[tuple[int, int]]:
        """Partition and offset of everything these workers made durable; all of them if none."""
        lines: list[str] = []
        for name in names or self.workers:
            path = self._folder / f"{name}.txt"
            lines += path.read_text().splitlines() if path.exists() else []
        return [(int(a), int(b)) for a, b in (line.split() for line in lines)]

    def log(self, name: str) -> str:
        """What a worker said."""
        return (self._folder / f"{name}.log").read_text()

    def committed(self) -> dict[int, int]:
        """What they committed."""
        return committed(self.bootstrap, self.name, self.topic)


@pytest.fixture
def group(kafka_node, bootstrap, new_topic, tmp_path) -> Iterator[Group]:
    """A group without members yet."""
    group = Group(tmp_path, bootstrap, new_topic())
    yield group
    group.end()


def everything(count: int) -> set[tuple[int, int]]:
    """So many records of each of four partitions."""
    return {(partition, offset) for partition in range(4) for offset in range(count)}


@pytest.fixture
def bootstrap(kafka_node) -> str:
    """The real node's address."""
    kafka_node.start()
    address = str(kafka_node.bootstrap)
    until(lambda: knows_groups(address), "the node knows of groups", 90)
    return address


def test_a_handler_that_breaks_ends_the_process_and_loses_nothing(group: Group):
    write(group.bootstrap, group.topic, 400)
    broken = group.start("broken", fail_at=57)
    until(lambda: not broken.alive, "the broken one ends")
    assert broken.returncode == EXIT_UNEXPECTED
    assert "the handler broke" in group.log("broken")
    assert all(offset < 57 for _, offset in group.done("broken"))
    assert all(offset <= 57 for offset in group.committed().values())

    group.start("sound")
    until(lambda: set(group.done()) == everything(100), "all is done")
    until(lambda: group.committed() == dict.fromkeys(range(4), 100), "all is committed")


def test_asked_to_end_it_finishes_commits_and_leaves_the_group(group: Group):
    write(group.bootstrap, group.topic, 400)
    worker = group.start("worker")
    until(lambda: len(group.done()) == 400, "all is done")

    worker.terminate()
    until(lambda: not worker.alive, "it ends")

    assert worker.returncode == 0
    assert group.committed() == dict.fromkeys(range(4), 100)
    assert shares(group.bootstrap, group.name) == [], "it left without saying so"
    assert sorted(group.done()) == sorted(everything(100)), "something was done twice"


def test_the_others_take_over_from_one_that_was_killed(group: Group):
    one, _ = group.start("one"), group.start("two")
    until(lambda: shares(group.bootstrap, group.name) == [2, 2], "both have a share")
    write(group.bootstrap, group.topic, 400)
    until(lambda: set(group.done()) == everything(100), "both at work")
    assert group.done("one")
    assert group.done("two")

    one.kill()
    write(group.bootstrap, group.topic, 400)

    until(lambda: set(group.done()) == everything(200), "the other takes over")
    until(lambda: group.committed() == dict.fromkeys(range(4), 200), "all is committed")


def test_workers_that_come_and_go_lose_nothing(group: Group):
    group.start("steady")
    for number in range(5):
        write(group.bootstrap, group.topic, 200)
        guest = group.start(f"guest-{number}")
        until(lambda: shares(group.bootstrap, group.name) == [2, 2], "the guest is in")
        write(group.bootstrap, group.topic, 200)
        if number % 2:
            guest.kill()
        else:
            guest.terminate()
        until(lambda guest=guest: not guest.alive, "the guest is gone")

    until(lambda: set(group.done()) == everything(500), "all is done")
    until(lambda: group.committed() == dict.fromkeys(range(4), 500), "all is committed")
    assert group.workers["steady"].alive, "a rebalance ended a worker"


def test_a_static_member_that_is_started_again_keeps_its_partitions(group: Group):
    group.start("one", instance="decide-0")
    group.start("two", instance="decide-1")

    def both() -> bool:
        write(group.bootstrap, group.topic, 4)
        return bool(group.done("one")) and bool(group.done("two"))

    until(lambda: shares(group.bootstrap, group.name) == [2, 2], "both have a share", 90)
    until(both, "both at work", deadline_s=90)
    given_back = group.log("two").count("given back")
    before = held(group.bootstrap, group.name)
    group.workers["one"].kill()
    group.start("again", instance="decide-0")

    def at_work() -> bool:
        write(group.bootstrap, group.topic, 4)
        return bool(group.done("again"))

    until(at_work, "it goes on long before the session of the killed one ends", deadline_s=90)
    assert held(group.bootstrap, group.name) == before
    assert {partition for partition, _ in group.done("again")} <= before["decide-0"]
    assert group.log("two").count("given back") == given_back, "the other was not disturbed"
