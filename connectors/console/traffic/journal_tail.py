"""What has intake taken in just now? The ends of the journal and of its dead letters, as they grow.

The committed position says the same surely, but up to half a second later.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from confluent_kafka import Consumer, Message, TopicPartition

from connectors.console.traffic.logs import spans_of
from connectors.kafka_admin import KafkaAdmin
from connectors.kafka_login import librdkafka_options
from schemas.dead_letter import ORIGINAL_PREFIX
from schemas.topics import JOURNAL, dlq_topic

_AT_ONCE = 2000


class TakenEvent(NamedTuple):
    """An event that intake answered, by the key, source and id that it was sent with."""

    subject: str
    dept: str
    event_id: str


class JournalTail:
    """Follows journal and dead letters from where they end now; usable with `with`."""

    def __init__(self, bootstrap: str, admin: KafkaAdmin) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                **librdkafka_options(),
                # A name is required; nothing is ever committed under it.
                "group.id": "hub-send-tail",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 10,
                "log_level": 0,
            }
        )
        self.skip_to_end(admin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def skip_to_end(self, admin: KafkaAdmin) -> None:
        """Go on from where they end now; what came before is not told."""
        spans = spans_of(admin, [JOURNAL, dlq_topic("intake")])
        self._consumer.assign([TopicPartition(*at, end) for at, (_, end) in spans.items()])

    def poll(self, wait_s: float) -> list[TakenEvent]:
        """What was taken in since the last time; waits up to `wait_s` seconds for the first."""
        found = self._consumer.consume(1, timeout=wait_s)
        if found:
            found += self._consumer.consume(_AT_ONCE, timeout=0)
        return [_taken(one) for one in found if one.error() is None]


def _taken(message: Message) -> TakenEvent:
    prefix = "" if message.topic() == JOURNAL else ORIGINAL_PREFIX
    # The library's own types allow for what it never returns: a dictionary, text.
    headers: Any = message.headers() or ()
    key: Any = message.key() or b""
    said = {
        name.removeprefix(prefix): (value or b"").decode("utf-8", "replace")
        for name, value in headers
        if name.startswith(f"{prefix}ce_")
    }
    subject = key.decode("utf-8", "replace")
    return TakenEvent(subject, said.get("ce_source", ""), said.get("ce_id", ""))
