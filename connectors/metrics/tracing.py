"""Which span belongs to which record? Traces of both hops and of deliveries; off unless asked for.

A record that comes with a sampled `traceparent` (intake hands it on into the journal) gets a span
of each stage under it. A delivery may come days later: all deliveries of one result form a trace
of its own, whose id follows from the result, so that nothing has to be kept for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

TRACEPARENT = "traceparent"
_SAMPLED = 1
_PARTS = 4


class Traced(Protocol):
    """A fetched Kafka record."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...  # noqa: D102


class OfResult(Protocol):
    """A delivery, or whatever else is about one result."""

    @property
    def uscc(self) -> str: ...  # noqa: D102
    @property
    def result_id(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a span hangs: ids as W3C trace context has them."""

    trace_id: int
    span_id: int

    @property
    def text(self) -> str:
        """The trace's id, as it is searched for."""
        return f"{self.trace_id:032x}"


def parent_of(record: Traced) -> Parent | None:
    """The trace that a record belongs to; None if it has none, or one that nobody samples."""
    for name, value in record.headers:
        if name == TRACEPARENT and value:
            parts = value.split(b"-")
            try:
                trace_id, span_id, flags = (int(part, 16) for part in parts[1:_PARTS])
            except ValueError:
                return None
            return Parent(trace_id, span_id) if flags & _SAMPLED else None
    return None


def parent_of_result(one: OfResult) -> Parent:
    """The trace of all deliveries of one result: the same whoever asks, and whenever."""
    name = f"{one.uscc}\x1f{one.result_id}".encode()
    digest = hashlib.sha256(name).digest()
    return Parent(
        int.from_bytes(digest[:16], "big") or 1, int.from_bytes(digest[16:24], "big") or 1
    )


class Spans(Protocol):
    """Where spans go."""

    def of_records(self, stage: str, records: Sequence[Traced]) -> Any:  # noqa: ANN401
        """A context in which these records are worked on."""

    def of_deliveries(self, site: str, call: str, deliveries: Sequence[OfResult]) -> Any:  # noqa: ANN401
        """A context in which a system is called about these."""

    def close(self) -> None:
        """Send what is still here."""


class NoSpans:
    """Nobody traces."""

    @contextmanager
    def of_records(self, stage: str, records: Sequence[Traced]) -> Iterator[None]:
        """Nothing is kept."""
        yield

    @contextmanager
    def of_deliveries(self, site: str, call: str, deliveries: Sequence[OfResult]) -> Iterator[None]:
        """Nothing is kept."""
        yield

    def close(self) -> None:
        """Nothing is here."""


def open_spans(role: str, otlp_url: str) -> Spans:
    """Where spans of this process go: to the collector at the address; nowhere if it is empty.

    Raises:
        ValueError: the packages for tracing are not installed.
    """
    if not otlp_url:
        return NoSpans()
    try:
        # Here, not above: it is an extra, and half a second of imports.
        from connectors.metrics.otlp import OtlpSpans
    except ImportError as cause:
        raise ValueError(
            f"HUB_OTLP_URL is set, but the packages for tracing are missing ({cause}): install "
            "inspection-hub[tracing], or leave it empty"
        ) from cause
    return OtlpSpans(role, otlp_url)
