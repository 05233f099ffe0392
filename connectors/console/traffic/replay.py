"""How is a replay shown?

A progress bar while it runs, then what was decided, and the decisions in a file.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Protocol

import orjson
import typer
from rich.table import Table

from connectors.console.command import command
from connectors.console.context import Context, Exit
from connectors.console.terminal.screen import progress, row, table
from connectors.console.traffic.event_lines import LineFault, LineReader, Posting
from schemas.decision import DecisionMade
from schemas.facts import ConflictFact, Decided, DecidedFact, NotedFact
from schemas.joint_facts import JointFact
from schemas.policy import PolicyDocument
from schemas.policy_file import read_policy

_TELL_EVERY_LINES = 512


class Judge(Protocol):
    """Judges a file line by line."""

    def line(self, line: Posting, number: int) -> Sequence[Decided | str]:
        """Answers to one line, or the reason code of its refusal; none to a registry entry."""
        ...

    def rest(self) -> Sequence[Decided | str]:
        """Answers to what still waits where the file ends."""
        ...


@dataclass(slots=True)
class Tally:
    """What a replay came to."""

    decisions: Counter[str] = field(default_factory=Counter)
    prompts: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    joints: int = 0
    lines: int = 0
    took_s: float = 0.0

    def decided(self, answer: Decided) -> DecisionMade | None:
        """Count one answer; returns its decision if it has one."""
        fact = answer.facts[-1]
        self.joints += sum(isinstance(one, JointFact) for one in answer.facts)
        if isinstance(answer.facts[0], DecidedFact):
            fact = answer.facts[0]
        if isinstance(fact, DecidedFact | ConflictFact):
            self.decisions[fact.decision.decision] += 1
            self.prompts.update(fact.decision.warnings)
            return fact.decision
        name = f"{fact.fact} {fact.outcome}" if isinstance(fact, NotedFact) else fact.fact
        self.events[name] += 1
        return None

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "lines": self.lines,
            "took_s": round(self.took_s, 3),
            "decisions": dict(self.decisions),
            "prompts": dict(self.prompts),
            "events": dict(self.events),
            "joint_tasks": self.joints,
            "refused": dict(self.refused),
            "unreadable": self.unreadable,
        }


def register(app: typer.Typer, judge: Callable[[Context, PolicyDocument | None], Judge]) -> None:
    """Add `replay`; what judges the lines is handed in."""

    def replay(
        hub: Context,
        file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", exists=True, dir_okay=False)],
        policy: Annotated[
            Path | None,
            typer.Option(exists=True, help="Judge by this policy file instead (what-if)."),
        ] = None,
        out: Annotated[
            Path | None, typer.Option(help="Write the decisions here, one a line.")
        ] = None,
    ) -> None:
        """Judge a file of events with the pure fold: no broker, no Redis, nothing is changed."""
        instead = read_policy(policy.read_text(encoding="utf-8")) if policy else None
        tally = run(hub, file, out, judge(hub, instead))
        raise typer.Exit(Exit.FOUND if tally.unreadable else Exit.DONE)

    command(app, "replay")(replay)


def run(hub: Context, file: Path, out: Path | None, judge: Judge) -> Tally:
    """Feed every line and show what came of it.

    Args:
        hub: Where to show it.
        file: Structured CloudEvents, one a line.
        out: Where decisions go, one JSON document a line; None: nowhere.
        judge: Judges the lines.
    """
    tally = Tally()
    began = time.monotonic()
    with ExitStack() as stack:
        bar = stack.enter_context(progress(hub.err, "replaying", file.stat().st_size))
        written = stack.enter_context(out.open("wb")) if out is not None else None
        for posting, number, position in _postings(file, tally):
            _take(judge.line(posting, number), tally, written)
            if number % _TELL_EVERY_LINES == 0:
                bar.at(position)
        _take(judge.rest(), tally, written)
    tally.took_s = time.monotonic() - began
    if hub.json:
        hub.emit(tally.as_dict())
    else:
        hub.show(*_tables(tally))
    return tally


def _take(answers: Sequence[Decided | str], tally: Tally, written: BinaryIO | None) -> None:
    for answer in answers:
        if isinstance(answer, str):
            tally.refused.update([answer])
            continue
        made = tally.decided(answer)
        if made is not None and written is not None:
            written.write(orjson.dumps(made.model_dump(mode="json")) + b"\n")


def _postings(file: Path, tally: Tally) -> Iterator[tuple[Posting, int, int]]:
    reader, position = LineReader(), 0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            position += len(line)
            if not line.strip():
                continue
            tally.lines += 1
            try:
                yield reader.read(line), number, position
            except LineFault as fault:
                tally.unreadable.append(f"line {number}: {fault}")


def _tables(tally: Tally) -> Iterator[Table | str]:
    speed = tally.lines / tally.took_s if tally.took_s else 0.0
    yield f"{tally.lines:,} lines in {tally.took_s:.1f} s ({speed:,.0f} a second)"
    if tally.joints:
        yield f"{tally.joints:,} joint inspections formed"
    for title, counter in (
        ("decisions", tally.decisions),
        ("prompts", tally.prompts),
        ("other events", tally.events),
        ("refused at the door", tally.refused),
    ):
        if counter:
            shown = table(title, "#count")
            for name, count in counter.most_common():
                row(shown, name, count)
            yield shown
    yield from tally.unreadable[:20]
