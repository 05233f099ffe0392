"""How far is every group in every partition it reads, and does somebody read it?

Asked of the broker, never of the readers: a stalled reader's own figure stands still with it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from kafka import TopicPartition

from connectors.kafka_admin import (
    TOPICS_PER_REQUEST,
    AdminRefused,
    BrokerUnreachable,
    KafkaAdmin,
    Position,
)
from connectors.kafka_login import KafkaLogin
from connectors.watch.log_offsets import LogOffsets
from schemas.access import DECIDE_GROUP, INTAKE_GROUP, deliver_group
from schemas.topics import (
    DECIDED,
    JOURNAL,
    STAGES,
    dept_of_in_topic,
    dlq_topic,
    feed_topic,
    receipt_topic,
)
from schemas.watch import Stage

REACH_S = 5.0
TOPICS_EVERY_S = 30.0
"""New departments come seldom, and a list of all topics is the dearest of the questions."""
UNSEEN = (BrokerUnreachable, AdminRefused, LookupError, KafkaError)
"""How a look fails while the broker goes away, or a topic is deleted between two questions: the
next look asks again."""
_KEPT_BY = ["retention.ms", "cleanup.policy"]
_ON_THE_MOVE = {"PREPARINGREBALANCE", "COMPLETINGREBALANCE", "ASSIGNING", "RECONCILING"}


class Reader(NamedTuple):
    """A group, and what it reads for which stage."""

    stage: Stage
    site: str
    group: str


class Found(NamedTuple):
    """One partition as it was found.

    Attributes:
        committed: None: the group never committed there.
        first: of the oldest record, where something waits; else 0.
        fresh: False: the reader has not told anything since it was last looked at.
        patience_ms: so long a record may wait beyond an interval of ours; 0: no longer than that.
    """

    reader: Reader
    topic: str
    partition: int
    committed: int | None
    first: int
    end: int
    alive: bool | None
    fresh: bool = True
    patience_ms: int = 0

    @property
    def next(self) -> int:
        """Where the group goes on: at its position, or at the oldest record if that is later."""
        return max(self.first, self.committed or 0)

    @property
    def lost(self) -> int:
        """How many records were deleted before the group came to them."""
        return 0 if self.committed is None else max(0, self.first - self.committed)


class GroupAdmin(KafkaAdmin):
    """Asks a broker about all groups, and about all logs, at once."""

    def __init__(
        self, bootstrap: str, *, timeout_s: float = 10.0, login: KafkaLogin | None = None
    ) -> None:
        """Connect; raises as `KafkaAdmin` does."""
        super().__init__(bootstrap, timeout_s=timeout_s, login=login)
        # The watch may describe this group; it is a name for the connection and no more.
        self._logs = LogOffsets(bootstrap, self._login, INTAKE_GROUP, timeout_s)

    def close(self) -> None:
        """Close both connections."""
        self._logs.close()
        super().close()

    def beginning_offsets(self, partitions: Iterable[Position]) -> dict[Position, int]:
        """Say for each partition which offset its oldest record has."""
        return self._logs.beginnings(partitions)

    def end_offsets(self, partitions: Iterable[Position]) -> dict[Position, int]:
        """Say for each partition which offset its next record will have."""
        return self._logs.ends(partitions)

    def committed_of(
        self, wanted: Mapping[str, Sequence[Position]]
    ) -> dict[str, dict[Position, int]]:
        """Where each group will go on in these partitions; those never committed are absent."""
        asked = {group: [TopicPartition(*at) for at in some] for group, some in wanted.items()}
        if not asked:
            return {}
        found = self._ask(lambda: self._client.list_group_offsets(asked))
        return {
            group: {
                (at.topic, at.partition): one.offset for at, one in some.items() if one.offset >= 0
            }
            for group, some in found.items()
        }

    def owned(self, groups: Sequence[str]) -> dict[str, set[Position] | None]:
        """Which partitions running members of each group own; None: somebody does, or unknown."""
        if self.embedded or not groups:
            return dict.fromkeys(groups)
        found = self._ask(lambda: self._client.describe_groups(groups))
        return {group: _owned(one) for group, one in found.items()}

    def counts(self) -> dict[str, int]:
        """How many partitions each topic has; through librdkafka, which costs less."""
        options: dict[str, str | int | float] = {
            "bootstrap.servers": self._bootstrap,
            "log_level": 0,
        }
        client = AdminClient({**options, **self._login.librdkafka_options()})
        try:
            topics = client.list_topics(timeout=self._timeout_ms / 1000).topics
        except KafkaException as cause:
            raise self._unreachable(cause) from cause
        return {name: len(one.partitions) for name, one in topics.items() if name[:2] != "__"}

    def retentions(self, topics: Sequence[str]) -> dict[str, int]:
        """How long, in milliseconds, each topic keeps its records; absent: for ever, or unknown.

        Of a topic whose settings this user may not see the broker tells none: see schemas.access.
        """
        found = {}
        for first in range(0, len(topics), TOPICS_PER_REQUEST):
            some = self._configs([*topics[first : first + TOPICS_PER_REQUEST]], _KEPT_BY)
            for name, told in some.items():
                retention_ms = int(told.get("retention.ms", 0))
                if "delete" in told.get("cleanup.policy", "") and retention_ms > 0:
                    found[name] = retention_ms
        return found

    def offsets_at(self, there: Sequence[Position], at_ms: int) -> dict[Position, int]:
        """The first offset at or after a moment; partitions where nothing came since are absent."""
        return self._logs.since(there, at_ms)


class Positions:
    """Looks again and again over one connection; blocking."""

    def __init__(self, bootstrap: str, sites: Sequence[str]) -> None:
        """Prepare; nothing is asked yet. `sites`: whose deliveries are watched."""
        self._bootstrap, self._sites = bootstrap, tuple(sites)
        self._admin: GroupAdmin | None = None
        self._counts: dict[str, int] = {}
        self._counted_at = float("-inf")
        self.ends: dict[Position, int] = {}

    def look(self) -> list[Found]:
        """Every partition of every stage; `ends` then has where these and other logs end.

        Raises:
            BrokerUnreachable: the broker does not answer.
            AdminRefused: it refuses.
        """
        try:
            return self._look()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the connection go; the next look makes a new one."""
        admin, self._admin, self._counted_at = self._admin, None, float("-inf")
        if admin is not None:
            admin.close()

    def dead_letters(self) -> dict[str, int]:
        """How many dead letters each stage keeps."""
        there = {stage: self._partitions(dlq_topic(stage)) for stage in STAGES}
        firsts = self._connected().beginning_offsets(at for some in there.values() for at in some)
        return {
            stage: sum(self.ends.get(at, 0) - firsts[at] for at in some)
            for stage, some in there.items()
        }

    def beginnings(self, there: Sequence[Position]) -> dict[Position, int]:
        """The offset of the oldest record of each partition."""
        return self._connected().beginning_offsets(there)

    def retentions(self, topics: Sequence[str]) -> dict[str, int]:
        """How long, in milliseconds, each topic keeps its records; absent: for ever, or unknown."""
        return self._connected().retentions(topics)

    def offsets_at(self, there: Sequence[Position], at_ms: int) -> dict[Position, int] | None:
        """Where each partition stood at a moment; None: this broker cannot say."""
        admin = self._connected()
        if admin.embedded:
            return None
        found = admin.offsets_at(there, at_ms)
        return {at: found.get(at, self.ends[at]) for at in there}

    def in_topics(self) -> list[str]:
        """The topics that departments publish to, as they were at the last look."""
        return sorted(name for name in self._counts if dept_of_in_topic(name))

    def _look(self) -> list[Found]:
        admin = self._connected()
        read = {
            reader: [at for topic in topics for at in self._partitions(topic)]
            for reader, topics in self._readers().items()
        }
        groups = {reader.group: some for reader, some in read.items() if some}
        committed = admin.committed_of(groups)
        owned = admin.owned(list(groups))
        beside = [DECIDED, *map(dlq_topic, STAGES), *map(receipt_topic, self._sites)]
        told = [at for topic in beside for at in self._partitions(topic)]
        all_read = [at for some in read.values() for at in some]
        ends = self.ends = admin.end_offsets(dict.fromkeys([*told, *all_read]))
        # Of what waits, or was never read, it matters where the log begins by now.
        behind = [
            at
            for reader, some in read.items()
            for at in some
            if committed.get(reader.group, {}).get(at, 0) < ends[at]
        ]
        firsts = admin.beginning_offsets(behind)
        return [
            Found(
                reader, *at, committed.get(reader.group, {}).get(at), firsts.get(at, 0), ends[at],
                _alive(at, owned.get(reader.group), known=not admin.embedded),
            )
            for reader, some in read.items()
            for at in some
        ]  # fmt: skip

    def _connected(self) -> GroupAdmin:
        if self._admin is None:
            self._admin = GroupAdmin(self._bootstrap, timeout_s=REACH_S)
        if time.monotonic() - self._counted_at >= TOPICS_EVERY_S:
            self._counts = self._admin.counts()
            self._counted_at = time.monotonic()
        return self._admin

    def _readers(self) -> dict[Reader, list[str]]:
        found = {
            Reader(Stage.INTAKE, "", INTAKE_GROUP): self.in_topics(),
            Reader(Stage.DECIDE, "", DECIDE_GROUP): [JOURNAL],
        }
        for site in self._sites:
            reader = Reader(Stage.DELIVER, site, deliver_group(site))
            found[reader] = [feed_topic(site)]
        return found

    def _partitions(self, topic: str) -> list[Position]:
        return [(topic, number) for number in range(self._counts.get(topic, 0))]


def _owned(group: Mapping[str, Any]) -> set[Position] | None:
    """What running members own; None while the group is on the move: somebody is there."""
    members = group["members"]
    state = str(group["group_state"]).replace("_", "").upper()
    if members and state in _ON_THE_MOVE:
        return None
    owned: set[Position] = set()
    for member in members:
        assigned = member["member_assignment"]
        if isinstance(assigned, Mapping):
            for topic in assigned["assigned_partitions"]:
                owned.update((topic["topic"], number) for number in topic["partitions"])
    return owned


def _alive(at: Position, owned: set[Position] | None, *, known: bool) -> bool | None:
    if not known:
        return None
    return owned is None or at in owned
