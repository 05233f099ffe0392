"""What is the hub made of? `hub sbom` writes it in the form of CycloneDX."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import orjson
import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.sbom import bill_of_materials

NAME = "inspection-hub"
LOCK = Path(__file__).parents[3] / "deploy" / "image.lock"


def register(app: typer.Typer) -> None:
    """Add `sbom`."""
    command(app, "sbom")(sbom)


def sbom(
    hub: Context,
    out: Annotated[Path, typer.Option(help="File to write; - for standard output.")] = Path("-"),
    lock: Annotated[Path, typer.Option(help="The lock.", dir_okay=False)] = LOCK,
) -> None:
    """Write what the hub is made of: every package of the lock, with hashes and licences.

    The form is CycloneDX 1.6, as JSON. The same lock, installed here, gives the same file.
    """
    try:
        document = bill_of_materials(lock.read_text(encoding="utf-8"), NAME, _version())
    except (OSError, ValueError) as cause:
        raise CommandError(f"{lock}: {cause}", Exit.USAGE) from cause
    if str(out) == "-":
        hub.emit(document)
        return
    out.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    if hub.json:
        hub.emit({"file": str(out), "components": len(document["components"])})
    else:
        hub.show(f"{len(document['components'])} packages written to {out}")


def _version() -> str:
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "0"
