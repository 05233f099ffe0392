"""How is a whole hub run on one machine?

`hub up`: broker and Redis if need be, and every role, kept running.
"""

from __future__ import annotations

import signal
import threading

import typer

from connectors.console.command import command
from connectors.console.context import Context
from connectors.stack import GATEWAY, ROLES, Stack
from schemas.settings import BASE_URL_DEFAULT, Settings


def register(app: typer.Typer) -> None:
    """Add `up`."""
    command(app, "up")(up)


def up(hub: Context) -> None:
    """Run the hub: its own broker and Redis unless addresses are given, and all roles.

    Ends with Ctrl-C.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = _reachable(hub.settings)
    with Stack(settings, hub.note, roles=(*ROLES, GATEWAY)) as stack:
        logs = settings.data_dir / "logs"
        address = f"http://{settings.gateway_host}:{settings.gateway_port}"
        hub.note(f"the hub is up; gateway at {address}; logs in {logs}; Ctrl-C ends it")
        stop.wait()
        hub.note("ending: every role finishes what it has in work")
        restarts = stack.supervisor.restarts() if stack.supervisor else {}
    for name, count in restarts.items():
        if count:
            hub.note(f"{name} was started again {count} times")


def _reachable(settings: Settings) -> Settings:
    """Settings whose QR codes open our own gateway, unless a public address is given."""
    if settings.base_url != BASE_URL_DEFAULT:
        return settings
    own = f"http://{settings.gateway_host}:{settings.gateway_port}"
    return settings.model_copy(update={"base_url": own})
