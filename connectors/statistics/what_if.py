"""How does the answer to a what-if look on paper? One page with charts, complete in itself."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from connectors.statistics.charts import Series, columns, grouped_bars
from connectors.statistics.paper import environment
from schemas.simulation import Asked, Comparison, Effect

_LISTED_MAX = 40


def page(asked: Asked, found: Comparison) -> str:
    """The page."""
    months = sorted(found.months.items())
    chart = columns(
        [month[2:] for month, _ in months],
        [
            Series("as it was", [one.before for _, one in months]),
            Series("by the other table", [one.after for _, one in months]),
        ],
        title="intercepted by month",
    )
    return environment().get_template("what_if.html").render(
        asked=asked,
        found=found,
        months=chart,
        departments=_bars(found.departments, "intercepted by department"),
        classes=_bars(found.classes, "intercepted by class"),
        listed_max=_LISTED_MAX,
        rules=sorted({*found.rules_before, *found.rules_after}),
        changed=[
            (before, after, count)
            for (before, after), count in sorted(found.decisions.items())
            if before is not after
        ],
    )  # fmt: skip


def _bars(effects: Mapping[str, Effect], title: str) -> Markup:
    ordered = sorted(effects.items(), key=lambda one: (-one[1].more - one[1].less, one[0]))
    rows = [(key, (one.before, one.after)) for key, one in ordered[:_LISTED_MAX]]
    return grouped_bars(rows, ("as it was", "by the other table"), title=title)
