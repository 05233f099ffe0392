"""Which commands does a command line need? Those that it names; modules of others stay unread.

A worker needs no workbooks and no stand-ins, and it is started often: after every fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module

import typer

Register = Callable[[typer.Typer], None]
"""Adds a command to an application."""


def of_module(name: str, *parts: object) -> Register:
    """What adds the command of a module of this package, with the parts that it needs.

    The module is imported then, not before.
    """

    def register(app: typer.Typer) -> None:
        import_module(f"connectors.console.{name}").register(app, *parts)

    return register


def add(
    app: typer.Typer, commands: Mapping[str, Register], words: Collection[str] = frozenset()
) -> None:
    """Add the commands that the words of a command line name; all of them where it names none.

    A word that is no command may be named like one: then a command too many is added.
    """
    named = [name for name in commands if name in words]
    for register in dict.fromkeys(commands[name] for name in named or commands):
        register(app)
