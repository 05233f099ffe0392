"""How long does a system ask us to wait? The header `Retry-After`: seconds, or a date."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

_DIGITS_MAX = 9


def retry_after_s(header: str | None, now_s: float) -> float | None:
    """Seconds to wait from now; None if nothing was said, or nothing that can be understood."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, at.timestamp() - now_s)
