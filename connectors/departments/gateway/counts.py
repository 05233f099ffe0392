"""How often did what happen at the gateway? Counted in the process's meter, by one label."""

from __future__ import annotations

from connectors.metrics.meter import Meter


class Counts:
    """Counters by name and one label. No label ever holds a personal name or a credit code."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter

    def add(self, name: str, label: str, count: int = 1) -> None:
        """Count something that happened; `name` is between `hub_gateway_` and `_total`."""
        self.meter.add(f"hub_gateway_{name}_total", count, what=label)

    def of(self, name: str, label: str) -> int:
        """How often it happened."""
        return int(self.meter.value(f"hub_gateway_{name}_total", what=label))
