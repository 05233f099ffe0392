"""How do answers look on a terminal? Tables, cards and progress bars that fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from connectors.console.terminal.narrow import FittingTable
from connectors.console.terminal.safe_text import safe
from schemas.explain import Explanation

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one offset and no summer time since 1991."""

NONE = "-"
_CARD_LABEL = "dim"
_REFRESH_PER_S = 8


def table(*columns: str, title: str | None = None, fitting: bool = False) -> Table:
    """A plain table. A column named `#…` holds numbers; one named `!…` is never folded.

    With `fitting` it becomes paragraphs on a terminal that is too narrow for it.
    """
    made = (FittingTable if fitting else Table)(
        title=title,
        title_style="bold",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        header_style="bold",
        pad_edge=False,
        show_edge=False,
        padding=(0, 2, 0, 0),
    )
    for column in columns:
        numbers = column.startswith("#")
        made.add_column(
            column.lstrip("#!"),
            justify="right" if numbers else "left",
            no_wrap=numbers or column.startswith("!"),
            overflow="fold",
        )
    return made


def row(made: Table, *cells: object, style: str | None = None) -> None:
    """Add a row; None shows as a dash, a whole number with thousands, markup as it stands."""
    made.add_row(*(cell_text(cell) for cell in cells), style=style)


def cell_text(cell: object) -> RenderableType:
    """One cell as it is shown."""
    if isinstance(cell, Text):
        return cell
    if cell is None or cell == "":
        return Text(NONE, style="dim")
    if isinstance(cell, int) and not isinstance(cell, bool):
        return Text(f"{cell:,}")
    return Text(safe(str(cell)))


def card(
    title: str | Text,
    rows: Iterable[tuple[str, RenderableType | None]],
    *,
    apart: bool = True,
) -> RenderableType:
    """A card: a title, below it labelled lines. Rows without content are left out.

    Args:
        title: The first line.
        rows: Labels and what they label.
        apart: Leave a line free below.
    """
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=_CARD_LABEL, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, content in rows:
        if content is not None and content != "":
            shown = Text(safe(content)) if isinstance(content, str) else content
            grid.add_row(safe(label), shown)
    heading = Text(safe(title), style="bold") if isinstance(title, str) else title
    return Group(heading, Padding(grid, (0, 0, int(apart), 2), expand=False))


def lines(parts: Sequence[RenderableType]) -> RenderableType | None:
    """Several lines in one row of a card; None when there are none."""
    return Group(*parts) if parts else None


def explained(word: Text, what: Explanation, *, indent: int = 2) -> RenderableType:
    """A word of an answer with its article, below it what it means, in both languages."""
    heading = Text.assemble(word, (f"  {what.source}", "dim"))
    sentences = Text(f"{what.zh}\n{what.en}")
    return Group(heading, Padding(sentences, (0, 0, 0, indent), expand=False))


def instant(at_ms: int | None) -> str:
    """Unix milliseconds as people in Tianjin read them: `2026-03-10 09:00:00`."""
    if at_ms is None:
        return NONE
    return datetime.fromtimestamp(at_ms / 1000, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def instant_json(at_ms: int | None) -> str | None:
    """Unix milliseconds as RFC 3339, for scripts."""
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, SHANGHAI).isoformat(timespec="milliseconds")


def this_year() -> int:
    """The calendar year in Asia/Shanghai."""
    return datetime.now(SHANGHAI).year


def size(size_bytes: int) -> str:
    """A size as people read it."""
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.4g} {unit}"
    return f"{size_bytes} B"


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Show the speed, once it is known."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="cyan")


@contextmanager
def progress(err: Console, what: str, total: int | None) -> Iterator[Bar]:
    """A progress bar on standard error, gone when the work is done; none when nobody watches."""
    columns: list[ProgressColumn] = [
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        _Count(),
        _Rate(),
        TimeRemainingColumn(compact=True),
    ]
    with Progress(
        *columns,
        console=err,
        transient=True,
        disable=not err.is_terminal,
        refresh_per_second=_REFRESH_PER_S,
    ) as shown:
        yield Bar(shown, what, total)


class _Count(MofNCompleteColumn):
    """How many of how many; of nobody knows how many, how many; nothing before the first."""

    def render(self, task: Task) -> Text:
        """The count of a bar."""
        if task.total is None:
            return Text(f"{task.completed:,.0f}" if task.completed else "")
        return super().render(task)


class Bar:
    """One line of progress."""

    def __init__(self, shown: Progress, what: str, total: int | None) -> None:
        self._shown = shown
        self._task = shown.add_task(what, total=total)

    def at(self, completed: int, *, what: str | None = None, total: int | None = None) -> None:
        """Say how far the work is."""
        self._shown.update(self._task, completed=completed, description=what, total=total)
