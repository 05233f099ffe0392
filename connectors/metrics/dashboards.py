"""What is shown on the dashboards of Grafana? Rows of panels; the files are made of this table.

A panel that is red has an alert, and the alert a page in docs/runbooks.
"""

from __future__ import annotations

from connectors.metrics.grafana import Dashboard, Panel, Shape

_SECONDS, _PER_S, _COUNT, _BYTES, _WHEN = "s", "ops", "short", "bytes", "dateTimeFromNow"
Line = tuple[str, str]
"""An expression in PromQL and its legend."""


def _lines(title: str, unit: str, says: str, *lines: Line) -> Panel:
    return Panel(title, lines, unit, says, Shape.LINES)


def _stat(title: str, unit: str, says: str, *lines: Line) -> Panel:
    return Panel(title, lines, unit, says, Shape.STAT)


def _table(title: str, unit: str, says: str, *lines: Line) -> Panel:
    return Panel(title, lines, unit, says, Shape.TABLE)


def _quantile(share: float, metric: str, by: str) -> str:
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket[5m])))"


DASHBOARDS: tuple[Dashboard, ...] = (
    Dashboard(
        "hub-stages",
        "Inspection hub: stages",
        (
            _table(
                "Verdicts", _COUNT,
                "Empty is well. Each verdict has a page in docs/runbooks.",
                ('hub_verdict{verdict!="OK"} == 1', "{{stage}} {{site}} {{verdict}}"),
            ),
            _stat(
                "Roles that answer", _COUNT,
                "1 for each process that can be asked.",
                ('up{job="hub"}', "{{instance}}"),
            ),
            _table(
                "Which versions run", _COUNT,
                "During an upgrade there are two for minutes, not for days.",
                ("hub_build_info", "{{role}} {{version}} rules {{rules_version}}"),
            ),
            _lines(
                "Records a second", _PER_S,
                "Records whose effects became durable.",
                ("sum by (stage) (rate(hub_records_total[5m]))", "{{stage}}"),
            ),
            _lines(
                "Lag", _COUNT,
                "Records that wait, by group.",
                ("kafka_consumergroup_group_sum_lag", "{{group}}"),
            ),
            _lines(
                "Oldest that waits", _SECONDS,
                "Read from the record itself: right at three events a day too.",
                ("hub_stage_oldest_seconds", "{{stage}} {{site}}"),
            ),
            _table(
                "Worst partitions", _SECONDS,
                "The ten that wait longest.",
                (
                    "topk(10, kafka_consumergroup_group_lag_seconds)",
                    "{{group}} {{topic}}/{{partition}}",
                ),
            ),
            _lines(
                "Age of what was decided", _SECONDS,
                "Of the oldest record of each batch once durable; departments were promised 1 s.",
                (_quantile(0.5, "hub_record_age_seconds", "stage"), "{{stage}} p50"),
                (_quantile(0.99, "hub_record_age_seconds", "stage"), "{{stage}} p99"),
            ),
            _lines(
                "A batch takes", _SECONDS,
                "From arrival until durable.",
                (_quantile(0.99, "hub_batch_seconds", "stage"), "{{stage}} p99"),
            ),
            _lines(
                "The broker takes", _SECONDS,
                "Until a publication is accepted by all copies in sync.",
                (_quantile(0.99, "hub_publish_seconds", "stage"), "{{stage}} p99"),
            ),
            _lines(
                "Decisions a second", _PER_S,
                "What departments were told, repeats included.",
                ("sum by (decision) (rate(hub_decisions_total[5m]))", "{{decision}}"),
            ),
            _lines(
                "Published a second", _PER_S,
                "By family of topics.",
                ("sum by (stage, family) (rate(hub_published_total[5m]))", "{{stage}} {{family}}"),
            ),
            _lines(
                "Dead letters", _COUNT,
                "Set aside within the hour, and what is kept.",
                (
                    "sum by (stage, reason) (increase(hub_dead_letters_total[1h]))",
                    "{{stage}} {{reason}}",
                ),
                ("hub_dead_letters_kept", "{{stage}} kept"),
            ),
            _lines(
                "The probe", _SECONDS,
                "A task of the hub's own through the real path.",
                ("hub_canary_seconds", "{{step}}"),
                ("hub_canary_failed", "failed in a row"),
            ),
            _lines(
                "Partitions owned", _COUNT,
                "Less than there are: some are being taken over, or nobody has them.",
                ("sum by (stage) (hub_partitions_owned)", "{{stage}}"),
            ),
            _lines(
                "Taking a partition over", _SECONDS,
                "Until the view is level with the logs.",
                (_quantile(0.99, "hub_recovery_seconds", "stage"), "{{stage}} p99"),
            ),
            _lines(
                "Memory", _BYTES,
                "Held by each process.",
                ('process_resident_memory_bytes{job="hub"}', "{{instance}}"),
            ),
            _lines(
                "Processor", _COUNT,
                "Cores in use by each process.",
                ('rate(process_cpu_seconds_total{job="hub"}[5m])', "{{instance}}"),
            ),
            _lines(
                "Open files and connections", _COUNT,
                "Rises without end: a leak.",
                ('process_open_fds{job="hub"}', "{{instance}}"),
            ),
            _stat(
                "Age of the picture", _SECONDS,
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
            _stat(
                "Will miss", _COUNT,
                "Legal deadlines (art. 13: three working days) missed at the present rate.",
                ("hub_stage_will_miss", "{{stage}} {{site}}"),
            ),
            _stat(
                "Missed and still owed", _COUNT,
                "Still tried, for ever.",
                ("hub_stage_overdue", "{{stage}} {{site}}"),
            ),
            _stat(
                "First deadline", _WHEN,
                "Of what waits.",
                ("hub_stage_next_due_timestamp_seconds * 1000", "{{stage}} {{site}}"),
            ),
            _stat(
                "Last moment to begin", _WHEN,
                "At this rate, without a miss.",
                ("hub_stage_latest_timestamp_seconds * 1000", "{{stage}} {{site}}"),
            ),
            _lines(
                "Headroom", _COUNT,
                "How many times the needed rate there is; below 1 is too slow.",
                ("hub_stage_headroom", "{{stage}} {{site}}"),
            ),
            _lines(
                "Rate there is, rate that is needed", _PER_S,
                "A second.",
                ("hub_stage_drain_per_second", "{{stage}} {{site}} is"),
                ("hub_stage_need_per_second", "{{stage}} {{site}} needs"),
            ),
            _lines(
                "What waits", _COUNT,
                "Deliveries not accepted (deliver) and not seen (prove).",
                ("hub_stage_lag", "{{stage}} {{site}}"),
            ),
            _lines(
                "Entries of the ledgers", _COUNT,
                "By what they wait for.",
                ("hub_site_entries", "{{site}} {{lane}}"),
            ),
            _lines(
                "Held back", _COUNT,
                "1 while nothing is sent.",
                ("hub_site_breaker_open", "{{site}} breaker"),
                ("hub_site_paused", "{{site}} paused by an operator"),
            ),
            _lines(
                "Calls a second by outcome", _PER_S,
                "Deliveries sent, asked about, looked for.",
                (
                    "sum by (site, call, outcome) (rate(hub_site_calls_total[5m]))",
                    "{{site}} {{call}} {{outcome}}",
                ),
            ),
            _lines(
                "A system takes", _SECONDS,
                "To answer a call.",
                (_quantile(0.99, "hub_site_call_seconds", "site, call"), "{{site}} {{call}} p99"),
            ),
            _stat(
                "Calendar ends soon", _COUNT,
                "1: enter the State Council's notice of next year.",
                ("max(hub_calendar_ends_soon)", "within 40 working days"),
            ),
        ),
    ),
    Dashboard(
        "hub-border",
        "Inspection hub: departments and the gateway",
        (
            _lines(
                "Answers a second by status", _PER_S,
                "HTTP answers.",
                ("sum by (what) (rate(hub_gateway_answers_total[5m]))", "{{what}}"),
            ),
            _lines(
                "An answer takes", _SECONDS,
                "Waiting that clients asked for included.",
                (_quantile(0.5, "hub_gateway_answer_seconds", "method"), "{{method}} p50"),
                (_quantile(0.99, "hub_gateway_answer_seconds", "method"), "{{method}} p99"),
            ),
            _lines(
                "Events by outcome", _PER_S,
                "By HTTP.",
                ("sum by (what) (rate(hub_gateway_events_total[5m]))", "{{what}}"),
            ),
            _lines(
                "Turned away at the door", _COUNT,
                "Within the hour.",
                ("sum by (what) (increase(hub_gateway_denied_total[1h]))", "{{what}}"),
                (
                    "sum by (what) (increase(hub_gateway_foreign_total[1h]))",
                    "{{what}} in another's name",
                ),
            ),
            _lines(
                "Pages", _COUNT,
                "What people did within the hour.",
                ("sum by (what) (increase(hub_gateway_scans_total[1h]))", "scan {{what}}"),
                ("sum by (what) (increase(hub_gateway_entries_total[1h]))", "entry {{what}}"),
                ("sum by (what) (increase(hub_gateway_officer_pages_total[1h]))", "{{what}}"),
                ("sum by (what) (increase(hub_gateway_ratings_total[1h]))", "{{what}} stars"),
                ("sum by (what) (increase(hub_gateway_repairs_total[1h]))", "repair {{what}}"),
            ),
            _lines(
                "Reads of personal fields", _COUNT,
                "Each one is in the audit log too.",
                ("sum by (what) (increase(hub_gateway_personal_reads_total[1h]))", "{{what}}"),
            ),
            _table(
                "What is wrong with departments", _COUNT,
                "Silence, refusals, duplicates, clocks, old schemas, expiring credentials.",
                ("hub_department_note", "{{dept}} {{note}}"),
            ),
            _table(
                "Share refused", "percentunit",
                "Of seven days, the twenty worst.",
                ("topk(20, hub_department_refused / (hub_department_events > 0))", "{{dept}}"),
            ),
            _table(
                "Last event", _SECONDS,
                "The twenty departments that were heard of least lately.",
                ("topk(20, time() - hub_department_last_event_timestamp_seconds)", "{{dept}}"),
            ),
        ),
    ),
)  # fmt: skip
