"""How is a panel of a dashboard written down? Its title, its unit, what it says, and its lines."""

from __future__ import annotations

from connectors.metrics.grafana import Panel, Shape

SECONDS, PER_S, COUNT, BYTES, WHEN = "s", "ops", "short", "bytes", "dateTimeFromNow"
Line = tuple[str, str]
"""An expression in PromQL and its legend."""


def lines(title: str, unit: str, says: str, *shown: Line) -> Panel:
    """Curves over time."""
    return Panel(title, shown, unit, says, Shape.LINES)


def stat(title: str, unit: str, says: str, *shown: Line) -> Panel:
    """Single numbers of now."""
    return Panel(title, shown, unit, says, Shape.STAT)


def table(title: str, unit: str, says: str, *shown: Line) -> Panel:
    """Rows of now."""
    return Panel(title, shown, unit, says, Shape.TABLE)


def quantile(share: float, metric: str, by: str) -> str:
    """How long so many of all took, by these labels."""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket[5m])))"
