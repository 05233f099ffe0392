"""How do single values look in Avro's binary encoding? Read strictly: one value has one form.

fastavro reads on where the bytes are crooked (a negative branch of a union picks the last one, the
size of a block is not looked at, 7 is true). Here such bytes are refused with `ValueError`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

SHORT_MAX = 64
"""Lengths and counts below this fit in one byte."""
SHORT = tuple(bytes([2 * number]) for number in range(SHORT_MAX))
"""The encoding of 0 … 63."""
PRESENT_SHORT = tuple(b"\x02" + number for number in SHORT)
"""The second branch of `["null", …]` and then 0 … 63."""
TEXT_STEP = tuple(1 + byte // 2 if byte < 128 and byte % 2 == 0 else 0 for byte in range(256))
"""By first byte of a text: how many bytes it takes with that one; 0: a longer or wrong length."""
FLAGS = (False, True)

_BITS = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_MILLISECOND = timedelta(milliseconds=1)
_CACHED_MAX = 8192


def read_number(value: bytes, at: int) -> tuple[int, int]:
    """Read an int or long; returns it and where the next value begins."""
    byte = value[at]
    at += 1
    number = byte & 127
    shift = 7
    while byte > 127:
        byte = value[at]
        at += 1
        if shift == 63 and byte > 1:
            raise ValueError("a number longer than 64 bits")
        number |= (byte & 127) << shift
        shift += 7
    if byte == 0 and shift > 7:
        raise ValueError("a number written longer than it is")
    return (number >> 1) ^ -(number & 1), at


def read_text(value: bytes, at: int) -> tuple[str, int]:
    """Read a string of any length; returns it and where the next value begins."""
    size_bytes, at = read_number(value, at)
    end = at + size_bytes
    if size_bytes < 0 or end > len(value):
        raise ValueError(f"a text of {size_bytes} bytes where {len(value) - at} are left")
    return value[at:end].decode(), end


def read_count(value: bytes, at: int) -> tuple[int, int]:
    """Read how many entries the next block of a list has; returns it and where they begin."""
    count, at = read_number(value, at)
    if count < 0:
        raise ValueError(
            f"a list block with the negative count {count}: write each list with a positive count"
        )
    return count, at


@lru_cache(_CACHED_MAX)
def usual_day(three_bytes: bytes) -> date | None:
    """Read a day of the usual length, three bytes; None when it has another."""
    return read_day(three_bytes, 0)[0] if _is_one_number(three_bytes, 3) else None


@lru_cache(_CACHED_MAX)
def usual_instant(six_bytes: bytes) -> datetime | None:
    """Read an instant of the usual length, six bytes; None when it has another.

    One approval covers many tasks, so the same instants come again and again.
    """
    return read_instant(six_bytes, 0)[0] if _is_one_number(six_bytes, 6) else None


def read_day(value: bytes, at: int) -> tuple[date, int]:
    """Read a day of any length; returns it and where the next value begins."""
    number, at = read_number(value, at)
    return date.fromordinal(_EPOCH_DAY + number), at


def read_instant(value: bytes, at: int) -> tuple[datetime, int]:
    """Read an instant, in UTC; returns it and where the next value begins."""
    number, at = read_number(value, at)
    return _EPOCH + number * _MILLISECOND, at


def _is_one_number(some: bytes, length: int) -> bool:
    return len(some) == length and some[-1] < 128 and all(byte > 127 for byte in some[:-1])


def write_number(number: int) -> bytes:
    """Write an int or long."""
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError(f"a whole number of {number.bit_length()} bits: Avro has 64")
    rest = (number << 1) ^ (number >> 63)
    written = bytearray()
    while rest > 127:
        written.append(rest & 127 | 128)
        rest >>= 7
    written.append(rest)
    return bytes(written)


def write_text(text: str) -> bytes:
    """Write a string."""
    encoded = text.encode()
    return write_number(len(encoded)) + encoded


@lru_cache(_CACHED_MAX)
def write_day(day: date) -> bytes:
    """Write a day."""
    return write_number(day.toordinal() - _EPOCH_DAY)


def write_instant(instant: datetime) -> bytes:
    """Write an instant, cut to whole milliseconds."""
    return write_number((instant - _EPOCH) // _MILLISECOND)
