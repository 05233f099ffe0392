"""Which topics does the hub have, who uses them, and how must each be set?

One table, `TABLE`; everything that creates, checks or names a topic reads it.
"""

import re
from collections.abc import Iterable

from schemas.topic_shape import DAY_MS as DAY_MS  # whoever names topics finds their shape here
from schemas.topic_shape import JOURNAL_PARTITIONS_DEFAULT as JOURNAL_PARTITIONS_DEFAULT
from schemas.topic_shape import MIB, OUTWARD_BYTES_MAX, Partitions, topic_of
from schemas.topic_shape import Cleanup as Cleanup
from schemas.topic_shape import Sizing as Sizing
from schemas.topic_shape import Topic as Topic
from schemas.topic_shape import TopicSpec as TopicSpec

JOURNAL = "insp.journal"
DECIDED = "insp.decided"
CTL_POLICY = "insp.ctl.policy"
CTL_REGISTRY = "insp.ctl.registry"
OPERATOR = "insp.operator"
REPLAYS = "insp.replays"
GENERATIONS = "insp.generations"
IN_PREFIX = "insp.in."
OUT_PREFIX = "insp.out."
FEED_PREFIX = "insp.feed."
RECEIPT_PREFIX = "insp.receipt."
DLQ_PREFIX = "insp.dlq."
STAGES = ("intake", "decide", "deliver")
REGISTRY = "REGISTRY"
"""The platform's administrators: they publish like a department, and are answered like one."""
IN_BYTES_MAX = MIB
JOURNAL_BYTES_MAX = 2 * MIB  # an inbound record at its largest, plus what intake adds to it
BROKER_BYTES_MAX = OUTWARD_BYTES_MAX

IN_RETENTION_DAYS = OUT_RETENTION_DAYS = 30
DLQ_RETENTION_DAYS = 90
TOMBSTONE_DAYS = 35  # more than the 30 promised: a site away for a month still sees it

_CODE = re.compile(r"[A-Za-z0-9_-]{1,100}")


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
        writers="that department, gateway",
        readers="intake, audit, watch",
        retention_days=IN_RETENTION_DAYS,
        extra_configs=_WRITTEN_BY_OTHERS,
    ),
    TopicSpec(
        family="journal",
        template=JOURNAL,
        key_meaning="credit code; survey:<task_id> or special:<special_id> where there is none",
        partitions=Partitions.JOURNAL,
        message_bytes_max=JOURNAL_BYTES_MAX,
        writers="intake, schedule, gateway",
        readers="decide, gateway, audit, statistics, watch",
    ),
    TopicSpec(
        family="decided",
        template=DECIDED,
        key_meaning="key and partition of the journal record it answers",
        partitions=Partitions.JOURNAL,
        writers="decide",
        readers="decide, rebuild, audit, statistics, watch",
    ),
    TopicSpec(
        family="out",
        template=OUT_PREFIX + "{code}",
        key_meaning="credit code or task id",
        writers="intake, decide",
        readers="that department, audit, watch",
        retention_days=OUT_RETENTION_DAYS,
    ),
    TopicSpec(
        family="feed",
        template=FEED_PREFIX + "{code}",
        key_meaning="<credit code>|<result_id>",
        cleanup=Cleanup.COMPACT,
        writers="decide, schedule, deliver",
        readers="that site, deliver, gateway, audit, watch",
        extra_configs=_COMPACTED,
    ),
    TopicSpec(
        family="receipt",
        template=RECEIPT_PREFIX + "{code}",
        key_meaning="result_id",
        message_bytes_max=IN_BYTES_MAX,
        writers="that site, deliver, gateway",
        readers="deliver, audit, watch",
        extra_configs=_WRITTEN_BY_OTHERS,
    ),
    TopicSpec(
        family="ctl.policy",
        template=CTL_POLICY,
        key_meaning="rule id",
        cleanup=Cleanup.COMPACT,
        writers="operator, intake",
        readers="intake, decide, schedule, gateway, audit, watch",
        extra_configs=_COMPACTED,
    ),
    TopicSpec(
        family="ctl.registry",
        template=CTL_REGISTRY,
        key_meaning="registry id",
        cleanup=Cleanup.COMPACT,
        message_bytes_max=IN_BYTES_MAX,
        writers="operator, intake",
        readers="intake, decide, schedule, gateway, statistics, audit, watch",
        extra_configs=_COMPACTED,
    ),
    TopicSpec(
        family="dlq",
        template=DLQ_PREFIX + "{code}",
        key_meaning="the original key",
        writers="the stage it is named after",
        readers="operator, audit, watch",
        retention_days=DLQ_RETENTION_DAYS,
    ),
    TopicSpec(
        family="operator",
        template=OPERATOR,
        key_meaning="site",
        message_bytes_max=IN_BYTES_MAX,
        writers="operator",
        readers="operator, deliver",
    ),
    TopicSpec(
        family="replays",
        template=REPLAYS,
        key_meaning="dead letter: topic/partition/offset",
        cleanup=Cleanup.COMPACT,
        message_bytes_max=IN_BYTES_MAX,
        writers="operator",
        readers="operator",
        extra_configs=_COMPACTED,
    ),
    TopicSpec(
        family="generations",
        template=GENERATIONS,
        key_meaning="journal: one record, which lists all generations of it",
        cleanup=Cleanup.COMPACT,
        writers="operator",
        readers="intake, decide, schedule, gateway, statistics, audit, watch, operator",
        extra_configs=_COMPACTED,
    ),
)


def spec_of(family: str) -> TopicSpec:
    """The row of a family.

    Raises:
        StopIteration: there is no such family.
    """
    return next(spec for spec in TABLE if spec.family == family)


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
        topic_of(spec, spec.template.format(code=owner), sizing)
        for spec in TABLE
        for owner in owners.get(spec.family, [""])
    ]


def _code(code: str, what: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError(
            f"{what} code {code!r} cannot name a topic: 1 to 100 letters, digits, '-' or '_' "
            "expected; dots only separate"
        )
    return code
