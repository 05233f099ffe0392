"""Which alerts follow from what the watch sees? One for each verdict, and some beside."""

from __future__ import annotations

from schemas.alert_shape import Alert, Severity
from schemas.verdicts import Stage

_PAGE, _TICKET = Severity.PAGE, Severity.TICKET
NOT_COMPARED_S = 129_600
"""A day and a half: a night is missed, and the morning's tries failed too."""
_AT = "{{ $labels.stage }} {{ $labels.site }}"


def _verdict(name: str, verdict: str, wait: str, severity: Severity, what: str, page: str) -> Alert:
    # Figures that stand still have an alert of their own: nobody is woken for them.
    expr = f'hub_verdict{{stage!="{Stage.COUNT}", verdict="{verdict}"}} == 1'
    return Alert(name, expr, wait, severity, f"{_AT}: {what}", page)


WATCH_ALERTS: tuple[Alert, ...] = (
    Alert(
        "HubNobodyWatches",
        "time() - max(hub_watch_picture_timestamp_seconds) > 120 "
        "or absent(hub_watch_picture_timestamp_seconds)",
        "2m", _PAGE,
        "the watch has not looked for two minutes: no other figure of it can be believed",
        "nobody-watches",
    ),
    _verdict("HubNoData", "NO_DATA", "2m", _PAGE, "nothing can be measured", "verdict-no-data"),
    _verdict(
        "HubDoomed", "DOOMED", "0m", _PAGE,
        "stops are overdue, or will be at the rate measured", "verdict-doomed",
    ),
    _verdict(
        "HubExpiring", "EXPIRING", "0m", _PAGE,
        "its topic deletes records before they are read, or has done so", "verdict-expiring",
    ),
    _verdict(
        "HubStopped", "STOP", "2m", _PAGE,
        "nothing is processed although something waits", "verdict-stop",
    ),
    _verdict("HubRewound", "REWIND", "0m", _PAGE, "its position went back", "verdict-rewind"),
    _verdict("HubStalled", "STALL", "2m", _PAGE, "it runs but gets nowhere", "verdict-stall"),
    _verdict(
        "HubPausedByBreaker", "PAUSED_BY_BREAKER", "10m", _PAGE,
        "nothing is sent because the system failed too often", "verdict-paused-by-breaker",
    ),
    _verdict(
        "HubPausedByOperator", "PAUSED_BY_OPERATOR", "4h", _TICKET,
        "an operator paused it hours ago", "verdict-paused-by-operator",
    ),
    _verdict(
        "HubAtRisk", "AT_RISK", "5m", _PAGE,
        "it is hardly fast enough for its deadlines", "verdict-at-risk",
    ),
    _verdict("HubFallsBehind", "WARN", "10m", _TICKET, "it falls behind", "verdict-warn"),
    Alert(
        "HubCountingBehind",
        f'hub_verdict{{stage="{Stage.COUNT}", verdict!~"OK|NO_DATA"}} == 1',
        "30m", _TICKET,
        "the statistics are not kept level: {{ $labels.verdict }}",
        "counting-behind",
    ),
    Alert(
        "HubWillMiss",
        "hub_stage_will_miss > 0",
        "5m", _PAGE,
        f"{_AT}: {{{{ $value }}}} legal deadlines will be missed at this rate",
        "will-miss",
    ),
    Alert(
        "HubOverdue",
        "hub_stage_overdue > 0",
        "0m", _PAGE,
        f"{_AT}: {{{{ $value }}}} legal deadlines are missed and still owed",
        "overdue",
    ),
    Alert(
        "HubSiteDiffers",
        "hub_site_differing > 0",
        "0m", _PAGE,
        "{{ $labels.site }} shows {{ $value }} results otherwise than its ledger says",
        "site-differs",
    ),
    Alert(
        "HubSiteNotCompared",
        f"time() - (hub_site_compared_timestamp_seconds != 0) > {NOT_COMPARED_S}",
        "0m", _TICKET,
        "the public list of {{ $labels.site }} could not be compared for a day and a half",
        "site-not-compared",
    ),
    Alert(
        "HubSiteNeverCompared",
        "hub_site_compared_timestamp_seconds == 0",
        "4h", _TICKET,
        "the public list of {{ $labels.site }} was never compared with its ledger",
        "site-not-compared",
    ),
    Alert(
        "HubCanaryFails",
        "hub_canary_failed >= 2",
        "0m", _PAGE,
        "{{ $value }} probes in a row got no right answer",
        "canary-fails",
    ),
    Alert(
        "HubDepartmentSilent",
        'hub_department_note{note="SILENT"} == 1',
        "1h", _TICKET,
        "{{ $labels.dept }} has not published anything for longer than is usual for it",
        "verdict-silent",
    ),
    Alert(
        "HubDepartmentClock",
        'hub_department_note{note="CLOCK"} == 1',
        "1h", _TICKET,
        "the clock of {{ $labels.dept }} is wrong",
        "department-quality",
    ),
    Alert(
        "HubDepartmentQuality",
        'hub_department_note{note=~"REFUSED|DUPLICATES|SCHEMA_BEHIND|QUOTA"} == 1',
        "4h", _TICKET,
        "{{ $labels.dept }}: {{ $labels.note }}",
        "department-quality",
    ),
    Alert(
        "HubCredentialsExpire",
        'hub_department_note{note="CREDENTIALS"} == 1',
        "1h", _TICKET,
        "the last bearer token of {{ $labels.dept }} expires soon",
        "credentials-expire",
    ),
    Alert(
        "HubCertificateExpires",
        'hub_department_note{note="CERTIFICATE"} == 1',
        "1h", _TICKET,
        "the client certificate of {{ $labels.dept }} expires soon",
        "credentials-expire",
    ),
)  # fmt: skip
