"""Which commands read the fold's state: deadlines, cases, sites, draws? Rules are handed in."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from connectors.console.lazily import Register, add, of_module
from connectors.console.rules_port import ConsoleRules


def commands(rules: ConsoleRules) -> Mapping[str, Register]:
    """`deadlines`, `case`, `sites`, `reconcile`, `draw` and `open-tasks`, by their names."""
    modules = ("deadlines", "case", "sites", "reconcile", "draw", "open_tasks")
    return {name.replace("_", "-"): of_module(name, rules) for name in modules}


def register(app: typer.Typer, rules: ConsoleRules) -> None:
    """Add them all."""
    add(app, commands(rules))
