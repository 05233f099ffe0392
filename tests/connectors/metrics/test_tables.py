"""Names are well formed, and what others read is made of the tables and of nothing else."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from connectors.metrics.dashboards import DASHBOARDS
from connectors.metrics.files import ROOT, render, series_in
from schemas.alerts import ALERTS
from schemas.metric_shape import Kind, Source
from schemas.metrics import BY_NAME, TABLE, TARGET_LABELS, of_series

# Closed sets, none of which names a person or an enterprise (I15).
LABELS = {
    "call", "decision", "dept", "family", "group", "instance", "job", "lane", "method", "note",
    "outcome", "partition", "reason", "role", "rules_version", "service", "site", "stage", "step",
    "topic", "verdict", "version", "way", "what",
}  # fmt: skip
UNITS = {"seconds", "bytes", "ratio", "records per second"}
EXPRESSIONS = [
    *((f"alert {one.name}", one.expr) for one in ALERTS),
    *(
        (f"{board.uid}: {panel.title}", expr)
        for board in DASHBOARDS
        for panel in board.panels
        for expr, _ in panel.lines
    ),
]
_SELECTOR = re.compile(r"\b([a-z]\w*)\{([^}]*)\}")
_GROUPED = re.compile(r"\bby \(([^)]*)\)")
_LEGEND = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")


def labels_in(expr: str) -> set[str]:
    """Labels that an expression asks by or groups by."""
    asked = {
        label
        for _, inside in _SELECTOR.findall(expr)
        for label in re.findall(r"(\w+)\s*[!=]", re.sub(r'"[^"]*"', '""', inside))
    }
    grouped = {label.strip() for inside in _GROUPED.findall(expr) for label in inside.split(",")}
    return asked | grouped


def test_names_are_unique_and_say_what_they_are():
    assert len(BY_NAME) == len(TABLE)
    for metric in TABLE:
        counts = metric.name.endswith("_total")
        assert counts == (metric.kind is Kind.COUNTER), metric.name
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM), metric.name
        assert list(metric.buckets) == sorted(set(metric.buckets)), metric.name
        assert metric.help.endswith("."), metric.name
        if metric.source is Source.HUB:
            assert metric.name.startswith(("hub_", "kafka_consumergroup_")), metric.name


def test_units_are_base_units_and_stand_in_the_name():
    for metric in TABLE:
        if metric.unit == "seconds":
            assert metric.name.endswith(("_seconds", "_seconds_total")), metric.name
        if metric.unit == "bytes":
            assert metric.name.endswith("_bytes"), metric.name
        assert not re.search(r"_(ms|millis|minutes|hours|kb|mb)(_|$)", metric.name), metric.name
        assert metric.unit in UNITS or " " not in metric.unit


def test_no_label_can_name_anybody():
    assert {label for metric in TABLE for label in metric.labels} == LABELS


@pytest.mark.parametrize("path", sorted(render()), ids=lambda path: path.name)
def test_the_files_are_as_the_tables_say(path):
    assert path.read_text(encoding="utf-8") == render()[path], "run: make metrics"


def test_no_dashboard_is_left_over():
    folder = ROOT / "deploy" / "grafana" / "dashboards"

    assert set(folder.iterdir()) == {path for path in render() if path.parent == folder}


@pytest.mark.parametrize(("where", "expr"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_every_expression_asks_for_figures_and_labels_that_there_are(where, expr):
    rows = [of_series(name) for name in series_in(expr)]

    assert rows, where
    assert None not in rows, series_in(expr)
    known = {label for row in rows for label in row.labels} | {"le", *TARGET_LABELS}
    assert labels_in(expr) <= known, labels_in(expr) - known


def test_a_figure_or_a_label_that_there_is_not_would_be_seen():
    assert of_series("hub_batch_second_bucket") is None
    assert of_series("hub_batch_seconds") is None, "a histogram has no series of that name"
    assert series_in("rate(hub_nothing_total[5m])") == {"hub_nothing_total"}
    assert labels_in('sum by (le, stag) (hub_verdict{verdct="OK"})') == {"le", "stag", "verdct"}


def test_texts_name_labels_that_survive_the_expression():
    for alert in ALERTS:
        rows = [of_series(name) for name in series_in(alert.expr)]
        kept = {label for row in rows if row for label in row.labels} | {*TARGET_LABELS}
        grouped = [set(map(str.strip, g.split(","))) for g in _GROUPED.findall(alert.expr)]
        for one in grouped:
            kept &= one
        if re.search(r"\bsum\s*\(", alert.expr):
            kept = set()
        assert set(_LEGEND.findall(alert.summary)) - {"value"} <= kept, alert.name


def test_every_figure_of_the_hub_is_measured_somewhere():
    sources = [
        path.read_text(encoding="utf-8")
        for path in (*ROOT.glob("connectors/**/*.py"), ROOT / "hub.py")
    ]
    named = {name for text in sources for name in re.findall(r'"(\w+)"', text)}
    counted = {
        f"hub_gateway_{name}_total"
        for text in sources
        for name in re.findall(r'counts\.add\("(\w+)"', text)
    }
    missing = {
        metric.name for metric in TABLE if metric.source is Source.HUB
    } - named - counted  # fmt: skip

    assert not missing
    assert counted <= BY_NAME.keys()


def test_alerts_and_panels_are_told_apart():
    assert max(Counter(one.name for one in ALERTS).values()) == 1
    assert all(re.fullmatch(r"Hub[A-Z]\w+", one.name) for one in ALERTS)
    for path, text in render().items():
        if path.suffix == ".json":
            panels = json.loads(text)["panels"]
            assert len({panel["title"] for panel in panels}) == len(panels)
            places = {(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels}
            assert len(places) == len(panels)
