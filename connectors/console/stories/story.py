"""What became of an enterprise's tasks? Told from the facts of `insp.decided`, for people to read.

The hub's own states are not looked at: whoever doubts them wants another witness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from connectors.console.stories.joint_story import JointStory, hear, said_of_joint
from schemas.decision import DecisionMade
from schemas.enums import CodeState, Decision
from schemas.facts import (
    ApprovalFact,
    CancelledFact,
    ChoiceFact,
    ClassifiedFact,
    CompletedFact,
    ConflictFact,
    Decided,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    FaultedFact,
    NotedFact,
    RatedFact,
    RepeatedFact,
    WhitelistedFact,
)
from schemas.public_facts import DisclosureFact, HeldFact, RepairFact, StopKeptFact
from schemas.special_facts import SpecialFact
from schemas.special_words import ObjectStage, SpecialStatus
from schemas.survey_facts import SpecialObjectFact, SurveyFact

_VOID = frozenset({CodeState.NONE, CodeState.CANCELLED, CodeState.EXPIRED, CodeState.REVOKED})
_RECORDED = frozenset({Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})


@dataclass(slots=True)
class TaskStory:
    """One task, from its facts. `decision` None: it was never submitted, or not yet.

    `along`: the joint task whose visit it is a part of.
    """

    task_id: str
    dept: str = ""
    decision: DecisionMade | None = None
    state: CodeState = CodeState.NONE
    day: date | None = None
    result_id: str | None = None
    choice: str | None = None
    inspected: bool = False
    stars: int | None = None
    along: str | None = None

    @property
    def live(self) -> bool:
        """Does it stand for a visit: reserved, recorded, or made?"""
        if self.inspected:
            return True
        if self.decision is not None and self.decision.decision in _RECORDED:
            return self.state is not CodeState.CANCELLED
        return self.state not in _VOID


@dataclass(slots=True)
class SubjectStory:
    """One enterprise, from its facts."""

    tasks: dict[str, TaskStory] = field(default_factory=dict)
    classes: dict[str, ClassifiedFact] = field(default_factory=dict)
    whitelist: WhitelistedFact | None = None
    joints: dict[str, JointStory] = field(default_factory=dict)
    drawn: list[tuple[int, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def task(self, task_id: str) -> TaskStory:
        """The story of a task, begun if it is new."""
        return self.tasks.setdefault(task_id, TaskStory(task_id))

    def take(self, decided: Decided) -> None:
        """Take in the facts that answer one journal record."""
        for fact in decided.facts:
            self._take(fact)
        hear(self.joints, decided, self.drawn)

    def _take(self, fact: Fact) -> None:  # noqa: C901 - one arm a fact
        match fact:
            case DecidedFact():
                self._decide(fact)
            case CancelledFact():
                self.task(fact.task_id).state = CodeState.CANCELLED
            case ExpiredFact():
                self.task(fact.task_id).state = CodeState.EXPIRED
            case EnteredFact():
                self._enter(fact)
            case CompletedFact():
                self._complete(fact)
            case ChoiceFact():
                self.task(fact.task_id).choice = fact.choice.value
            case RatedFact():
                self.task(fact.task_id).stars = fact.stars
            case ClassifiedFact():
                self.classes[fact.scheme] = fact
            case WhitelistedFact():
                self.whitelist = fact
            case FaultedFact():
                self.faults.append(fact.error)
            case RepeatedFact() | ConflictFact() | NotedFact():
                pass

    def _decide(self, fact: DecidedFact) -> None:
        made = fact.decision
        task = self.task(made.task_id)
        task.decision, task.dept = made, made.dept
        task.along = fact.task.joint_id if fact.task.along else None
        if task.day is None:
            task.day = fact.task.day
        if made.code is not None:
            task.state = CodeState.ISSUED

    def _enter(self, fact: EnteredFact) -> None:
        task = self.task(fact.task_id)
        task.state, task.day, task.dept = fact.code_state, fact.day, task.dept or fact.dept
        task.inspected |= fact.code_state is not CodeState.SHOWN

    def _complete(self, fact: CompletedFact) -> None:
        task = self.task(fact.task_id)
        task.state, task.day, task.dept = CodeState.COMPLETED, fact.day, task.dept or fact.dept
        task.result_id, task.inspected = fact.result_id, True


def tell(answers: Iterable[Decided]) -> SubjectStory:
    """The story of an enterprise from all answers to its records, in the order of the log."""
    story = SubjectStory()
    for answer in first_answers(answers):
        story.take(answer)
    return story


def first_answers(answers: Iterable[Decided]) -> list[Decided]:
    """One answer a journal record: a publication that was repeated after a crash is told once."""
    first: dict[int, Decided] = {}
    for answer in answers:
        first.setdefault(answer.src.offset, answer)
    return [first[offset] for offset in sorted(first)]


def task_of(fact: Fact) -> str | None:
    """The task a fact is about; None when it is about the enterprise as such."""
    if isinstance(fact, DecidedFact | ConflictFact):
        return fact.decision.task_id
    return getattr(fact, "task_id", None)


def said(fact: Fact) -> str:
    """A fact in a few words, for a timeline."""
    match fact:
        case DecidedFact():
            made = fact.decision
            count = f", {made.used} of {made.cap}" if made.cap is not None else ""
            return f"{made.decision}{count}"
        case ConflictFact():
            return "CONFLICT: same id, other content"
        case CancelledFact():
            return "CANCELLED" + (", reservation released" if fact.released else "")
        case EnteredFact():
            return f"ENTERED {fact.code_state} on {fact.day}"
        case CompletedFact():
            return f"COMPLETED on {fact.day}" + (", without a code" if fact.no_code else "")
        case ChoiceFact() | RatedFact() | ApprovalFact():
            return _said_of_task(fact)
        case NotedFact():
            reasons = ", ".join(reason.code for reason in fact.reasons)
            return f"{fact.outcome}" + (f": {reasons}" if reasons else "")
        case FaultedFact():
            return f"FAULTED: {fact.error}"
        case DisclosureFact() | StopKeptFact() | RepairFact() | HeldFact():
            return _said_publicly(fact)
        case _:
            return _said_of_special(fact)


def _said_of_task(fact: ChoiceFact | RatedFact | ApprovalFact) -> str:
    """What an officer chose, how a visit was rated, or that its approval came afterwards."""
    match fact:
        case ChoiceFact():
            return f"{fact.fact} {fact.choice}"
        case RatedFact():
            return f"{fact.fact} {fact.stars} of 5"
        case ApprovalFact():
            return f"{fact.fact} handed in" + "".join(f", {one.code}" for one in fact.doubts)


def _said_publicly(fact: DisclosureFact | StopKeptFact | RepairFact | HeldFact) -> str:
    """A fact about a disclosed result or a repair in a few words."""
    match fact:
        case DisclosureFact():
            due = f", due {fact.due_on}" + "?" * bool(fact.provisional) if fact.due_on else ""
            reason = f", {fact.reason}" if fact.reason else ""
            return f"v{fact.version} {fact.state} ({fact.cause}){reason}{due}"
        case StopKeptFact(ground=None):
            return f"{fact.name} no longer kept"
        case StopKeptFact():
            return f"{fact.name} kept until the result is disclosed"
        case HeldFact():
            return f"{fact.name.strip()} held: {', '.join(one.code for one in fact.reasons)}"
        case RepairFact():
            number = f" no. {fact.decision_no}" if fact.decision_no else ""
            due = f", decision due {fact.due_on}" if fact.due_on else ""
            missing = f", missing {', '.join(fact.missing)}" if fact.missing else ""
            what = str(fact.decision or fact.step)
            now = f", now {fact.status}" if str(fact.status) != what else ""
            return f"{what}{number}{now}{due}{missing}"


def _said_of_special(fact: Fact) -> str:
    """What became of a special inspection, of one of its objects, or of a survey, in few words."""
    match fact:
        case SurveyFact(uscc=None):
            return f"{fact.step} after {fact.found:,} objects"
        case SurveyFact():
            return f"{fact.step} {fact.uscc}, result {fact.result_id}, {fact.found:,} so far"
        case SpecialObjectFact(stage=ObjectStage.DRAWN):
            return f"{fact.stage} {fact.task_id}, {fact.uscc}"
        case SpecialObjectFact():
            what = fact.decision or (f"result {fact.result_id}" if fact.result_id else "no visit")
            return f"{fact.stage} {fact.task_id}, {fact.uscc}: {what}"
        case SpecialFact():
            to = f" {', '.join(fact.named)}" if fact.named else ""
            due = f", until {fact.due_on}" if fact.due_on else ""
            platform = f" on platform {fact.platform}" if fact.platform else ""
            waits = ", agreement outstanding" if fact.status is SpecialStatus.PROPOSED else ""
            return f"{fact.step}{to}{platform}{due}{waits}"
        case _:
            return said_of_joint(fact)
