"""What is the story of this special inspection: who filed, dispatched, claimed, and until when?

What was filed stands in the journal, what became of each step in `insp.decided`. Of a confidential
one neither title nor content is shown: they stay in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from connectors.console.stories.special_story import SpecialStory
from connectors.console.terminal.screen import card, explained, instant, instant_json, row, table
from schemas.explain import explain_reason
from schemas.inbound_special import SpecialFiled
from schemas.special_words import (
    ClaimStatus,
)

OBJECTS_SHOWN = 40
"""So many tasks are listed one by one; of more only how far each department is."""
_STYLE = {
    ClaimStatus.WAITING: "yellow",
    ClaimStatus.OVERDUE: "bold red",
    ClaimStatus.CLAIMED: "green",
    ClaimStatus.REFUSED: "red",
}


def special_parts(story: SpecialStory) -> Iterator[RenderableType]:
    """The story for people."""
    yield _heading(story)
    if story.parties:
        yield _parties(story)
    if story.draws:
        yield _draws(story)
    if story.objects:
        yield _by_department(story)
    if 0 < len(story.objects) <= OBJECTS_SHOWN:
        yield _objects(story)
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
        "draws": [
            {
                "dept": one.dept,
                "draw_id": one.draw_id,
                "first_at": instant_json(one.first_ms),
                "objects": one.objects,
                "listed": one.listed,
            }
            for one in story.draws.values()
        ],
        "objects": [
            {**asdict(one), "owes_result": story.owes(one)} for one in story.objects.values()
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


def _draws(story: SpecialStory) -> RenderableType:
    """What was drawn at random for it: `GET /draws/DRAW_ID` proves it."""
    shown = table("!department", "draw", "!taken in", "#objects", "#on the list")
    shown.title = "Random draws for it"
    for one in story.draws.values():
        row(shown, one.dept, one.draw_id, instant(one.first_ms), len(one.objects), one.listed)
    return shown


def _by_department(story: SpecialStory) -> RenderableType:
    """How far each department is: what it planned, visited, and still owes."""
    shown = table("!department", "#tasks", "#on the list", "#results", "#cancelled", "#owed")
    shown.title = f"Tasks for its objects ({len(story.plan.listed) if story.plan else 0:,} listed)"
    for dept in dict.fromkeys(one.dept for one in story.objects.values()):
        own = [one for one in story.objects.values() if one.dept == dept]
        owed = sum(story.owes(one) for one in own)
        row(
            shown, dept, len(own), sum(one.listed for one in own),
            sum(one.result_id is not None for one in own), sum(one.cancelled for one in own),
            Text(f"{owed:,}", style="yellow" if owed else ""),
        )  # fmt: skip
    return shown


def _objects(story: SpecialStory) -> RenderableType:
    shown = table("object", "task", "decision", "!day", "result", title="Objects")
    for one in story.objects.values():
        result = Text("owed", style="yellow") if story.owes(one) else one.result_id
        word = "CANCELLED" if one.cancelled else one.decision
        row(shown, one.uscc, one.task_id, word, one.day, result)
    return shown


def _timeline(story: SpecialStory) -> RenderableType:
    shown = table("#offset", "!appended", "from", "event", "answer", title="Timeline")
    for step in story.steps:
        about = ", ".join(f"{code} {about}".rstrip() for code, about in step.reasons)
        what = f"{step.what.partition(':')[0]}: {about}" if about else step.what
        name = step.type.removeprefix("special.")
        row(shown, str(step.offset), instant(step.at_ms), step.by, name, what)
    return shown
