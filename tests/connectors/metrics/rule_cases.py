"""For each alert: series under which it fires, and series under which it must not.

Values as promtool writes them: `0+6x30` is 0, 6, 12 … one a minute.
"""

from __future__ import annotations

from rule_cases_watch import WATCH_CASES, Case


def _histogram(name: str, stage: str, fast: str, slow: str) -> dict[str, str]:
    """Counts up to 1 s, and up to infinity."""
    return {
        f'{name}_bucket{{stage="{stage}", le="0.5"}}': fast,
        f'{name}_bucket{{stage="{stage}", le="1.0"}}': fast,
        f'{name}_bucket{{stage="{stage}", le="5.0"}}': slow,
        f'{name}_bucket{{stage="{stage}", le="+Inf"}}': slow,
    }


_SENT = 'hub_site_calls_total{site="GSXT-TJ", call="send", outcome="%s"}'
_ANSWERED = 'hub_gateway_answers_total{what="%s"}'
_LETTERS = 'hub_dead_letters_total{stage="%s", reason="%s"}'
_BUILD = 'hub_build_info{role="decide", version="0.1.0", rules_version="%s", instance="%s"}'

CASES: tuple[Case, ...] = (
    Case(
        "HubRoleDown",
        "one of two",
        {
            'up{job="hub", instance="decide:9464"}': "1 0x20",
            'up{job="hub", instance="intake:9464"}': "1x20",
        },
        5,
        1,
    ),
    Case(
        "HubRoleDown",
        "for a minute only",
        {
            'up{job="hub", instance="decide:9464"}': "1 0 1x20",
        },
        5,
        0,
    ),
    Case(
        "HubRoleRestarts",
        "three times in a quarter of an hour",
        {
            'process_start_time_seconds{job="hub", instance="decide:9464"}': "1x2 3x2 5x2 7x20",
        },
        12,
        1,
    ),
    Case(
        "HubRoleRestarts",
        "once, as in an upgrade",
        {
            'process_start_time_seconds{job="hub", instance="decide:9464"}': "100x5 300x20",
        },
        12,
        0,
    ),
    Case(
        "HubMixedVersions", "two", {_BUILD % ("4", "a"): "1x60", _BUILD % ("5", "b"): "1x60"}, 40, 1
    ),
    Case(
        "HubMixedVersions",
        "two of one",
        {
            _BUILD % ("5", "a"): "1x60",
            _BUILD % ("5", "b"): "1x60",
        },
        40,
        0,
    ),
    Case(
        "HubAnswersSlow",
        "one in ten is slow",
        _histogram("hub_record_age_seconds", "decide", "0+90x60", "0+100x60"),
        30,
        1,
    ),
    Case(
        "HubAnswersSlow",
        "one in a thousand is slow",
        _histogram("hub_record_age_seconds", "decide", "0+999x60", "0+1000x60"),
        30,
        0,
    ),
    Case(
        "HubBrokerSlow",
        "one in ten is slow",
        _histogram("hub_publish_seconds", "intake", "0+90x60", "0+100x60"),
        30,
        1,
    ),
    Case(
        "HubBrokerSlow",
        "all are quick",
        _histogram("hub_publish_seconds", "intake", "0+100x60", "0+100x60"),
        30,
        0,
    ),
    Case("HubRuleFaulted", "one record", {_LETTERS % ("decide", "FAULTED"): "0x9 1x20"}, 12, 1),
    Case(
        "HubRuleFaulted",
        "intake's letters are none of it",
        {
            _LETTERS % ("decide", "FAULTED"): "7x60",
            _LETTERS % ("intake", "CREDIT_CODE"): "0+1x60",
        },
        25,
        0,
    ),
    Case(
        "HubManyRefused",
        "three in ten",
        {
            _LETTERS % ("intake", "CREDIT_CODE"): "0+30x120",
            'hub_records_total{stage="intake"}': "0+100x120",
        },
        90,
        1,
    ),
    Case(
        "HubManyRefused",
        "one in ten",
        {
            _LETTERS % ("intake", "CREDIT_CODE"): "0+10x120",
            'hub_records_total{stage="intake"}': "0+100x120",
        },
        90,
        0,
    ),
    Case("HubReceiptsRefused", "one", {_LETTERS % ("deliver", "INVALID_FIELD"): "0x9 1x20"}, 20, 1),
    Case(
        "HubReceiptsRefused", "long ago", {_LETTERS % ("deliver", "INVALID_FIELD"): "1x200"}, 120, 0
    ),
    Case("HubSiteRefuses", "one", {_SENT % "refused": "0x9 1x30"}, 20, 1),
    Case("HubSiteRefuses", "none", {_SENT % "refused": "3x99", _SENT % "ok": "0+9x99"}, 80, 0),
    Case(
        "HubSiteUnavailable",
        "most",
        {_SENT % "unavailable": "0+6x90", _SENT % "ok": "0+4x90"},
        60,
        1,
    ),
    Case(
        "HubSiteUnavailable",
        "few",
        {_SENT % "unavailable": "0+1x90", _SENT % "ok": "0+9x90"},
        60,
        0,
    ),
    Case(
        "HubCalendarEnds",
        "soon",
        {'hub_calendar_ends_soon{instance="schedule:9464"}': "1x120"},
        90,
        1,
    ),
    Case(
        "HubCalendarEnds",
        "not soon",
        {'hub_calendar_ends_soon{instance="schedule:9464"}': "0x120"},
        90,
        0,
    ),
    Case(
        "HubGatewayFails",
        "one in ten",
        {_ANSWERED % "500": "0+10x60", _ANSWERED % "200": "0+90x60"},
        30,
        1,
    ),
    Case(
        "HubGatewayFails",
        "refusals are no failures",
        {
            _ANSWERED % "422": "0+50x60",
            _ANSWERED % "503": "0+9x60",
            _ANSWERED % "200": "0+50x60",
        },
        30,
        0,
    ),
    Case(
        "HubGatewayTurnsAway",
        "one in ten",
        {
            _ANSWERED % "429": "0+5x60",
            _ANSWERED % "503": "0+5x60",
            _ANSWERED % "202": "0+90x60",
        },
        50,
        1,
    ),
    Case(
        "HubGatewayTurnsAway",
        "one in fifty",
        {
            _ANSWERED % "429": "0+2x60",
            _ANSWERED % "202": "0+98x60",
        },
        50,
        0,
    ),
    Case(
        "HubForeignName",
        "once",
        {'hub_gateway_foreign_total{what="WJW-120116"}': "0x9 1x90"},
        20,
        1,
    ),
    Case(
        "HubForeignName",
        "long ago",
        {'hub_gateway_foreign_total{what="WJW-120116"}': "1x200"},
        120,
        0,
    ),
    *(
        Case(alert, "the first there ever was", {series: "_x9 1x20"}, 12, 1)
        for alert, series in (
            ("HubRuleFaulted", _LETTERS % ("decide", "FAULTED")),
            ("HubReceiptsRefused", _LETTERS % ("deliver", "INVALID_FIELD")),
            ("HubSiteRefuses", _SENT % "refused"),
            ("HubForeignName", 'hub_gateway_foreign_total{what="WJW-120116"}'),
        )
    ),
    *WATCH_CASES,
)
