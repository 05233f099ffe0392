"""May everybody do what they must, and nothing else? The part of `topics` about permissions."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import KafkaException

from connectors.console.context import CommandError, Context, Exit
from connectors.kafka_access import AccessReport, KafkaAccess
from schemas.access import ROLE_USER_PREFIX, Grant, grants
from schemas.topics import FEED_PREFIX, OUT_PREFIX, Topic

_NAMED_MAX = 20


def apply_access(hub: Context, planned: Sequence[Topic]) -> AccessReport | None:
    """Grant what is missing; None on a broker that lets everybody do everything."""
    access, wanted = _access(hub, planned)
    try:
        if not access.asks_who_is_there():
            return None
        return access.apply(wanted, hub.settings.kafka_users)
    except (KafkaException, ValueError) as cause:
        raise _refused(hub, cause) from cause


def check_access(hub: Context, planned: Sequence[Topic]) -> AccessReport | None:
    """Compare what is granted with the plan; None on a broker that lets everybody in."""
    access, wanted = _access(hub, planned)
    try:
        return access.check(wanted) if access.asks_who_is_there() else None
    except KafkaException as cause:
        raise _refused(hub, cause) from cause


def show_access(hub: Context, report: AccessReport | None, *, every: bool) -> None:
    """Tell what was granted, what is missing and what is too much."""
    if report is None:
        hub.note("the broker lets everybody do everything: no permissions to arrange")
        return
    name_some(hub, "granted", report.granted, every=every)
    name_some(hub, "not granted", report.missing, every=every)
    name_some(hub, "granted, not in the plan", report.unplanned, every=every)
    name_some(hub, "without a password", report.no_password, every=every)
    if report.new_users:
        name_some(hub, "new user", report.new_users, every=every)
        hub.note(
            f"passwords are in {hub.settings.kafka_users}: hand each to its owner, then remove the "
            f"file; `hub up` uses those of its own roles ({ROLE_USER_PREFIX}…) where they lie"
        )


def name_some(hub: Context, what: str, names: Sequence[str], *, every: bool) -> None:
    """Name things one a line; not all of many unless asked to."""
    shown = names if every else names[:_NAMED_MAX]
    for name in shown:
        hub.out.print(f"{what}: {name}", markup=False, soft_wrap=True)
    if len(names) > len(shown):
        hub.note(f"… and {len(names) - len(shown):,} more {what} (name them with --all)")


def grants_of(planned: Sequence[Topic]) -> list[Grant]:
    """Who may do what with these topics.

    Raises:
        ValueError: one code names two kinds of users.
    """
    names = [topic.name for topic in planned]
    depts = {n.removeprefix(OUT_PREFIX) for n in names if n.startswith(OUT_PREFIX)}
    sites = {n.removeprefix(FEED_PREFIX) for n in names if n.startswith(FEED_PREFIX)}
    return grants(depts, sites)


def _access(hub: Context, planned: Sequence[Topic]) -> tuple[KafkaAccess, list[Grant]]:
    try:
        return KafkaAccess(hub.bootstrap()), grants_of(planned)
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause


def _refused(hub: Context, cause: Exception) -> CommandError:
    return CommandError(
        f"the broker at {hub.bootstrap()} did not arrange permissions ({cause}): is HUB_KAFKA_USER "
        "its super user?"
    )
