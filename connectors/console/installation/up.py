"""How is a whole hub run on one machine?

`hub up`: broker and Redis if need be, and every role, kept running.
"""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import redis
import typer

from connectors.console.command import command
from connectors.console.context import Context
from connectors.console.registries.calendar import ends_text
from connectors.redis_calendar import KEY
from connectors.stack import GATEWAY, ROLES, STATISTICS, WATCH, Stack
from connectors.stand_ins import StandIns
from schemas.calendar_entries import unpack
from schemas.settings import BASE_URL_DEFAULT, Settings
from schemas.sites import SITES

_LOOKS, _LOOK_EVERY_S = 60, 0.5


def register(app: typer.Typer) -> None:
    """Add `up`."""
    command(app, "up")(up)


def up(
    hub: Context,
    *,
    stand_ins: Annotated[
        bool, typer.Option("--stand-ins", help="Also run stand-ins of the systems outside.")
    ] = False,
) -> None:
    """Run the hub: its own broker and Redis unless addresses are given, and all roles.

    Ends with Ctrl-C.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = _reachable(hub.settings)
    systems = StandIns(settings.data_dir / "stand-ins", licence=True) if stand_ins else None
    roles = (*ROLES, GATEWAY, WATCH, STATISTICS)
    with Stack(settings, hub.note, roles=roles, stand_ins=systems) as stack:
        if systems is not None:
            for code, site in SITES.items():
                hub.note(f"stand-in of {site.title}: {systems.address(code)}/public")
        logs = settings.data_dir / "logs"
        address = f"http://{settings.gateway_host}:{settings.gateway_port}"
        hub.note(f"the hub is up; gateway at {address}; logs in {logs}; Ctrl-C ends it")
        hub.note(f"pages: {address}/e for enterprises, {address}/o for officers")
        hub.note(
            f"dashboard: {address}/ops (`hub tokens issue --operator NAME --role viewer` gives the "
            "way in)"
        )
        _tell_of_calendar(hub, stack.redis_url, stop)
        stop.wait()
        hub.note("ending: every role finishes what it has in work")
        restarts = stack.supervisor.restarts() if stack.supervisor else {}
    for name, count in restarts.items():
        if count:
            hub.note(f"{name} was started again {count} times")


def _tell_of_calendar(hub: Context, redis_url: str, stop: threading.Event) -> None:
    """Say so if the calendar of working days ends soon, once the scheduler has looked."""
    with redis.Redis.from_url(redis_url) as client:
        for _ in range(_LOOKS):
            kept = client.get(KEY)
            if isinstance(kept, bytes):
                ends = unpack(kept).ends
                if ends is not None:
                    hub.note(ends_text(ends))
                return
            if stop.wait(_LOOK_EVERY_S):
                return


def _reachable(settings: Settings) -> Settings:
    """Settings whose QR codes open our own gateway, unless a public address is given."""
    if settings.base_url != BASE_URL_DEFAULT:
        return settings
    own = f"http://{settings.gateway_host}:{settings.gateway_port}"
    return settings.model_copy(update={"base_url": own})
