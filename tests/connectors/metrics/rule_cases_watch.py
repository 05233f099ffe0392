"""What is a case of an alert? And the cases of those that follow from what the watch sees."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """`fires`: how many alerts of this name there are at that minute."""

    alert: str
    says: str
    series: dict[str, str]
    minute: int
    fires: int


def _verdict(alert: str, verdict: str, at: int) -> list[Case]:
    series = f'hub_verdict{{stage="decide", site="", verdict="{verdict}"}}'
    other = 'hub_verdict{stage="decide", site="", verdict="OK"}'
    return [
        Case(alert, "it is so", {series: "1x300", other: "0x300"}, at, 1),
        Case(alert, "it is well", {series: "0x300", other: "1x300"}, at, 0),
    ]


def _note(alert: str, note: str, at: int) -> list[Case]:
    series = f'hub_department_note{{dept="WJW-120116", note="{note}"}}'
    return [
        Case(alert, f"{note} for hours", {series: "1x300"}, at, 1),
        Case(alert, f"{note} for a minute", {series: "1 1 _x300"}, at, 0),
    ]


_COUNTING = 'hub_verdict{{stage="count", site="", verdict="{}"}}'


def _counting(verdict: str, fires: int) -> list[Case]:
    series = {_COUNTING.format(verdict): "1x60"}
    return [Case("HubCountingBehind", f"{verdict} for long", series, 40, fires)]


_DIFFERING = 'hub_site_differing{site="GSXT-TJ"}'
_COMPARED = 'hub_site_compared_timestamp_seconds{site="GSXT-TJ"}'

WATCH_CASES: tuple[Case, ...] = (
    Case(
        "HubNobodyWatches",
        "its picture is old",
        {"hub_watch_picture_timestamp_seconds": "0x60"},
        10,
        1,
    ),
    Case("HubNobodyWatches", "there is none", {'up{job="hub"}': "1x60"}, 10, 1),
    Case(
        "HubNobodyWatches",
        "it looks every minute",
        {
            "hub_watch_picture_timestamp_seconds": "0+60x60",
        },
        10,
        0,
    ),
    *_verdict("HubNoData", "NO_DATA", 5),
    *_verdict("HubDoomed", "DOOMED", 1),
    *_verdict("HubExpiring", "EXPIRING", 1),
    *_verdict("HubStopped", "STOP", 5),
    *_verdict("HubRewound", "REWIND", 1),
    *_verdict("HubStalled", "STALL", 5),
    *_verdict("HubPausedByBreaker", "PAUSED_BY_BREAKER", 15),
    *_verdict("HubPausedByOperator", "PAUSED_BY_OPERATOR", 250),
    *_verdict("HubAtRisk", "AT_RISK", 10),
    *_verdict("HubFallsBehind", "WARN", 15),
    *_counting("STOP", 1),
    *_counting("STALL", 1),
    *_counting("NO_DATA", 0),
    *_counting("OK", 0),
    Case("HubStopped", "of the statistics", {_COUNTING.format("STOP"): "1x60"}, 40, 0),
    Case(
        "HubWillMiss",
        "three",
        {'hub_stage_will_miss{stage="deliver", site="GSXT-TJ"}': "3x30"},
        10,
        1,
    ),
    Case(
        "HubWillMiss",
        "none",
        {'hub_stage_will_miss{stage="deliver", site="GSXT-TJ"}': "0x30"},
        10,
        0,
    ),
    Case(
        "HubOverdue",
        "at two systems",
        {
            'hub_stage_overdue{stage="deliver", site="GSXT-TJ"}': "1x9",
            'hub_stage_overdue{stage="prove", site="CREDIT-TJ"}': "2x9",
        },
        3,
        2,
    ),
    Case("HubOverdue", "none", {'hub_stage_overdue{stage="deliver", site="GSXT-TJ"}': "0x9"}, 3, 0),
    Case("HubSiteDiffers", "two at one system", {_DIFFERING: "0 0 2x9"}, 3, 1),
    Case("HubSiteDiffers", "none", {_DIFFERING: "0x9"}, 3, 0),
    # Minute 0 is 1970: last night was before that.
    Case("HubSiteNotCompared", "not this night either", {_COMPARED: "-129600x9"}, 3, 1),
    Case("HubSiteNotCompared", "last night", {_COMPARED: "-86400x9"}, 3, 0),
    Case("HubSiteNotCompared", "never: an alert of its own", {_COMPARED: "0x9"}, 3, 0),
    Case("HubSiteNeverCompared", "for hours", {_COMPARED: "0x260"}, 250, 1),
    Case("HubSiteNeverCompared", "made just now", {_COMPARED: "0x260"}, 60, 0),
    Case("HubSiteNeverCompared", "compared", {_COMPARED: "0x60 3600x260"}, 250, 0),
    Case("HubCanaryFails", "twice", {"hub_canary_failed": "2x9"}, 3, 1),
    Case("HubCanaryFails", "once", {"hub_canary_failed": "1x9"}, 3, 0),
    *_note("HubDepartmentSilent", "SILENT", 90),
    *_note("HubDepartmentClock", "CLOCK", 90),
    *_note("HubDepartmentQuality", "DUPLICATES", 250),
    *_note("HubCredentialsExpire", "CREDENTIALS", 90),
    *_note("HubCertificateExpires", "CERTIFICATE", 90),
)
