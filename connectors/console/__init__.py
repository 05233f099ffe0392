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
        "up": of_module("up"),
        "demo": of_module("demo"),
        "topics": of_module("topics"),
        "send": of_module("send"),
        "generate": of_module("generate"),
        "audit": of_module("audit"),
        "show": of_module("show"),
        "joints": of_module("joints"),
        "special": of_module("special"),
        "dlq": of_module("dlq"),
        "keys": of_module("keys"),
        "tokens": of_module("tokens"),
        "sandbox-licence": of_module("licence"),
        "policy": of_module("policy"),
        "registry": of_module("registry"),
        "calendar": of_module("calendar"),
        "preflight": of_module("preflight"),
        "sandbox": of_module("sandbox"),
        "asyncapi": of_module("asyncapi"),
        "schemas": of_module("schemas"),
        "conform": of_module("conform"),
        "code-hash": of_module("code_hash"),
        "sbom": of_module("sbom"),
    }
)
"""Every command of this package that needs no stream, in the order in which the help lists them."""


def register_all(app: typer.Typer) -> None:
    """Add them all to an application."""
    add(app, COMMANDS)
