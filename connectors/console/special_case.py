"""What is the story of this special inspection: who filed, dispatched, claimed, and until when?

What was filed stands in the journal, what became of each step in `insp.decided`. Of a confidential
one neither title nor content is shown: they stay in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from connectors.console.find import Entry, History
from connectors.console.screen import card, explained, instant, instant_json, row, table
from connectors.console.story import first_answers, said
from schemas.explain import explain_reason
from schemas.facts import Decided, NotedFact
from schemas.inbound_special import SpecialFiled, SpecialPublished
from schemas.special_facts import SpecialFact, SpecialPlan
from schemas.special_words import ClaimStatus, SpecialStatus, SpecialStep

SPECIAL_PREFIX = "special:"
_STYLE = {
    ClaimStatus.WAITING: "yellow",
    ClaimStatus.OVERDUE: "bold red",
    ClaimStatus.CLAIMED: "green",
    ClaimStatus.REFUSED: "red",
}


@dataclass(slots=True)
class Party:
    """Where one department stands with it."""

    status: ClaimStatus = ClaimStatus.WAITING
    due_on: date | None = None
    dispatched_by: str = ""
    platform: str | None = None
    reason: str = ""


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
    steps: list[Step] = field(default_factory=list)

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


def special_parts(story: SpecialStory) -> Iterator[RenderableType]:
    """The story for people."""
    yield _heading(story)
    if story.parties:
        yield _parties(story)
    yield _timeline(story)
    told = dict.fromkeys(code for step in story.steps for code, _ in step.reasons)
    if told:
        words = [(code, explained(Text(code), explain_reason(code), indent=0)) for code in told]
        yield card("Reasons", [("", what) for _, what in words])


def special_json(story: SpecialStory) -> dict[str, Any]:
    """The story for scripts."""
    plan, filed = story.plan, _open_content(story)
    return {
        "special_id": story.special_id,
        "status": story.status,
        "plan": plan and plan.model_dump(mode="json"),
        "content": filed and filed.model_dump(mode="json", include=_SHOWN),
        "agreed": story.agreed,
        "published": story.published or None,
        "parties": [
            {
                "dept": dept,
                "status": party.status,
                "due_on": party.due_on,
                "dispatched_by": party.dispatched_by or None,
                "platform": party.platform,
                "reason": party.reason or None,
            }
            for dept, party in story.parties.items()
        ],
        "timeline": [
            {
                "offset": step.offset,
                "at": instant_json(step.at_ms),
                "by": step.by,
                "type": step.type,
                "what": step.what,
                "reasons": [{"code": code, "about": about} for code, about in step.reasons],
            }
            for step in story.steps
        ],
    }


_SHOWN = {"approval", "basis_docs", "content", "scope", "requirements"}


def _open_content(story: SpecialStory) -> SpecialFiled | None:
    """What was filed, unless it is confidential."""
    return None if story.plan is None or story.plan.confidential else story.filed


def _heading(story: SpecialStory) -> RenderableType:
    plan, filed = story.plan, _open_content(story)
    title = Text(f"Special inspection {story.special_id}", style="bold")
    if plan is None:
        return card(title, [("status", Text("never filed: see the timeline", style="yellow"))])
    approval = filed.approval if filed is not None else None
    sorts = {
        "confidential": plan.confidential,
        "survey": plan.survey,
        "ordered from above": plan.superior,
    }
    return card(
        title,
        [
            ("title", plan.title or Text("confidential: kept in the journal only", style="yellow")),
            (
                "status",
                f"{story.status}" + "".join(f", {name}" for name, on in sorts.items() if on),
            ),
            ("filed by", plan.dept),
            ("with", ", ".join(_agreement(story, dept) for dept in plan.departments)),
            ("days", f"{plan.starts_on} to {plan.ends_on}"),
            ("approval", f"{approval.no}, {approval.by}" if approval else None),
            ("basis", "\n".join(_documents(story))),
            ("content", filed.content if filed else None),
            ("scope", filed.scope if filed else None),
            ("requires", filed.requirements if filed else None),
            ("objects", f"{len(plan.listed):,} enterprises on the list" if plan.listed else None),
            ("published", story.published),
            ("digest", plan.digest),
        ],
    )


def _agreement(story: SpecialStory, dept: str) -> str:
    return dept + (" (agreed)" if dept in story.agreed else " (has not agreed yet)")


def _documents(story: SpecialStory) -> Iterator[str]:
    filed = _open_content(story)
    if filed is None:
        yield from (f"sha256 {digest[:16]}…" for digest in (story.plan.basis if story.plan else ()))
        return
    for one in filed.basis_docs:
        name = "confidential" if one.confidential else f"{one.title}, {one.reference}"
        yield f"{name}, sha256 {one.sha256[:16]}…"


def _parties(story: SpecialStory) -> RenderableType:
    shown = table("!department", "!status", "!answer due", "given by", "platform", "reason")
    shown.title = "Departments"
    for dept, party in story.parties.items():
        status = Text(party.status.value, style=_STYLE[party.status])
        row(shown, dept, status, party.due_on, party.dispatched_by, party.platform, party.reason)
    return shown


def _timeline(story: SpecialStory) -> RenderableType:
    shown = table("#offset", "!appended", "from", "event", "answer", title="Timeline")
    for step in story.steps:
        about = ", ".join(f"{code} {about}".rstrip() for code, about in step.reasons)
        what = step.what if not about or about in step.what else f"{step.what}: {about}"
        name = step.type.removeprefix("special.")
        row(shown, str(step.offset), instant(step.at_ms), step.by, name, what)
    return shown
