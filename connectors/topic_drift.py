"""How does a topic that exists differ from the topic that was planned?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Drift:
    """One setting of a topic that is not as planned.

    `fatal` when the hub must not run with it: the partition count decides which log an
    enterprise's events go to.
    """

    topic: str
    setting: str
    planned: str
    found: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.found}, planned {self.planned}"


@dataclass(frozen=True, slots=True)
class TopicReport:
    """How the topics on the broker compare with the plan.

    `unplanned` are topics of the hub that the plan does not name, as after a department left.
    """

    missing: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    drift: tuple[Drift, ...] = ()
    unplanned: tuple[str, ...] = ()
    as_planned: int = 0

    @property
    def ok(self) -> bool:
        """Is everything that was planned there, and as planned?"""
        return not self.missing and not self.drift


def drift_of_shape(topic: Topic, partitions: list[Mapping[str, Any]]) -> Iterator[Drift]:
    """Compare partition count and copies.

    Args:
        topic: As planned.
        partitions: As the broker describes them, one mapping with `replica_nodes` each.
    """
    count, fixed = len(partitions), topic.spec.partitions_are_fixed
    if count != topic.partitions:
        yield Drift(topic.name, "partitions", str(topic.partitions), str(count), fatal=fixed)
    copies = {len(partition["replica_nodes"]) for partition in partitions}
    if copies != {topic.replication_factor}:
        was = "/".join(map(str, sorted(copies)))
        yield Drift(topic.name, "replication factor", str(topic.replication_factor), was)


def drift_of_configs(topic: Topic, configs: Mapping[str, str]) -> Iterator[Drift]:
    """Compare each setting that the plan names with what the broker has."""
    for key, planned in topic.configs.items():
        if configs.get(key) != planned:
            yield Drift(topic.name, key, planned, configs.get(key, "not set"))
