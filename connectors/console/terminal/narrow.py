"""What becomes of a table that is wider than the terminal? Its rows, one below another.

Folding every cell to a few letters can be read by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

WORD_MAX = 16
"""Longer words may be broken."""
_GAP = 2
_BETWEEN = 3
"""What stands between two columns: the room beside a cell, and the line that is not drawn."""
_NOTHING = "-"
_PLAIN = 2


class FittingTable(Table):
    """A table where it fits without breaking words, else each row as a short paragraph.

    A paragraph begins with what is never folded: names, instants, numbers with their headings.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table or the paragraphs, as wide as the console is."""
        least = [_least(column) for column in self.columns]
        if sum(least) + _BETWEEN * (len(least) - 1) <= options.max_width:
            for column, width in zip(self.columns, least, strict=True):
                column.min_width = width
            yield from super().__rich_console__(console, options)
            return
        if self.title:
            yield Text(str(self.title), style="bold")
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            yield from _paragraph(self.columns, cells)


def _paragraph(
    columns: Sequence[Column], cells: Sequence[RenderableType]
) -> Iterator[RenderableType]:
    heading, below = Text(), []
    for number, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        text = _text(cell)
        if text.plain in ("", _NOTHING):
            continue
        if not column.no_wrap:
            below.append(Text.assemble((f"{str(column.header).lower()}  ", "dim"), text))
            continue
        # The first ones are names and instants; what follows would not say what it is.
        named = number >= _PLAIN or column.justify == "right"
        heading.append_text(Text("  " if heading else ""))
        heading.append_text(Text(f"{str(column.header).lower()} " if named else "", style="dim"))
        heading.append_text(text)
    yield heading
    for line in below:
        yield Padding(line, (0, 0, 0, _GAP))


def _least(column: Column) -> int:
    """How wide a column must be: whole if it is never folded, else its longest word."""
    texts = [str(column.header), *(_text(cell).plain for cell in column.cells)]
    lines = [line for text in texts for line in (text.splitlines() or [""])]
    if column.no_wrap:
        return max(Text(line).cell_len for line in lines)
    words = [Text(word).cell_len for line in lines for word in line.split()]
    return min(max(words, default=1), WORD_MAX)


def _text(cell: RenderableType) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))
