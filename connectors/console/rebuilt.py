"""How is a rebuild of the view told? How much, and in what time."""

from __future__ import annotations

import time
from collections.abc import Callable

import typer

from connectors.console.command import command
from connectors.console.context import Context
from connectors.console.screen import progress


def register(app: typer.Typer, rebuild: Callable[[Context], None]) -> None:
    """Add `rebuild`."""
    command(app, "rebuild")(rebuild)


def rebuilt(hub: Context, rebuild: Callable[[Callable[[int, int], None]], int]) -> None:
    """Rebuild, and say how many recorded answers were applied.

    `rebuild` is handed what hears how many were read of how many, and returns how many there were.
    """
    began = time.monotonic()
    with progress(hub.err, "rebuilding", None) as bar:
        facts = rebuild(lambda done, total: bar.at(done, total=total))
    took_s = time.monotonic() - began
    if hub.json:
        hub.emit({"facts": facts, "took_s": round(took_s, 3)})
    else:
        hub.show(f"{facts:,} recorded answers applied in {took_s:.1f} s")
