"""Feeds in memory: a stretch of a log, waited for as the real reader waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fakes import FakeKafka

from connectors.departments.gateway.pull.log import Stretch
from schemas.topics import feed_topic


class FakeFeeds:
    """Reads feeds of a broker in memory (port Feeds)."""

    def __init__(self, kafka: FakeKafka) -> None:
        self._kafka = kafka

    async def read(
        self, site: str, start: int, limit: int, wait_s: float, ended: Callable[[], bool]
    ) -> Stretch:
        """Look again and again, as a consumer does, until the wait is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            end = (await self._kafka.span(feed_topic(site), 0))[1]
            log = self._kafka.logs[feed_topic(site), 0]
            found = [record for record in log if record.offset >= start][:limit]
            if found or start > end:
                return Stretch(found, found[-1].offset + 1 if found else start, end)
            if ended() or loop.time() >= until:
                return Stretch((), end, end)
            await asyncio.sleep(0)
