"""Which parts of `hub preflight` look at what other commands look at too?"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.console.context import Context
from connectors.console.installation.topics import planned_topics
from connectors.console.installation.topics_access import check_access
from connectors.kafka_admin import KafkaAdmin
from connectors.keys import KeyRingError
from connectors.preflight.finding import Check, Finding, fail, fine, warn
from connectors.preflight.planned import judge_access, judge_topics
from connectors.sites.table import NotConnectedError, open_system
from schemas.settings import BASE_URL_DEFAULT
from schemas.sites import SITES
from schemas.topics import CTL_POLICY, JOURNAL


def setting_findings(hub: Context) -> Iterator[Finding]:
    """Settings that are for a trial only."""
    settings = hub.settings
    if settings.base_url == BASE_URL_DEFAULT:
        yield fail(
            Check.SETTINGS, "HUB_BASE_URL", "is not set: no QR code would open a page",
            "set it to the public address of the gateway",
        )  # fmt: skip
    elif not settings.base_url.startswith("https://"):
        yield warn(
            Check.SETTINGS, "HUB_BASE_URL", f"{settings.base_url} is not encrypted",
            "put a proxy with TLS before the gateway, or give it a certificate",
        )  # fmt: skip
    if not settings.metrics_port:
        yield warn(
            Check.SETTINGS, "HUB_METRICS_PORT", "is 0: nobody can read the roles' figures",
            "set a port, and let Prometheus ask there (docs/metrics.md)",
        )  # fmt: skip
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        yield fail(
            Check.SETTINGS, "time zones", "the host does not know Asia/Shanghai",
            "install tzdata",
        )  # fmt: skip
    else:
        yield fine(Check.SETTINGS, "settings", "are read without mistakes")


def topic_findings(hub: Context) -> Iterator[Finding]:
    """Topics that are missing, or not as the table says."""
    with hub.admin() as admin:
        report = admin.check(planned_topics(hub, admin, [], []))
    yield from judge_topics(report)


def access_findings(hub: Context) -> Iterator[Finding]:
    """Permissions that are missing, or too much."""
    with hub.admin() as admin:
        if admin.embedded:
            return
        planned = planned_topics(hub, admin, [], [])
    yield from judge_access(check_access(hub, planned))


def policy_findings(hub: Context) -> Iterator[Finding]:
    """Whether there is a policy: without one nothing is accepted."""
    with hub.admin() as admin:
        there = _kept(admin, CTL_POLICY)
    if there:
        yield fine(Check.POLICY, CTL_POLICY, "a policy is published")
    else:
        yield fail(
            Check.POLICY, CTL_POLICY, "no policy is published: every task would be refused",
            "`hub policy check FILE.toml`, then `hub policy publish FILE.toml`",
        )  # fmt: skip


def site_findings(hub: Context) -> Iterator[Finding]:
    """Whether every system that must stop is delivered to (art. 13)."""
    for code, site in SITES.items():
        if code not in hub.settings.site_codes:
            yield warn(
                Check.SITES, code, f"HUB_SITES does not name {site.title}",
                "stops are owed there within three working days: name it (art. 13)",
            )  # fmt: skip
            continue
        try:
            open_system(code, hub.settings)
        except (NotConnectedError, KeyRingError) as cause:
            yield fail(Check.SITES, code, str(cause), "see docs/delivery.md")
        else:
            yield fine(Check.SITES, code, "its settings are complete")


def newest_record_s(hub: Context) -> float | None:
    """The newest time that the broker gave a journal record; None while it has none."""
    with hub.admin() as admin:
        if admin.embedded or not (count := admin.partition_counts().get(JOURNAL)):
            return None
        newest = admin.newest_times((JOURNAL, number) for number in range(count))
    return max(newest.values()) / 1000 if newest else None


def _kept(admin: KafkaAdmin, topic: str) -> int:
    places = [(topic, number) for number in range(admin.partition_counts().get(topic, 0))]
    if not places:
        return 0
    first, end = admin.beginning_offsets(places), admin.end_offsets(places)
    return sum(end[at] - first[at] for at in places)
