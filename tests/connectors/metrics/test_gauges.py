"""Gauges are written as the library writes them, and every odd name can be read again."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest as plain_form
from prometheus_client.openmetrics.exposition import generate_latest as open_form

from connectors.metrics.gauges import Value, gauge_lines
from schemas.metric_shape import Kind
from schemas.metrics import BY_NAME, TABLE

NAMES = ("WJW-120116", "insp.in.A", "", 'a "quoted" one', "back\\slash", "two\nlines", "中文 code")
NUMBERS = (0, 1, 0.1, -2.5, 1_800_000_000.123, 1e21, float("inf"), float("nan"))
ROWS = [row for row in TABLE if row.kind is Kind.GAUGE]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_both_of_the_librarys_forms_have_the_same_lines(row):
    registry = CollectorRegistry()
    gauge = Gauge(row.name, row.help, row.labels, registry=registry)
    values: list[Value] = []
    for number, name in zip(NUMBERS, [*NAMES, "last"], strict=True):
        labels = tuple(f"{name}{place}" for place in range(len(row.labels)))
        (gauge.labels(*labels) if labels else gauge).set(number)
        values.append((labels, number))
    values = values if row.labels else values[-1:]

    lines = gauge_lines(row, values).encode()

    assert lines == plain_form(registry)
    assert lines + b"# EOF\n" == open_form(registry)


def test_what_is_not_known_has_no_line_and_a_label_too_few_is_a_mistake():
    row = BY_NAME["hub_stage_lag"]

    assert gauge_lines(row, [(("decide", ""), None)]).count("\n") == 2
    with pytest.raises(ValueError, match="has the labels"):
        gauge_lines(row, [(("decide",), 1.0)])
