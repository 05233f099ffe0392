"""Which commands read the fold's state: deadlines, cases, sites, draws? Rules are handed in."""

from __future__ import annotations

import typer

from connectors.console import case, deadlines, draw, open_tasks, reconcile, sites
from connectors.console.rules_port import ConsoleRules


def register(app: typer.Typer, rules: ConsoleRules) -> None:
    """Add `deadlines`, `case`, `sites`, `reconcile`, `draw` and `open-tasks`."""
    for module in (deadlines, case, sites, reconcile, draw, open_tasks):
        module.register(app, rules)
