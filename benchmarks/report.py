"""How are outcomes shown? Tables on the terminal, and the same as Markdown in a file."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as Shown

from benchmarks.outcome import Goal, Outcome, Table


def show(console: Console, outcome: Outcome) -> None:
    """Show one outcome on the terminal."""
    for table in outcome.tables:
        shown = Shown(title=table.title, title_justify="left")
        for number, column in enumerate(table.columns):
            shown.add_column(column, justify="right" if number else "left")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
        for note in table.notes:
            console.print(f"  {note}")
    for goal in outcome.goals:
        console.print(f"  [{'green' if goal.met else 'red'}]{_goal(goal)}[/]")
    console.print()


def write(path: Path, outcomes: Sequence[Outcome], events: int, rounds: int) -> None:
    """Write all outcomes as Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        "# Figures",
        "",
        f"Measured on {machine()}; Python {platform.python_version()}. {events:,} events, "
        f"median of {rounds} interleaved rounds unless a table says otherwise. Kafka, Redis and "
        "contenders share the machine. How to read this: `docs/benchmarks.md`.",
        "",
        "| goal | found | met |",
        "|---|---|---|",
    ]
    lines += [
        f"| {goal.text} | {goal.found} | {'yes' if goal.met else '**no**'} |"
        for outcome in outcomes
        for goal in outcome.goals
    ]
    for outcome in outcomes:
        for table in outcome.tables:
            lines += ["", f"## {table.title}", "", *_markdown(table)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def machine() -> str:
    """The machine, as far as it matters."""
    memory_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GB RAM"


def _markdown(table: Table) -> Iterable[str]:
    yield "| " + " | ".join(table.columns) + " |"
    yield "|---" + "|---:" * (len(table.columns) - 1) + "|"
    for row in table.rows:
        yield "| " + " | ".join(row) + " |"
    if table.notes:
        yield ""
        for note in table.notes:
            yield f"- {note}"


def _goal(goal: Goal) -> str:
    return f"{'met   ' if goal.met else 'missed'} {goal.text}: {goal.found}"
