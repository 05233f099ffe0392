"""Which figures does the hub give out, under which names?

One table, `TABLE`. What is measured, /metrics, docs/metrics.md, the alert rules and the dashboards
are made of it or checked against it. No label ever holds a personal name or a credit code (I15).
"""

from __future__ import annotations

from schemas.metric_shape import FAST, SLOW, Kind, Metric, Source
from schemas.metrics_watch import WATCH_TABLE

TARGET_LABELS = ("job", "instance", "service")
"""What Prometheus adds to every series: whom it asked."""

TABLE: tuple[Metric, ...] = (
    Metric(
        "hub_build_info", Kind.GAUGE, "",
        ("role", "version", "rules_version"),
        "Always 1; which version of the hub and of its rules runs here.",
    ),
    Metric(
        "hub_records_total", Kind.COUNTER, "records",
        ("stage",),
        "Records whose effects are durable.",
    ),
    Metric(
        "hub_batch_seconds", Kind.HISTOGRAM, "seconds",
        ("stage",),
        "How long a batch took from its arrival until its effects were durable.",
        buckets=FAST,
    ),
    Metric(
        "hub_record_age_seconds", Kind.HISTOGRAM, "seconds",
        ("stage",),
        "How old the oldest record of a batch was when the batch was durable, by the broker's time "
        "of that record.",
        buckets=SLOW,
    ),
    Metric(
        "hub_partitions_owned", Kind.GAUGE, "partitions",
        ("stage",),
        "Partitions that this process works on.",
    ),
    Metric(
        "hub_recovery_seconds", Kind.HISTOGRAM, "seconds",
        ("stage",),
        "How long it took to make a partition's view level with the logs when it was taken over.",
        buckets=SLOW,
    ),
    Metric(
        "hub_published_total", Kind.COUNTER, "records",
        ("stage", "family"),
        "Records that the broker has, by family of topics.",
    ),
    Metric(
        "hub_publish_seconds", Kind.HISTOGRAM, "seconds",
        ("stage",),
        "How long the broker took to have a batch (acks=all).",
        buckets=FAST,
    ),
    Metric(
        "hub_decisions_total", Kind.COUNTER, "decisions",
        ("decision",),
        "Decisions told to departments, repeats included.",
    ),
    Metric(
        "hub_dead_letters_total", Kind.COUNTER, "records",
        ("stage", "reason"),
        "Records that were set aside, by reason code.",
    ),
    Metric(
        "hub_site_calls_total", Kind.COUNTER, "deliveries",
        ("site", "call", "outcome"),
        "Deliveries brought to a publicity system (send), asked about (ask) or looked for on its "
        "public page (observe), and polls of its receipts (poll), by what came of it.",
    ),
    Metric(
        "hub_site_call_seconds", Kind.HISTOGRAM, "seconds",
        ("site", "call"),
        "How long a publicity system took to answer a call.",
        buckets=SLOW,
    ),
    Metric(
        "hub_calendar_ends_soon", Kind.GAUGE, "",
        (),
        "1 if the calendar of working days ends within 40 working days: due days after it come "
        "too early.",
    ),
    Metric(
        "hub_gateway_events_total", Kind.COUNTER, "events",
        ("what",),
        "Events by outcome.",
    ),
    Metric(
        "hub_gateway_answers_total", Kind.COUNTER, "answers",
        ("what",),
        "HTTP answers by status.",
    ),
    Metric(
        "hub_gateway_answer_seconds", Kind.HISTOGRAM, "seconds",
        ("method",),
        "How long a request took until its answer began; waiting that the client asked for "
        "included.",
        buckets=FAST,
    ),
    Metric(
        "hub_gateway_foreign_total", Kind.COUNTER, "events",
        ("what",),
        "Events in another department's name, by the department that sent them.",
    ),
    Metric(
        "hub_gateway_denied_total", Kind.COUNTER, "requests",
        ("what",),
        "Requests without good credentials, by reason.",
    ),
    Metric(
        "hub_gateway_scans_total", Kind.COUNTER, "pages",
        ("what",),
        "Scan pages by verdict.",
    ),
    Metric(
        "hub_gateway_entries_total", Kind.COUNTER, "entries",
        ("what",),
        "Entries recorded by the scan page.",
    ),
    Metric(
        "hub_gateway_personal_reads_total", Kind.COUNTER, "reads",
        ("what",),
        "Reads of a personal field, by field.",
    ),
    Metric(
        "hub_gateway_officer_pages_total", Kind.COUNTER, "events",
        ("what",),
        "Events that officers entered on their pages, by type.",
    ),
    Metric(
        "hub_gateway_ratings_total", Kind.COUNTER, "ratings",
        ("what",),
        "Ratings given on the enterprises' pages, by stars.",
    ),
    Metric(
        "hub_gateway_repairs_total", Kind.COUNTER, "applications",
        ("what",),
        "Repair applications made on the enterprises' pages.",
    ),
    *WATCH_TABLE,
    Metric(
        "process_cpu_seconds_total", Kind.COUNTER, "seconds",
        (),
        "Processor time used by this process.",
        source=Source.LIBRARY,
    ),
    Metric(
        "process_resident_memory_bytes", Kind.GAUGE, "bytes",
        (),
        "Memory that this process holds.",
        source=Source.LIBRARY,
    ),
    Metric(
        "process_start_time_seconds", Kind.GAUGE, "seconds",
        (),
        "When this process started, in Unix seconds.",
        source=Source.LIBRARY,
    ),
    Metric(
        "process_open_fds", Kind.GAUGE, "files",
        (),
        "Open files and connections of this process.",
        source=Source.LIBRARY,
    ),
    Metric(
        "up", Kind.GAUGE, "",
        TARGET_LABELS,
        "1 if Prometheus could ask this process.",
        source=Source.PROMETHEUS,
    ),
)  # fmt: skip

BY_NAME = {metric.name: metric for metric in TABLE}


def of_series(series: str) -> Metric | None:
    """The metric that a series belongs to; a histogram has several. None: no such metric.

    >>> of_series("hub_batch_seconds_bucket").name
    'hub_batch_seconds'
    """
    found = BY_NAME.get(series)
    if found is not None and found.kind is not Kind.HISTOGRAM:
        return found
    name, _, last = series.rpartition("_")
    found = BY_NAME.get(name)
    return found if found and found.kind is Kind.HISTOGRAM and last in _PARTS else None


_PARTS = frozenset({"bucket", "sum", "count"})
