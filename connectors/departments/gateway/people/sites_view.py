"""How far is each publicity system with an enterprise's results? Read from its delivery ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import redis.asyncio as aioredis

from connectors.departments.gateway.intake.view import SEPARATOR
from connectors.departments.gateway.ports import Desk
from connectors.redis_ledger import ledger_key
from connectors.redis_view import key as view_key
from schemas.oversight import DeliveryView


@dataclass(frozen=True, slots=True)
class Places:
    """Where one result is shown, or is no longer.

    Attributes:
        own: it stands on the hub's own public list.
        sites: by site code; None: the site was never told of it.
    """

    own: bool
    sites: dict[str, DeliveryView | None]


class SitesView:
    """Reads the ledgers of the sites that are delivered to."""

    def __init__(self, client: aioredis.Redis, desk: Desk, sites: Sequence[str]) -> None:
        self._redis = client
        self._desk = desk
        self._sites = tuple(sites)

    async def places(self, uscc: str, result_id: str, now_ms: int) -> Places:
        """Where one result stands."""
        name = f"{uscc}{SEPARATOR}{result_id}"
        own = await self._redis.hget(view_key(self._desk.partition(uscc), "public"), name)
        sites: dict[str, DeliveryView | None] = {}
        for site in self._sites:
            entry = await self._field(ledger_key(site, "entry"), name)
            attempt = await self._field(ledger_key(site, "attempt"), name)
            sites[site] = None if entry is None else self._desk.delivery(entry, attempt, now_ms)
        return Places(own is not None, sites)

    async def _field(self, key: str, name: str) -> bytes | None:
        found = await self._redis.hget(key, name)
        return found if isinstance(found, bytes) else None
