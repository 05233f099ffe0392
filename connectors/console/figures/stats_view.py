"""How do statistics look on a terminal?"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.console.context import Context
from connectors.console.terminal.screen import row, table
from connectors.statistics.view import Row
from schemas.statistics import MEASURES, WATCHED
from schemas.statistics_view import Dimension, StatsView, shares

LISTED_MAX = 200
_SHOWN_BY = {"tasks": "#tasks", "made": "#made", "intercepted": "#over"}
_WIDE = 110


def show_view(hub: Context, view: StatsView, by: str | None) -> None:
    """The figures of a period: JSON has all of them, a terminal what fits."""
    if hub.json:
        hub.emit(view.as_dict())
        return
    wanted = view.wanted
    span = "" if wanted.is_whole_year else f", months {wanted.first_month}-{wanted.last_month}"
    asked = (wanted.dept, wanted.level, wanted.district, wanted.kind)
    who = " ".join(part for part in asked if part)
    hub.show(f"Inspections of {wanted.year}{span}, {who or 'all departments'}")
    made = table("indicator (art. 19)", "#rate", "#numerator", "#denominator", "counted")
    for share in view.shares:
        one = share.indicator
        counted = f"{one.numerator} / {one.denominator}"
        row(
            made, f"{one.zh} {one.title}", percent(share.rate), share.numerator,
            share.denominator, counted,
        )  # fmt: skip
    hub.show(made)
    if by is None:
        _show_totals(hub, view)
    else:
        _show_lines(hub, view, by)
    if not view.totals["tasks"] and not view.totals["made"]:
        years = ", ".join(map(str, view.years)) or "none"
        hub.note(f"Nothing is counted there. Years with figures: {years}.")
    if view.behind:
        hub.note(f"{view.behind:,} answers are not counted yet")
    for partition, offset in view.since.items():
        hub.note(f"partition {partition}: records before {offset} were gone and are not counted")


def show_lists(hub: Context, rows: Sequence[Row]) -> None:
    """What supervisors look at."""
    if hub.json:
        hub.emit([dict(one) for one in rows])
        return
    shown = table("list", "enterprise", "department", "rule or task", "#used", "#cap")
    for one in rows[:LISTED_MAX]:
        about = " ".join(part for part in (one["rule"], one["task_id"], one["day"]) if part)
        counts = (one["used"], one["cap"]) if one["used"] or one["rule"] else (None, None)
        row(shown, one["kind"], one["uscc"], one["dept"], about, *counts)
    hub.show(shown)
    if len(rows) > LISTED_MAX:
        hub.note(f"{LISTED_MAX} of {len(rows):,}; all of them with --json or `hub stats export`.")


def percent(rate: float | None) -> str | None:
    """A share as people read it."""
    return None if rate is None else f"{100 * rate:.1f} %"


def _show_totals(hub: Context, view: StatsView) -> None:
    counts = table("figure", "#inspections", "art.")
    for one in MEASURES:
        row(counts, f"{one.zh} {one.title}", view.totals[one.name], one.article)
    lists = table("list", "#lines", "meaning")
    for kind, meaning in WATCHED.items():
        row(lists, kind, view.watched[kind], meaning)
    hub.show(counts, lists)


def _show_lines(hub: Context, view: StatsView, by: str) -> None:
    lines = view.lines.get(by, ())
    if by == Dimension.ITEM:
        made = table(by, "title", "#tasks", "#made", "#problems")
        for line in lines:
            counts = line.counts
            row(made, line.key, line.label, counts["tasks"], counts["made"], counts["problems"])
        hub.show(made)
        return
    is_wide = hub.out.width >= _WIDE and by == Dimension.DEPARTMENT
    reach = ("#enterprises", "#frequency", "#most") if is_wide else ()
    heads = [f"#{share.indicator.name.partition('_')[0]}" for share in shares({})]
    made = table(
        f"!{by}",
        *_SHOWN_BY.values(),
        *reach,
        *heads,
        title="over: intercepted over a cap; shares in %",
    )
    for line in lines:
        often = None if line.frequency is None else f"{line.frequency:.2f}"
        reached = (line.enterprises, often, line.most) if reach else ()
        label = line.key if by == Dimension.DEPARTMENT else line.label
        rates = [
            None if one.rate is None else f"{100 * one.rate:.1f}" for one in shares(line.counts)
        ]
        row(made, label, *(line.counts[name] for name in _SHOWN_BY), *reached, *rates)
    hub.show(made)
