"""What do gateways tell of departments? When ways in end, and how much of quotas was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import redis.asyncio as aioredis

from connectors.departments.gateway.ways_in.quota_report import Quotas, Use, read_quotas
from connectors.departments.gateway.ways_in.seen_certificates import read_seen
from connectors.departments.gateway.ways_in.tokens_told import read_tokens_told
from connectors.watch.department_reading import day_of


@dataclass(frozen=True, slots=True)
class GatewayTold:
    """By department; who is absent has no such way in that is known.

    Attributes:
        tokens: when its last bearer token ends.
        certificates: when the longest of the client certificates ends that it was seen with.
    """

    tokens: Mapping[str, date] = field(default_factory=dict)
    certificates: Mapping[str, date] = field(default_factory=dict)
    quotas: Quotas = field(default_factory=Quotas)

    def used(self, dept: str) -> Use:
        """What a department used of its quota today."""
        return self.quotas.uses.get(dept, Use())

    def share(self, dept: str) -> float:
        """The same as a share of what it may send at once."""
        burst = self.quotas.burst
        return self.used(dept).peak / burst if burst else 0.0


async def ask_gateways(client: aioredis.Redis, now_ms: int) -> GatewayTold:
    """All that they tell."""
    return GatewayTold(
        _days(await read_tokens_told(client)),
        _days(await read_seen(client, now_ms / 1000)),
        await read_quotas(client, day_of(now_ms)),
    )


def _days(ends: Mapping[str, int]) -> dict[str, date]:
    return {dept: day_of(1000 * until_s) for dept, until_s in ends.items()}
