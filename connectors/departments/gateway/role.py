"""How does the gateway run as a process? Connected, served, and let go of in order."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import redis.asyncio as aioredis
import structlog

from connectors.console.rules_port import OversightRules
from connectors.dashboard.operations import operations
from connectors.departments.gateway.assembly import Around, assemble
from connectors.departments.gateway.intake.journal import KafkaJournal
from connectors.departments.gateway.ports import Control, Desk, Publisher
from connectors.departments.gateway.pull.log import KafkaFeeds
from connectors.departments.gateway.server import serve, tls_of
from connectors.metrics.meter import Meter
from connectors.redis_view import PackingConnection
from schemas.settings import Settings

log = structlog.get_logger()

REDIS_WAIT_S = 3.0
_REDIS_CONNECTIONS_MAX = 64


async def run_gateway(
    settings: Settings,
    addresses: tuple[str, str],
    desk: Desk,
    control: Control,
    publisher: Publisher,
    rules: OversightRules,
    stop: asyncio.Event,
    meter: Meter,
) -> None:
    """Serve until `stop` is set.

    Args:
        settings: How this installation is set up.
        addresses: Of the broker and of Redis.
        desk: Answers questions of the rules.
        control: Follows the registries that the desk judges by.
        publisher: Stores events.
        rules: What the dashboard reads deadlines by.
        stop: Ends it.
        meter: Where its figures are.
    """
    async with AsyncExitStack() as stack:
        journal = KafkaJournal(addresses[0])
        await journal.start()
        stack.push_async_callback(journal.stop)
        feeds = KafkaFeeds(addresses[0])
        stack.push_async_callback(feeds.stop)
        # Unlike a worker's it gives up: whoever asked is told to come again.
        client = aioredis.from_url(
            addresses[1],
            socket_timeout=REDIS_WAIT_S,
            socket_connect_timeout=REDIS_WAIT_S,
            max_connections=_REDIS_CONNECTIONS_MAX,
            connection_class=PackingConnection,
        )
        stack.push_async_callback(client.aclose)
        around = Around(
            desk=desk, control=control, publisher=publisher, journal=journal, feeds=feeds,
            redis=client, stopping=stop, meter=meter,
            operations=operations(settings, addresses, rules),
        )  # fmt: skip
        app = assemble(settings, around)
        telling = [asyncio.create_task(one.run(stop)) for one in app.state.telling]
        log.info("gateway listens", host=settings.gateway_host, port=settings.gateway_port)
        at = settings.gateway_host, settings.gateway_port
        await serve(app, *at, stop, settings.gateway_proxies, tls_of(settings))
        await asyncio.gather(*telling)
