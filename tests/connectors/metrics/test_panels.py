"""Every panel shows something: Prometheus' own engine evaluates what Grafana will ask it.

Each figure of the table that an expression names is given one series with every label of its row;
then the expression must give one sample for the labels in its legend. A name that is not measured,
a label that is not there, or a mistake in the language gives none.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.metrics.files import ROOT, series_in
from schemas.metric_shape import Kind, Metric
from schemas.metrics import TARGET_LABELS, of_series

FOLDER = ROOT / "deploy" / "grafana" / "dashboards"
BEFORE = "60m"
_MATCHED = re.compile(r'(\w+)="([^"]*)"')
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
Target = tuple[str, str, str]
"""Where it is, its expression, its legend."""


def targets() -> Iterator[Target]:
    """What Grafana asks, file by file."""
    for path in sorted(FOLDER.glob("*.json")):
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            for one in panel["targets"]:
                where = f"{path.stem}: {panel['title']} {one['refId']}"
                yield where, one["expr"], one["legendFormat"]


def test_every_panel_shows_something(promtool: str, tmp_path: Path):
    assert judged(promtool, tmp_path, targets()) == ""


@pytest.mark.parametrize(
    ("expr", "legend"),
    [
        pytest.param("hub_stage_lags", "{{stage}}", id="a figure that nobody measures"),
        pytest.param("sum by (stag) (hub_stage_lag)", "{{stage}}", id="grouped by no label"),
        pytest.param('hub_stage_lag{stge="decide"}', "{{stage}}", id="asked by no label"),
        pytest.param("hub_stage_lag", "{{dept}}", id="a legend that stays empty"),
        pytest.param("sum by (stage (hub_stage_lag)", "{{stage}}", id="not the language"),
        pytest.param("hub_batch_seconds", "{{stage}}", id="a histogram without its part"),
    ],
)
def test_a_panel_that_shows_nothing_would_be_seen(
    promtool: str, tmp_path: Path, expr: str, legend: str
):
    assert "planted" in judged(promtool, tmp_path, [("planted", expr, legend)])


def judged(promtool: str, folder: Path, some: Any) -> str:
    """What promtool says of these targets; empty if all of them show something."""
    document = {"rule_files": [], "evaluation_interval": "1m", "tests": list(map(_case, some))}
    path = folder / "panels.yml"
    path.write_text(yaml.safe_dump(document))
    found = subprocess.run(
        [promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    return "" if found.returncode == 0 else f"{found.stdout}{found.stderr}{path.read_text()}"


def _case(target: Target) -> dict[str, Any]:
    where, expr, legend = target
    asked = dict(_MATCHED.findall(expr))
    rows = {row.name: row for name in series_in(expr) if (row := of_series(name)) is not None}
    shown = _LEGEND.findall(legend)
    told = ", ".join(f'{label}="{_value(label, asked)}"' for label in sorted(shown))
    return {
        "name": where,
        "interval": "1m",
        "input_series": [one for row in rows.values() for one in _series(row, asked)],
        "promql_expr_test": [
            {
                # How many there are does not matter, only that there are some.
                "expr": f"count by ({', '.join(shown)}) ({expr}) > bool 0",
                "eval_time": BEFORE,
                "exp_samples": [{"labels": f"{{{told}}}", "value": 1}],
            }
        ],
    }


def _series(row: Metric, asked: dict[str, str]) -> Iterator[dict[str, str]]:
    """A series of each kind as Prometheus would have it; what it counts goes on."""
    labels = {label: _value(label, asked) for label in (*row.labels, *TARGET_LABELS)}
    if row.kind is not Kind.HISTOGRAM:
        yield _one(row.name, labels, "0+60x90" if row.kind is Kind.COUNTER else "1x90")
        return
    for bound in (*map(str, row.buckets), "+Inf"):
        yield _one(f"{row.name}_bucket", labels | {"le": bound}, "0+60x90")
    yield _one(f"{row.name}_count", labels, "0+60x90")
    yield _one(f"{row.name}_sum", labels, "0+6x90")


def _one(name: str, labels: dict[str, str], values: str) -> dict[str, str]:
    inside = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return {"series": f"{name}{{{inside}}}", "values": values}


def _value(label: str, asked: dict[str, str]) -> str:
    return asked.get(label, f"some {label}")
