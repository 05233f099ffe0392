"""What is measured around a stage? Its batches, what it publishes, and the systems it calls.

Wrappers: what is measured knows nothing of it, and does the same without.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from connectors.metrics.meter import Meter
from connectors.metrics.tracing import NoSpans, Spans, Traced, parent_of, parent_of_result
from schemas.delivery import (
    Accepted,
    Delivery,
    Observed,
    Refused,
    SiteReceipt,
    Standing,
    Unavailable,
)
from schemas.messages import DECISION_MADE
from schemas.topics import DLQ_PREFIX, OUT_PREFIX, TABLE

Headers = Sequence[tuple[str, bytes | None]]
REASON_HEADER = "hub-dlq-reason-code"
_MADE = DECISION_MADE.encode()
_DECISION = re.compile(rb'"decision":"([A-Z_]+)"')
_T = TypeVar("_T")


class Fetched(Traced, Protocol):
    """A fetched Kafka record, and when it was appended (Unix milliseconds)."""

    @property
    def timestamp(self) -> int: ...  # noqa: D102


class Leaving(Protocol):
    """A record to be published."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Headers: ...  # noqa: D102


class Handler(Protocol):
    """What a stage does with a partition's records (as streams.lanes.BatchHandler)."""

    eager: bool

    async def open(self, tp: Any, committed: int | None) -> int | None: ...  # noqa: D102, ANN401
    async def handle(self, tp: Any, records: Sequence[Any]) -> None: ...  # noqa: D102, ANN401
    async def idle(self, tp: Any) -> None: ...  # noqa: D102, ANN401
    async def close(self, tp: Any) -> None: ...  # noqa: D102, ANN401


class Publisher(Protocol):
    """Publishes records."""

    async def publish(  # noqa: D102
        self, records: Sequence[Any]
    ) -> Mapping[tuple[str, int], int]: ...


class MeasuredHandler:
    """A stage's handler, measured (fits streams.lanes.BatchHandler)."""

    def __init__(
        self,
        handler: Handler,
        stage: str,
        meter: Meter,
        spans: Spans | None = None,
        now_ms: Callable[[], float] = lambda: time.time() * 1000,
    ) -> None:
        self.eager = handler.eager
        self._handler, self._stage, self._meter = handler, stage, meter
        self._spans, self._now_ms = spans or NoSpans(), now_ms
        self._ours: set[Any] = set()

    async def open(self, tp: Any, committed: int | None) -> int | None:  # noqa: ANN401
        """Measure how long it takes."""
        began = time.monotonic()
        want = await self._handler.open(tp, committed)
        self._meter.seen("hub_recovery_seconds", time.monotonic() - began, stage=self._stage)
        self._own(tp, there=True)
        return want

    async def handle(self, tp: Any, records: Sequence[Fetched]) -> None:  # noqa: ANN401
        """Measure how long a batch takes until it is durable, and how old its oldest record is."""
        stage, meter, began = self._stage, self._meter, time.monotonic()
        with self._spans.of_records(stage, records):
            await self._handler.handle(tp, records)
        parent = next((found for one in records if (found := parent_of(one))), None)
        trace_id = parent.text if parent else None
        meter.seen("hub_batch_seconds", time.monotonic() - began, trace_id, stage=stage)
        age_s = max(0.0, self._now_ms() - records[0].timestamp) / 1000
        meter.seen("hub_record_age_seconds", age_s, trace_id, stage=stage)
        meter.add("hub_records_total", len(records), stage=stage)

    async def idle(self, tp: Any) -> None:  # noqa: ANN401
        """Nothing is measured."""
        await self._handler.idle(tp)

    async def close(self, tp: Any) -> None:  # noqa: ANN401
        """It is not ours any more."""
        await self._handler.close(tp)
        self._own(tp, there=False)

    def _own(self, tp: Any, *, there: bool) -> None:  # noqa: ANN401
        (self._ours.add if there else self._ours.discard)(tp)
        self._meter.set("hub_partitions_owned", len(self._ours), stage=self._stage)


class MeasuredPublisher:
    """A publisher, measured (fits streams.ports.Publisher)."""

    def __init__(self, publisher: Publisher, stage: str, meter: Meter) -> None:
        self._publisher, self._stage, self._meter = publisher, stage, meter

    async def publish(self, records: Sequence[Leaving]) -> Mapping[tuple[str, int], int]:
        """Deliver all; what was delivered is counted."""
        began = time.monotonic()
        ends = await self._publisher.publish(records)
        if records:
            self._meter.seen("hub_publish_seconds", time.monotonic() - began, stage=self._stage)
            self._count(records)
        return ends

    def _count(self, records: Sequence[Leaving]) -> None:
        topics = Counter(record.topic for record in records)
        families: Counter[str] = Counter()
        for topic, count in topics.items():
            families[family_of(topic)] += count
        for family, count in families.items():
            self._meter.add("hub_published_total", count, stage=self._stage, family=family)
        if families["dlq"]:
            for reason, count in Counter(_reason(r) for r in records if _is_dead(r)).items():
                self._meter.add("hub_dead_letters_total", count, stage=self._stage, reason=reason)
        if families["out"]:
            for decision, count in Counter(filter(None, map(_decision, records))).items():
                self._meter.add("hub_decisions_total", count, decision=decision)


class PublicitySystem(Protocol):
    """A publicity system (as streams.ports.PublicitySystem)."""

    @property
    def site(self) -> str: ...  # noqa: D102
    @property
    def pushes(self) -> bool: ...  # noqa: D102
    @property
    def batch_max(self) -> int: ...  # noqa: D102
    @property
    def key_memory_s(self) -> float: ...  # noqa: D102

    async def send(  # noqa: D102
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Accepted | Refused | Unavailable]: ...
    async def ask(  # noqa: D102
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Standing | Unavailable | None]: ...
    async def poll_receipts(  # noqa: D102
        self, cursor: str
    ) -> tuple[Sequence[SiteReceipt], str] | Unavailable: ...
    async def observe(  # noqa: D102
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Observed | Unavailable]: ...
    async def close(self) -> None: ...  # noqa: D102


class MeasuredSystem:
    """A publicity system, measured (fits streams.ports.PublicitySystem)."""

    def __init__(self, system: PublicitySystem, meter: Meter, spans: Spans | None = None) -> None:
        self._system, self._meter, self._spans = system, meter, spans or NoSpans()
        self.site, self.pushes = system.site, system.pushes
        self.batch_max, self.key_memory_s = system.batch_max, system.key_memory_s

    async def send(
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Accepted | Refused | Unavailable]:
        """Measure a push."""
        return await self._call("send", deliveries, self._system.send)

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Standing | Unavailable | None]:
        """Measure a question."""
        return await self._call("ask", deliveries, self._system.ask)

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """Measure a look."""
        return await self._call("observe", deliveries, self._system.observe)

    async def poll_receipts(self, cursor: str) -> tuple[Sequence[SiteReceipt], str] | Unavailable:
        """Measure a poll."""
        began = time.monotonic()
        answer = await self._system.poll_receipts(cursor)
        self._took("poll", began, None)
        self._meter.add(
            "hub_site_calls_total", site=self.site, call="poll", outcome=_outcome(answer)
        )
        return answer

    async def close(self) -> None:
        """Let go of connections."""
        await self._system.close()

    async def _call(
        self,
        call: str,
        deliveries: Sequence[Delivery],
        made: Callable[[Sequence[Delivery]], Awaitable[Sequence[_T]]],
    ) -> Sequence[_T]:
        began = time.monotonic()
        with self._spans.of_deliveries(self.site, call, deliveries):
            answers = await made(deliveries)
        self._took(call, began, deliveries[0] if deliveries else None)
        for outcome, count in Counter(map(_outcome, answers)).items():
            self._meter.add(
                "hub_site_calls_total", count, site=self.site, call=call, outcome=outcome
            )
        return answers

    def _took(self, call: str, began: float, first: Delivery | None) -> None:
        traced = first is not None and not isinstance(self._spans, NoSpans)
        trace_id = parent_of_result(first).text if traced and first is not None else None
        seconds = time.monotonic() - began
        self._meter.seen("hub_site_call_seconds", seconds, trace_id, site=self.site, call=call)


@lru_cache(10_000)
def family_of(topic: str) -> str:
    """The family of a topic; `other` for one that the table does not know.

    >>> family_of("insp.in.WJW-120116")
    'in'
    """
    for spec in TABLE:
        before, marked, _ = spec.template.partition("{code}")
        if topic == before or (marked and topic.startswith(before)):
            return spec.family
    return "other"


def _is_dead(record: Leaving) -> bool:
    return record.topic.startswith(DLQ_PREFIX)


def _reason(record: Leaving) -> str:
    value = next((value for name, value in record.headers if name == REASON_HEADER), None)
    return (value or b"UNKNOWN").decode()


def _decision(record: Leaving) -> str | None:
    """The decision that a record tells a department; None if it tells something else."""
    if not record.topic.startswith(OUT_PREFIX):
        return None
    if not any(name == "ce_type" and value == _MADE for name, value in record.headers):
        return None
    found = _DECISION.search(record.value or b"")
    return found[1].decode() if found else None


def _outcome(answer: object) -> str:
    """What came of a call, in one word."""
    if isinstance(answer, Unavailable):
        return "unavailable"
    if isinstance(answer, Refused):
        return "refused"
    if answer is None:
        return "unknown"
    if isinstance(answer, Observed):
        return "shown" if answer.shown else "not_shown"
    return "ok"
