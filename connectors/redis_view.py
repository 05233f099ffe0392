"""Where do states, decisions and positions lie for speed? In Redis: a view that can be thrown away.

All keys of one journal partition share one hash tag, so that one script may touch them on Redis
Cluster too:

    insp:{P}:position  hash  fence, pos, decided, outbox_from, generation (of the journal; none: 1)
    insp:{P}:outbox    string: publications of the last batch
    insp:{P}:state     hash  credit code -> encoded state
    insp:{P}:task      hash  credit code US task id -> first decision, the published bytes
    insp:{P}:code      hash  inspection code -> credit code US task id
    insp:{P}:open      zset  credit code US task id, scored by the code's last day (ordinal)
    insp:{P}:public    hash  credit code US result id -> row of the public list, as JSON
    insp:{P}:result    hash  result id -> credit code, of every result ever disclosed
    insp:{P}:case      hash  repair id -> credit code US repair id
    insp:{P}:case_due  zset  credit code US repair id, scored by the last day for its decision
    insp:{P}:agenda    zset  department US day US credit code US task id, all 0: read by prefix;
                               of joint tasks their quarter and id in the place of day and task
    insp:{P}:joint     hash  credit code US joint task -> its row, as JSON
    insp:{P}:drawn     zset  quarter US credit code whose draws wait for the window's close, all 0
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hiredis
import redis.asyncio as aioredis

from connectors.redis_retry import OneAfterAnother, patient

_LUA = Path(__file__).parent / "lua"


@dataclass(slots=True)
class Position:
    """What the view says of one journal partition (fits streams.ports.ViewPosition)."""

    next_offset: int | None
    decided_next: int
    outbox: bytes
    outbox_from: int
    generation: int = 1


# In the order of the script's keys.
PARTS = (
    "position", "outbox", "state", "task", "code", "open", "public", "result", "case", "case_due",
    "agenda", "joint", "drawn",
)  # fmt: skip


_BEFORE_FIRST = -1


class ViewMovedError(Exception):
    """Somebody else owns the partition, or the view is not where we left it (wiped.

    An old copy restored).
    """


_LONG = ("EVALSHA", "HMGET")


class PackingConnection(aioredis.Connection):
    """A connection that packs long commands in C.

    A batch has thousands of arguments; the library's own way, in Python, takes 11 microseconds a
    record, this one 5.
    """

    def pack_command(self, *args: Any) -> list[bytes]:
        """A command as it goes to the server."""
        if args[0] in _LONG:
            return [hiredis.pack_command(args)]
        return super().pack_command(*args)


def connect(address: str) -> aioredis.Redis:
    """A client for a view; it connects when it is first used."""
    return aioredis.from_url(address, connection_class=PackingConnection)


class RedisView:
    """The view in Redis. Waits while Redis is away; never writes without fence and position."""

    def __init__(self, client: aioredis.Redis, address: str) -> None:
        self._redis = client
        self._address = address
        self._claims: defaultdict[int, OneAfterAnother] = defaultdict(OneAfterAnother)
        self._claim = client.register_script((_LUA / "claim.lua").read_text())
        self._apply = client.register_script((_LUA / "apply.lua").read_text())
        self._begin = client.register_script((_LUA / "begin.lua").read_text())

    async def claim(self, partition: int, fence: str) -> Position:
        """Take the partition over: from now on only `fence` may write to it."""
        keys = [key(partition, "position"), key(partition, "outbox")]
        found = await self._claims[partition].ask(
            lambda: patient(lambda: self._claim(keys=keys, args=[fence]), self._address)
        )
        at, decided, outbox_from, outbox, generation = found
        return Position(
            next_offset=None if at is None else int(at),
            decided_next=int(decided or 0),
            outbox=outbox or b"",
            outbox_from=int(outbox_from or 0),
            generation=int(generation or 1),
        )

    async def begin(self, partition: int, fence: str, generation: int) -> None:
        """Drop everything of the partition; until it is filled its position is before the first.

        Raises:
            ViewMovedError: the partition has another owner. Nothing was dropped.
        """
        keys = [key(partition, part) for part in PARTS]
        args: list[Any] = [fence, generation, _BEFORE_FIRST]
        if await patient(lambda: self._begin(keys=keys, args=args), self._address) != b"DONE":
            raise ViewMovedError(
                f"the view of journal partition {partition} at {self._address} has another owner: "
                "start over"
            )

    async def states(self, partition: int, keys: Sequence[str]) -> list[bytes | None]:
        """Encoded states of these enterprises."""
        return await self._many(key(partition, "state"), keys)

    async def decisions(self, partition: int, names: Sequence[str]) -> list[bytes | None]:
        """First decisions, as they were published, by `credit code US task id`."""
        return await self._many(key(partition, "task"), names)

    async def apply(self, partition: int, fence: str, expect: int | None, batch: Any) -> None:
        """Write the batch if the fence holds and the position is `expect`.

        Repeating it is harmless.

        Raises:
            ViewMovedError: the partition has another owner or another position. Nothing was
                written.
        """
        args: list[Any] = [
            fence,
            "" if expect is None else expect,
            batch.next_offset,
            batch.decided_next,
            batch.outbox_from,
            batch.outbox,
        ]
        lists = _arguments(batch)
        args += map(len, lists)
        for some in lists:
            args += some
        keys = [key(partition, part) for part in PARTS]
        answer, at = await patient(lambda: self._apply(keys=keys, args=args), self._address)
        if answer not in (b"DONE", b"AGAIN"):
            raise ViewMovedError(
                f"the view of journal partition {partition} at {self._address} is at {at!r} "
                f"({answer!r}), expected {expect}, or has another owner: start over"
            )

    async def check(self, partition: int, fence: str, expect: int | None) -> None:
        """Return if the fence holds and the position is `expect`.

        Raises:
            ViewMovedError: the partition has another owner or another position.
        """
        there = key(partition, "position")
        found = await patient(lambda: self._redis.hmget(there, ["fence", "pos"]), self._address)
        if found != [fence.encode(), None if expect is None else str(expect).encode()]:
            raise ViewMovedError(
                f"the view of journal partition {partition} at {self._address} has another owner "
                f"or position ({found[1]!r}, expected {expect}): this worker must start over"
            )

    async def forget(self, partition: int) -> None:
        """Drop everything of the partition, position included."""
        await patient(
            lambda: self._redis.unlink(*(key(partition, part) for part in PARTS)), self._address
        )

    async def decided_to(self, partition: int) -> int | None:
        """The next journal offset to be decided; None: the view has no position."""
        there = key(partition, "position")
        found = await patient(lambda: self._redis.hget(there, "pos"), self._address)
        return None if found is None else int(found)

    async def now_ms(self) -> int:
        """What Redis' clock says, Unix milliseconds."""
        seconds, micros = await patient(self._redis.time, self._address)
        return int(seconds) * 1000 + int(micros) // 1000

    async def open_until(
        self, partition: int, last_day: int, limit: int, skip: int = 0
    ) -> list[bytes]:
        """Names of open codes whose last day is `last_day` (ordinal) or earlier.

        At most `limit`, in a fixed order, without the first `skip`.
        """
        there = key(partition, "open")
        found = await patient(
            lambda: self._redis.zrange(
                there, "-inf", last_day, byscore=True, offset=skip, num=limit
            ),
            self._address,
        )
        return [bytes(name) for name in found if isinstance(name, bytes)]

    async def drawn(self, partition: int, quarter: str, after: str, limit: int) -> list[str]:
        """Credit codes whose draws for a quarter wait for the window's close, after this one.

        At most `limit`, in order.
        """
        low, high = f"({quarter}\x1f{after}", f"[{quarter}\x1f\xff"
        names = await self._between(key(partition, "drawn"), low, high, limit)
        return [name.partition("\x1f")[2] for name in names]

    async def drawn_quarters(self, partition: int) -> list[str]:
        """The quarters for which draws wait."""
        low, quarters = "-", list[str]()
        while names := await self._between(key(partition, "drawn"), low, "+", 1):
            quarters.append(names[0].partition("\x1f")[0])
            low = f"({quarters[-1]}\x1f\xff"
        return quarters

    async def _between(self, there: str, low: str, high: str, limit: int) -> list[str]:
        """Members that all have score 0, in the order of their names."""
        found = await patient(
            lambda: self._redis.zrange(there, low, high, bylex=True, offset=0, num=limit),
            self._address,
        )
        return [name.decode() for name in found if isinstance(name, bytes)]

    async def _many(self, there: str, fields: Sequence[str]) -> list[bytes | None]:
        if not fields:
            return []
        found = await patient(lambda: self._redis.hmget(there, list(fields)), self._address)
        return [value if isinstance(value, bytes) else None for value in found]


def _arguments(batch: Any) -> list[list[Any]]:
    """What the script's commands are given, a list each, in the order in which it runs them."""
    return [
        _pairs(batch.states),
        _pairs(batch.decisions),
        _pairs(batch.codes),
        _scored(batch.opened),
        sorted(batch.closed),
        _pairs(batch.public),
        sorted(batch.hidden),
        _pairs(batch.results),
        _pairs(batch.cases),
        _scored(batch.due),
        sorted(batch.settled),
        _unscored(batch.agenda),
        _pairs(batch.joints),
        _unscored(batch.drawn),
        sorted(batch.compared),
    ]


def _pairs(mapping: Mapping[str, Any]) -> list[Any]:
    return [one for pair in mapping.items() for one in pair]


def _scored(mapping: Mapping[str, int]) -> list[Any]:
    return [one for name, score in mapping.items() for one in (score, name)]


def _unscored(members: Iterable[str]) -> list[Any]:
    return [part for member in sorted(members) for part in (0, member)]


def key(partition: int, part: str) -> str:
    """Redis key of one part of one journal partition's view."""
    return f"insp:{{{partition}}}:{part}"
