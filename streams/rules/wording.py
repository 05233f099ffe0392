"""How is an instant written?"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

_OFFSET_MS = 8 * 3_600_000
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=4096)  # the records of one append share their time
def instant_text(at_ms: int) -> str:
    """An instant, Unix milliseconds, as RFC 3339 in Asia/Shanghai, always with three decimals.

    >>> instant_text(1_767_196_799_999)
    '2025-12-31T23:59:59.999+08:00'
    """
    days, ms_of_day = divmod(at_ms + _OFFSET_MS, 86_400_000)
    seconds, ms = divmod(ms_of_day, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_iso_day(_EPOCH + days)}T{hour:02}:{minute:02}:{second:02}.{ms:03}+08:00"


@lru_cache(maxsize=64)
def _iso_day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()
