"""What does the view hold? One digest of all of it, in whichever partitions its parts lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import cast

import redis

from connectors.redis_view import PARTS, key

_OF_A_PARTITION = ("position", "outbox")
_ZSETS = ("open", "case_due", "agenda", "drawn")
_SCAN_COUNT = 5000
_BITS = 128


def view_digest(client: redis.Redis, partitions: Iterable[int]) -> str:
    """How many fields each part has, and a sum over the hashes of all fields with their values.

    A sum does not ask for an order, so it is the same however keys are spread over partitions.
    """
    numbers = tuple(partitions)
    return " ".join(
        f"{part}={_digest(client, part, numbers)}" for part in PARTS if part not in _OF_A_PARTITION
    )


def differing(before: str, after: str) -> list[str]:
    """The parts that are not the same, with how many fields they had and have."""
    one, other = (dict(part.split("=") for part in text.split()) for text in (before, after))
    return [
        f"{part}: {one[part].partition(':')[0]} before, {other[part].partition(':')[0]} after"
        for part in one
        if one[part] != other.get(part)
    ]


def _digest(client: redis.Redis, part: str, partitions: Iterable[int]) -> str:
    count = total = 0
    for number in partitions:
        seen: set[bytes] = set()
        for name, value in _fields(client, key(number, part), is_zset=part in _ZSETS):
            # A hash that is being rehashed may show a field twice.
            if name not in seen:
                seen.add(name)
                total += _hash(name, value)
        count += len(seen)
    return f"{count}:{total % (1 << _BITS):032x}"


def _fields(client: redis.Redis, name: str, *, is_zset: bool) -> Iterator[tuple[bytes, bytes]]:
    if is_zset:
        for member, score in client.zscan_iter(name, count=_SCAN_COUNT):
            yield cast("bytes", member), str(int(score)).encode()
    else:
        yield from client.hscan_iter(name, count=_SCAN_COUNT)


def _hash(name: bytes, value: bytes) -> int:
    found = hashlib.blake2b(len(name).to_bytes(4, "big") + name + value, digest_size=_BITS // 8)
    return int.from_bytes(found.digest(), "big")
