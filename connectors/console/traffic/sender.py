"""How do lines leave fast and surely? One idempotent producer that hears of every loss."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from connectors.console.context import CommandError, Exit
from connectors.console.traffic.event_lines import LineFault, Posting
from connectors.kafka_login import librdkafka_options
from schemas.topics import IN_BYTES_MAX, in_topic

DELIVERY_S = 30.0
_QUEUE_RECORDS_MAX = 100_000
_QUEUE_FULL_S = 0.05
_FLUSH_STEP_S = 0.2
_REGISTRY_PARTITION = 0
"""What the administrators publish has one order: a policy after the departments it names."""


class Sender:
    """Puts postings on their departments' topics and counts them."""

    def __init__(self, bootstrap: str, *, rate_per_s: float | None = None) -> None:
        """Prepare; nothing is connected yet.

        Args:
            bootstrap: The broker's address.
            rate_per_s: At most so many records a second; None: as fast as it goes.
        """
        self.sent = 0
        self.bytes_sent = 0
        self.by_type: Counter[str] = Counter()
        self.by_dept: Counter[str] = Counter()
        self.bootstrap = bootstrap
        self._rate = rate_per_s
        self._began = time.monotonic()
        self._lost = 0
        self._cause = ""
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                **librdkafka_options(),
                "client.id": "hub-send",
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 10,
                "batch.size": 1 << 20,
                "message.max.bytes": 2 * IN_BYTES_MAX,
                "queue.buffering.max.messages": _QUEUE_RECORDS_MAX,
                "delivery.timeout.ms": int(DELIVERY_S * 1000),
                # As every other Kafka client does it: an enterprise keeps its partition.
                "partitioner": "murmur2_random",
                "delivery.report.only.error": True,
                "on_delivery": self._not_delivered,
                "log_level": 0,
            }
        )

    def send(self, posting: Posting) -> None:
        """Hand one record over; it leaves soon.

        Raises:
            LineFault: it is larger than the topic takes.
            CommandError: earlier ones could not be delivered.
        """
        self._pace()
        where: dict[str, Any] = {"headers": posting.headers}
        if posting.from_registry:
            where["partition"] = _REGISTRY_PARTITION
        topic = in_topic(posting.dept)
        while True:
            try:
                self._producer.produce(topic, posting.value, posting.key, **where)
                break
            except BufferError:
                self._producer.poll(_QUEUE_FULL_S)
                self._check()
            except KafkaException as cause:
                raise self._refused(cause, posting) from cause
        self.sent += 1
        self.bytes_sent += len(posting.value or b"")
        self.by_type[posting.type] += 1
        self.by_dept[posting.dept] += 1
        if not self.sent & 0xFFF:
            self._producer.poll(0)
            self._check()

    def flush(self) -> None:
        """Return when the broker has everything.

        Raises:
            CommandError: something could not be delivered.
        """
        while self._producer.flush(_FLUSH_STEP_S):
            self._check()
        self._check()

    def _pace(self) -> None:
        if self._rate is None:
            return
        ahead_s = self.sent / self._rate - (time.monotonic() - self._began)
        if ahead_s > 0:
            time.sleep(ahead_s)

    def _refused(self, cause: KafkaException, posting: Posting) -> Exception:
        error: KafkaError = cause.args[0]
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            found = f"{len(posting.value or b''):,} bytes"
            return LineFault(f"its data has {found}, more than {in_topic(posting.dept)} takes")
        return cause

    def _not_delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._lost += 1
            self._cause = error.str()

    def _check(self) -> None:
        if self._lost:
            raise CommandError(
                f"the broker at {self.bootstrap} did not take {self._lost:,} of {self.sent:,} "
                f"records ({self._cause}). When it is well again send the whole file again: what "
                "arrived is recognised by source and id",
                Exit.UNREACHABLE,
            )
