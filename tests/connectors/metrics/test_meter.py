"""A meter knows the table and nothing else, and its page is read by others' parsers."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from connectors.metrics.meter import Meter
from connectors.metrics.serving import STUCK_AFTER_S, FiguresServer, Pulse
from schemas.metric_shape import Kind, Source
from schemas.metrics import BY_NAME

OPEN = "application/openmetrics-text; version=1.0.0"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def filled() -> Meter:
    meter = Meter()
    meter.started("decide", 3)
    meter.add("hub_records_total", 7, stage="decide")
    meter.seen("hub_batch_seconds", 0.02, TRACE, stage="decide")
    meter.set("hub_partitions_owned", 4, stage="decide")
    meter.ask("hub_calendar_ends_soon", lambda: 1.0)
    return meter


def test_every_row_of_the_page_is_a_row_of_the_table():
    page, _ = filled().page("")

    for family in plain_text(page.decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        row = BY_NAME.get(name)
        assert row is not None or name.startswith("process_"), name
        if row is not None:
            assert family.type == row.kind.value
            if row.source is Source.HUB:
                assert family.documentation == row.help


def test_figures_are_what_was_measured():
    meter = filled()

    assert meter.value("hub_records_total", stage="decide") == 7
    assert meter.value("hub_partitions_owned", stage="decide") == 4
    assert meter.value("hub_batch_seconds_bucket", stage="decide", le="0.025") == 1
    assert meter.value("hub_batch_seconds_bucket", stage="decide", le="0.01") == 0
    assert meter.value("hub_calendar_ends_soon") == 1
    assert meter.value("hub_records_total", stage="intake") == 0


def test_whoever_reads_open_metrics_gets_the_trace_of_a_measurement():
    page, content_type = filled().page(OPEN)
    samples = [one for family in open_metrics(page.decode()) for one in family.samples]
    found = {one.exemplar.labels["trace_id"] for one in samples if one.exemplar}

    assert content_type.startswith("application/openmetrics-text")
    assert found == {TRACE}


def test_a_name_or_a_label_that_is_not_in_the_table_is_a_mistake():
    meter = Meter()

    with pytest.raises(KeyError):
        meter.add("hub_nothing_total")
    with pytest.raises(ValueError, match="label"):
        meter.add("hub_records_total", uscc="91120116MA0000003A")
    with pytest.raises(TypeError, match="is a counter"):
        meter.set("hub_records_total", 1, stage="decide")


def test_every_row_of_the_hub_can_be_measured():
    meter = Meter()
    for row in BY_NAME.values():
        labels = dict.fromkeys(row.labels, "x")
        do = {Kind.COUNTER: meter.add, Kind.GAUGE: meter.set, Kind.HISTOGRAM: meter.seen}[row.kind]
        if not row.name.startswith("process_"):
            do(row.name, 1, **labels)

    page, _ = meter.page(OPEN)
    assert page.endswith(b"# EOF\n")


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def server(clock: Time) -> Iterator[FiguresServer]:
    with FiguresServer(filled(), Pulse(clock), "127.0.0.1", 0) as running:
        yield running


def ask(server: FiguresServer, path: str, accept: str = "") -> tuple[int, str, str]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", headers={"Accept": accept}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return answer.status, answer.headers["content-type"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers["content-type"], refused.read().decode()


def test_a_process_gives_its_figures_out(server: FiguresServer):
    status, content_type, page = ask(server, "/metrics")

    assert (status, content_type.partition(";")[0]) == (200, "text/plain")
    assert 'hub_records_total{stage="decide"} 7.0' in page
    assert ask(server, "/metrics", OPEN)[1].startswith("application/openmetrics-text")
    assert ask(server, "/other")[0] == 404


def test_a_process_whose_loop_stands_still_is_not_well_but_can_be_asked(
    server: FiguresServer, clock: Time
):
    assert ask(server, "/healthz")[::2] == (200, "ok\n")

    clock.now = STUCK_AFTER_S + 1

    assert ask(server, "/healthz")[::2] == (503, "stuck for 31 s\n")
    assert ask(server, "/metrics")[0] == 200


def test_a_port_that_is_taken_is_told_with_its_setting(server: FiguresServer):
    with pytest.raises(OSError, match="HUB_METRICS_PORT"):
        FiguresServer(Meter(), Pulse(), "127.0.0.1", server.port)
