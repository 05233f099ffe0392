"""Did the hub keep its promises? Runs the independent auditor on the topics and Redis of now."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from connectors.audit import (
    FOLLOWS_RULES,
    Dump,
    KeyFiles,
    Options,
    read_keys,
    read_site_journals,
    render,
    run_audit,
)
from connectors.audit.dump import RedisView, load_dump, save_dump
from connectors.audit.readers import DumpReadError, journal_partitions, read_redis, read_topics
from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import progress
from connectors.kafka_login import python_options

_WIDTH_MIN = 80


def register(app: typer.Typer) -> None:
    """Add `audit`."""
    command(app, "audit")(audit)


DumpFile = Annotated[
    Path | None,
    typer.Option(
        "--dump",
        exists=True,
        dir_okay=False,
        help="Audit a file that --save wrote, instead of broker and Redis.",
    ),
]
SaveFile = Annotated[
    Path | None, typer.Option("--save", help="Also write what was read to this file.")
]
MayBeEmpty = Annotated[
    list[str] | None,
    typer.Option(
        "--may-be-empty",
        metavar="CHECK",
        help="A check that need not have looked at anything; may be given several times.",
    ),
]
SiteJournal = Annotated[
    list[str] | None,
    typer.Option(
        "--site-journal",
        metavar="CODE=PATH",
        help="The journal.db of a publicity system, read-only; may be given several times.",
    ),
]
Settled = Annotated[
    bool, typer.Option("--settled", help="A stop that is not yet due counts as broken, too.")
]


def audit(
    hub: Context,
    dump: DumpFile = None,
    save: SaveFile = None,
    may_be_empty: MayBeEmpty = None,
    site_journal: SiteJournal = None,
    settled: Settled = False,  # noqa: FBT002 - a flag
) -> None:
    """Check every promise from the topics and Redis alone. Ends with 1 if any is broken.

    A check that looked at nothing proves nothing and counts as broken.

    Stops are proven two-sided when the systems' own journals are given.

    The hub should be at rest: what is still under way has no answer yet.
    """
    if dump is not None:
        topics, view = _load(dump)
    else:
        topics, view = _read(hub)
    if save is not None:
        save_dump(save, topics, view)
    try:
        options = Options(
            may_be_empty=frozenset(may_be_empty or ()),
            site_journals=read_site_journals(site_journal or ()),
            is_settled=settled,
            follows=FOLLOWS_RULES,
            now_ms=None if dump else time.time_ns() // 1_000_000,
        )
        report = run_audit(topics, view, _keys(hub), options)
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause
    if hub.json:
        hub.emit(report.as_dict())
    else:
        hub.out.print(
            Text(render(report, width=max(_WIDTH_MIN, hub.out.width))), end="", soft_wrap=True
        )
    if not report.ok:
        raise typer.Exit(Exit.FOUND)


def _read(hub: Context) -> tuple[Dump, RedisView]:
    hub.admin().close()
    # Asked first: reading the topics takes long, and would be for nothing.
    with hub.redis(), progress(hub.err, "reading topics", None) as bar:

        async def read() -> tuple[Dump, RedisView]:
            topics = await read_topics(
                hub.bootstrap(),
                lambda done, total: bar.at(done, total=total),
                python_options(),
            )
            bar.at(topics.count(), what="reading Redis")
            return topics, await read_redis(hub.redis_url(), journal_partitions(topics))

        try:
            return asyncio.run(read())
        except DumpReadError as cause:
            raise CommandError(str(cause)) from cause


def _load(path: Path) -> tuple[Dump, RedisView | None]:
    try:
        return load_dump(path)
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause


def _keys(hub: Context) -> KeyFiles | None:
    """The keys, if they are at hand: without them the checks of codes look at nothing."""
    folder = hub.settings.keys
    if not folder.is_dir():
        hub.note(
            f"No keys in {folder}, so codes are not checked: HUB_KEYS_DIR names another folder."
        )
        return None
    try:
        return read_keys(folder)
    except (OSError, ValueError) as cause:
        raise CommandError(f"the keys in {folder} cannot be read: {cause}", Exit.USAGE) from cause
