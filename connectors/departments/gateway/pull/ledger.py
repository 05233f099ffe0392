"""What should a site disclose by now? Read from its delivery ledger, which deliver keeps in Redis.

Only what is disclosed is read, as the sorted list that deliver makes its nightly digest of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import redis.asyncio as aioredis

from connectors.departments.gateway.problems import Problem, Why
from connectors.redis_ledger import ledger_key

PAGE = 2000
TRIES_MAX = 5
_RETRY_AFTER_S = 1
_SEPARATOR = "\x1f"


class Sum(Protocol):
    """Takes disclosed results in, in the order of their ids."""

    def add(self, result_id: str, version: int, uscc: str) -> None:
        """Take one in."""


Made = TypeVar("Made", bound=Sum)


class FeedLedger:
    """Reads the ledgers of all sites."""

    def __init__(self, client: aioredis.Redis) -> None:
        self._redis = client

    async def disclosed(
        self, site: str, first: str, before: str, new: Callable[[], Made]
    ) -> tuple[Made, int]:
        """Add up what is disclosed, of one moment; with the feed offset that was taken in by then.

        Args:
            site: Whose.
            first: Results from this id on; empty for the very first.
            before: Results before this id; empty for no end.
            new: Makes what they are added to; again if the ledger moved meanwhile.

        Raises:
            Problem: there is no ledger, or it moves too fast to be read now.
        """
        for _ in range(TRIES_MAX):
            at = await self._feed_next(site)
            made = new()
            await self._add_all(site, first, before, made)
            if await self._feed_next(site) == at:
                return made, at
        raise Problem(
            Why.BUSY, "the feed moves too fast to be compared", retry_after_s=_RETRY_AFTER_S
        )

    async def _add_all(self, site: str, first: str, before: str, made: Sum) -> None:
        start, end = f"[{first}" if first else "-", f"({before}" if before else "+"
        while True:
            found = await self._redis.zrange(
                ledger_key(site, "shown"), start, end, bylex=True, offset=0, num=PAGE
            )
            members = [member.decode() for member in found if isinstance(member, bytes)]
            for member in members:
                result_id, version, uscc = member.split(_SEPARATOR)
                made.add(result_id, int(version), uscc)
            if len(members) < PAGE:
                return
            start = f"({members[-1]}"

    async def _feed_next(self, site: str) -> int:
        position = ledger_key(site, "position")
        found = await self._redis.hget(position, "feed")
        if found is None and await self._redis.hget(position, "fence") is not None:
            return 0  # deliver has begun, and its feed is empty or not read yet
        if found is None:
            detail = f"there is no delivery ledger of {site}: is its deliver worker running?"
            raise Problem(Why.VIEW_AWAY, detail)
        return int(found)
