"""What can be asked of the hub?

The command line with its global options and every command that needs no stream.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.console import COMMANDS, oversight
from connectors.console.lazily import Register, add
from connectors.console.listed import LINES

if TYPE_CHECKING:
    from connectors.console.rules_port import ConsoleRules


def new_app(
    rules: ConsoleRules,
    others: Mapping[str, Register] = MappingProxyType({}),
    words: Collection[str] | None = None,
) -> typer.Typer:
    """The application of a command line.

    Args:
        rules: Handed to the commands that read the fold's state.
        others: Commands of the composition root, which need streams.
        words: Of the command line; only the commands that these name can be run. None: all can.
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
    add(app, {**COMMANDS, **oversight.commands(rules), **others}, words, LINES)
    return app


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - as typer calls it
    if wanted:
        typer.echo(_version())
        raise typer.Exit


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
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Say the version.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    # Here, not above: the list of commands needs none of it.
    from connectors import kafka_login
    from connectors.console.context import Context, Exit, load_settings
    from connectors.logs import set_up_logs

    settings = load_settings(broker=broker, redis_url=redis, data_dir=data_dir, log_level=log_level)
    try:
        kafka_login.use(kafka_login.login_of(settings))
    except ValueError as cause:
        typer.echo(f"HUB_KAFKA_PASSWORD_FILE: {cause}", err=True)
        raise typer.Exit(Exit.USAGE) from None
    set_up_logs(settings.log_level, json=settings.log_json)
    typer_context.obj = Context(settings, json=json)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("inspection-hub")
    except PackageNotFoundError:
        return f"{_of_source()}, run from its source"


def _of_source() -> str:
    import tomllib

    project = Path(__file__).parents[2] / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
