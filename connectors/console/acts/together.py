"""What did departments do together, and what is counted? The demo's act between day and stops.

A draw that three of them made comes to a joint inspection with one code; the city has a district
carry out a special inspection; statistics follow it all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from connectors.audit.dump import Dump
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import SHANGHAI, card, row, table
from connectors.generate import CitySpec
from connectors.generate.together import Together
from connectors.redis_view import key as view_key
from connectors.statistics.file import FILE_NAME
from connectors.statistics.view import NoStatisticsError, read_view
from schemas.decision import DecisionMade
from schemas.enums import LeadGround
from schemas.facts import Decided
from schemas.joint_facts import JointChangedFact, JointFact
from schemas.special_facts import SpecialFact
from schemas.special_words import ObjectStage
from schemas.statistics_view import StatsView, Wanted
from schemas.survey_facts import SpecialObjectFact
from schemas.topics import DECIDED

DAY_MS = 86_400_000
_LOOK_EVERY_S = 0.2
_LEADS = {
    LeadGround.ONLY: "the only one",
    LeadGround.COMPETENT: "which is competent for its line of business",
    LeadGround.INITIATOR: "which initiates joint inspections of these items",
    LeadGround.MOST_ITEMS: "which brings the most items",
    LeadGround.CODE_ORDER: "the first by its code",
}

Send = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Act:
    """What departments do together on the day of a demo."""

    hub: Context
    lines: Together
    send: Send
    patience_s: float

    def play(self) -> bool:
        """Play all of it; whether a joint inspection could be formed today."""
        self._send([self.lines.opening()])
        formed = self.lines.can_be_formed
        if formed:
            self._wait("the joint inspection is formed", self._is_formed)
        self._send(self.lines.onwards(joint=formed))
        return formed

    def counted(self, year: int) -> StatsView:
        """The statistics of a year, once every answer is counted."""
        path = self.hub.settings.statistics / FILE_NAME
        found: list[StatsView] = []

        def level() -> bool:
            try:
                found[:] = [read_view(path, Wanted(year=year))]
            except NoStatisticsError:
                return False
            return self._behind(found[0]) == 0

        self._wait("the statistics are counted", level)
        return found[0]

    def _send(self, steps: Iterable[list[bytes]]) -> None:
        """Send each step once the one before it is decided."""
        for lines in steps:
            file = self.hub.settings.data_dir / "together.jsonl"
            file.write_bytes(b"".join(lines))
            self.send(file)

    def _is_formed(self) -> bool:
        with self.hub.redis() as client:
            name = f"{self.lines.uscc}\x1f{self.lines.joint_id}"
            count = self.hub.settings.journal_partitions
            return any(client.hexists(view_key(one, "joint"), name) for one in range(count))

    def _behind(self, view: StatsView) -> int:
        with self.hub.admin() as admin:
            there = [(DECIDED, one) for one in range(admin.partition_counts()[DECIDED])]
            ends = admin.end_offsets(there)
        return sum(end - view.counted_to.get(at, 0) for (_, at), end in ends.items())

    def _wait(self, what: str, done: Callable[[], bool]) -> None:
        until = time.monotonic() + self.patience_s
        while not done():
            if time.monotonic() > until:
                raise CommandError(
                    f"{what}: not within {self.patience_s:g} s; see the logs in "
                    f"{self.hub.settings.data_dir / 'logs'}",
                    Exit.UNREACHABLE,
                )
            time.sleep(_LOOK_EVERY_S)


def lines_together(spec: CitySpec, seed: int, now: datetime, named: Iterable[bytes]) -> Together:
    """The lines of what departments do together at this moment of the day."""
    at = now.astimezone(SHANGHAI)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    at_ms = at.date().toordinal() * DAY_MS + int((at - midnight).total_seconds() * 1000)
    return Together(spec, seed, at_ms, named)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it, from the facts alone. `joint` None: the quarter's window is still open."""

    joint: JointFact | None
    code: str | None
    steps: list[SpecialFact]
    tasks: int
    results: int

    def parts(self) -> list[RenderableType]:
        """The same for people."""
        shown: list[RenderableType] = []
        if self.joint is not None:
            why = f", {_LEADS[self.joint.ground]}" if self.joint.ground else ""
            shown.append(
                card(
                    f"\na joint inspection {self.joint.joint_id}",
                    [
                        ("enterprise", f"{self.joint.joint_id[-18:]} {self.joint.name}"),
                        ("drawn by", f"{', '.join(self.joint.members)} for {self.joint.quarter}"),
                        ("lead", f"{self.joint.lead}{why} (art. 2)"),
                        ("one code", self.code or "none"),
                    ],
                )
            )
        if self.steps:
            who = ", ".join(f"{one.step.lower()} by {one.by}" for one in self.steps)
            done = f"{self.tasks} tasks, {self.results} with a result"
            title = f"a special inspection {self.steps[0].special_id}"
            shown.append(card(title, [("steps", f"{who} (art. 4, 5)"), ("carried out", done)]))
        return shown

    def as_dict(self) -> dict[str, Any]:
        """The same for scripts."""
        joint = self.joint
        return {
            "joint": joint and {
                "joint_id": joint.joint_id, "members": list(joint.members), "lead": joint.lead,
                "ground": joint.ground, "code": self.code,
            },
            "special": {
                "steps": [one.step for one in self.steps], "tasks": self.tasks,
                "results": self.results,
            },
        }  # fmt: skip


def told_of(dump: Dump, made: Iterable[DecisionMade], lines: Together) -> Told:
    """What the logs say of the joint inspection and of the special one."""
    joint: JointFact | None = None
    steps: list[SpecialFact] = []
    stages: list[ObjectStage] = []
    for _, _, records in dump.walk(DECIDED):
        for record in records:
            for fact in Decided.model_validate_json(record.value or b"{}").facts:
                if isinstance(fact, JointFact) and fact.joint_id == lines.joint_id:
                    joint = fact
                elif isinstance(fact, JointChangedFact) and joint is not None:
                    joint = joint.model_copy(update={"members": fact.members})
                elif isinstance(fact, SpecialFact) and fact.special_id == lines.special_id:
                    steps.append(fact)
                elif isinstance(fact, SpecialObjectFact) and fact.special_id == lines.special_id:
                    stages.append(fact.stage)
    code = next((one.code for one in made if one.uscc == lines.uscc and one.code), None)
    return Told(
        joint, code, steps, stages.count(ObjectStage.TASK), stages.count(ObjectStage.RESULT)
    )


def indicators_table(view: StatsView) -> RenderableType:
    """The five indicators of art. 19."""
    made = table("indicator (art. 19)", "#rate", "of")
    for share in view.shares:
        one = share.indicator
        rate = None if share.rate is None else f"{100 * share.rate:.1f} %"
        of = f"{share.numerator:,} of {share.denominator:,} {one.denominator.replace('_', ' ')}"
        row(made, f"{one.zh} {one.title}", rate, of)
    return made
