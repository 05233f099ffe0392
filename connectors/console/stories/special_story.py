"""What became of a special inspection, step by step? Told from the facts of its log.

Source: art. 4-6; docs/semantics.md §14, §15.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from connectors.console.stories.find import Entry, History
from connectors.console.stories.story import first_answers, said
from connectors.console.terminal.screen import instant
from schemas.enums import Decision
from schemas.facts import Decided, NotedFact
from schemas.inbound_special import SpecialFiled, SpecialPublished
from schemas.special_facts import SpecialFact, SpecialPlan
from schemas.special_words import (
    SPECIAL_PREFIX,
    ClaimStatus,
    ObjectStage,
    Platform,
    SpecialStatus,
    SpecialStep,
)
from schemas.survey_facts import SpecialObjectFact

_VISITS = frozenset({Decision.ISSUED, Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})


@dataclass(slots=True)
class Party:
    """Where one department stands with it."""

    status: ClaimStatus = ClaimStatus.WAITING
    due_on: date | None = None
    dispatched_by: str = ""
    platform: str | None = None
    reason: str = ""


@dataclass(slots=True)
class ObjectTask:
    """What became of a task for one object. `listed`: the object is on the list."""

    uscc: str
    task_id: str
    dept: str
    listed: bool = False
    decision: Decision | None = None
    day: date | None = None
    result_id: str | None = None
    cancelled: bool = False

    def owes(self, platform: str | None) -> bool:
        """Whether its department, on this platform, has still to push a result (art. 5)."""
        visit = self.decision in _VISITS and not self.cancelled
        return visit and self.result_id is None and platform != Platform.STATE_COUNCIL


@dataclass(slots=True)
class DrawFor:
    """A random draw for it (art. 5): by whom, and which objects of it were taken."""

    dept: str
    draw_id: str
    first_ms: int
    objects: list[str] = field(default_factory=list)
    listed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline: a journal record, and what was answered."""

    offset: int
    at_ms: int
    by: str
    type: str
    what: str
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class SpecialStory:
    """A special inspection, from its facts. `filed` None: no filing was accepted."""

    special_id: str
    plan: SpecialPlan | None = None
    filed: SpecialFiled | None = None
    status: SpecialStatus | None = None
    agreed: list[str] = field(default_factory=list)
    published: str = ""
    parties: dict[str, Party] = field(default_factory=dict)
    objects: dict[tuple[str, str], ObjectTask] = field(default_factory=dict)
    draws: dict[tuple[str, str], DrawFor] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def owes(self, one: ObjectTask) -> bool:
        """Whether a result is still to come for a task."""
        party = self.parties.get(one.dept)
        return one.owes(None if party is None else party.platform)

    def take(self, entry: Entry | None, answer: Decided) -> None:
        """Take in the answer to one journal record."""
        fact = answer.facts[0]
        reasons = fact.reasons if isinstance(fact, SpecialFact | NotedFact) else ()
        told = tuple((one.code, one.about) for one in reasons)
        step = Step(answer.src.offset, answer.at, answer.dept, answer.type, said(fact), told)
        self.steps.append(step)
        if isinstance(fact, SpecialFact):
            self.status = fact.status
            self._take(fact, entry)
        elif isinstance(fact, SpecialObjectFact):
            self._report(fact, answer.at)

    def _report(self, fact: SpecialObjectFact, at_ms: int) -> None:
        if fact.stage is ObjectStage.DRAWN:
            draw = (fact.dept, fact.task_id)
            known = self.draws.setdefault(draw, DrawFor(*draw, at_ms))
            if fact.uscc not in known.objects:
                known.objects.append(fact.uscc)
                known.listed += fact.listed
            return
        name = (fact.uscc, fact.task_id)
        one = self.objects.setdefault(name, ObjectTask(*name, fact.dept, fact.listed))
        one.day = fact.on or one.day
        if fact.stage is ObjectStage.RESULT:
            one.result_id, one.cancelled = fact.result_id, False
        elif fact.stage is ObjectStage.CANCELLED:
            one.cancelled = True
        else:
            one.decision = fact.decision

    def _take(self, fact: SpecialFact, entry: Entry | None) -> None:
        data = entry.record.data if entry is not None and entry.record is not None else None
        match fact.step:
            case SpecialStep.FILED:
                self.plan = fact.plan
                self.filed = data if isinstance(data, SpecialFiled) else None
            case SpecialStep.AGREED:
                self.agreed.append(fact.by)
            case SpecialStep.PUBLISHED:
                address = data.address if isinstance(data, SpecialPublished) else ""
                self.published = f"{instant(fact.at)}  {address}".rstrip()
            case SpecialStep.DISPATCHED:
                for dept in fact.named:
                    self.parties[dept] = Party(due_on=fact.due_on, dispatched_by=fact.by)
            case SpecialStep.CLAIMED:
                party = self.parties.setdefault(fact.by, Party())
                party.status, party.platform = ClaimStatus.CLAIMED, fact.platform
            case SpecialStep.REFUSED:
                self.parties[fact.by].status = ClaimStatus.REFUSED
                self.parties[fact.by].reason = fact.reason
            case SpecialStep.OVERDUE:
                for dept in fact.named:
                    self.parties[dept].status = ClaimStatus.OVERDUE
            case _:
                pass


def tell_special(history: History) -> SpecialStory:
    """The story of a special inspection from all records of its log."""
    story = SpecialStory(history.place.key.removeprefix(SPECIAL_PREFIX))
    entries = {entry.offset: entry for entry in history.entries}
    for answer in first_answers(history.answers):
        story.take(entries.get(answer.src.offset), answer)
    return story
