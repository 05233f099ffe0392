"""Which commands watch over deadlines, sites and cases? Rules are handed in."""

from __future__ import annotations

import typer

from connectors.console import case, deadlines, reconcile, sites
from connectors.console.rules_port import OversightRules


def register(app: typer.Typer, rules: OversightRules) -> None:
    """Add `deadlines`, `case`, `sites` and `reconcile`."""
    for module in (deadlines, case, sites, reconcile):
        module.register(app, rules)
