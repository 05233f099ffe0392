"""What is shown of departments and the gateway? One dashboard."""

from __future__ import annotations

from connectors.metrics.grafana import Dashboard
from connectors.metrics.panels import COUNT, PER_S, SECONDS, WHEN, lines, quantile, table

BORDER = Dashboard(
    "hub-border",
    "Inspection hub: departments and the gateway",
    (
        lines(
            "Answers a second by status", PER_S,
            "HTTP answers.",
            ("sum by (what) (rate(hub_gateway_answers_total[5m]))", "{{what}}"),
        ),
        lines(
            "An answer takes", SECONDS,
            "Waiting that clients asked for included.",
            (quantile(0.5, "hub_gateway_answer_seconds", "method"), "{{method}} p50"),
            (quantile(0.99, "hub_gateway_answer_seconds", "method"), "{{method}} p99"),
        ),
        lines(
            "Events by outcome", PER_S,
            "By HTTP.",
            ("sum by (what) (rate(hub_gateway_events_total[5m]))", "{{what}}"),
        ),
        lines(
            "Turned away at the door", COUNT,
            "Within the hour.",
            ("sum by (what) (increase(hub_gateway_denied_total[1h]))", "{{what}}"),
            (
                "sum by (what) (increase(hub_gateway_foreign_total[1h]))",
                "{{what}} in another's name",
            ),
        ),
        lines(
            "Pages", COUNT,
            "What people did within the hour.",
            ("sum by (what) (increase(hub_gateway_scans_total[1h]))", "scan {{what}}"),
            ("sum by (what) (increase(hub_gateway_entries_total[1h]))", "entry {{what}}"),
            ("sum by (what) (increase(hub_gateway_officer_pages_total[1h]))", "{{what}}"),
            ("sum by (what) (increase(hub_gateway_ratings_total[1h]))", "{{what}} stars"),
            ("sum by (what) (increase(hub_gateway_repairs_total[1h]))", "repair {{what}}"),
        ),
        lines(
            "Reads of personal fields", COUNT,
            "Each one is in the audit log too.",
            ("sum by (what) (increase(hub_gateway_personal_reads_total[1h]))", "{{what}}"),
        ),
        table(
            "What is wrong with departments", COUNT,
            "Silence, refusals, duplicates, clocks, old schemas, quotas, ways in that end.",
            ("hub_department_note", "{{dept}} {{note}}"),
        ),
        table(
            "Ways in end", WHEN,
            "The twenty that end first: a department's last token, its last client certificate.",
            (
                "bottomk(20, hub_department_credentials_end_timestamp_seconds) * 1000",
                "{{dept}} {{way}}",
            ),
        ),
        table(
            "Most that was used of a quota today", "percentunit",
            "Of what a department may send at once; the twenty nearest to it.",
            ("topk(20, hub_department_quota_used_ratio)", "{{dept}}"),
            ("hub_department_turned_away > 0", "{{dept}} events turned away"),
        ),
        table(
            "Share refused", "percentunit",
            "Of seven days, the twenty worst.",
            ("topk(20, hub_department_refused / (hub_department_events > 0))", "{{dept}}"),
        ),
        table(
            "Last event", SECONDS,
            "The twenty departments that were heard of least lately.",
            ("topk(20, time() - hub_department_last_event_timestamp_seconds)", "{{dept}}"),
        ),
    ),
)  # fmt: skip
