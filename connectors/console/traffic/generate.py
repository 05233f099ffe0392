"""How is a city's year written to a file? Seeded, line by line, counted while it is written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.text import Text

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import SHANGHAI, Bar, progress
from connectors.generate import CitySpec, city_year, district_day, generate, quarter_burst
from connectors.generate.quarter import QuarterSpec, generate_quarter
from connectors.generate.spec import DISTRICTS_MAX, SYSTEMS_MAX, SYSTEMS_MIN
from connectors.generate.summary import Summary, Tally

_EVENTS_DEFAULT = 200_000
_LINES_A_TASK_OF_ONE_DAY = 1.69
_TOLD_EVERY_LINES = 500
_DRAWS_A_DISTRICT, _DRAWS_A_DEPARTMENT, _DRAWS_A_VISIT = 500, 25, 40
_DAY_ENDS = time(17, 30)


class Preset(StrEnum):
    """What to generate."""

    DISTRICT_DAY = "district-day"
    CITY_YEAR = "city-year"
    QUARTER_BURST = "quarter-burst"
    DRAWN_QUARTER = "drawn-quarter"


def register(app: typer.Typer) -> None:
    """Add `generate`."""
    command(app, "generate")(write_city)


def write_city(
    hub: Context,
    preset: Annotated[
        Preset,
        typer.Option(
            help="One day of a district, a year of the city, the tasks that open a quarter, or the"
            " draws of a quarter and the joint inspections they come to."
        ),
    ] = Preset.DISTRICT_DAY,
    out: Annotated[
        Path, typer.Option("--out", help="File to write; - for standard output.")
    ] = Path("events.jsonl"),
    events: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Events after the registry lines, or objects drawn; default: 2,000 tasks for a"
            " day, else 200,000.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 1,
    today: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="The day, or a day of the year or quarter. Default: today."
        ),
    ] = None,
    specials: Annotated[
        int,
        typer.Option(
            min=0, max=60, help="Special inspections on the first day, every second one a survey."
        ),
    ] = 0,
    *,
    annotate: Annotated[
        bool,
        typer.Option("--annotate", help="Say in each line what it tries and what must come of it."),
    ] = False,
) -> None:
    """Write a seeded file of events, as the departments of a city would send them."""
    now = datetime.now(SHANGHAI)
    day, total = _day(today) or now.date(), None
    if preset is Preset.DRAWN_QUARTER:
        lines = generate_quarter(quarter_spec(day, events), seed)
    else:
        spec = spec_of(preset, day, events, now, annotate=annotate)
        spec = replace(spec, specials=specials)
        lines, total = generate(spec, seed), spec.events
    to_stdout = str(out) == "-"
    with progress(hub.err, f"writing {out}", total) as bar:
        tally = _write(sys.stdout.buffer, lines, bar) if to_stdout else _write_file(out, lines, bar)
    if to_stdout:
        hub.note(tally.summary().text())
        return
    _report(hub, out, tally.summary(), seed)


def spec_of(
    preset: Preset, day: date, events: int | None, now: datetime, *, annotate: bool
) -> CitySpec:
    """The city to generate.

    A day of a district ends now if it is today: the hub refuses events of the future.

    Raises:
        CommandError: the numbers do not go together.
    """
    try:
        if preset is Preset.CITY_YEAR:
            return city_year(events or _EVENTS_DEFAULT, year=day.year, annotate=annotate)
        if preset is Preset.QUARTER_BURST:
            quarter = (day.month + 2) // 3
            return quarter_burst(
                events or _EVENTS_DEFAULT, year=day.year, quarter=quarter, annotate=annotate
            )
        until = min(now.time(), _DAY_ENDS) if day == now.date() else _DAY_ENDS
        if events is None:
            return district_day(day, until=until, annotate=annotate)
        tasks = max(1, round(events / _LINES_A_TASK_OF_ONE_DAY))
        spec = district_day(day, tasks=tasks, until=until, annotate=annotate)
        return replace(spec, events=events)
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause


def quarter_spec(day: date, draws: int | None) -> QuarterSpec:
    """The quarter of a day, with about so many drawn objects.

    Few draws come from few districts and lines of business, so that they meet all the same.
    """
    count = draws or _EVENTS_DEFAULT
    places = max(1, min(DISTRICTS_MAX, count // _DRAWS_A_DISTRICT))
    systems = max(SYSTEMS_MIN, min(SYSTEMS_MAX, count // (_DRAWS_A_DEPARTMENT * places)))
    return QuarterSpec(
        year=day.year,
        quarter=(day.month + 2) // 3,
        districts=places,
        systems=systems,
        draws=count,
        visits=max(1, count // _DRAWS_A_VISIT),
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise CommandError(
            f"--today {text!r} is no day: YYYY-MM-DD expected", Exit.USAGE
        ) from cause


def _write_file(out: Path, lines: Iterator[bytes], bar: Bar) -> Tally:
    # Under another name until it is whole: half a file looks like a file.
    beside = out.with_name(out.name + ".part")
    try:
        with beside.open("wb") as file:
            tally = _write(file, lines, bar)
        beside.replace(out)
    except OSError as cause:
        raise CommandError(f"cannot write {out}: {cause.strerror}", Exit.USAGE) from cause
    return tally


def _write(file: BinaryIO, lines: Iterator[bytes], bar: Bar) -> Tally:
    tally = Tally()
    for number, line in enumerate(lines, 1):
        file.write(line)
        tally.add(line)
        if not number % _TOLD_EVERY_LINES:
            bar.at(tally.summary().events)
    return tally


def _report(hub: Context, out: Path, summary: Summary, seed: int) -> None:
    if hub.json:
        hub.emit(
            {"file": str(out), "seed": seed, "size_bytes": out.stat().st_size, **summary.as_dict()}
        )
        return
    hub.show(Text(summary.text()))
    hub.out.print(f"written to {out}", markup=False, soft_wrap=True)
