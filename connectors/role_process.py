"""How does one role run as a process? Figures, pulse and a loop, until a signal ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from connectors.metrics.serving import Pulse, figures_server
from connectors.process import calm_garbage_collector, run_loop, until_told
from connectors.readiness import wait_for_broker
from connectors.role_parts import RoleParts

Role = Callable[[RoleParts], Awaitable[None]]
"""What a process does; it ends when `stop` of its parts is set."""


def run_until_signal(role: Role, worker: RoleParts, rules_version: int) -> None:
    """Run a role with its parts until SIGTERM or SIGINT.

    Args:
        role: What the process does.
        worker: Its parts.
        rules_version: By which rules it decides; told with its figures.
    """

    async def main() -> None:
        await wait_for_broker(worker.bootstrap, worker.stop)
        await role(worker)

    bound = {"site": worker.site} if worker.site else {}
    structlog.contextvars.bind_contextvars(role=worker.role, **bound)
    worker.meter.started(worker.role, rules_version)
    pulse = Pulse()
    calm_garbage_collector()
    with figures_server(worker.meter, pulse, worker.settings):
        whole = until_told(main(), worker.stop, pulse.run())
        run_loop(whole, uvloop=worker.settings.uvloop)
    worker.spans.close()
