"""One trace goes through both hops; all deliveries of a result are one trace."""

from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from test_stages import PARENT, TRACE, Rec, delivery

from connectors.metrics.otlp import SPANS_MAX, OtlpSpans
from connectors.metrics.tracing import NoSpans, open_spans, parent_of, parent_of_result

NOT_SAMPLED = PARENT[:-2] + b"00"


def traced(value: bytes | None) -> Rec:
    return Rec(offset=41, headers=[("ce_id", b"1"), ("traceparent", value)])


def test_only_a_sampled_trace_is_followed():
    found = parent_of(traced(PARENT))

    assert found is not None
    assert found.text == TRACE
    assert parent_of(traced(NOT_SAMPLED)) is None
    assert parent_of(traced(b"nonsense")) is None
    assert parent_of(traced(b"00-zz-zz-01")) is None
    assert parent_of(traced(None)) is None
    assert parent_of(Rec()) is None


def test_each_hop_hangs_a_span_under_the_departments_own():
    found: list[ReadableSpan] = []
    for role in ("intake", "decide"):
        exporter = InMemorySpanExporter()
        spans = OtlpSpans(role, "", exporter)
        with spans.of_records(role, [traced(PARENT), Rec(), traced(NOT_SAMPLED)]):
            pass
        spans.close()
        found += exporter.get_finished_spans()

    assert [span.name for span in found] == ["process intake", "process decide"]
    for span in found:
        assert f"{span.context.trace_id:032x}" == TRACE
        assert span.parent is not None
        assert f"{span.parent.span_id:016x}" == "00f067aa0ba902b7"
        assert span.kind is SpanKind.CONSUMER
        assert span.attributes is not None
        assert span.attributes["messaging.kafka.offset"] == 41
        assert not any("uscc" in name for name in span.attributes)


def test_all_deliveries_of_a_result_are_one_trace_whoever_sends_them():
    found: list[ReadableSpan] = []
    for site in ("GSXT-TJ", "CREDIT-TJ"):
        exporter = InMemorySpanExporter()
        spans = OtlpSpans("deliver", "", exporter)
        with spans.of_deliveries(site, "send", [delivery("R1"), delivery("R2")]):
            pass
        spans.close()
        found += exporter.get_finished_spans()
    traces: dict[object, set[int]] = {}
    for span in found:
        assert span.attributes is not None
        traces.setdefault(span.attributes["hub.result_id"], set()).add(span.context.trace_id)

    assert {name: len(ids) for name, ids in traces.items()} == {"R1": 1, "R2": 1}
    assert traces["R1"] != traces["R2"]
    assert traces["R1"] == {parent_of_result(delivery("R1")).trace_id}


def test_a_batch_of_thousands_does_not_become_thousands_of_spans():
    exporter = InMemorySpanExporter()
    spans = OtlpSpans("intake", "", exporter)
    with spans.of_records("intake", [traced(PARENT)] * (SPANS_MAX + 50)):
        pass
    spans.close()

    assert len(exporter.get_finished_spans()) == SPANS_MAX


def test_nothing_is_traced_unless_somebody_asks():
    assert isinstance(open_spans("decide", ""), NoSpans)


def test_whoever_asks_without_the_packages_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "connectors.metrics.otlp", None)

    with pytest.raises(ValueError, match=r"inspection-hub\[tracing\]"):
        open_spans("decide", "http://127.0.0.1:4318/v1/traces")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector's address, and what was posted there."""
    posted: list[bytes] = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", posted
    server.shutdown()
    server.server_close()


def test_spans_reach_a_collector_by_the_time_the_process_ends(collector):
    address, posted = collector
    spans = open_spans("decide", address)
    with spans.of_records("decide", [traced(PARENT)]):
        pass
    spans.close()

    sent = b"".join(gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in posted)
    assert bytes.fromhex(TRACE) in sent
    assert b"inspection-hub-decide" in sent
    assert b"process decide" in sent


def test_a_collector_that_is_away_costs_nothing_but_spans():
    spans = open_spans("decide", "http://127.0.0.1:1/v1/traces")
    with spans.of_records("decide", [traced(PARENT)]):
        done = True
    assert done
