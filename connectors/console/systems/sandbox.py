"""How is a stand-in of a publicity system run? `hub sandbox CREDIT-TJ --port 8082 --folder DIR`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.sandbox.credit_tianjin import CreditTianjinSandbox
from connectors.sandbox.hours import Hours, a_time, a_window
from connectors.sandbox.national import IMPORT_EVERY_S, NationalSandbox
from connectors.sandbox.server import HOST, Sandbox
from connectors.sandbox.tianjin_subjects import TianjinSubjectsSandbox
from connectors.sites.table import site_key_ring
from schemas.sites import CREDIT_TIANJIN, NATIONAL, SITES


def register(app: typer.Typer) -> None:
    """Add `sandbox`."""
    command(app, "sandbox")(sandbox)


def sandbox(
    hub: Context,
    site: Annotated[str, typer.Argument(help=f"Which system: {', '.join(SITES)}.")],
    folder: Annotated[Path, typer.Option(help="Where its journal lies.")],
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any that is free.")] = 0,
    host: Annotated[str, typer.Option(help="Where to listen; it knows no passwords.")] = HOST,
    bootstrap: Annotated[
        str | None, typer.Option(help="The broker of its feed. Default: the hub's own.")
    ] = None,
    delay: Annotated[
        float, typer.Option(min=0, help="Seconds from arrival to effect and business receipt.")
    ] = 0.0,
    import_every: Annotated[
        float, typer.Option(min=0.01, help="Seconds between imports of the front database.")
    ] = IMPORT_EVERY_S,
    daily: Annotated[
        str | None, typer.Option(help="HH:MM in Asia/Shanghai: takes effect only then.")
    ] = None,
    maintenance: Annotated[
        str | None, typer.Option(help="HH:MM-HH:MM in Asia/Shanghai: takes nothing in.")
    ] = None,
    trusting: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--trusting", help="Compares no versions: what comes last is shown.")
    ] = False,
) -> None:
    """Run a stand-in of a publicity system, to try the hub against. Ends with Ctrl-C.

    `POST /faults` makes it misbehave: see docs/delivery.md.
    """
    if site not in SITES:
        raise CommandError(f"site {site!r} is not known: {', '.join(SITES)}", Exit.USAGE)
    try:
        hours = Hours(
            a_window(maintenance) if maintenance else None, a_time(daily) if daily else None
        )
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause
    if site == NATIONAL.code:
        made: Callable[[], Sandbox] = partial(
            NationalSandbox, folder, import_every_s=import_every, delay_s=delay, hours=hours
        )
    elif site == CREDIT_TIANJIN.code:
        keys = tuple(site_key_ring(hub.settings).verifiers.values())
        made = partial(CreditTianjinSandbox, folder, keys, delay_s=delay, hours=hours)
    else:
        broker = bootstrap or hub.bootstrap()
        made = partial(TianjinSubjectsSandbox, folder, broker, delay_s=delay, hours=hours)

    def system() -> Sandbox:
        running = made()
        running.trusting = trusting
        return running

    asyncio.run(_run(hub, site, system, (host, port)))


async def _run(
    hub: Context, site: str, made: Callable[[], Sandbox], where: tuple[str, int]
) -> None:
    """Say the address once it is up, then work until told to end."""
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    running = made()
    try:
        address = await running.start(where[1], where[0])
    except OSError as cause:
        await running.stop()
        raise CommandError(f"{site} cannot listen on port {where[1]}: {cause}") from cause
    if hub.json:
        hub.emit({"site": site, "address": address})
    else:
        hub.out.print(f"{site} sandbox at {address}", markup=False, soft_wrap=True)
    await end.wait()
    await running.stop()
