"""Where does a site's delivery ledger lie? In Redis: a fold of two topics that can be made again.

All keys of one site share one hash tag, so that one script may touch them on Redis Cluster too:

    insp:{site:CODE}:position  hash  fence, feed, receipt, head, doubt_before, doubt_since
    insp:{site:CODE}:entry     hash  credit code US result id -> entry
    insp:{site:CODE}:value     hash  the same -> value of the feed record to be delivered
    insp:{site:CODE}:attempt   hash  the same -> what was tried for its version
    insp:{site:CODE}:shown     zset  result id US version US credit code of what is disclosed, all 0
    insp:{site:CODE}:stop, :disclose, :prove, :seen, :rejected
                               zset  the same names, scored by the instant until which they wait
    insp:{site:CODE}:control   hash  pause, breaker, cursor, digest, compared: outlives `forget`
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import redis.asyncio as aioredis

from connectors.redis_retry import OneAfterAnother, patient

_LUA = Path(__file__).parent / "lua"
LANES = ("stop", "disclose", "prove", "seen", "rejected")
_WAITING = LANES[:-1]
_PARTS = ("entry", "value", "attempt", "shown", *LANES)
SCAN_COUNT = 1000
PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class LedgerAt:
    """How far the ledger is (fits streams.delivery.ports.LedgerPosition)."""

    feed_next: int | None
    receipt_next: int | None
    head: bytes
    doubt_before: int
    doubt_since_ms: int


class LedgerMovedError(Exception):
    """Somebody else owns the ledger, or it is not where we left it (wiped.

    An old copy restored).
    """


class RedisLedger:
    """One site's ledger in Redis. Waits while Redis is away; never writes without the fence."""

    def __init__(self, client: aioredis.Redis, address: str, site: str) -> None:
        self._redis = client
        self._address = address
        self.site = site
        self._claims = OneAfterAnother()
        self._claim = client.register_script((_LUA / "ledger_claim.lua").read_text())
        self._keep = client.register_script((_LUA / "ledger_keep.lua").read_text())
        self._wait = client.register_script((_LUA / "ledger_wait.lua").read_text())
        self._again = client.register_script((_LUA / "ledger_again.lua").read_text())
        self._apply = client.register_script((_LUA / "ledger_apply.lua").read_text())

    async def claim(self, fence: str) -> LedgerAt:
        """Take the ledger over: from now on only `fence` may write to it."""
        feed, receipt, head, before, since = await self._claims.ask(
            lambda: patient(
                lambda: self._claim(keys=[self._key("position")], args=[fence]), self._address
            )
        )
        return LedgerAt(
            None if feed is None else int(feed),
            None if receipt is None else int(receipt),
            head or b"",
            int(before or 0),
            int(since or 0),
        )

    async def check(self, fence: str, topic: str, expect: int | None) -> None:
        """Return if the fence holds and the position in the topic is `expect`.

        Raises:
            LedgerMovedError: the ledger has another owner or another position.
        """
        there = self._key("position")
        found = await patient(lambda: self._redis.hmget(there, ["fence", topic]), self._address)
        if found != [fence.encode(), None if expect is None else str(expect).encode()]:
            raise self._moved(found[1], expect)

    async def doubt(self, fence: str, before: int, since_ms: int) -> None:
        """Note that entries of the feed before this offset may have been sent."""
        await self._hold(fence, "position", ["doubt_before", before, "doubt_since", since_ms])

    async def apply(self, fence: str, topic: str, expect: int | None, batch: Any) -> None:
        """Write the batch if the fence holds and the topic's position is `expect`.

        Repeating it is harmless.

        Raises:
            LedgerMovedError: another owner or another position. Nothing was written.
        """
        lanes: dict[str, list[Any]] = {lane: [] for lane in LANES}
        for name, (lane, until_ms) in batch.placed.items():
            if lane is not None:
                lanes[lane] += (until_ms, name)
        parts: list[list[Any]] = [
            sorted(batch.removed),
            [part for pair in batch.entries.items() for part in pair],
            [part for pair in batch.values.items() for part in pair],
            sorted(batch.hidden),
            [part for member in sorted(batch.shown) for part in (0, member)],
            list(batch.placed),
            *lanes.values(),
        ]
        args: list[Any] = [
            fence, topic, "" if expect is None else expect, batch.next_offset, batch.head,
            *map(len, parts),
        ]  # fmt: skip
        for part in parts:
            args += part
        keys = [self._key(part) for part in ("position", *_PARTS)]
        answer, at = await patient(lambda: self._apply(keys=keys, args=args), self._address)
        if answer not in (b"DONE", b"AGAIN"):
            raise self._moved(at, expect)

    async def wait(self, fence: str, waits: Sequence[Any]) -> None:
        """Let entries wait longer in the lane where they are; one that left it stays away.

        Raises:
            LedgerMovedError: the ledger has another owner. Nothing was written.
        """
        if not waits:
            return
        attempts: list[Any] = []
        lanes: dict[str, list[Any]] = {lane: [] for lane in _WAITING}
        for name, lane, until_ms, attempt in waits:
            lanes[lane] += (until_ms, name)
            if attempt is not None:
                attempts += (name, attempt)
        parts = [attempts, *lanes.values()]
        args: list[Any] = [fence, *map(len, parts)]
        for part in parts:
            args += part
        keys = [self._key(part) for part in ("position", "attempt", *_WAITING)]
        if not await patient(lambda: self._wait(keys=keys, args=args), self._address):
            raise self._moved(None, None)

    async def entries(self, names: Sequence[str]) -> list[bytes | None]:
        """Encoded entries."""
        return await self._many("entry", names)

    async def values(self, names: Sequence[str]) -> list[bytes | None]:
        """Values of the feed records that the entries want delivered."""
        return await self._many("value", names)

    async def attempts(self, names: Sequence[str]) -> list[bytes | None]:
        """Encoded attempts."""
        return await self._many("attempt", names)

    async def due(self, lanes: Sequence[str], until_ms: int, limit: int) -> list[list[str]]:
        """Names that need not wait any longer, the oldest first, at most `limit` of each lane."""

        async def ask() -> list[Any]:
            async with self._redis.pipeline(transaction=False) as pipe:
                for lane in lanes:
                    there = self._key(lane)
                    pipe.zrange(there, "-inf", until_ms, byscore=True, offset=0, num=limit)
                return await pipe.execute()

        found = await patient(ask, self._address)
        return [[name.decode() for name in names] for names in found]

    async def next_due(self, lanes: Sequence[str]) -> int | None:
        """When the first entry of these lanes need not wait any longer; None: there is none."""

        async def ask() -> list[Any]:
            async with self._redis.pipeline(transaction=False) as pipe:
                for lane in lanes:
                    pipe.zrange(self._key(lane), 0, 0, withscores=True)
                return await pipe.execute()

        found = await patient(ask, self._address)
        return min((int(score) for some in found for _, score in some), default=None)

    async def shown(self, after: str, limit: int) -> list[str]:
        """A page of the sorted list of what is disclosed, after a member ("" for the first)."""
        there, start = self._key("shown"), f"({after}" if after else "-"
        found = await patient(
            lambda: self._redis.zrange(there, start, "+", bylex=True, offset=0, num=limit),
            self._address,
        )
        return [bytes(name).decode() for name in found if isinstance(name, bytes)]

    async def scan(self) -> AsyncIterator[list[tuple[str, bytes]]]:
        """All entries, in pages, in no order; one that changes meanwhile may come twice."""
        there = self._key("entry")

        async def ask(at: int) -> tuple[int, dict[bytes, bytes]]:
            answer: Any = await self._redis.hscan(there, at, count=SCAN_COUNT)
            return answer[0], answer[1]

        cursor = 0
        while True:
            cursor, page = await patient(partial(ask, cursor), self._address)
            if page:
                yield [(name.decode(), value) for name, value in page.items()]
            if not cursor:
                return

    async def control(self) -> dict[str, bytes]:
        """What outlives a rebuild: `pause`, `breaker`, `cursor`, `digest`, `compared`."""
        there = self._key("control")
        found: Any = await patient(lambda: self._redis.hgetall(there), self._address)
        return {name.decode(): value for name, value in found.items()}

    async def keep(self, fence: str, field: str, value: bytes) -> None:
        """Write a field of the control part if the fence holds."""
        await self._hold(fence, "control", [field, value])

    # --- for operators: without the fence -------------------------------------------------------

    async def feed_next(self) -> int | None:
        """The next feed record to be taken in; None: the ledger knows nothing."""
        there = self._key("position")
        found: Any = await patient(lambda: self._redis.hget(there, "feed"), self._address)
        return None if found is None else int(found)

    async def pause(self, reason: str, who: str, since_ms: int) -> None:
        """Park the site: nothing is sent until it is resumed; nothing is dropped."""
        content = json.dumps({"reason": reason, "who": who, "since": since_ms}, ensure_ascii=False)
        await patient(lambda: self._redis.hset(self._key("control"), PAUSE, content), self._address)

    async def resume(self) -> bool:
        """End the pause; False if there was none."""
        there = self._key("control")
        return bool(await patient(lambda: self._redis.hdel(there, PAUSE), self._address))

    async def paused(self) -> Mapping[str, Any] | None:
        """Reason, who and since when (Unix milliseconds) of a pause; None: there is none."""
        found = (await self.control()).get(PAUSE)
        return json.loads(found) if found else None

    async def counts(self) -> dict[str, int]:
        """How many entries wait in each lane."""

        async def ask() -> list[Any]:
            async with self._redis.pipeline(transaction=False) as pipe:
                for lane in LANES:
                    pipe.zcard(self._key(lane))
                return await pipe.execute()

        return dict(zip(LANES, await patient(ask, self._address), strict=True))

    async def try_again(self, lane: str, names: Sequence[str], now_ms: int) -> int:
        """Put refused entries back into their lane; returns how many were refused.

        For an operator who has put right what made the system refuse them.
        """
        keys = [self._key("rejected"), self._key(lane)]
        args: list[Any] = [now_ms, *names]
        return int(await patient(lambda: self._again(keys=keys, args=args), self._address))

    async def forget(self) -> None:
        """Drop the ledger, position included; pause and cursors stay."""
        keys = [self._key(part) for part in ("position", *_PARTS)]
        await patient(lambda: self._redis.unlink(*keys), self._address)

    async def _hold(self, fence: str, part: str, args: list[Any]) -> None:
        keys = [self._key("position"), self._key(part)]
        if not await patient(lambda: self._keep(keys=keys, args=[fence, *args]), self._address):
            raise self._moved(None, None)

    async def _many(self, part: str, names: Sequence[str]) -> list[bytes | None]:
        if not names:
            return []
        there = self._key(part)
        found = await patient(lambda: self._redis.hmget(there, list(names)), self._address)
        return [value if isinstance(value, bytes) else None for value in found]

    def _moved(self, at: object, expect: int | None) -> LedgerMovedError:
        return LedgerMovedError(
            f"the delivery ledger of {self.site} at {self._address} has another owner or position "
            f"({at!r}, expected {expect}): this worker must start over"
        )

    def _key(self, part: str) -> str:
        return ledger_key(self.site, part)


def ledger_key(site: str, part: str) -> str:
    """Where a part of a site's ledger lies."""
    return f"insp:{{site:{site}}}:{part}"
