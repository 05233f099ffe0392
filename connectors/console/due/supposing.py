"""What if a publicity system stayed away for a while? The question, as commands take it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from connectors.console.context import CommandError, Exit
from connectors.console.due.ledgers import known_site
from connectors.console.due.outlook import WhatIf
from connectors.console.terminal.moments import now_ms, read_moment

IfDown = Annotated[str | None, typer.Option("--if-down", help="What if this site were down …")]
Until = Annotated[
    str | None,
    typer.Option("--until", help="… until then? HH:MM, YYYY-MM-DDTHH:MM, or 6h from now."),
]
Rate = Annotated[
    float | None,
    typer.Option(min=0, help="Deliveries an hour; default: the receipts of the last hour."),
]


def what_if(site: str | None, until: str | None) -> Callable[[int], WhatIf | None]:
    """What is supposed at a moment (Unix milliseconds); None: nothing is.

    Raises:
        CommandError: one of the two is missing, the site is not known, or it is no moment.
    """
    if (site is None) != (until is None):
        raise CommandError("--if-down SITE and --until T belong together", Exit.USAGE)
    if site is None or until is None:
        return lambda _: None
    code, moment = known_site(site), read_moment(until, now_ms())
    return lambda now: WhatIf(code, max(moment, now))
