"""How is a dashboard written as a file that Grafana loads?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DATASOURCE = {"type": "prometheus", "uid": "hub-prometheus"}
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 24


class Shape(StrEnum):
    """How a panel shows its figures; the names are Grafana's."""

    LINES = "timeseries"
    STAT = "stat"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        lines: expressions in PromQL, each with its legend.
        unit: as Grafana names it.
        says: what to read from it.
    """

    title: str
    lines: tuple[tuple[str, str], ...]
    unit: str
    says: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard; `uid` is part of its address and never changes."""

    uid: str
    title: str
    panels: tuple[Panel, ...]


def as_grafana(dashboard: Dashboard) -> dict[str, Any]:
    """A dashboard as Grafana reads it from a file."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["inspection-hub"],
        "timezone": "Asia/Shanghai",
        "schemaVersion": 39,
        "version": 1,
        "refresh": "10s",
        "time": {"from": "now-6h", "to": "now"},
        "editable": False,
        "panels": [_panel(number, one) for number, one in enumerate(dashboard.panels)],
    }


def _panel(number: int, one: Panel) -> dict[str, Any]:
    across = _COLUMNS // _WIDTH
    return {
        "id": number + 1,
        "type": one.shape.value,
        "title": one.title,
        "description": one.says,
        "datasource": DATASOURCE,
        "gridPos": {
            "x": number % across * _WIDTH, "y": number // across * _HEIGHT,
            "w": _WIDTH, "h": _HEIGHT,
        },
        "fieldConfig": {"defaults": {"unit": one.unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "expr": expr,
                "legendFormat": legend,
                "datasource": DATASOURCE,
                "exemplar": "_bucket" in expr,
                "instant": one.shape is Shape.TABLE,
                "format": "table" if one.shape is Shape.TABLE else "time_series",
            }
            for place, (expr, legend) in enumerate(one.lines)
        ],
    }  # fmt: skip
