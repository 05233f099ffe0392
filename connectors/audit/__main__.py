"""The auditor on its own: `python -m connectors.audit --bootstrap ADDRESS --redis URL`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import orjson
import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from connectors.audit.dump import Dump, RedisView, load_dump, save_dump
from connectors.audit.keyfiles import read_keys
from connectors.audit.login import login_options
from connectors.audit.readers import (
    DumpReadError,
    Login,
    journal_partitions,
    read_redis,
    read_topics,
)
from connectors.audit.render import render
from connectors.audit.run import FOLLOWS_RULES, Options, run_audit
from connectors.audit.sitejournal import read_site_journals

BAD_USE = 2


def main(
    bootstrap: Annotated[str, typer.Option(help="Address of the broker.")] = "",
    redis: Annotated[str, typer.Option(help="Address of Redis, redis://host:port/0.")] = "",
    dump: Annotated[Path | None, typer.Option(help="Audit this dump, not a broker.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Folder of the keys.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write what was read to this file.")] = None,
    may_be_empty: Annotated[list[str] | None, typer.Option(help="A check that may be.")] = None,
    site_journal: Annotated[
        list[str] | None, typer.Option(help="CODE=PATH of a site's journal.db; several times.")
    ] = None,
    settled: Annotated[bool, typer.Option("--settled", help="No stop may be owed.")] = False,  # noqa: FBT002 - a flag
    kafka_protocol: Annotated[
        str, typer.Option(envvar="HUB_KAFKA_PROTOCOL", help="PLAINTEXT, SSL, SASL_SSL or so.")
    ] = "PLAINTEXT",
    kafka_mechanism: Annotated[
        str, typer.Option(envvar="HUB_KAFKA_MECHANISM", help="How the password is proven.")
    ] = "SCRAM-SHA-512",
    kafka_user: Annotated[str, typer.Option(envvar="HUB_KAFKA_USER", help="As whom to read.")] = "",
    kafka_password_file: Annotated[
        Path | None,
        typer.Option(envvar="HUB_KAFKA_PASSWORD_FILE", help="Nobody else may read it."),
    ] = None,
    kafka_ca_file: Annotated[
        Path | None,
        typer.Option(envvar="HUB_KAFKA_CA_FILE", help="Whom brokers are trusted by, PEM."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Check topics and Redis against all that the hub promises. Exit code 0: it holds, 1: not."""
    errors = Console(stderr=True)
    if bool(bootstrap) == bool(dump):
        errors.print("give either --bootstrap or --dump")
        raise typer.Exit(BAD_USE)
    try:
        login = login_options(
            kafka_protocol, kafka_mechanism, kafka_user, kafka_password_file, kafka_ca_file
        )
        found, view = load_dump(dump) if dump else asyncio.run(_read(bootstrap, redis, login))
        held = read_keys(keys) if keys else None
        options = Options(
            may_be_empty=frozenset(may_be_empty or ()),
            site_journals=read_site_journals(site_journal or ()),
            is_settled=settled,
            follows=FOLLOWS_RULES,
            now_ms=None if dump else time.time_ns() // 1_000_000,
        )
        if save is not None:
            save_dump(save, found, view)
        report = run_audit(found, view, held, options)
    except (OSError, ValueError, KafkaError, DumpReadError) as cause:
        errors.print(f"audit could not be made: {cause}", markup=False)
        raise typer.Exit(BAD_USE) from cause
    text = orjson.dumps(report.as_dict()).decode() if as_json else render(report).rstrip("\n")
    typer.echo(text)
    raise typer.Exit(report.exit_code)


async def _read(bootstrap: str, redis: str, login: Login) -> tuple[Dump, RedisView | None]:
    found = await read_topics(bootstrap, login=login)
    view = await read_redis(redis, journal_partitions(found)) if redis else None
    return found, view


if __name__ == "__main__":
    typer.run(main)
