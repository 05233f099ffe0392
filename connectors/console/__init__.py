"""What can be done with the hub from a terminal? One module a command; each has `register(app)`.

    topics, send, generate, audit, show, dlq, keys, policy, status, sandbox

Every command takes `--json` (one document on standard output, nothing else) and ends with one of
the statuses of `connectors.console.context.Exit`. People read tables and cards; scripts read JSON.
"""

import typer

from connectors.console import (
    audit,
    dlq,
    generate,
    keys,
    policy,
    sandbox,
    send,
    show,
    status,
    topics,
)
from connectors.console.context import Context, Exit, load_settings

__all__ = ["Context", "Exit", "load_settings", "register_all"]


def register_all(app: typer.Typer) -> None:
    """Add every command of this package to the application."""
    for module in (topics, send, generate, audit, show, dlq, keys, policy, status, sandbox):
        module.register(app)
