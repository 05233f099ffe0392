"""How are moments, spans and numbers written on a screen? Short; and what is so stands still."""

from __future__ import annotations

from datetime import date, datetime

from connectors.console.terminal.screen import SHANGHAI
from connectors.departments.gateway.people.wording import Lang

NONE = "—"
_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_UNITS = {"zh": (" 天", " 时", " 分", " 秒"), "en": (" d", " h", " min", " s")}


def at(ms: int | None, now_ms: int) -> str:
    """An instant: of today its time, of another day its date and time; a dash for never."""
    if not ms:
        return NONE
    then, today = (datetime.fromtimestamp(one / 1000, SHANGHAI) for one in (ms, now_ms))
    if then.date() == today.date():
        return then.strftime("%H:%M:%S")
    return then.strftime("%m-%d %H:%M" if then.year == today.year else "%Y-%m-%d %H:%M")


def day(on: date | None, lang: Lang, *, provisional: bool = False) -> str:
    """A day with its weekday; a question mark where it may still move."""
    if on is None:
        return NONE
    return f"{on:%m-%d} {_WEEKDAYS[lang][on.weekday()]}" + "?" * provisional


def span(ms: int, lang: Lang) -> str:
    """A stretch of time in its two largest units."""
    days, rest = divmod(abs(ms) // 1000, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = list(zip((days, hours, minutes, seconds), _UNITS[lang], strict=True))
    first = next((n for n, (count, _) in enumerate(parts) if count), 3)
    shown = parts[first : first + 2] if first < 2 else parts[first : first + 1]
    return " ".join(f"{count}{unit}" for count, unit in shown if count) or f"0{_UNITS[lang][3]}"


def number(value: float | None) -> str:
    """A number with thousands; a small one with two digits; a dash for none."""
    if value is None:
        return NONE
    if isinstance(value, int) or value >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.2g}"


def times(value: float | None) -> str:
    """How many times as fast as needed."""
    if value is None:
        return NONE
    return f"{value:.1f}×" if value < 1000 else ">999×"


def share(part: float, whole: float) -> str:
    """A part of a whole in per cent; a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else NONE
