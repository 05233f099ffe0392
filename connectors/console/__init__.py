"""What can be done with the hub from a terminal? One module a command; each has `register(app)`.

Every command takes `--json` (one document on standard output, nothing else) and ends with one of
the statuses of `connectors.console.context.Exit`. People read tables and cards; scripts read JSON.
"""

import typer

from connectors.console import (
    asyncapi,
    audit,
    calendar,
    code_hash,
    conform,
    demo,
    dlq,
    generate,
    joints,
    keys,
    licence,
    policy,
    preflight,
    registry,
    sandbox,
    sbom,
    schemas,
    send,
    show,
    status,
    tokens,
    topics,
    up,
)
from connectors.console.context import Context, Exit, load_settings

__all__ = ["Context", "Exit", "load_settings", "register_all"]

_COMMANDS = (
    up,
    demo,
    topics,
    send,
    generate,
    audit,
    show,
    joints,
    dlq,
    keys,
    tokens,
    licence,
    policy,
    registry,
    calendar,
    status,
    preflight,
    sandbox,
    asyncapi,
    schemas,
    conform,
    code_hash,
    sbom,
)
"""In the order in which the help lists them."""


def register_all(app: typer.Typer) -> None:
    """Add every command of this package that needs no stream to the application."""
    for module in _COMMANDS:
        module.register(app)
