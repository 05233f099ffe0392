"""Which commands ask the rules: status, deadlines, cases, sites, draws? They are handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from connectors.console.lazily import Register, add, of_module

if TYPE_CHECKING:
    from connectors.console.rules_port import ConsoleRules


def commands(rules: ConsoleRules) -> Mapping[str, Register]:
    """`status`, `deadlines`, `case`, `sites` and all others, by their names."""
    modules = (
        "due.status",
        "due.deadlines",
        "stories.case",
        "systems.sites",
        "systems.reconcile",
        "together.draw",
        "registries.open_tasks",
    )
    return {name.rpartition(".")[2].replace("_", "-"): of_module(name, rules) for name in modules}


def register(app: typer.Typer, rules: ConsoleRules) -> None:
    """Add them all."""
    add(app, commands(rules))
