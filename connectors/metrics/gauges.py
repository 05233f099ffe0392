"""How are gauges written on the page of figures? The same bytes in both of its forms.

The library makes an object of each series and escapes its names anew at every scrape; of a city's
watch that is six thousand series.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.utils import floatToGoString

from schemas.metric_shape import Metric

Value = tuple[tuple[str, ...], float | None]
"""Labels in the order of the table, and what stands there; None: it is not known, and left out."""


def gauge_lines(row: Metric, values: Iterable[Value]) -> str:
    """One family: its head and a line for each value.

    Raises:
        ValueError: another number of labels than the row has.
    """
    in_order = sorted(range(len(row.labels)), key=lambda place: row.labels[place])
    inside = ",".join(f'{row.labels[place]}="%s"' for place in in_order)
    form = f"{row.name}{{{inside}}} " if inside else f"{row.name} "
    lines = [f"# HELP {row.name} {row.help}\n# TYPE {row.name} gauge\n"]
    for labels, value in values:
        if value is None:
            continue
        if len(labels) != len(row.labels):
            raise ValueError(f"{row.name} has the labels {row.labels}, not {labels}")
        texts = tuple(escaped(labels[place]) for place in in_order)
        number = floatToGoString(value)  # type: ignore[no-untyped-call] # the library's lacks one
        lines.append(f"{form % texts}{number}\n")
    return "".join(lines)


def escaped(text: str) -> str:
    """A label's value as it stands between quotation marks."""
    if text.isascii() and text.replace("-", "").replace(".", "").isalnum():
        return text
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
