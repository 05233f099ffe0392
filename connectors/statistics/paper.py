"""How are pages that people print made? Templates, and how numbers and shares are written."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def environment() -> Environment:
    """Renders the templates of this package; what is undefined is a mistake."""
    made = Environment(
        loader=PackageLoader("connectors.statistics"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["percent"] = percent
    made.filters["number"] = number
    return made


def percent(rate: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if rate is None else f"{100 * rate:.1f} %"


def number(value: int | None) -> str:
    """A whole number as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:,}"
