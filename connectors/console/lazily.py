"""Which commands does a command line need? Those that it names; modules of others stay unread.

A worker needs no workbooks and no stand-ins, and it is started often: after every fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

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


class LazyModule(ModuleType):
    """Stands for a module, which is read in when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever that module has
        return getattr(import_module(self.__name__), name)


def lazily(module: str, name: str) -> Callable[..., Any]:
    """Stands for a function or class, whose module is read in when it is called."""
    return lambda *given, **named: getattr(import_module(module), name)(*given, **named)


def add(
    app: typer.Typer,
    commands: Mapping[str, Register],
    words: Collection[str] | None = None,
    lines: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Add the commands that the words of a command line name.

    A word that is no command may be named like one: then a command too many is added. Where none is
    named the list of commands is all there is to see: each is there with its line in it only.

    Args:
        app: The application.
        commands: What adds each, by name.
        words: Of the command line; None: all commands are added.
        lines: What the list says of each.
    """
    named = [name for name in commands if words is None or name in words]
    if not named:
        for name in commands:
            app.command(name, short_help=lines[name])(_only_listed)
    for register in dict.fromkeys(commands[name] for name in named):
        register(app)


def _only_listed() -> None:
    """No command line gets here: one that names a command has it added."""
    raise AssertionError("a command ran that was only listed")
