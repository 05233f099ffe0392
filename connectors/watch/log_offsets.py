"""Where do logs begin and end, and where did they stand at a moment? Of thousands of partitions.

Through librdkafka, at an eighth of what kafka-python takes: that asks for every partition's leader
anew each time, and turns the answer into dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as Place

from connectors.kafka_admin import AdminRefused, BrokerUnreachable, Position
from connectors.kafka_login import KafkaLogin

AT_ONCE = 250
"""librdkafka looks each partition up in a list: what it takes grows with the square of these."""
_ABSENT = frozenset(
    {
        KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001 - the library's own name
        KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    }
)


class LogOffsets:
    """Asks over one connection; blocking, for one thread at a time."""

    def __init__(self, bootstrap: str, login: KafkaLogin, group: str, timeout_s: float) -> None:
        """Connect.

        Args:
            bootstrap: Of the broker.
            login: As whom.
            group: One that this user may describe: the library wants a name. It never joins it.
            timeout_s: So long an answer is waited for.
        """
        self._bootstrap, self._timeout_s = bootstrap, timeout_s
        options: dict[str, str | int | float | bool] = {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            # Or the end would be that of the last finished transaction.
            "isolation.level": "read_uncommitted",
            "log_level": 0,
            **login.librdkafka_options(),
        }
        self._client = Consumer(options)

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def ends(self, partitions: Iterable[Position]) -> dict[Position, int]:
        """Which offset the next record of each partition will have.

        Raises:
            BrokerUnreachable: the broker does not answer.
            LookupError: one of the partitions is not there.
            AdminRefused: the broker refuses.
        """
        return self._at(partitions, OFFSET_END)

    def beginnings(self, partitions: Iterable[Position]) -> dict[Position, int]:
        """Which offset the oldest record of each partition has; raises as `ends` does."""
        return self._at(partitions, OFFSET_BEGINNING)

    def since(self, partitions: Iterable[Position], at_ms: int) -> dict[Position, int]:
        """The first offset at or after a moment; absent: nothing came since. Raises as `ends`."""
        return {at: offset for at, offset in self._at(partitions, at_ms).items() if offset >= 0}

    def _at(self, partitions: Iterable[Position], when: int) -> dict[Position, int]:
        wanted = list(dict.fromkeys(partitions))
        found: dict[Position, int] = {}
        for first in range(0, len(wanted), AT_ONCE):
            asked = [Place(*at, when) for at in wanted[first : first + AT_ONCE]]
            try:
                told = self._client.offsets_for_times(asked, timeout=self._timeout_s)
            except KafkaException as cause:
                raise self._fault(cause.args[0], asked) from cause
            for one in told:
                if one.error is not None:
                    raise self._fault(one.error, [one])
                found[one.topic, one.partition] = one.offset
        return found

    def _fault(self, error: KafkaError, asked: list[Place]) -> Exception:
        if error.code() in _ABSENT:
            names = ", ".join(sorted({one.topic for one in asked}))
            return LookupError(
                f"not all partitions asked for of {names} exist on the broker at "
                f"{self._bootstrap} ({error.str()}): create the topics first"
            )
        if error.retriable() or error.code() < 0:
            return BrokerUnreachable(
                f"the Kafka broker at {self._bootstrap} does not answer ({error.str()}): is it "
                "running, and is the address right?"
            )
        return AdminRefused(
            f"the Kafka broker at {self._bootstrap} refused ({error.str()}): is this user allowed "
            "to describe topics?"
        )
