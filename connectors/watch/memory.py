"""What must the watch not forget when it is started again? Windows, rates, what it last sent."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from connectors.kafka_admin import Position
from schemas.watch_input import Look, Progress

PROGRESS_KEPT = 120


class Memory(msgspec.Struct, kw_only=True):
    """The watch's memory, as it lies in Redis.

    Attributes:
        looks: by group, topic and partition, oldest first; only of what has lag, so that a quiet
            hub writes next to nothing.
        progress: by stage and site.
        receipts: by site, up to where its receipts were counted.
        done: by site, how many deliveries were carried out since they are counted.
    """

    looks: dict[str, list[Look]] = {}
    progress: dict[str, list[Progress]] = {}
    receipts: dict[str, int] = {}
    done: dict[str, int] = {}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


def window_name(group: str, at: Position) -> str:
    """What a window is known by."""
    return f"{group} {at[0]} {at[1]}"


def pack(memory: Memory) -> bytes:
    """The memory as it is kept: what has no lag is left out, it starts anew."""
    looks = {name: some for name, some in memory.looks.items() if some[-1].lag}
    progress = {name: some for name, some in memory.progress.items() if some[-1].owed}
    return _encode(msgspec.structs.replace(memory, looks=looks, progress=progress))


def unpack(value: bytes | None) -> Memory:
    """What was kept; an empty one if there is nothing, or nothing that this version can read."""
    if value is None:
        return Memory()
    try:
        return _decode(value)
    except msgspec.MsgspecError:
        return Memory()


def remember(windows: Mapping[str, list[Progress]], name: str, one: Progress) -> list[Progress]:
    """The looks of a stage with one more; those from before its counter was set back are gone."""
    known = windows.get(name, [])
    if known and one.done < known[-1].done:
        known = []
    return [*known, one][-PROGRESS_KEPT:]
