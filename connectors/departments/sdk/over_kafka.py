"""How does a department speak with the hub over Kafka? With one producer and one consumer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, MessageSizeTooLargeError

from connectors.departments.sdk.events import Event
from connectors.departments.sdk.transport import Answer, NotNow, Outcome, Receipt, Refused

DELIVERY_S = 20.0
_CONNECT_S = 5.0


class KafkaTransport:
    """Sends to `insp.in.<dept>`, reads `insp.out.<dept>` (fits transport.Transport).

    The record's key is the credit code, so that all of one enterprise stays in one order.
    """

    asks_by_receipt = False

    def __init__(
        self,
        bootstrap: str,
        source: str,
        *,
        group: str | None = None,
        delivery_s: float = DELIVERY_S,
        **security: Any,  # noqa: ANN401 - kafka-python's own settings
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            bootstrap: HOST:PORT[,HOST:PORT…].
            source: The department's registry code.
            group: Under which name the position in `insp.out.<dept>` is kept.
            delivery_s: How long one attempt may take.
            security: Such as `security_protocol`, `sasl_mechanism`, `ssl_cafile`.
        """
        self.source = source
        self._in, self._out = f"insp.in.{source}", f"insp.out.{source}"
        self._group = group or f"insp-sdk.{source}"
        self._delivery_s = delivery_s
        self._common = {
            "bootstrap_servers": bootstrap.split(","),
            "bootstrap_timeout_ms": int(_CONNECT_S * 1000),
            **security,
        }
        self._producer: Any = None
        self._consumer: Any = None
        self._position: dict[Any, int] = {}

    def send(self, events: Sequence[Event]) -> list[Outcome]:
        """Send events of different keys; one outcome each."""
        try:
            if self._producer is None:
                self._producer = self._connect()
        except (KafkaError, OSError) as cause:
            return [_not_now(cause) for _ in events]
        futures = [self._handed_over(event) for event in events]
        outcomes = [self._outcome(future) for future in futures]
        if any(isinstance(outcome, NotNow) for outcome in outcomes):
            # Its memory of what is under way would stand between an event and its next try.
            self._producer.close(timeout=0)
            self._producer = None
        return outcomes

    def poll(self, undecided: Sequence[str], wait_s: float) -> list[Answer]:
        """What came on the department's topic."""
        try:
            if self._consumer is None:
                self._consumer = self._follow()
            found = self._consumer.poll(timeout_ms=int(wait_s * 1000), max_records=100)
        except (KafkaError, OSError):
            self._close_consumer()
            return []
        return [_answer(record) for records in found.values() for record in records]

    def handled(self, answers: Sequence[Answer]) -> None:
        """Commit the positions after these."""
        for answer in answers:
            partition, offset = answer.mark
            self._position[partition] = offset + 1
        if not self._position or self._consumer is None:
            return
        try:
            self._consumer.commit(
                {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in self._position.items()}
            )
        except (KafkaError, OSError):
            # Another member has the partition now, or nobody answers: it will come again.
            return
        finally:
            self._position.clear()

    def close(self) -> None:
        """End both connections; what is under way is awaited."""
        if self._producer is not None:
            self._producer.close(timeout=self._delivery_s)
            self._producer = None
        self._close_consumer()

    def _connect(self) -> Any:  # noqa: ANN401 - untyped library
        return KafkaProducer(
            **self._common,
            acks="all",
            enable_idempotence=True,
            max_block_ms=int(self._delivery_s * 1000),
            request_timeout_ms=int(self._delivery_s * 500),
            delivery_timeout_ms=int(self._delivery_s * 1000),
            max_request_size=2 << 20,
        )

    def _follow(self) -> Any:  # noqa: ANN401 - untyped library
        return KafkaConsumer(
            self._out,
            **self._common,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )

    def _handed_over(self, event: Event) -> Any:  # noqa: ANN401 - untyped library
        try:
            return self._producer.send(
                self._in, event.value(), event.key.encode(), event.headers(self.source)
            )
        except (KafkaError, OSError) as cause:
            return cause

    def _outcome(self, future: Any) -> Outcome:  # noqa: ANN401 - untyped library
        try:
            if isinstance(future, Exception):
                raise future
            done = future.get(timeout=self._delivery_s)
        except MessageSizeTooLargeError as cause:
            return Refused("TOO_LARGE", str(cause))
        except (KafkaError, OSError) as cause:
            return _not_now(cause)
        return Receipt(f"{done.topic}/{done.partition}/{done.offset}")

    def _close_consumer(self) -> None:
        if self._consumer is not None:
            self._consumer.close(autocommit=False)
            self._consumer = None


def _not_now(cause: Exception) -> NotNow:
    return NotNow(f"{type(cause).__name__}: {cause}")


def _answer(record: Any) -> Answer:  # noqa: ANN401 - untyped library
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers if value}
    place = f"{record.topic}/{record.partition}/{record.offset}"
    mark = (TopicPartition(record.topic, record.partition), record.offset)
    value = record.value or b""
    try:
        data = json.loads(value)
    except ValueError:
        # Whoever is answered in Avro reads it with an Avro library: docs/integration.md.
        data = {"content_type": headers.get("content-type", "")}
    return Answer(headers.get("ce_type", ""), data, value, place, mark)
