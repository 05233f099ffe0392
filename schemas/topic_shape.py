"""How must a topic be set? What a family of topics is for, and how large an installation is.

The families themselves stand in `schemas.topics`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DAY_MS = 86_400_000
MIB = 1_048_576
OUTWARD_BYTES_MAX = 4 * MIB
"""A journal record at its largest, in base64 with its reason: what a dead letter may carry."""

JOURNAL_PARTITIONS_DEFAULT = 4
JOURNAL_PARTITIONS_MAX = 1000
"""In a code the first partition has three figures (streams.rules.entry.codes)."""
IN_PARTITIONS_DEFAULT = 4


class Cleanup(StrEnum):
    """How Kafka frees space: by age, or by keeping the last record of each key."""

    DELETE = "delete"
    COMPACT = "compact"


class Partitions(StrEnum):
    """What decides how many partitions a topic has."""

    JOURNAL = "journal_partitions, changed by `hub journal grow` alone: one enterprise = one order"
    IN = "in_partitions"
    ONE = "1: few records, one order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """How large is this installation? Set by the operator, not by the contract.

    Raises:
        ValueError: with every number that is out of range, all in one message.
    """

    legal_retention_days: int
    journal_partitions: int = JOURNAL_PARTITIONS_DEFAULT
    in_partitions: int = IN_PARTITIONS_DEFAULT
    replication_factor: int = 1
    min_insync_replicas: int = 1

    def __post_init__(self) -> None:
        wrong = [
            f"{name} is {getattr(self, name)}, at least 1 expected"
            for name in self.__slots__
            if getattr(self, name) < 1
        ]
        if self.min_insync_replicas > self.replication_factor:
            wrong.append(
                f"min_insync_replicas is {self.min_insync_replicas}, more than the "
                f"replication_factor {self.replication_factor}: no write would ever be accepted"
            )
        if wrong:
            raise ValueError("topic sizing: " + "; ".join(wrong))


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """What is one family of topics for, and how must it be set?

    `retention_days` None means the legal retention for `DELETE`, and no limit for `COMPACT`.
    """

    family: str
    template: str
    key_meaning: str
    writers: str
    readers: str
    cleanup: Cleanup = Cleanup.DELETE
    partitions: Partitions = Partitions.ONE
    message_bytes_max: int = OUTWARD_BYTES_MAX
    retention_days: int | None = None
    extra_configs: Mapping[str, str] = field(default_factory=dict)

    @property
    def partitions_are_fixed(self) -> bool:
        """Would another partition count send an enterprise's next event to another log?"""
        return self.partitions is Partitions.JOURNAL


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it has to exist on the broker."""

    name: str
    partitions: int
    replication_factor: int
    configs: Mapping[str, str]
    spec: TopicSpec


def topic_of(spec: TopicSpec, name: str, sizing: Sizing) -> Topic:
    """One topic of a family, as it has to exist in an installation of this size."""
    partitions = {
        Partitions.JOURNAL: sizing.journal_partitions,
        Partitions.IN: sizing.in_partitions,
        Partitions.ONE: 1,
    }[spec.partitions]
    return Topic(name, partitions, sizing.replication_factor, _configs(spec, sizing), spec)


def _configs(spec: TopicSpec, sizing: Sizing) -> dict[str, str]:
    if spec.cleanup is Cleanup.COMPACT:
        retention_ms = -1
    else:
        retention_ms = (spec.retention_days or sizing.legal_retention_days) * DAY_MS
    return {
        "cleanup.policy": spec.cleanup.value,
        "retention.ms": str(retention_ms),
        "retention.bytes": "-1",
        "max.message.bytes": str(spec.message_bytes_max),
        # Retention counts from the record's time: by the sender's clock, a replay of last
        # year's events would be deleted on arrival, and the journal's time is a fact of the log.
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(sizing.min_insync_replicas),
        "unclean.leader.election.enable": "false",
        **spec.extra_configs,
    }
