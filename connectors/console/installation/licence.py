"""How is the licence service stood in for? `hub sandbox-licence`, for trials on one machine."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Annotated

import typer
from nacl.signing import SigningKey

from connectors.console.command import command
from connectors.console.context import Context

PORT_DEFAULT = 8090


def register(app: typer.Typer) -> None:
    """Add `sandbox-licence`."""
    command(app, "sandbox-licence")(sandbox_licence)


def sandbox_licence(
    hub: Context,
    port: Annotated[int, typer.Option(min=1, max=65535)] = PORT_DEFAULT,
    gateway_url: Annotated[
        str | None, typer.Option(help="Where browsers go back to; default: HUB_BASE_URL.")
    ] = None,
) -> None:
    """Stand in for the electronic business licence service, on this machine only.

    Makes a key and has the gateway trust it. Start the gateway afterwards with HUB_LICENCE_URL set.
    """
    # Here, not above: no other command needs a web framework in memory.
    from connectors.departments.gateway.people.scan_pages import CALLBACK
    from connectors.departments.gateway.server import serve
    from connectors.departments.gateway.ways_in.licence import KEY_FILE
    from connectors.sandbox.licence import LicenceSandbox

    key, folder = SigningKey.generate(), hub.settings.gateway
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / KEY_FILE).write_text(bytes(key.verify_key).hex() + "\n", encoding="ascii")
    issuer = f"http://127.0.0.1:{port}"
    sandbox = LicenceSandbox(
        issuer=issuer,
        client_id=hub.settings.licence_client,
        return_to=f"{(gateway_url or hub.settings.base_url).rstrip('/')}{CALLBACK}",
        key=key,
        now_s=time.time,
    )
    hub.note(f"the stand-in answers at {issuer}; set HUB_LICENCE_URL={issuer} for the gateway")

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(sandbox.app(), "127.0.0.1", port, stop)

    asyncio.run(run())
