"""What is due when, at whom does it wait, and will it be met? `hub deadlines`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.due.looker import Looker
from connectors.console.due.supposing import IfDown, Rate, Until, what_if
from connectors.console.registries.calendar import with_file
from connectors.console.rules_port import OversightRules
from connectors.console.terminal.watching import EVERY_S, Every, Watch, present

BY = ("day", "dept", "site")

By = Annotated[str, typer.Option("--by", help=f"Group by {', '.join(BY)}.")]
CalendarFile = Annotated[
    Path | None,
    typer.Option("--calendar", exists=True, dir_okay=False, help="Days that win over the table."),
]


def register(app: typer.Typer, rules: OversightRules) -> None:
    """Add `deadlines`."""

    def deadlines(
        hub: Context,
        *,
        by: By = "day",
        if_down: IfDown = None,
        until: Until = None,
        rate: Rate = None,
        calendar: CalendarFile = None,
        watch: Watch = False,
        every: Every = EVERY_S,
    ) -> None:
        """Show what is due: owed stops (3 working days), open repair cases (7), and who is late.

        Ends with 1 if anything was or will be missed, or if a held step waits for somebody to look.
        """
        if by not in BY:
            raise CommandError(f"--by {by!r}: one of {', '.join(BY)} expected", Exit.USAGE)
        look = Looker(hub, rules, with_file(hub, calendar), by, rate, what_if(if_down, until))
        present(hub, look, every if watch else None)

    command(app, "deadlines")(deadlines)
