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


async def read_pictures(client: aioredis.Redis) -> Pictures:
    """The newest pictures; None for what the watch never looked at."""
    return _pictures(await client.mget(SNAPSHOT, DEPARTMENTS))


def read_pictures_now(client: redis.Redis) -> Pictures:
    """The same, waiting for the answer."""
    return _pictures(client.mget(SNAPSHOT, DEPARTMENTS))


def _pictures(found: Any) -> Pictures:  # noqa: ANN401 - as redis gives it
    snapshot, departments = found
    return _read(decode_snapshot, snapshot), _read(decode_departments, departments)


def _read(decode: Any, value: bytes | None) -> Any:  # noqa: ANN401 - either picture
    """A picture; None too where another version of the hub wrote one that this one cannot read."""
    if value is None:
        return None
    try:
        return decode(value)
    except msgspec.MsgspecError:
        return None
