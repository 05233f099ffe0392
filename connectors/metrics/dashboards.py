"""What is shown on the dashboards of Grafana? Rows of panels; the files are made of this table.

A panel that is red has an alert, and the alert a page in docs/runbooks.
"""

from __future__ import annotations

from connectors.metrics.dashboard_border import BORDER
from connectors.metrics.grafana import Dashboard
from connectors.metrics.panels import (
    BYTES,
    COUNT,
    PER_S,
    SECONDS,
    WHEN,
    lines,
    quantile,
    stat,
    table,
)

DASHBOARDS: tuple[Dashboard, ...] = (
    Dashboard(
        "hub-stages",
        "Inspection hub: stages",
        (
            table(
                "Verdicts", COUNT,
                "Empty is well. Each verdict has a page in docs/runbooks.",
                ('hub_verdict{verdict!="OK"} == 1', "{{stage}} {{site}} {{verdict}}"),
            ),
            stat(
                "Roles that answer", COUNT,
                "1 for each process that can be asked.",
                ('up{job="hub"}', "{{instance}}"),
            ),
            table(
                "Which versions run", COUNT,
                "During an upgrade there are two for minutes, not for days.",
                ("hub_build_info", "{{role}} {{version}} rules {{rules_version}}"),
            ),
            lines(
                "Records a second", PER_S,
                "Records whose effects became durable.",
                ("sum by (stage) (rate(hub_records_total[5m]))", "{{stage}}"),
            ),
            lines(
                "Lag", COUNT,
                "Records that wait, by group.",
                ("kafka_consumergroup_group_sum_lag", "{{group}}"),
            ),
            lines(
                "Oldest that waits", SECONDS,
                "Read from the record itself: right at three events a day too.",
                ("hub_stage_oldest_seconds", "{{stage}} {{site}}"),
            ),
            table(
                "Would be deleted unread", WHEN,
                "From when on a topic deletes what waits in it for longer than a look.",
                ("hub_stage_expires_timestamp_seconds * 1000", "{{stage}}"),
            ),
            stat(
                "Deleted unread", COUNT,
                "Records gone before their reader came to them.",
                ("hub_stage_lost", "{{stage}} {{site}}"),
            ),
            table(
                "Worst partitions", SECONDS,
                "The ten that wait longest.",
                (
                    "topk(10, kafka_consumergroup_group_lag_seconds)",
                    "{{group}} {{topic}}/{{partition}}",
                ),
            ),
            lines(
                "Age of what was decided", SECONDS,
                "Of the oldest record of each batch once durable; departments were promised 1 s.",
                (quantile(0.5, "hub_record_age_seconds", "stage"), "{{stage}} p50"),
                (quantile(0.99, "hub_record_age_seconds", "stage"), "{{stage}} p99"),
            ),
            lines(
                "A batch takes", SECONDS,
                "From arrival until durable.",
                (quantile(0.99, "hub_batch_seconds", "stage"), "{{stage}} p99"),
            ),
            lines(
                "The broker takes", SECONDS,
                "Until a publication is accepted by all copies in sync.",
                (quantile(0.99, "hub_publish_seconds", "stage"), "{{stage}} p99"),
            ),
            lines(
                "Decisions a second", PER_S,
                "What departments were told, repeats included.",
                ("sum by (decision) (rate(hub_decisions_total[5m]))", "{{decision}}"),
            ),
            lines(
                "Published a second", PER_S,
                "By family of topics.",
                ("sum by (stage, family) (rate(hub_published_total[5m]))", "{{stage}} {{family}}"),
            ),
            lines(
                "Dead letters", COUNT,
                "Set aside within the hour, and what is kept.",
                (
                    "sum by (stage, reason) (increase(hub_dead_letters_total[1h]))",
                    "{{stage}} {{reason}}",
                ),
                ("hub_dead_letters_kept", "{{stage}} kept"),
            ),
            lines(
                "The probe", SECONDS,
                "A task of the hub's own through the real path.",
                ("hub_canary_seconds", "{{step}}"),
                ("hub_canary_failed", "failed in a row"),
            ),
            lines(
                "Partitions owned", COUNT,
                "Less than there are: some are being taken over, or nobody has them.",
                ("sum by (stage) (hub_partitions_owned)", "{{stage}}"),
            ),
            lines(
                "Taking a partition over", SECONDS,
                "Until the view is level with the logs.",
                (quantile(0.99, "hub_recovery_seconds", "stage"), "{{stage}} p99"),
            ),
            lines(
                "Memory", BYTES,
                "Held by each process.",
                ('process_resident_memory_bytes{job="hub"}', "{{instance}}"),
            ),
            lines(
                "Processor", COUNT,
                "Cores in use by each process.",
                ('rate(process_cpu_seconds_total{job="hub"}[5m])', "{{instance}}"),
            ),
            lines(
                "Open files and connections", COUNT,
                "Rises without end: a leak.",
                ('process_open_fds{job="hub"}', "{{instance}}"),
            ),
            stat(
                "Age of the picture", SECONDS,
                "How old what the watch says is.",
                ("time() - hub_watch_picture_timestamp_seconds", "seconds"),
                ("hub_watch_faults", "not measurable"),
            ),
        ),
    ),
    Dashboard(
        "hub-deadlines",
        "Inspection hub: stops, repairs and systems",
        (
            stat(
                "Will miss", COUNT,
                "Legal deadlines (art. 13: three working days) missed at the present rate.",
                ("hub_stage_will_miss", "{{stage}} {{site}}"),
            ),
            stat(
                "Missed and still owed", COUNT,
                "Still tried, for ever.",
                ("hub_stage_overdue", "{{stage}} {{site}}"),
            ),
            stat(
                "First deadline", WHEN,
                "Of what waits.",
                ("hub_stage_next_due_timestamp_seconds * 1000", "{{stage}} {{site}}"),
            ),
            stat(
                "Last moment to begin", WHEN,
                "At this rate, without a miss.",
                ("hub_stage_latest_timestamp_seconds * 1000", "{{stage}} {{site}}"),
            ),
            lines(
                "Headroom", COUNT,
                "How many times the needed rate there is; below 1 is too slow.",
                ("hub_stage_headroom", "{{stage}} {{site}}"),
            ),
            lines(
                "Rate there is, rate that is needed", PER_S,
                "A second.",
                ("hub_stage_drain_per_second", "{{stage}} {{site}} is"),
                ("hub_stage_need_per_second", "{{stage}} {{site}} needs"),
            ),
            lines(
                "What waits", COUNT,
                "Deliveries not accepted (deliver) and not seen (prove).",
                ("hub_stage_lag", "{{stage}} {{site}}"),
            ),
            lines(
                "Entries of the ledgers", COUNT,
                "By what they wait for.",
                ("hub_site_entries", "{{site}} {{lane}}"),
            ),
            lines(
                "Held back", COUNT,
                "1 while nothing is sent.",
                ("hub_site_breaker_open", "{{site}} breaker"),
                ("hub_site_paused", "{{site}} paused by an operator"),
            ),
            lines(
                "Shown otherwise than the ledger says", COUNT,
                "Found by the nightly comparison of a system's public list; all but 0 is an alarm.",
                ("hub_site_differing", "{{site}}"),
            ),
            stat(
                "Public list last compared", WHEN,
                "All of it; every night after the digest, and hourly while it cannot be read.",
                (
                    "(hub_site_compared_timestamp_seconds > 0) * 1000",
                    "{{site}}",
                ),
            ),
            lines(
                "Calls a second by outcome", PER_S,
                "Deliveries sent, asked about, looked for.",
                (
                    "sum by (site, call, outcome) (rate(hub_site_calls_total[5m]))",
                    "{{site}} {{call}} {{outcome}}",
                ),
            ),
            lines(
                "A system takes", SECONDS,
                "To answer a call.",
                (quantile(0.99, "hub_site_call_seconds", "site, call"), "{{site}} {{call}} p99"),
            ),
            stat(
                "Calendar ends soon", COUNT,
                "1: enter the State Council's notice of next year.",
                ("max(hub_calendar_ends_soon)", "within 40 working days"),
            ),
        ),
    ),
    BORDER,
)  # fmt: skip
