"""Where does the watch keep what it found? In Redis: a picture for all screens, and its memory.

    insp:watch:snapshot      the newest picture (schemas.watch.Snapshot)
    insp:watch:departments   the newest picture of the departments (schemas.watch.Departments)
    insp:watch:memory, insp:watch:departments:memory
                             what the watch must not forget when it is started again
    insp:watch:windows       hash: group, topic and partition -> the last looks at it

Losing them loses nothing but the time until the watch has looked again.
"""

from __future__ import annotations

from typing import Any

import msgspec
import redis
import redis.asyncio as aioredis

from schemas.watch import Departments, Snapshot, decode_departments, decode_snapshot

SNAPSHOT = "insp:watch:snapshot"
DEPARTMENTS = "insp:watch:departments"
MEMORY = "insp:watch:memory"
WINDOWS = "insp:watch:windows"
DEPARTMENTS_MEMORY = "insp:watch:departments:memory"

Pictures = tuple[Snapshot | None, Departments | None]
Kept = tuple[bytes | None, bytes | None]
"""The same, as they lie in Redis."""


async def read_pictures(client: aioredis.Redis) -> Pictures:
    """The newest pictures; None for what the watch never looked at."""
    found: Any = await client.mget(SNAPSHOT, DEPARTMENTS)
    return snapshot_of(found[0]), departments_of(found[1])


def read_pictures_now(client: redis.Redis) -> Pictures:
    """The same, waiting for the answer."""
    snapshot, departments = read_kept(client)
    return snapshot_of(snapshot), departments_of(departments)


def read_kept(client: redis.Redis) -> Kept:
    """The newest pictures as they lie there, waiting for the answer."""
    found: Any = client.mget(SNAPSHOT, DEPARTMENTS)
    return found[0], found[1]


def snapshot_of(kept: bytes | None) -> Snapshot | None:
    """A picture as it was kept."""
    found: Snapshot | None = _read(decode_snapshot, kept)
    return found


def departments_of(kept: bytes | None) -> Departments | None:
    """A picture of the departments as it was kept."""
    found: Departments | None = _read(decode_departments, kept)
    return found


def _read(decode: Any, value: bytes | None) -> Any:  # noqa: ANN401 - either picture
    """A picture; None too where another version of the hub wrote one that this one cannot read."""
    if value is None:
        return None
    try:
        return decode(value)
    except msgspec.MsgspecError:
        return None
