"""What does the hub send and receive, for machines? Writes the AsyncAPI document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from schemas.asyncapi import asyncapi as document
from schemas.yaml_text import yaml_text


def register(app: typer.Typer) -> None:
    """Add `asyncapi`."""
    command(app, "asyncapi")(asyncapi)


def asyncapi(
    hub: Context,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Write it here; JSON if the name ends in .json."
        ),
    ] = None,
) -> None:
    """Write the AsyncAPI 3.0 document of all topics and messages: YAML, or JSON with --json."""
    made = document()
    if out is None:
        if hub.json:
            hub.emit(made)
        else:
            typer.echo(yaml_text(made), nl=False)
        return
    as_json = out.suffix == ".json"
    text = json.dumps(made, ensure_ascii=False, indent=2) + "\n" if as_json else yaml_text(made)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as cause:
        raise CommandError(f"{out} cannot be written: {cause}", Exit.USAGE) from cause
    counts = {"channels": len(made["channels"]), "messages": len(made["components"]["messages"])}
    if hub.json:
        hub.emit({"file": str(out), **counts})
    else:
        hub.show(f"{out}: {counts['channels']} channels, {counts['messages']} messages")
