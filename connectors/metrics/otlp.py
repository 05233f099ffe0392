"""How do spans reach a collector? By OTLP over HTTP, in batches, from a thread of their own.

Names follow the semantic conventions for messaging of OpenTelemetry, which are not yet stable. A
collector that is away costs spans, never a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    set_span_in_context,
)

from connectors.metrics.tracing import OfResult, Parent, Traced, parent_of, parent_of_result

SPANS_MAX = 100
"""Spans of one batch: a trace is a sample, not a count."""
GROUP = "insp-"


class OtlpSpans:
    """Sends spans to a collector (fits connectors.metrics.tracing.Spans)."""

    def __init__(self, role: str, url: str, exporter: SpanExporter | None = None) -> None:
        """Begin sending.

        Args:
            role: Which role of the hub this is.
            url: Address of the collector, `http://HOST:4318/v1/traces`.
            exporter: Sends instead, in tests.
        """
        resource = Resource.create({"service.name": f"inspection-hub-{role}"})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=url, timeout=5))
        )
        self._tracer = self._provider.get_tracer("inspection-hub")

    @contextmanager
    def of_records(self, stage: str, records: Sequence[Traced]) -> Iterator[None]:
        """One span for each record of a sampled trace, from now until it is durable."""
        with ExitStack() as stack:
            opened = 0
            for record in records:
                parent = parent_of(record)
                if parent is None or opened == SPANS_MAX:
                    continue
                opened += 1
                attributes: dict[str, str | int] = {
                    "messaging.system": "kafka",
                    "messaging.operation.type": "process",
                    "messaging.destination.name": record.topic,
                    "messaging.destination.partition.id": str(record.partition),
                    "messaging.kafka.offset": record.offset,
                    "messaging.consumer.group.name": f"{GROUP}{stage}",
                    "messaging.batch.message_count": len(records),
                }
                self._open(stack, f"process {stage}", parent, attributes, SpanKind.CONSUMER)
            yield

    @contextmanager
    def of_deliveries(self, site: str, call: str, deliveries: Sequence[OfResult]) -> Iterator[None]:
        """One span for each delivery that a call to a system is about."""
        with ExitStack() as stack:
            for one in deliveries[:SPANS_MAX]:
                attributes: dict[str, str | int] = {
                    "hub.site": site, "hub.result_id": one.result_id, "hub.version": one.version,
                }  # fmt: skip
                parent = parent_of_result(one)
                self._open(stack, f"{call} {site}", parent, attributes, SpanKind.CLIENT)
            yield

    def close(self) -> None:
        """Send what is still here, within seconds."""
        self._provider.shutdown()

    def _open(
        self,
        stack: ExitStack,
        name: str,
        parent: Parent,
        attributes: dict[str, str | int],
        kind: SpanKind,
    ) -> None:
        sampled = TraceFlags(TraceFlags.SAMPLED)
        there = SpanContext(parent.trace_id, parent.span_id, is_remote=True, trace_flags=sampled)
        context = set_span_in_context(NonRecordingSpan(there))
        # Many at once are open side by side: none of them is "the current one" of the task.
        span = self._tracer.start_span(name, context, kind, attributes)
        stack.callback(span.end)
