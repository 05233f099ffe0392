"""When is somebody called, and what do they read then?

One table, `ALERTS`: Prometheus' rules (deploy/prometheus/rules.yml) are made of it. Each alert has
a page in docs/runbooks; tests see to it that none is missing on either side.
"""

from __future__ import annotations

from schemas.alert_shape import Alert, Severity
from schemas.alerts_watch import WATCH_ALERTS

_PAGE, _TICKET = Severity.PAGE, Severity.TICKET


def _grew(series: str, window: str) -> str:
    """A counter went up within a window; also one that is there for the first time.

    A series begins with its first event, at 1: Prometheus' `increase` sees nothing rise there.
    """
    return f"increase({series}[{window}]) > 0 or ({series} unless {series} offset {window}) > 0"


ALERTS: tuple[Alert, ...] = (
    Alert(
        "HubRoleDown",
        'up{job="hub"} == 0',
        "2m", _PAGE,
        "{{ $labels.service }} ({{ $labels.instance }}) does not answer",
        "role-down",
    ),
    Alert(
        "HubRoleRestarts",
        'changes(process_start_time_seconds{job="hub"}[15m]) >= 3',
        "0m", _PAGE,
        "{{ $labels.service }} ({{ $labels.instance }}) ends and is started again and again",
        "role-restarts",
    ),
    Alert(
        "HubMixedVersions",
        'count(count by (rules_version) (hub_build_info{role="decide"})) > 1',
        "30m", _TICKET,
        "deciding workers have different versions of the rules",
        "mixed-versions",
    ),
    Alert(
        "HubAnswersSlow",
        "histogram_quantile(0.99, sum by (le) "
        '(rate(hub_record_age_seconds_bucket{stage="decide"}[5m]))) > 1',
        "10m", _PAGE,
        "one batch in a hundred is decided later than the second that departments were promised",
        "answers-slow",
    ),
    Alert(
        "HubBrokerSlow",
        "histogram_quantile(0.99, sum by (le, stage) "
        "(rate(hub_publish_seconds_bucket[5m]))) > 1",
        "10m", _TICKET,
        "the broker takes more than a second to accept what {{ $labels.stage }} publishes",
        "broker-slow",
    ),
    Alert(
        "HubRuleFaulted",
        _grew('hub_dead_letters_total{stage="decide"}', "15m"),
        "0m", _PAGE,
        "records could not be decided ({{ $labels.reason }}): they lie among the dead letters",
        "rule-faulted",
    ),
    Alert(
        "HubManyRefused",
        'sum(rate(hub_dead_letters_total{stage="intake"}[30m])) > '
        '0.2 * sum(rate(hub_records_total{stage="intake"}[30m]))',
        "30m", _TICKET,
        "more than a fifth of what departments send is refused",
        "many-refused",
    ),
    Alert(
        "HubReceiptsRefused",
        _grew('hub_dead_letters_total{stage="deliver"}', "1h"),
        "0m", _TICKET,
        "receipts or feed records could not be read ({{ $labels.reason }})",
        "receipts-refused",
    ),
    Alert(
        "HubSiteRefuses",
        _grew('hub_site_calls_total{call="send", outcome="refused"}', "1h"),
        "0m", _TICKET,
        "{{ $labels.site }} refuses the content of deliveries",
        "site-refuses",
    ),
    Alert(
        "HubSiteUnavailable",
        'sum by (site) (rate(hub_site_calls_total{outcome="unavailable"}[15m])) > '
        "0.5 * sum by (site) (rate(hub_site_calls_total[15m]))",
        "15m", _TICKET,
        "most calls to {{ $labels.site }} get no usable answer",
        "site-unavailable",
    ),
    Alert(
        "HubCalendarEnds",
        "max(hub_calendar_ends_soon) == 1",
        "1h", _TICKET,
        "the calendar of working days ends within 40 working days",
        "calendar-of-next-year",
    ),
    Alert(
        "HubGatewayFails",
        'sum(rate(hub_gateway_answers_total{what=~"500|502|504"}[5m])) > '
        "0.01 * sum(rate(hub_gateway_answers_total[5m]))",
        "5m", _PAGE,
        "more than one HTTP answer in a hundred is a failure of ours",
        "gateway-fails",
    ),
    Alert(
        "HubGatewayTurnsAway",
        'sum(rate(hub_gateway_answers_total{what=~"429|503"}[15m])) > '
        "0.05 * sum(rate(hub_gateway_answers_total[15m]))",
        "15m", _TICKET,
        "more than one HTTP request in twenty is turned away (429, 503)",
        "gateway-turns-away",
    ),
    Alert(
        "HubForeignName",
        _grew("hub_gateway_foreign_total", "1h"),
        "0m", _TICKET,
        "{{ $labels.what }} sent events in another department's name",
        "foreign-name",
    ),
    *WATCH_ALERTS,
)  # fmt: skip
