"""Which files are made of the tables of figures and alerts? `make metrics` writes them.

docs/metrics.md                     every figure, with the alerts that use it
deploy/prometheus/rules.yml         the alert rules
deploy/grafana/dashboards/*.json    the dashboards
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.metrics.dashboards import DASHBOARDS
from connectors.metrics.grafana import as_grafana
from connectors.metrics.runbook_index import INDEX, index_page
from schemas.alerts import ALERTS
from schemas.metric_shape import Metric, Source
from schemas.metrics import TABLE, of_series
from schemas.yaml_text import yaml_text

ROOT = Path(__file__).parents[2]
RUNBOOKS = "docs/runbooks"
_MADE = "# Made of schemas/alerts.py by `make metrics`; do not edit.\n"
_SERIES = re.compile(r"\b([a-z][a-z0-9_]*_[a-z0-9_]+|up)\b(?!\s*\()")

_HEAD = """# Figures

What every process of the hub gives out at `/metrics` (`HUB_METRICS_PORT`; the gateway also on its
own port), in Prometheus' text form or, if the asker accepts it, as OpenMetrics with exemplars: the
id of a trace that a measurement was taken in. Made of the table in `schemas/metrics.py` by
`make metrics`; do not edit.

Units are base units. Labels are closed sets: stages, publicity systems, departments' registry
codes, reason codes, decisions, topics. No label holds a personal name or a credit code.
"""


def render() -> dict[Path, str]:
    """Each file and its content."""
    files = {
        ROOT / "docs" / "metrics.md": metrics_page(),
        ROOT / "deploy" / "prometheus" / "rules.yml": rules_file(),
        ROOT / "deploy" / "kubernetes" / "monitoring" / "rules.yaml": rules_resource(),
        ROOT / RUNBOOKS / INDEX: index_page(ROOT / RUNBOOKS),
    }
    for one in DASHBOARDS:
        path = ROOT / "deploy" / "grafana" / "dashboards" / f"{one.uid}.json"
        files[path] = json.dumps(as_grafana(one), indent=1, ensure_ascii=False) + "\n"
    return files


def rules_file() -> str:
    """The alert rules as Prometheus reads them."""
    return _MADE + yaml_text(_groups())


def rules_resource() -> str:
    """The alert rules as a resource of the Prometheus Operator."""
    return _MADE + yaml_text(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": "hub"},
            "spec": _groups(),
        }
    )


def _groups() -> dict[str, Any]:
    rules = [
        {
            "alert": one.name,
            "expr": one.expr,
            "for": one.wait,
            "labels": {"severity": one.severity.value},
            "annotations": {
                "summary": one.summary,
                "runbook": f"{RUNBOOKS}/{one.page}.md",
            },
        }
        for one in ALERTS
    ]
    return {"groups": [{"name": "inspection-hub", "rules": rules}]}


def metrics_page() -> str:
    """Every figure as a page for people."""
    return "\n".join([_HEAD, *_sections()]) + "\n"


def series_in(expr: str) -> set[str]:
    """Names of series that an expression in PromQL asks for.

    >>> sorted(series_in('sum by (le) (rate(hub_batch_seconds_bucket{stage="decide"}[5m])) > up'))
    ['hub_batch_seconds_bucket', 'up']
    """
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"", " ", expr)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    return {name for name in _SERIES.findall(bare) if name not in _FUNCTIONS}


# Functions of PromQL with an underscore in their names: `histogram_quantile(` is told by its "(".
_FUNCTIONS = frozenset({"group_left", "group_right"})


def _sections() -> Iterator[str]:
    for source in Source:
        rows = [metric for metric in TABLE if metric.source is source]
        yield f"## From {source.value}\n"
        yield "| name | kind | unit | labels | meaning | alerts |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(metric) for metric in rows)
        yield ""


def _row(metric: Metric) -> str:
    using = [
        one for one in ALERTS if any(of_series(name) is metric for name in series_in(one.expr))
    ]
    alerts = ", ".join(f"[{one.name}](runbooks/{one.page}.md)" for one in using)
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    cells = (
        f"`{metric.name}`", metric.kind.value, metric.unit, labels, metric.help, alerts,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Write what differs."""
    for path, text in render().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
