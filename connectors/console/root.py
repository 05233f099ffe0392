"""What can be asked of the hub?

The command line with its global options and every command that needs no stream.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from connectors.console import (
    audit,
    demo,
    dlq,
    generate,
    keys,
    licence,
    policy,
    send,
    show,
    status,
    tokens,
    topics,
    up,
)
from connectors.console.context import Context, load_settings
from connectors.logs import set_up_logs

_GROUPS = (
    up,
    demo,
    topics,
    send,
    generate,
    audit,
    show,
    dlq,
    keys,
    tokens,
    licence,
    policy,
    status,
)


def new_app() -> typer.Typer:
    """The application with all commands that need only connectors.

    The composition root adds the others.
    """
    app = typer.Typer(
        name="hub",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="The inspection hub: inspection events in, yearly caps enforced, codes out.",
    )
    app.callback()(_global_options)
    for group in _GROUPS:
        group.register(app)
    return app


def _global_options(
    typer_context: typer.Context,
    broker: Annotated[
        str | None,
        typer.Option(help="embedded, local, or HOST:PORT[,HOST:PORT…]. [HUB_BROKER]"),
    ] = None,
    redis: Annotated[
        str | None, typer.Option(help="Address of Redis; none: one of our own. [HUB_REDIS_URL]")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of our own broker, Redis and keys. [HUB_DATA_DIR]")
    ] = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error. [HUB_LOG_LEVEL]")
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    show_version: Annotated[bool, typer.Option("--version", help="Say the version.")] = False,
) -> None:
    if show_version:
        typer.echo(_version())
        raise typer.Exit
    settings = load_settings(broker=broker, redis_url=redis, data_dir=data_dir, log_level=log_level)
    set_up_logs(settings.log_level, json=settings.log_json)
    typer_context.obj = Context(settings, json=json)


def _version() -> str:
    try:
        return version("inspection-hub")
    except PackageNotFoundError:
        return "not installed: run from its source"
