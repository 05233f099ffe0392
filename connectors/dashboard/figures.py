"""What do the statistics look like on a screen? Five indicators, months, departments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.dashboard.sheets import Asked, Block
from connectors.departments.gateway.people.wording import Lang
from schemas.statistics import INDICATORS, MEASURES
from schemas.statistics_view import Line, StatsView, shares

CHARTED = ("made", "issued", "intercepted")
"""Measures whose months are drawn beside each other."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, and the table it is drawn from: values by series and label; None: nothing known."""

    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    percent: bool

    @property
    def json(self) -> str:
        """What the script draws it from."""
        plain = {
            "labels": self.labels, "percent": self.percent,
            "series": [{"name": name, "values": values} for name, values in self.series],
        }  # fmt: skip
        return orjson.dumps(plain).decode()


def statistics_blocks(view: StatsView, asked: Asked) -> list[Block]:
    """The blocks of a year's statistics."""
    lang = asked.lang

    def departments() -> dict[str, Any]:
        lines = sorted(view.lines["department"], key=lambda line: -line.counts["made"])
        return {"lines": lines, "shares_of": lambda line: shares(line.counts), "view": view,
                "titles": [_title(one, lang) for one in INDICATORS]}  # fmt: skip

    return [
        Block("indicators", lambda: {"view": view, "titles": _titles(lang)}, "indicators"),
        Block("months", lambda: {"charts": charts(view, lang)}, "by_month"),
        Block("watched", lambda: {"view": view}, "watched", wide=False),
        Block("counts", lambda: {"view": view, "measures": MEASURES}, "counts", wide=False),
        Block("departments_counted", departments, "by_department"),
    ]


def charts(view: StatsView, lang: Lang) -> list[Chart]:
    """The months of a year: how many inspections, and the five indicators."""
    months: Sequence[Line] = view.lines["month"]
    labels = [line.key[5:] for line in months]
    titles = _titles(lang)
    made = [(titles[name], [line.counts[name] for line in months]) for name in CHARTED]
    rates = [
        (_title(one, lang), [shares(line.counts)[at].rate for line in months])
        for at, one in enumerate(INDICATORS)
    ]
    return [
        Chart("chart_made", labels, made, percent=False),
        Chart("chart_rates", labels, rates, percent=True),
    ]


def _titles(lang: Lang) -> dict[str, str]:
    return {one.name: _title(one, lang) for one in MEASURES}


def _title(one: Any, lang: Lang) -> str:  # noqa: ANN401 - a measure or an indicator
    return str(one.zh if lang == "zh" else one.title)
