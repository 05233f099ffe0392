"""How is a chart drawn on paper? Inline SVG without scripts: columns, bars, lines of shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, log10
from typing import NamedTuple

from markupsafe import Markup, escape

COLOURS = ("#0b5c8a", "#c2571a", "#5b7f2b", "#7a4a8c")
_INK, _GRID = "#333333", "#d8d8d8"
_STEPS = (1, 2, 2.5, 5, 10)


class Series(NamedTuple):
    """Values under one name, in the order of the labels; None: nothing known."""

    name: str
    values: Sequence[float | None]


def columns(labels: Sequence[str], series: Sequence[Series], *, title: str) -> Markup:
    """Groups of columns, one group a label, one column a series."""
    width, height, left, top, bottom = 720, 230, 52, 26, 24
    inner = height - top - bottom
    top_value = nice_top(max((v for one in series for v in one.values if v), default=0))
    slot = (width - left) / max(1, len(labels))
    bar = slot * 0.76 / len(series)
    parts = [*_grid(top_value, (left, width), (top, inner)), *_legend(series, left)]
    for number, label in enumerate(labels):
        x = left + number * slot + slot * 0.12
        for at, one in enumerate(series):
            value = one.values[number] or 0
            tall = inner * value / top_value
            parts.append(
                f'<rect x="{x + at * bar:.1f}" y="{top + inner - tall:.1f}" width="{bar:.1f}" '
                f'height="{tall:.1f}" fill="{COLOURS[at]}"><title>{escape(label)} '
                f"{escape(one.name)}: {value:,}</title></rect>"
            )
        middle = left + (number + 0.5) * slot
        parts.append(_text(middle, height - 8, label, anchor="middle"))
    return _svg(width, height, title, parts)


def bars(
    rows: Sequence[tuple[str, Sequence[float]]], names: Sequence[str], *, title: str
) -> Markup:
    """One bar a row, its parts side by side, longest total sets the scale; figures at its end."""
    width, left, right, step = 720, 190, 70, 20
    top = 24 if len(names) > 1 else 6
    height = top + step * len(rows) + 4
    most = max((sum(values) for _, values in rows), default=0) or 1
    parts = list(_legend([Series(name, ()) for name in names], left)) if len(names) > 1 else []
    for number, (label, values) in enumerate(rows):
        y, x = top + number * step, float(left)
        parts.append(_text(left - 8, y + 13, _cut(label, 24), anchor="end"))
        for at, value in enumerate(values):
            wide = (width - left - right) * value / most
            parts.append(
                f'<rect x="{x:.1f}" y="{y + 3}" width="{wide:.1f}" height="13" '
                f'fill="{COLOURS[at % len(COLOURS)]}"><title>{escape(label)} {escape(names[at])}: '
                f"{value:,}</title></rect>"
            )
            x += wide
        shown = " + ".join(f"{value:,}" for value in values)
        parts.append(_text(x + 6, y + 13, shown))
    return _svg(width, height, title, parts)


def grouped_bars(
    rows: Sequence[tuple[str, Sequence[float]]], names: Sequence[str], *, title: str
) -> Markup:
    """For each row one bar a name, below each other, figures at their ends."""
    width, left, right, thick = 720, 190, 70, 10
    step = thick * len(names) + 8
    top = 24
    height = top + step * len(rows) + 4
    most = max((value for _, values in rows for value in values), default=0) or 1
    parts = list(_legend([Series(name, ()) for name in names], left))
    for number, (label, values) in enumerate(rows):
        y = top + number * step
        parts.append(_text(left - 8, y + step / 2 + 1, _cut(label, 24), anchor="end"))
        for at, value in enumerate(values):
            wide = (width - left - right) * value / most
            parts.append(
                f'<rect x="{left}" y="{y + at * thick + 1}" width="{wide:.1f}" '
                f'height="{thick - 1}" fill="{COLOURS[at % len(COLOURS)]}"/>'
            )
            parts.append(_text(left + wide + 5, y + at * thick + 9, f"{value:,}"))
    return _svg(width, height, title, parts)


def share_line(labels: Sequence[str], values: Sequence[float | None], *, title: str) -> Markup:
    """Shares from 0 to 1 over time; a gap where there is none."""
    width, height, left, top, bottom = 350, 112, 40, 10, 22
    inner = height - top - bottom
    ceiling = nice_top(max((100 * v for v in values if v is not None), default=0))
    slot = (width - left - 10) / max(1, len(labels) - 1)
    parts = list(_grid(ceiling, (left, width - 4), (top, inner), lines=2, unit="%"))
    for run in _runs(values):
        places = [
            (left + at * slot, top + inner - inner * 100 * value / ceiling) for at, value in run
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{COLOURS[0]}" stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{COLOURS[0]}"/>' for x, y in places
        ]
    for number in range(0, len(labels), max(1, ceil(len(labels) / 6))):
        parts.append(_text(left + number * slot, height - 6, labels[number], anchor="middle"))
    return _svg(width, height, title, parts)


def nice_top(most: float) -> float:
    """A round number not below the largest value, for the top of a scale."""
    if most <= 0:
        return 1
    power = 10 ** int(log10(most)) if most >= 1 else 1
    return next(step * power for step in _STEPS if step * power >= most)


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((at, value))
    if run:
        yield run


def _grid(
    ceiling: float,
    across: tuple[float, float],
    down: tuple[float, float],
    *,
    lines: int = 4,
    unit: str = "",
) -> Iterator[str]:
    (left, right), (top, inner) = across, down
    for number in range(lines + 1):
        y = top + inner - inner * number / lines
        yield (
            f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GRID}" '
            'stroke-width="1"/>'
        )
        yield _text(left - 6, y + 4, f"{ceiling * number / lines:,.4g}{unit}", anchor="end")


def _legend(series: Sequence[Series], left: float) -> Iterator[str]:
    x = left
    for at, one in enumerate(series):
        yield f'<rect x="{x}" y="4" width="11" height="11" fill="{COLOURS[at % len(COLOURS)]}"/>'
        yield _text(x + 15, 14, one.name)
        # Chinese characters are about as wide as the type is tall, Latin ones half of that.
        x += 36 + sum(12 if ord(letter) > 0x2E80 else 6.6 for letter in one.name)


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}">{escape(words)}</text>'
    )


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704 - every word in the parts went through escape()
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" '
        f'class="chart">{"".join(parts)}</svg>'
    )
