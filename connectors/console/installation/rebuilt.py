"""How is a rebuild of the view told? How much, and in what time."""

from __future__ import annotations

import time
from collections.abc import Callable

import typer

from connectors.console.command import command
from connectors.console.context import Context
from connectors.console.terminal.screen import progress

_HELP = "Drop the view in Redis and make it again from the recorded facts. Nothing is decided anew."

Heard = Callable[[int, int], None]
"""Hears how many recorded answers were read, of how many."""


def register(app: typer.Typer, make_again: Callable[[Context, Heard], int]) -> None:
    """Add `rebuild`. `make_again` returns how many answers were applied."""

    def rebuild(hub: Context) -> None:
        """Workers that run meanwhile lose their partitions and take them back afterwards."""
        _rebuilt(hub, make_again)

    command(app, "rebuild", help_text=_HELP)(rebuild)


def _rebuilt(hub: Context, make_again: Callable[[Context, Heard], int]) -> None:
    began = time.monotonic()
    with progress(hub.err, "rebuilding", None) as bar:
        facts = make_again(hub, lambda done, total: bar.at(done, total=total))
    took_s = time.monotonic() - began
    if hub.json:
        hub.emit({"facts": facts, "took_s": round(took_s, 3)})
    else:
        hub.show(f"{facts:,} recorded answers applied in {took_s:.1f} s")
