"""What is due when, at whom does it wait, and will it be met? `hub deadlines`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from connectors.console.calendar import with_file
from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.ledgers import known_site
from connectors.console.looker import Looker
from connectors.console.moments import now_ms, read_moment
from connectors.console.outlook import WhatIf
from connectors.console.rules_port import OversightRules
from connectors.console.watching import EVERY_S, Every, Watch, present

BY = ("day", "dept", "site")

By = Annotated[str, typer.Option("--by", help=f"Group by {', '.join(BY)}.")]
IfDown = Annotated[str | None, typer.Option("--if-down", help="What if this site were down …")]
Until = Annotated[
    str | None,
    typer.Option("--until", help="… until then? HH:MM, YYYY-MM-DDTHH:MM, or 6h from now."),
]
Rate = Annotated[
    float | None,
    typer.Option(min=0, help="Deliveries an hour; default: the receipts of the last hour."),
]
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
        look = Looker(hub, rules, with_file(hub, calendar), by, rate, _what_if(if_down, until))
        present(hub, look, every if watch else None)

    command(app, "deadlines")(deadlines)


def _what_if(site: str | None, until: str | None) -> Callable[[int], WhatIf | None]:
    if (site is None) != (until is None):
        raise CommandError("--if-down SITE and --until T belong together", Exit.USAGE)
    if site is None or until is None:
        return lambda _: None
    code, moment = known_site(site), read_moment(until, now_ms())
    return lambda now: WhatIf(code, max(moment, now))
