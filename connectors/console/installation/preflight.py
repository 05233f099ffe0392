"""Is this environment fit to run the hub in? `hub preflight` looks, changes nothing, says all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import redis
import typer
from confluent_kafka import KafkaException

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.installation.preflight_parts import (
    access_findings,
    newest_record_s,
    policy_findings,
    setting_findings,
    site_findings,
    topic_findings,
)
from connectors.console.terminal.moments import now_ms
from connectors.console.terminal.screen import SHANGHAI, row, table
from connectors.departments.gateway.ways_in.token_file import (
    FILE_NAME,
    OPERATORS_FILE_NAME,
    SITES_FILE_NAME,
)
from connectors.kafka_admin import AdminRefused, BrokerUnreachable
from connectors.preflight.cluster import judge_cluster, read_cluster
from connectors.preflight.finding import Check, Finding, Level, fail, warn, worst
from connectors.preflight.surroundings import (
    Clocks,
    judge_calendar,
    judge_clocks,
    judge_code_keys,
    judge_folder,
    judge_redis,
    judge_secret_file,
)
from connectors.redis_calendar import KEY as CALENDAR_KEY
from connectors.redis_server import check_settings
from schemas.calendar_entries import unpack

_STYLES = {Level.FAIL: "red", Level.WARN: "yellow", Level.OK: "green"}
_SECRETS = ("*.secret", FILE_NAME, SITES_FILE_NAME, OPERATORS_FILE_NAME)
Only = Annotated[
    list[Check] | None, typer.Option("--only", help="Look at this alone; several times.")
]


def register(app: typer.Typer) -> None:
    """Add `preflight`."""
    command(app, "preflight")(preflight)


def preflight(
    hub: Context,
    only: Only = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also say what is as it must be.")] = False,
) -> None:
    """Look at broker, topics, permissions, Redis, clocks, calendar, keys and systems.

    Nothing is changed. Ends with 1 if something must be put right before the hub may run here.
    """
    findings = [
        finding for check in Check if not only or check in only for finding in _look(hub, check)
    ]
    if hub.json:
        level = worst(findings)
        hub.emit({"ok": level is not Level.FAIL, "findings": [asdict(one) for one in findings]})
    else:
        _show(hub, findings, every=every)
    if worst(findings) is Level.FAIL:
        raise typer.Exit(Exit.FOUND)


def _look(hub: Context, check: Check) -> list[Finding]:
    """What one look finds; what cannot be looked at is a finding too."""
    try:
        return list(_LOOKS[check](hub))
    except (CommandError, BrokerUnreachable, AdminRefused, KafkaException, redis.RedisError) as why:
        return [
            fail(check, "not seen", str(why), "make it reachable from here, then look again")
        ]  # fmt: skip


def _broker(hub: Context) -> Iterator[Finding]:
    with hub.admin() as admin:
        embedded = admin.embedded
    if embedded:
        yield warn(
            Check.BROKER, hub.bootstrap(), "the embedded broker keeps everything in memory",
            "for the real thing give HUB_BROKER the addresses of a Kafka cluster",
        )  # fmt: skip
        return
    yield from judge_cluster(read_cluster(hub.bootstrap()), hub.settings)


def _redis(hub: Context) -> Iterator[Finding]:
    with hub.redis() as client:
        yield from judge_redis(check_settings(client), client.info())


def _clocks(hub: Context) -> Iterator[Finding]:
    with hub.redis() as client:
        before = time.time()
        seconds, micros = client.time()
        ours = (before + time.time()) / 2
    broker = newest_record_s(hub)
    yield from judge_clocks(Clocks(ours, float(seconds) + float(micros) / 1e6, broker))


def _calendar(hub: Context) -> Iterator[Finding]:
    with hub.redis() as client:
        found = client.get(CALENDAR_KEY)
    if not isinstance(found, bytes):
        yield warn(
            Check.CALENDAR, "working days", "nobody keeps the calendar in Redis",
            "start `hub worker schedule`, then look again",
        )  # fmt: skip
        return
    today = datetime.fromtimestamp(now_ms() / 1000, SHANGHAI).date()
    yield from judge_calendar(today, unpack(found).ends)


def _keys(hub: Context) -> Iterator[Finding]:
    settings = hub.settings
    today = datetime.fromtimestamp(now_ms() / 1000, SHANGHAI).date()
    yield from judge_code_keys(settings.keys, today)
    files: list[Path] = []
    for folder in (settings.gateway, settings.site_keys):
        if folder.is_dir():
            yield from judge_folder(folder)
            files += [path for pattern in _SECRETS for path in sorted(folder.glob(pattern))]
    files += [
        path
        for path in (settings.kafka_password_file, settings.gateway_tls_key)
        if path is not None
    ]
    for path in files:
        if path.is_file():
            yield from judge_secret_file(path)
        else:
            yield fail(Check.KEYS, str(path), "is not there", "put it there, mode 0400")


_LOOKS: dict[Check, Callable[[Context], Iterator[Finding]]] = {
    Check.SETTINGS: setting_findings,
    Check.BROKER: _broker,
    Check.TOPICS: topic_findings,
    Check.ACCESS: access_findings,
    Check.REDIS: _redis,
    Check.CLOCK: _clocks,
    Check.CALENDAR: _calendar,
    Check.KEYS: _keys,
    Check.POLICY: policy_findings,
    Check.SITES: site_findings,
}


def _show(hub: Context, findings: list[Finding], *, every: bool) -> None:
    shown = [one for one in findings if every or one.level is not Level.OK]
    if shown:
        listed = table("!LEVEL", "!CHECK", "ABOUT", "FOUND", "TO DO")
        for one in shown:
            row(
                listed, one.level.value, one.check.value, one.about, one.found, one.todo,
                style=_STYLES[one.level],
            )  # fmt: skip
        hub.show(listed)
    counts = {level: sum(one.level is level for one in findings) for level in Level}
    fit = "NOT fit" if counts[Level.FAIL] else "fit"
    hub.show(
        f"{fit}: {counts[Level.FAIL]} must be put right, {counts[Level.WARN]} should be, "
        f"{counts[Level.OK]} as they must be"
    )
