"""Which topics does the hub have, who uses them, and how must each be set?

One table, `TABLE`; everything that creates, checks or names a topic reads it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

JOURNAL = "insp.journal"
DECIDED = "insp.decided"
CTL_POLICY = "insp.ctl.policy"
CTL_REGISTRY = "insp.ctl.registry"
IN_PREFIX = "insp.in."
OUT_PREFIX = "insp.out."
FEED_PREFIX = "insp.feed."
RECEIPT_PREFIX = "insp.receipt."
DLQ_PREFIX = "insp.dlq."
STAGES = ("intake", "decide", "deliver")
REGISTRY = "REGISTRY"
"""The platform's administrators: they publish like a department, and are answered like one."""
DAY_MS = 86_400_000
MIB = 1_048_576
IN_BYTES_MAX = MIB
JOURNAL_BYTES_MAX = 2 * MIB  # an inbound record at its largest, plus what intake adds to it
OUTWARD_BYTES_MAX = BROKER_BYTES_MAX = 4 * MIB
"""A journal record at its largest, in base64 with its reason: what a dead letter may carry."""

JOURNAL_PARTITIONS_DEFAULT = 4
IN_PARTITIONS_DEFAULT = 4
IN_RETENTION_DAYS = OUT_RETENTION_DAYS = 30
DLQ_RETENTION_DAYS = 90
TOMBSTONE_DAYS = 35  # more than the 30 promised: a site away for a month still sees it

_CODE = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Cleanup(StrEnum):
    """How Kafka frees space: by age, or by keeping the last record of each key."""

    DELETE = "delete"
    COMPACT = "compact"


class Partitions(StrEnum):
    """What decides how many partitions a topic has."""

    JOURNAL = "journal_partitions, fixed for ever: one enterprise = one partition = one order"
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


_COMPACTED = {
    "delete.retention.ms": str(TOMBSTONE_DAYS * DAY_MS),
    "min.compaction.lag.ms": str(DAY_MS),
    # What a repair took down must not lie readable in an old segment for months.
    "max.compaction.lag.ms": str(7 * DAY_MS),
    # The active segment is never compacted: with the default week a quiet feed would keep it all.
    "segment.ms": str(DAY_MS),
}

# Some clients compress (franz-go: snappy) in ways that ours cannot read; the broker unpacks it.
_WRITTEN_BY_OTHERS = {"compression.type": "uncompressed"}

TABLE: tuple[TopicSpec, ...] = (
    TopicSpec(
        family="in",
        template=IN_PREFIX + "{code}",
        key_meaning="credit code or business id",
        partitions=Partitions.IN,
        message_bytes_max=IN_BYTES_MAX,
        writers="that department",
        readers="intake",
        retention_days=IN_RETENTION_DAYS,
        extra_configs=_WRITTEN_BY_OTHERS,
    ),
    TopicSpec(
        family="journal",
        template=JOURNAL,
        key_meaning="credit code; survey:<task_id> or special:<special_id> where there is none",
        partitions=Partitions.JOURNAL,
        message_bytes_max=JOURNAL_BYTES_MAX,
        writers="intake, schedule",
        readers="decide, audit",
    ),
    TopicSpec(
        family="decided",
        template=DECIDED,
        key_meaning="key and partition of the journal record it answers",
        partitions=Partitions.JOURNAL,
        writers="decide",
        readers="rebuild, audit, statistics",
    ),
    TopicSpec(
        family="out",
        template=OUT_PREFIX + "{code}",
        key_meaning="credit code or task id",
        writers="intake, decide",
        readers="that department",
        retention_days=OUT_RETENTION_DAYS,
    ),
    TopicSpec(
        family="feed",
        template=FEED_PREFIX + "{code}",
        key_meaning="result_id",
        cleanup=Cleanup.COMPACT,
        writers="decide",
        readers="that site, deliver",
        extra_configs=_COMPACTED,
    ),
    TopicSpec(
        family="receipt",
        template=RECEIPT_PREFIX + "{code}",
        key_meaning="result_id",
        message_bytes_max=IN_BYTES_MAX,
        writers="that site, deliver",
        readers="deliver, audit",
        extra_configs=_WRITTEN_BY_OTHERS,
    ),
    TopicSpec(
        family="ctl.policy",
        template=CTL_POLICY,
        key_meaning="rule id",
        cleanup=Cleanup.COMPACT,
        writers="operator, intake",
        readers="intake, decide",
        extra_configs=_COMPACTED,
    ),
    TopicSpec(
        family="ctl.registry",
        template=CTL_REGISTRY,
        key_meaning="registry id",
        cleanup=Cleanup.COMPACT,
        message_bytes_max=IN_BYTES_MAX,
        writers="operator, intake",
        readers="intake",
        extra_configs=_COMPACTED,
    ),
    TopicSpec(
        family="dlq",
        template=DLQ_PREFIX + "{code}",
        key_meaning="the original key",
        writers="the stage it is named after",
        readers="operator",
        retention_days=DLQ_RETENTION_DAYS,
    ),
)


def in_topic(dept: str) -> str:
    """Name the topic a department publishes to."""
    return IN_PREFIX + _code(dept, "department")


def out_topic(dept: str) -> str:
    """Name the topic a department is answered on."""
    return OUT_PREFIX + _code(dept, "department")


def feed_topic(site: str) -> str:
    """Name the feed of a publicity site."""
    return FEED_PREFIX + _code(site, "site")


def receipt_topic(site: str) -> str:
    """Name the topic a publicity site's receipts arrive on."""
    return RECEIPT_PREFIX + _code(site, "site")


def dlq_topic(stage: str) -> str:
    """Name the dead-letter topic of a stage: intake, decide or deliver."""
    if stage not in STAGES:
        raise ValueError(f"no dead-letter topic for stage {stage!r}: one of {STAGES} expected")
    return DLQ_PREFIX + stage


def dept_of_in_topic(topic: str) -> str | None:
    """Say which department owns an inbound topic; None when it is not an inbound topic."""
    code = topic.removeprefix(IN_PREFIX)
    return code if code != topic and _CODE.fullmatch(code) else None


def plan(departments: Iterable[str], sites: Iterable[str], sizing: Sizing) -> list[Topic]:
    """List every topic this installation must have, in the order of the table.

    The administrators' topics (`REGISTRY`) are always among them.

    Raises:
        ValueError: a code cannot be part of a topic name.
    """
    depts = sorted(_code(dept, "department") for dept in {REGISTRY, *departments})
    feeds = sorted(_code(site, "site") for site in set(sites))
    owners = {"in": depts, "out": depts, "feed": feeds, "receipt": feeds, "dlq": list(STAGES)}
    return [
        _topic(spec, spec.template.format(code=owner), sizing)
        for spec in TABLE
        for owner in owners.get(spec.family, [""])
    ]


def _topic(spec: TopicSpec, name: str, sizing: Sizing) -> Topic:
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


def _code(code: str, what: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError(
            f"{what} code {code!r} cannot name a topic: 1 to 100 letters, digits, '-' or '_' "
            "expected; dots only separate"
        )
    return code
