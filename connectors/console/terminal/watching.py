"""How is an answer kept up to date on a wall screen? Drawn again and again until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import instant
from connectors.kafka_admin import BrokerUnreachable

EVERY_S = 5.0

Watch = Annotated[bool, typer.Option("--watch", help="Answer again and again, until Ctrl-C.")]
Every = Annotated[float, typer.Option("--every", min=0.1, help="With --watch: seconds between.")]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a command found: for people, for scripts, beside it, and with which status it ends."""

    parts: Sequence[RenderableType]
    document: Any
    status: Exit = Exit.DONE
    notes: Sequence[str] = field(default=())


def present(
    hub: Context,
    look: Callable[[], Picture],
    every_s: float | None,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Show what `look` finds, once, or again and again.

    On a terminal in one place; into a file or a pipe one below the other.
    """
    if every_s is None:
        picture = look()
        _say(hub, picture)
        if picture.status is not Exit.DONE:
            raise typer.Exit(picture.status)
        return
    try:
        if hub.out.is_terminal and not hub.json:
            _live(hub, look, every_s, wait)
        else:
            while True:
                _block(hub, look)
                wait(every_s)
    except KeyboardInterrupt:
        raise typer.Exit(Exit.DONE) from None


def _live(
    hub: Context, look: Callable[[], Picture], every_s: float, wait: Callable[[float], None]
) -> None:
    with Live(console=hub.out, auto_refresh=False, screen=True) as live:
        while True:
            live.update(Group(*_framed(look, every_s)), refresh=True)
            wait(every_s)


def _framed(look: Callable[[], Picture], every_s: float) -> Sequence[RenderableType]:
    stamp = Text(f"{_now()}  every {every_s:g} s, Ctrl-C ends", style="dim")
    try:
        picture = look()
    except (CommandError, BrokerUnreachable) as failure:
        return [stamp, Text(f"\n{failure}", style="bold red")]
    notes = [Text(note, style="yellow") for note in picture.notes]
    return [stamp, Text(), *map(_apart, picture.parts), *notes]


def _block(hub: Context, look: Callable[[], Picture]) -> None:
    try:
        picture = look()
    except (CommandError, BrokerUnreachable) as failure:
        hub.note(f"{_now()} {failure}")
        return
    if not hub.json:
        hub.show(Text(_now(), style="dim"))
    _say(hub, picture)


def _say(hub: Context, picture: Picture) -> None:
    if hub.json:
        hub.emit(picture.document)
        return
    hub.show(*picture.parts)
    for note in picture.notes:
        hub.note(note)


def _apart(part: RenderableType) -> RenderableType:
    return Padding(part, (0, 0, 1, 0), expand=False) if isinstance(part, Table) else part


def _now() -> str:
    return instant(time.time_ns() // 1_000_000)
