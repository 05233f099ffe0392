"""What does the yearly report look like? One HTML page, complete in itself, that prints on A4."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.statistics.charts import Series, bars, columns, share_line
from connectors.statistics.file import digest_of, partitions_counted
from connectors.statistics.paper import environment
from connectors.statistics.view import UNKNOWN, view_of, watch_lines
from schemas.statistics import INDICATORS, MEASURES, STATISTICS_VERSION, WATCHED
from schemas.statistics_view import Line, StatsView, Wanted, shares

LISTED_MAX = 20
"""Lines of one list on the page; the exports have all."""


def report_html(db: sqlite3.Connection, wanted: Wanted) -> str:
    """The report of a year, from a file that is open."""
    view = view_of(db, wanted)
    positions = list(partitions_counted(db))
    return render(
        view,
        lists=_lists(db, wanted),
        digest=digest_of(db),
        answers=sum(at.journal_next - max(0, at.since) for _, at in positions),
    )


def render(
    view: StatsView, *, lists: Mapping[str, Sequence[Mapping[str, Any]]], digest: str, answers: int
) -> str:
    """The page."""
    page = environment().get_template("report.html")
    return page.render(
        view=view,
        scope=_scope(view.wanted),
        shares=view.shares,
        charts=_charts(view),
        departments=sorted(view.lines["department"], key=lambda line: -line.counts["made"]),
        measures=MEASURES,
        watched=WATCHED,
        lists=lists,
        listed_max=LISTED_MAX,
        digest=digest,
        answers=answers,
        version=STATISTICS_VERSION,
        shares_of=lambda line: shares(line.counts),
    )


def _charts(view: StatsView) -> dict[str, Any]:
    months = view.lines["month"]
    labels = [line.key[5:] for line in months]
    shown = ("made", "issued", "intercepted")
    titles = {one.name: f"{one.zh} {one.title}" for one in MEASURES}
    made: dict[str, Any] = {
        "months": columns(
            labels,
            [Series(titles[name], [line.counts[name] for line in months]) for name in shown],
            title="inspections by month",
        ),
        "shares": [
            share_line(
                labels,
                [shares(line.counts)[at].rate for line in months],
                title=f"{one.title} by month",
            )
            for at, one in enumerate(INDICATORS)
        ],
    }
    for name in ("district", "level", "kind", "trigger"):
        made[name] = _places(view.lines[name], f"inspections by {name}")
    made["frequency"] = columns(
        [str(visits) for visits, _ in view.frequency],
        [Series("经营主体 enterprises", [count for _, count in view.frequency])],
        title="enterprises by number of on-site inspections",
    ) if view.frequency else ""  # fmt: skip
    return made


def _places(lines: Sequence[Line], title: str) -> Any:  # noqa: ANN401 - markup
    ordered = sorted(lines, key=lambda line: -line.counts["made"])
    rows = [
        (line.label or UNKNOWN, (line.counts["onsite"], line.counts["offsite"])) for line in ordered
    ]
    return bars(rows, ("现场 on site", "非现场 off-site"), title=title)


def _lists(db: sqlite3.Connection, wanted: Wanted) -> dict[str, list[Mapping[str, Any]]]:
    return {kind: watch_lines(db, wanted, kind)[:LISTED_MAX] for kind in WATCHED}


def _scope(wanted: Wanted) -> str:
    parts = [wanted.dept, wanted.level, wanted.district]
    named = " · ".join(part for part in parts if part)
    return named or "all departments"
