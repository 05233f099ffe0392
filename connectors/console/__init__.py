"""What can be done with the hub from a terminal? One module a command; each has `register(app)`.

Every command takes `--json` (one document on standard output, nothing else) and ends with one of
the statuses of `connectors.console.context.Exit`. People read tables and cards; scripts read JSON.
"""

from collections.abc import Mapping
from types import MappingProxyType

import typer

from connectors.console.lazily import Register, add, of_module

COMMANDS: Mapping[str, Register] = MappingProxyType(
    {
        "up": of_module("installation.up"),
        "demo": of_module("acts.demo"),
        "topics": of_module("installation.topics"),
        "send": of_module("traffic.send"),
        "generate": of_module("traffic.generate"),
        "audit": of_module("installation.audit"),
        "show": of_module("stories.show"),
        "joints": of_module("together.joints"),
        "special": of_module("together.special"),
        "dlq": of_module("dead_letters.dlq"),
        "keys": of_module("installation.keys"),
        "tokens": of_module("installation.tokens"),
        "sandbox-licence": of_module("installation.licence"),
        "policy": of_module("registries.policy"),
        "registry": of_module("registries.registry"),
        "calendar": of_module("registries.calendar"),
        "preflight": of_module("installation.preflight"),
        "sandbox": of_module("systems.sandbox"),
        "asyncapi": of_module("installation.asyncapi"),
        "schemas": of_module("installation.schemas"),
        "conform": of_module("traffic.conform"),
        "code-hash": of_module("stories.code_hash"),
        "sbom": of_module("installation.sbom"),
    }
)
"""Every command of this package that needs no stream, in the order in which the help lists them."""


def register_all(app: typer.Typer) -> None:
    """Add them all to an application."""
    add(app, COMMANDS)
