"""What would another cap table have changed? `hub simulate`: the journal judged a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.registries.policy import read_file
from connectors.console.stories.find import generations_of
from connectors.console.terminal.screen import progress, row, table, this_year
from connectors.console.traffic.event_lines import LineFault, LineReader, Posting
from connectors.console.traffic.logs import LogRecord, Span, scan, spans_of
from connectors.kafka_admin import Position
from connectors.statistics.what_if import page
from schemas.generations import Generations
from schemas.simulation import SCHEME_DEFAULT, Asked, Comparison, Effect
from schemas.topics import CTL_POLICY, JOURNAL

_TELL_EVERY_LINES = 512
_LISTED_MAX = 25
_BAR_WIDTH = 24
_BEFORE, _AFTER = "blue", "dark_orange3"


class WhatIf(Protocol):
    """Judges by two policies side by side; the composition root has it."""

    comparison: Comparison
    generations: Generations

    def line(self, line: Posting, number: int) -> None:
        """Judge one line of a file."""

    def policy(self, key: bytes | None, value: bytes | None) -> None:
        """Take in one record of the policies' control topic."""

    def record(self, record: LogRecord) -> None:
        """Judge one record of the journal, partition after partition."""


def register(app: typer.Typer, begin: Callable[[Asked], WhatIf]) -> None:
    """Add `simulate`; what judges is handed in."""

    def simulate(
        hub: Context,
        policy: Annotated[
            Path, typer.Option(exists=True, dir_okay=False, help="The other cap table.")
        ],
        file: Annotated[
            Path | None,
            typer.Argument(
                metavar="[FILE.jsonl]",
                exists=True,
                dir_okay=False,
                help="Judge this file of events instead of the journal.",
            ),
        ] = None,
        first_day: Annotated[
            str | None,
            typer.Option("--from", metavar="YYYY-MM-DD", help="Tasks planned from this day on."),
        ] = None,
        last_day: Annotated[
            str | None,
            typer.Option(
                "--to",
                metavar="YYYY-MM-DD",
                help="The last such day. Default: the end of that year.",
            ),
        ] = None,
        scheme: Annotated[
            str, typer.Option(help="By whose classes enterprises are told apart.")
        ] = SCHEME_DEFAULT,
        html: Annotated[Path | None, typer.Option(help="Also write a page with charts.")] = None,
        *,
        any_day: Annotated[
            bool,
            typer.Option("--any-day", help="Rules hold on all these days, whatever their dates."),
        ] = False,
    ) -> None:
        """Show what another cap table would have intercepted. Nothing is changed anywhere.

        Later events of a task that would have been intercepted are passed over: it was not made.
        """  # fmt: skip
        first, last = _span(first_day, last_day)
        asked = Asked(
            policy=read_file(policy), first_day=first, last_day=last, scheme=scheme,
            any_day=any_day,
        )  # fmt: skip
        what_if = begin(asked)
        if file is not None:
            _judge_file(hub, file, what_if)
        else:
            _judge_journal(hub, what_if)
        if html is not None:
            html.write_text(page(asked, what_if.comparison), encoding="utf-8")
        _show(hub, asked, what_if.comparison)

    command(app, "simulate")(simulate)


def _judge_file(hub: Context, file: Path, what_if: WhatIf) -> None:
    reader, position = LineReader(), 0
    with file.open("rb") as lines, progress(hub.err, "judging", file.stat().st_size) as bar:
        for number, line in enumerate(lines, 1):
            position += len(line)
            if line.strip():
                try:
                    what_if.line(reader.read(line), number)
                except LineFault:
                    what_if.comparison.unjudged += 1
            if number % _TELL_EVERY_LINES == 0:
                bar.at(position)


def _judge_journal(hub: Context, what_if: WhatIf) -> None:
    with hub.admin() as admin:
        policies, journal = spans_of(admin, [CTL_POLICY]), spans_of(admin, [JOURNAL])
        what_if.generations = generations_of(hub, admin)
    scan(hub, policies, lambda one: what_if.policy(one.key, one.value), "reading policies")
    for spans in in_order(what_if.generations, dict(sorted(journal.items()))):
        scan(hub, spans, what_if.record, "judging")


def in_order(
    generations: Generations, journal: Mapping[Position, Span]
) -> Iterator[Mapping[Position, Span]]:
    """The journal, one generation after the other."""
    for stretches in generations.earlier():
        yield {
            (JOURNAL, one.partition): (
                max(journal[JOURNAL, one.partition][0], one.start.journal), one.end.journal
            )
            for one in stretches
        }  # fmt: skip
    yield {
        at: (max(first, generations.begin(at[1]).journal), end)
        for at, (first, end) in journal.items()
    }


def _show(hub: Context, asked: Asked, found: Comparison) -> None:
    if hub.json:
        told = {"from": asked.first_day, "to": asked.last_day, "scheme": asked.scheme}
        policy = {"policy": asked.policy.full_version, "idle_rules": asked.idle}
        hub.emit({**told, **policy, **found.as_dict()})
        return
    total = found.total
    hub.show(
        f"{total.tasks:,} tasks planned {asked.first_day} to {asked.last_day}, judged by "
        f"{asked.policy.full_version}"
    )
    hub.show(
        f"intercepted: {total.before:,} as it was, {total.after:,} by the other table "
        f"({total.more:,} more, {total.less:,} less)\n"
    )
    hub.show(*_tables(asked, found))
    for note in notes(asked, found):
        hub.note(note)


def notes(asked: Asked, found: Comparison) -> Iterator[str]:
    """What must be known to read the figures."""
    if asked.idle:
        yield (
            f"{len(asked.idle)} of {len(asked.policy.cap)} rules hold on none of these days "
            f"({', '.join(asked.idle[:5])}): --any-day lets them hold on all"
        )
    if found.skipped:
        yield f"{found.skipped:,} later events of tasks that would not have been made: passed over"
    if found.assumed:
        yield f"{found.assumed:,} tasks that would have been let through: taken for made as planned"
    if found.unjudged:
        yield f"{found.unjudged:,} records could not be judged and are left out"


def _tables(asked: Asked, found: Comparison) -> Iterator[Table]:
    yield _chart("department", found.departments)
    yield _chart("class", found.classes, f"classes of {asked.scheme}")
    moved = table("decided before", "decided after", "#tasks")
    for (before, after), count in sorted(found.decisions.items()):
        if before is not after:
            row(moved, before.value, after.value, count)
    if moved.row_count:
        yield moved
    rules = table("rule", "#before", "#after")
    for label in sorted({*found.rules_before, *found.rules_after}):
        row(rules, label, found.rules_before[label], found.rules_after[label])
    if rules.row_count:
        yield rules


def _chart(name: str, effects: dict[str, Effect], title: str | None = None) -> Table:
    """One line a department or class, what changed most first: figures, and a bar for each side."""
    ordered = sorted(effects.items(), key=lambda one: (-one[1].more - one[1].less, one[0]))
    shown = ordered[:_LISTED_MAX]
    most = max((max(one.before, one.after) for _, one in shown), default=0) or 1
    heads = ("#tasks", "#before", "#after", "#more", "#less", "intercepted before / after")
    made = table(name, *heads, title=title)
    for key, one in shown:
        bars = Table.grid()
        for value, colour in ((one.before, _BEFORE), (one.after, _AFTER)):
            bars.add_row(Bar(most, 0, value, width=_BAR_WIDTH, color=colour))
        made.add_row(key, *(f"{n:,}" for n in one.as_dict().values()), bars)
    if len(ordered) > len(shown):
        made.add_row(Text(f"… {len(ordered) - len(shown)} more", style="dim"))
    return made


def _span(first_day: str | None, last_day: str | None) -> tuple[date, date]:
    first = _day(first_day, "--from") or date(this_year(), 1, 1)
    last = _day(last_day, "--to") or date(first.year, 12, 31)
    if last < first:
        raise CommandError(f"{first} to {last}: the last day is before the first", Exit.USAGE)
    return first, last


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise CommandError(
            f"{option} {text!r}: a day as YYYY-MM-DD expected", Exit.USAGE
        ) from cause
