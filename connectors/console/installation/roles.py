"""How is one role of the hub run by itself? `hub worker ROLE`, `hub gateway`, `hub watch`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.role_parts import RoleParts
from connectors.role_process import Role, run_until_signal
from schemas.settings import Settings
from schemas.sites import SITES


def register(app: typer.Typer, roles: Mapping[str, Role], rules_version: int) -> None:
    """Add `worker`, `gateway` and `watch`.

    Args:
        app: The application.
        roles: By their names; the composition root has them.
        rules_version: By which rules they decide.
    """

    def run(role: str, settings: Settings, bootstrap: str, redis_url: str, site: str = "") -> None:
        worker = RoleParts(role, settings, bootstrap, redis_url, site)
        run_until_signal(roles[role], worker, rules_version)

    def worker(
        hub: Context,
        role: Annotated[
            str,
            typer.Argument(help="intake, decide, schedule, deliver, gateway, watch or statistics."),
        ],
        site: Annotated[str, typer.Option(help="Code of the site that is delivered to.")] = "",
    ) -> None:
        """Run one role until a signal ends it."""
        if role not in roles:
            raise CommandError(f"no role {role!r}: one of {', '.join(roles)}", Exit.USAGE)
        if role == "deliver" and site not in SITES:
            raise CommandError(f"no site {site!r}: --site one of {', '.join(SITES)}", Exit.USAGE)
        run(role, hub.settings, hub.bootstrap(), hub.redis_url(), site)

    def gateway(
        hub: Context,
        host: Annotated[
            str | None, typer.Option(help="Where to listen. [HUB_GATEWAY_HOST]")
        ] = None,
        port: Annotated[
            int | None, typer.Option(min=1, max=65535, help="Its port. [HUB_GATEWAY_PORT]")
        ] = None,
    ) -> None:
        """Run the HTTP gateway: events of departments, codes, and the page that a scan opens."""
        given = {"gateway_host": host, "gateway_port": port}
        changed = {name: value for name, value in given.items() if value is not None}
        settings = hub.settings.model_copy(update=changed)
        run("gateway", settings, hub.bootstrap(), hub.redis_url())

    def watch(
        hub: Context,
        every: Annotated[
            float | None, typer.Option(min=0.2, help="Seconds between looks. [HUB_WATCH_EVERY_S]")
        ] = None,
    ) -> None:
        """Run the watch: it measures every stage, names what is wrong, and sends the canary."""
        changed = {} if every is None else {"watch_every_s": every}
        settings = hub.settings.model_copy(update=changed)
        run("watch", settings, hub.bootstrap(), hub.redis_url())

    command(app, "worker")(worker)
    command(app, "gateway")(gateway)
    command(app, "watch")(watch)
