"""What do the forms of all systems need? Categories of outcomes, days, and column lengths."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from schemas.feed import Notice, Scalar
from schemas.site_tables import SiteTable

log = structlog.get_logger()

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHARSET = "gb18030"

_WARNED_MAX = 1000
_warned: set[tuple[str, str]] = set()


def categories(table: SiteTable, notice: Notice) -> tuple[str, ...]:
    """The system's categories of a result: a set, in the table's order.

    An outcome without a row goes to the category `other`; the log names each such code once.
    """
    codes = notice.content.outcomes
    for code in table.unmapped(codes):
        if (table.site, code) not in _warned and len(_warned) < _WARNED_MAX:
            _warned.add((table.site, code))
            log.warning("outcome without a category", site=table.site, outcome=code)
    return table.categories_of(codes)


def titles(table: SiteTable, of: tuple[str, ...]) -> str:
    """The titles of categories in one text."""
    return "；".join(table.categories[category] for category in of)


def day_said(notice: Notice) -> str | None:
    """The day in Asia/Shanghai on which the stop was approved or ordered; None while disclosed."""
    if notice.said_at is None:
        return None
    return datetime.fromtimestamp(notice.said_at / 1000, SHANGHAI).date().isoformat()


def too_long(row: Mapping[str, Scalar], limits: Mapping[str, int]) -> tuple[str, ...]:
    """Every column whose text does not fit, with its length and its limit."""
    wrong = []
    for name, limit in limits.items():
        value = row.get(name)
        if value is None:
            continue
        text = str(value)
        if 4 * len(text) <= limit:
            continue  # no character takes more than four bytes
        length = len(text.encode(CHARSET, "replace"))
        if length > limit:
            wrong.append(f"{name}: {length} bytes in GB18030, {limit} allowed")
    return tuple(wrong)
