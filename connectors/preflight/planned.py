"""Are topics and permissions as the tables say? What was found is judged, by how bad it is."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.kafka_access import AccessReport
from connectors.preflight.finding import Check, Finding, fail, fine, warn
from connectors.topic_drift import TopicReport

_NAMED_MAX = 3
_LOSES = frozenset({"min.insync.replicas", "unclean.leader.election.enable", "cleanup.policy"})
"""Settings of a topic by which records can be lost."""


def judge_topics(report: TopicReport) -> Iterator[Finding]:
    """What is missing, or not as planned."""
    if report.missing:
        yield fail(
            Check.TOPICS, _some(report.missing), f"{len(report.missing)} topics are missing",
            "`hub topics apply`",
        )  # fmt: skip
    for drift in report.drift:
        made = fail if drift.fatal or drift.setting in _LOSES else warn
        yield made(
            Check.TOPICS, drift.topic, f"{drift.setting} is {drift.found}, not {drift.planned}",
            "set it back; the table is in schemas/topics.py",
        )  # fmt: skip
    if report.ok:
        yield fine(Check.TOPICS, "topics", f"{report.as_planned:,} are as planned")


def judge_access(report: AccessReport | None) -> Iterator[Finding]:
    """What is not granted, or too much; None: the broker lets everybody in."""
    if report is None:
        yield warn(
            Check.ACCESS, "broker", "lets everybody do everything",
            "set an authorizer and SASL, then `hub topics apply` (docs/decisions/0026)",
        )  # fmt: skip
        return
    if report.missing:
        yield fail(
            Check.ACCESS, _some(report.missing), f"{len(report.missing)} permissions are missing",
            "`hub topics apply`",
        )  # fmt: skip
    if report.no_password:
        yield fail(
            Check.ACCESS, _some(report.no_password), f"{len(report.no_password)} have no password",
            "`hub topics apply`",
        )  # fmt: skip
    if report.unplanned:
        yield warn(
            Check.ACCESS, _some(report.unplanned), f"{len(report.unplanned)} more than planned",
            "take them back unless somebody knows why they are there",
        )  # fmt: skip
    if report.ok:
        yield fine(Check.ACCESS, "permissions", "are as planned")


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
    return ", ".join(names[:_NAMED_MAX]) + more
