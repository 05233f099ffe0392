"""What must the watch not forget when it is started again? Windows, rates, what it last sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from connectors.kafka_admin import Position
from schemas.watch_input import Look, Progress

PROGRESS_KEPT = 120


class Memory(msgspec.Struct, kw_only=True):
    """The watch's memory, as it lies in Redis.

    Attributes:
        progress: by stage and site.
        receipts: by site, up to where its receipts were counted.
        done: by site, how many deliveries were carried out since they are counted.
    """

    progress: dict[str, list[Progress]] = {}
    receipts: dict[str, int] = {}
    done: dict[str, int] = {}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode
_decode_window = msgspec.msgpack.Decoder(list[Look]).decode


def window_name(group: str, at: Position) -> str:
    """What a window is known by."""
    return f"{group} {at[0]} {at[1]}"


def is_news(looks: Sequence[Look]) -> bool:
    """Whether a window must be kept again: of what stands still at the head it is known already."""
    if len(looks) == 1:
        return True
    before, last = looks[-2:]
    same = (before.offset, before.alive) == (last.offset, last.alive)
    return bool(last.lag or before.lag) or not same


def pack_window(looks: Sequence[Look]) -> bytes:
    """A window as it is kept."""
    return _encode(looks)


def unpack_windows(kept: Mapping[bytes, bytes]) -> dict[str, list[Look]]:
    """The windows that were kept; without those that this version cannot read."""
    found = {}
    for name, value in kept.items():
        with suppress(msgspec.MsgspecError):
            found[name.decode()] = _decode_window(value)
    return found


def pack(memory: Memory) -> bytes:
    """The memory as it is kept: a rate of what is done is of no use any more."""
    progress = {name: some for name, some in memory.progress.items() if some[-1].owed}
    return _encode(msgspec.structs.replace(memory, progress=progress))


def unpack(value: bytes | None) -> Memory:
    """What was kept; an empty one if there is nothing, or nothing that this version can read."""
    if value is None:
        return Memory()
    try:
        return _decode(value)
    except msgspec.MsgspecError:
        return Memory()


def remember(windows: Mapping[str, list[Progress]], name: str, one: Progress) -> list[Progress]:
    """The looks of a stage with one more; those from before its counter was set back are gone.

    Of a pause one look is kept, the last: however long it is, it drives no other out.
    """
    known = windows.get(name, [])
    if known and one.done < known[-1].done:
        known = []
    if known and one.held and known[-1].held:
        known = known[:-1]
    return [*known, one][-PROGRESS_KEPT:]
