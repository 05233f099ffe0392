"""What do gateways tell of departments? When ways in end, and how much of quotas was used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import redis.asyncio as aioredis
import structlog

from connectors.departments.gateway.quota_report import Quotas, Use, read_quotas
from connectors.departments.gateway.seen_certificates import read_seen
from connectors.departments.gateway.token_file import TokenFileError, read_tokens
from connectors.watch.department_reading import day_of

log = structlog.get_logger()


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


async def ask_gateways(client: aioredis.Redis, tokens: Path, now_ms: int) -> GatewayTold:
    """All that they tell. `tokens`: the file of tokens, where it is here to be read."""
    seen = await read_seen(client, now_ms / 1000)
    return GatewayTold(
        _latest(_ends_of_tokens(tokens)),
        _latest(seen.items()),
        await read_quotas(client, day_of(now_ms)),
    )


def _ends_of_tokens(path: Path) -> list[tuple[str, int]]:
    try:
        rows = read_tokens(path).values()
    except (TokenFileError, OSError) as cause:
        log.debug("tokens cannot be read", error=str(cause))
        return []
    return [(row.dept, row.expires_at) for row in rows if not row.officer]


def _latest(ends: Iterable[tuple[str, int]]) -> dict[str, date]:
    found: dict[str, date] = {}
    for dept, until_s in ends:
        day = day_of(1000 * until_s)
        found[dept] = max(day, found.get(dept, day))
    return found
