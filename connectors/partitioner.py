"""To which partition does a key go? Where every Kafka client sends it."""

from __future__ import annotations

from aiokafka.partitioner import murmur2


def partition_of(key: str, count: int) -> int:
    """The partition of `count` that the key belongs to."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % count
