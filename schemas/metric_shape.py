"""What is said of a figure that the hub gives out? Its name, kind, unit, labels and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds for what should take milliseconds."""
SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3600.0)
"""Bounds for what may take an hour after an outage. 1 s is what departments were promised."""


class Kind(StrEnum):
    """How a figure behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Source(StrEnum):
    """Where a figure comes from."""

    HUB = "the hub"
    LIBRARY = "prometheus-client"
    PROMETHEUS = "Prometheus itself"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure.

    Attributes:
        name: as it is given out; counters end in `_total`.
        unit: base units only: seconds, bytes, or what is counted; empty for states.
        labels: in order; their values are closed sets: stages, codes, reasons, topics.
        help: one sentence.
        buckets: upper bounds of a histogram.
    """

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()
    source: Source = Source.HUB
