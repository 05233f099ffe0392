"""Under which name does an enterprise stand in the logs? `hub code-hash CODE`."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.logs import code_hash as hash_of
from schemas.identity import CreditCodeOutcome, read_credit_code


def register(app: typer.Typer) -> None:
    """Add `code-hash`."""
    command(app, "code-hash")(code_hash)


def code_hash(
    hub: Context, code: Annotated[str, typer.Argument(metavar="CODE", help="A credit code.")]
) -> None:
    """Say under which name an enterprise stands in the logs, which hold no credit codes."""
    reading = read_credit_code(code)
    if reading.outcome not in {CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT}:
        raise CommandError(f"{code!r} is no credit code: {reading.problem}", Exit.USAGE)
    name = hash_of(reading.code)
    if hub.json:
        hub.emit({"code": reading.code, "log_name": name})
    else:
        hub.out.print(name, markup=False)
