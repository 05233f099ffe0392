"""What does the fast view say? Read only, many questions in one round trip, and never for ever.

Unlike a worker, a gateway does not wait until Redis is back: its caller is told to come again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import redis.asyncio as aioredis

from connectors.departments.gateway.intake.gather import Gatherer
from connectors.redis_view import key

SEPARATOR = "\x1f"
AGENDA_MAX = 300
"""Tasks of a department on a day that are looked up at most, a partition."""


class Field(NamedTuple):
    """One field of one of the view's hashes."""

    partition: int
    part: str
    name: str


class ViewReader:
    """Reads first decisions, states and codes."""

    def __init__(self, client: aioredis.Redis) -> None:
        self._redis = client
        self._fields: Gatherer[Field, bytes | None] = Gatherer(self._carry)

    async def decision(self, partition: int, uscc: str, task_id: str) -> bytes | None:
        """The first decision on a task, as it was published."""
        return await self._fields.ask(Field(partition, "task", f"{uscc}{SEPARATOR}{task_id}"))

    async def decisions(self, wanted: Sequence[tuple[int, str, str]]) -> list[bytes | None]:
        """First decisions on tasks (partition, credit code, task id), a command a partition."""
        places: dict[int, list[int]] = defaultdict(list)
        for place, (partition, _, _) in enumerate(wanted):
            places[partition].append(place)
        async with self._redis.pipeline(transaction=False) as pipe:
            for partition, some in places.items():
                names = [SEPARATOR.join(wanted[place][1:]) for place in some]
                pipe.hmget(key(partition, "task"), names)
            answers = await pipe.execute()
        found: list[bytes | None] = [None] * len(wanted)
        for some, answer in zip(places.values(), answers, strict=True):
            for place, one in zip(some, answer, strict=True):
                found[place] = one
        return found

    async def state(self, partition: int, uscc: str) -> bytes | None:
        """An enterprise's encoded state."""
        return await self._fields.ask(Field(partition, "state", uscc))

    async def task_of_code(self, partition: int, code: str) -> tuple[str, str] | None:
        """Credit code and task id of an inspection code."""
        found = await self._fields.ask(Field(partition, "code", code))
        if found is None:
            return None
        uscc, _, task_id = found.decode().partition(SEPARATOR)
        return uscc, task_id

    async def agenda(self, dept: str, day: str, partitions: int) -> list[tuple[str, str]]:
        """Credit codes and task ids of what a department has to do on a day (YYYY-MM-DD)."""
        prefix = f"{dept}{SEPARATOR}{day}{SEPARATOR}"
        async with self._redis.pipeline(transaction=False) as pipe:
            for partition in range(partitions):
                pipe.zrange(
                    key(partition, "agenda"), f"[{prefix}", f"({prefix}\xff", bylex=True, offset=0,
                    num=AGENDA_MAX,
                )  # fmt: skip
            found = await pipe.execute()
        members = [bytes(member).decode()[len(prefix) :] for some in found for member in some]
        return [(uscc, task_id) for uscc, _, task_id in (m.partition(SEPARATOR) for m in members)]

    async def knows(self, partition: int) -> bool:
        """Whether the view has anything of a partition at all; not while it is made again."""
        # Before the first record: it is being filled from earlier generations of the journal.
        return await self._fields.ask(Field(partition, "position", "pos")) not in (None, b"-1")

    async def ping(self) -> None:
        """Return if Redis answers; raises redis-py's error otherwise."""
        await self._redis.ping()

    async def _carry(self, asked: Sequence[Field]) -> Sequence[bytes | None]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for field in asked:
                pipe.hget(key(field.partition, field.part), field.name)
            return await pipe.execute()
