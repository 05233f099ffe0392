"""What belongs to one case, and what happened in it? Tasks, results and repairs that hang together.

Told from the facts of `insp.decided`; the systems' answers from their receipts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.console.stories.find import History
from connectors.console.stories.story import first_answers, said, task_of
from schemas.facts import CompletedFact, Decided, Fact
from schemas.feed import Receipt, Stage
from schemas.public_facts import DisclosureFact, HeldFact, RepairFact, StopKeptFact


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's timeline: what a department sent, or what a system answered.

    `about` is the id of the task, result or repair.
    """

    at_ms: int
    step: str
    about: str
    what: str
    sender: str = ""
    site: str = ""
    attempt: int = 0
    offset: int | None = None


@dataclass(slots=True)
class CaseStory:
    """What hangs together.

    Attributes:
        tasks: ids, in the order of the log; so the others.
        results: the newest disclosure of each result; None: it was never disclosed.
        repairs: the newest step of each repair; None: only held steps are known.
    """

    tasks: dict[str, None] = field(default_factory=dict)
    results: dict[str, DisclosureFact | None] = field(default_factory=dict)
    repairs: dict[str, RepairFact | None] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    first_disclosed_ms: int | None = None

    @property
    def known(self) -> bool:
        """Whether anything happened at all."""
        return bool(self.events)

    def add(self, events: Iterable[Event]) -> None:
        """Add what the systems answered, each where its time is."""
        self.events = sorted([*self.events, *events], key=lambda one: one.at_ms)


class _Links:
    """Which task, result and repair belong together, whatever order they came in."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.task_of: dict[str, str] = {}
        self.results_of: dict[str, dict[str, None]] = {}
        for fact in facts:
            if isinstance(fact, CompletedFact):
                self.task_of[fact.result_id] = fact.task_id
            elif isinstance(fact, DisclosureFact):
                self.task_of.setdefault(fact.result_id, fact.content.task_id)
            elif isinstance(fact, RepairFact):
                self.results_of.setdefault(fact.repair_id, {}).update(
                    dict.fromkeys(fact.result_ids)
                )
            elif isinstance(fact, HeldFact):
                self.results_of.setdefault(fact.repair_id, {}).update(
                    dict.fromkeys(fact.step.result_ids)
                )


def tell_case(history: History, asked: str | None) -> CaseStory:
    """The story of what hangs together with a task, a result or a repair; None: of everything."""
    answers = first_answers(history.answers)
    links = _Links(fact for answer in answers for fact in answer.facts)
    results = set(links.task_of) | {r for some in links.results_of.values() for r in some}
    if asked is not None:
        results = {
            result
            for result in results
            if asked in (result, links.task_of.get(result))
            or result in links.results_of.get(asked, ())
        }
    repairs = {
        repair
        for repair, some in links.results_of.items()
        if asked in (None, repair) or not results.isdisjoint(some)
    }
    tasks = {links.task_of[result] for result in results if result in links.task_of}
    if asked is not None:
        tasks.add(asked)
    story = CaseStory()
    for answer in answers:
        _take(story, answer, (tasks, results, repairs))
    return story


def site_events(
    receipts: Mapping[str, Sequence[Receipt]], due_ms: Mapping[str, int]
) -> list[Event]:
    """What the systems answered about results; `due_ms` is by result id the end of its due day."""
    return [
        Event(
            one.at,
            f"{one.stage} v{one.version} {one.state}",
            one.result_id,
            _answer(one, due_ms.get(one.result_id, 0)),
            site=site,
            attempt=one.attempt,
        )
        for site, some in receipts.items()
        for one in some
        if one.by == "HUB"
    ]


def _take(story: CaseStory, answer: Decided, wanted: tuple[set[str], set[str], set[str]]) -> None:
    tasks, results, repairs = wanted
    for fact in answer.facts:
        task_id, result_id = task_of(fact), getattr(fact, "result_id", None)
        repair_id = getattr(fact, "repair_id", None)
        if task_id not in tasks and result_id not in results and repair_id not in repairs:
            continue
        if task_id is not None:
            story.tasks[task_id] = None
        if isinstance(fact, DisclosureFact):
            story.results[fact.result_id] = fact
            if story.first_disclosed_ms is None:
                story.first_disclosed_ms = answer.at
        elif isinstance(fact, StopKeptFact):
            story.results.setdefault(fact.result_id, None)
        elif isinstance(fact, RepairFact):
            story.repairs[fact.repair_id] = fact
        elif isinstance(fact, HeldFact):
            story.repairs.setdefault(fact.repair_id, None)
        about = task_id or result_id or repair_id or ""
        story.events.append(
            Event(answer.at, fact.fact, about, said(fact), answer.dept, offset=answer.src.offset)
        )


def _answer(receipt: Receipt, due_ms: int) -> str:
    words = [receipt.status]
    if receipt.site_receipt_id:
        words.append(f"receipt {receipt.site_receipt_id}")
    words += receipt.errors
    if receipt.stage is Stage.PROCESSED and receipt.state != "DISCLOSED" and due_ms:
        words.append("in time" if receipt.at <= due_ms else "TOO LATE")
    return ", ".join(word for word in words if word)
