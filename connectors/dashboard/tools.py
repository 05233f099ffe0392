"""What may templates use? Words, moments and numbers in the language of whoever looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from connectors.console.terminal.original import shown_value
from connectors.console.terminal.safe_text import safe
from connectors.console.terminal.screen import SHANGHAI
from connectors.dashboard import moments
from connectors.dashboard.door import Operator
from connectors.dashboard.retelling import original, retold, retold_fact, retold_step
from connectors.dashboard.wording import word
from connectors.departments.gateway.people.wording import Lang
from schemas.sites import SITES
from schemas.watch import Snapshot, level

NAMED_MAX = 3
"""So many of those that an alarm is about are named; it leads to all of them."""
_GROUP_OF = {
    "stage": "stage", "verdict": "verdict", "state": "breaker", "dept_verdict": "dept_verdict",
}  # fmt: skip
_LISTED = {"zh": ("、", "等"), "en": (", ", " …")}
_LATE = {"zh": "逾 {}", "en": "over by {}"}


@dataclass(frozen=True, slots=True)
class DayOwed:
    """How many stops are owed by the end of a day: by site, and altogether."""

    on: date
    due_ms: int
    by: Mapping[str, int]

    @property
    def total(self) -> int:
        """At all sites together."""
        return sum(self.by.values())


def tools(who: Operator, lang: Lang, now_ms: int) -> dict[str, Any]:
    """What every template may use."""
    return {
        "who": who, "now": now_ms, "level_of": level, "safe": safe, "backlog": backlog,
        "at": partial(moments.at, now_ms=now_ms), "day": partial(moments.day, lang=lang),
        "span": partial(moments.span, lang=lang), "left": partial(_left, now_ms=now_ms, lang=lang),
        "num": moments.number, "times": moments.times, "share": moments.share,
        "word": partial(word, lang=lang), "words": partial(_words, lang=lang),
        "waits": partial(_waits, lang=lang), "mode_of": partial(_mode_of, lang=lang),
        "title_of": _title_of, "original": lambda value: shown_value(value).plain,
        "told": partial(retold, lang=lang), "own": partial(original, lang=lang),
        "step_told": lambda step: retold_step(step, lang, partial(word, lang=lang)),
        "fact_told": partial(retold_fact, lang=lang),
    }  # fmt: skip


def backlog(picture: Snapshot) -> list[DayOwed]:
    """The stops that are owed, by due moment and site, the earliest first."""
    counts: dict[int, Counter[str]] = {}
    for site in picture.sites:
        for one in site.buckets:
            counts.setdefault(one.due_ms, Counter())[site.site] += one.count
    return [
        DayOwed(datetime.fromtimestamp(due_ms / 1000, SHANGHAI).date(), due_ms, by)
        for due_ms, by in sorted(counts.items())
    ]


def _left(due_ms: int, now_ms: int, lang: Lang) -> str:
    if not due_ms:
        return moments.NONE
    rest = moments.span(due_ms - now_ms, lang)
    return rest if due_ms >= now_ms else _LATE[lang].format(rest)


def _words(about: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """What fills in an alarm's sentence: codes in words, numbers with thousands."""
    told = {
        name: word(_GROUP_OF[name], value, lang) if name in _GROUP_OF
        else retold(str(value), lang) if name == "fault"
        else moments.number(value) if isinstance(value, int)
        else _named(value, lang) if isinstance(value, tuple)
        else safe(str(value))
        for name, value in about.items()
    }  # fmt: skip
    return told | {"where": f"{told.get('stage', '')} {told.get('site', '')}".strip()}


def _named(names: Sequence[str], lang: Lang) -> str:
    """The first of some names, and whether there are more."""
    sign, more = _LISTED[lang]
    return sign.join(map(safe, names[:NAMED_MAX])) + more * (len(names) > NAMED_MAX)


def _waits(waits_on: Mapping[str, int], only: str | None = None, *, lang: Lang) -> str:
    """At which places something waits, how much, and why where that is not plain owing.

    `only`: of this place alone.
    """
    parts = []
    for name, count in sorted(waits_on.items()):
        place, _, why = name.partition(" ")
        if only not in (None, place):
            continue
        place = word("place", place, lang)
        parts.append(f"{place} {count:,}" + (f" {word('waits', why, lang)}" if why else ""))
    return "; ".join(parts) or moments.NONE


def _mode_of(site: str, lang: Lang) -> str:
    return word("exchange", SITES[site].exchange, lang) if site in SITES else moments.NONE


def _title_of(site: str) -> str:
    return SITES[site].title if site in SITES else ""
