"""What do the statistics say? `hub stats`: the five indicators, counts, lists, exports, report."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

import typer

from connectors.child import ServerError
from connectors.console.command import command, default
from connectors.console.context import CommandError, Context, Exit
from connectors.console.figures.stats_view import show_lists, show_view
from connectors.console.terminal.screen import progress, this_year
from connectors.console.traffic.logs import spans_of
from connectors.kafka_admin import BrokerUnreachable
from connectors.statistics.export import FORMS, Form, NotWrittenError
from connectors.statistics.file import FILE_NAME, digest_of
from connectors.statistics.report import report_html
from connectors.statistics.tables import sheets_of
from connectors.statistics.view import NoStatisticsError, opened, view_of, watch_lines
from schemas.enums import Kind, Level
from schemas.statistics import WatchKind
from schemas.statistics_view import Dimension, Wanted
from schemas.topics import DECIDED

Result = TypeVar("Result")


class Count(Protocol):
    """Counts what was answered since, or all of it anew; the composition root has it.

    Raises ServerError if another process counts.
    """

    def __call__(
        self, hub: Context, heard: Callable[[int, int], None], *, anew: bool = False
    ) -> None:
        """Do it. `heard` hears how many answers are read of how many."""


Year = Annotated[int | None, typer.Option(help="Calendar year. Default: this one.")]
Months = Annotated[str, typer.Option(metavar="M-M", help="Months, as 1-6 or 3.")]
Dept = Annotated[str | None, typer.Option(help="Only this department.")]
LevelOf = Annotated[Level | None, typer.Option("--level", help="Only departments of this level.")]
District = Annotated[str | None, typer.Option(help="Only premises in this district (code).")]
OfKind = Annotated[Kind | None, typer.Option("--kind", help="Only inspections of this kind.")]
AsIs = Annotated[bool, typer.Option("--as-is", help="Do not count new answers first.")]


def register(app: typer.Typer, count: Count) -> None:
    """Add `stats` and what is made of them."""
    group = typer.Typer()
    commands = _Commands(count)
    default(group)(commands.show)
    for made in (commands.watch, commands.export, commands.report, commands.rebuild):
        command(group, made.__name__)(made)
    app.add_typer(group, name="stats")


class _Commands:
    """The commands; each counts what is new before it reads the figures."""

    def __init__(self, count: Count) -> None:
        self._count = count

    def show(
        self,
        hub: Context,
        year: Year = None,
        months: Months = "1-12",
        dept: Dept = None,
        level_of: LevelOf = None,
        district: District = None,
        kind: OfKind = None,
        by: Annotated[Dimension | None, typer.Option(help="Also a line for each of these.")] = None,
        *,
        as_is: AsIs = False,
    ) -> None:
        """Show how many inspections there were, and the five indicators of article 19.

        New answers are counted first. Every figure's definition: `hub stats report`, or --json.
        """
        wanted = replace(
            _wanted(year, months, dept, level_of, district), kind=kind.value if kind else None
        )
        view = self._read(hub, lambda db: view_of(db, wanted), as_is=as_is)
        show_view(hub, replace(view, behind=_behind(hub, view.counted_to)), by)

    def watch(
        self,
        hub: Context,
        year: Year = None,
        dept: Dept = None,
        kind: Annotated[WatchKind | None, typer.Option(help="Only this list.")] = None,
        *,
        as_is: AsIs = False,
    ) -> None:
        """List enterprises near or over a cap, inspected too often, or without a code."""
        wanted = _wanted(year, "1-12", dept, None, None)
        show_lists(hub, self._read(hub, lambda db: watch_lines(db, wanted, kind), as_is=as_is))

    def export(
        self,
        hub: Context,
        form: Annotated[Form, typer.Option(help="csv and parquet write a folder.")],
        out: Annotated[Path, typer.Option(help="Folder, or file for xlsx.")],
        year: Year = None,
        months: Months = "1-12",
        dept: Dept = None,
        level_of: LevelOf = None,
        *,
        as_is: AsIs = False,
    ) -> None:
        """Write all tables of a year as CSV, XLSX or Parquet."""
        wanted = _wanted(year, months, dept, level_of, None)
        sheets = self._read(hub, lambda db: sheets_of(db, wanted), as_is=as_is)
        try:
            _tell(hub, FORMS[form](sheets, out))
        except NotWrittenError as cause:
            raise CommandError(str(cause)) from cause

    def report(
        self,
        hub: Context,
        out: Annotated[Path, typer.Option(help="The page to write.")] = Path("statistics.html"),
        year: Year = None,
        dept: Dept = None,
        level_of: LevelOf = None,
        *,
        as_is: AsIs = False,
    ) -> None:
        """Write the yearly report: one HTML page with charts and definitions that prints on A4."""
        wanted = _wanted(year, "1-12", dept, level_of, None)
        page = self._read(hub, lambda db: report_html(db, wanted), as_is=as_is)
        out.write_text(page, encoding="utf-8")
        _tell(hub, [out])

    def rebuild(self, hub: Context) -> None:
        """Throw the figures away and count everything again from the two logs.

        The role `statistics` must not be running.
        """
        with progress(hub.err, "counting", None) as bar:
            self._count(hub, lambda done, total: bar.at(done, total=total), anew=True)
        digest = self._read(hub, digest_of, as_is=True)
        if hub.json:
            hub.emit({"digest": digest})
        else:
            hub.show(f"counted anew; digest {digest}")

    def _read(
        self, hub: Context, read: Callable[[sqlite3.Connection], Result], *, as_is: bool
    ) -> Result:
        """What stands in the file, once what is new is counted."""
        if not as_is:
            self._level(hub)
        try:
            with opened(hub.settings.statistics / FILE_NAME) as db:
                return read(db)
        except NoStatisticsError as cause:
            raise CommandError(str(cause)) from cause

    def _level(self, hub: Context) -> None:
        """Count what is new, unless the role that does so all the time is running."""
        try:
            with progress(hub.err, "counting", None) as bar:
                self._count(hub, lambda done, total: bar.at(done, total=total))
        except ServerError:
            hub.note("The role `statistics` is running: these are the figures that it keeps.")


def _behind(hub: Context, counted_to: Mapping[int, int]) -> int | None:
    """How many answers are not counted yet; None if the broker cannot be asked."""
    try:
        with hub.admin() as admin:
            spans = spans_of(admin, [DECIDED])
    except (BrokerUnreachable, CommandError):
        # The figures stand all the same.
        return None
    return sum(
        max(0, end - max(first, counted_to.get(partition, 0)))
        for (_, partition), (first, end) in spans.items()
    )


def _wanted(
    year: int | None, months: str, dept: str | None, level: Level | None, district: str | None
) -> Wanted:
    first, _, last = months.partition("-")
    try:
        return Wanted(
            year=year or this_year(),
            first_month=int(first),
            last_month=int(last or first),
            dept=dept,
            level=level.value if level else None,
            district=district,
        )
    except ValueError as cause:
        raise CommandError(f"--months {months!r}: 1-12 or 3 expected", Exit.USAGE) from cause


def _tell(hub: Context, written: list[Path]) -> None:
    if hub.json:
        hub.emit({"written": [str(path) for path in written]})
    else:
        for path in written:
            hub.show(str(path))
