"""How does one case look to a person? Cards of a task, a code and an enterprise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from connectors.console.stories.find import Entry, History
from connectors.console.stories.story import SubjectStory, TaskStory, first_answers, said, task_of
from connectors.console.terminal.screen import card, explained, instant, lines, row, table
from schemas.decision import DecisionMade, Reason
from schemas.enums import Decision, Prompt
from schemas.explain import (
    explain_code_state,
    explain_decision,
    explain_prompt,
    explain_reason,
)
from schemas.facts import Decided

_RECORDED = frozenset(
    {Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL, Decision.RECORDED_OUT_OF_SCOPE}
)


def decision_style(decision: Decision) -> str:
    """The colour of a decision: issued, recorded, or not allowed."""
    if decision is Decision.ISSUED:
        return "bold green"
    return "bold cyan" if decision in _RECORDED else "bold red"


def decision_card(made: DecisionMade, entity_name: str = "") -> RenderableType:
    """A decision with all that explains it."""
    decided = Text(made.decision.value, style=decision_style(made.decision))
    if made.exempt:
        decided.append("  exempt", style="not bold default")
    return card(
        f"Task {made.task_id}",
        [
            ("decision", explained(decided, explain_decision(made.decision), indent=0)),
            ("enterprise", f"{made.uscc}  {entity_name}".rstrip()),
            ("department", made.dept),
            ("code", None if made.code is None else Text(made.code, style="bold")),
            ("", _code_line(made)),
            ("count", _count(made)),
            ("counted", ", ".join(made.counted)),
            ("prompts", lines([_prompt(prompt) for prompt in made.warnings])),
            ("reasons", lines(_reasons(made.reasons))),
            ("digests", None if made.digests is None else "\n".join(made.digests)),
            ("decided", made.decided_at),
            ("under", f"policy {made.policy_version}, rules {made.rules_version}"),
            ("source", f"{made.source.topic}/{made.source.partition}/{made.source.offset}"),
        ],
    )


def standing_card(task: TaskStory) -> RenderableType:
    """Where a task and its code stand now."""
    state = Text(task.state.value, style="bold")
    counts = "counts as a visit" if task.live else "does not count as a visit"
    return card(
        "Now",
        [
            ("code", explained(state, explain_code_state(task.state), indent=0)),
            ("day", f"{task.day}, {counts}" if task.day else None),
            ("result", task.result_id),
            ("choice", task.choice),
        ],
    )


def timeline(history: History, task_id: str) -> RenderableType:
    """What came in about a task and what was answered, in the order of the journal."""
    answers = {answer.src.offset: answer for answer in first_answers(history.answers)}
    rows = [
        (entry, answers.get(entry.offset))
        for entry in history.entries
        if is_about(task_id, entry, answers.get(entry.offset))
    ]
    senders = {entry.record.dept for entry, _ in rows if entry.record}
    columns = ["#offset", "!appended", "event", "answer"]
    if len(senders) > 1:
        columns.insert(2, "from")
    shown = table(*columns, title="Timeline")
    for entry, answer in rows:
        dept, event = _event(entry)
        facts = "; ".join(said(fact) for fact in answer.facts) if answer else "not decided yet"
        sender = [dept] if len(senders) > 1 else []
        row(shown, str(entry.offset), instant(entry.at_ms), *sender, event, facts)
    return shown


def is_about(task_id: str, entry: Entry, answer: Decided | None) -> bool:
    """Is this journal record, or its answer, about the task?"""
    facts = answer.facts if answer else ()
    return entry.task_id == task_id or task_id in map(task_of, facts)


def subject_cards(story: SubjectStory, key: str, name: str, year: int) -> list[RenderableType]:
    """An enterprise: classes, whitelist, joint tasks, and its tasks of a year by department."""
    classes = [
        f"{scheme}: {one.class_} as of {one.as_of}" for scheme, one in sorted(story.classes.items())
    ]
    joints = [
        f"{name} {one.formed.quarter}, lead {one.lead}, members {', '.join(one.members)}"
        for name, one in story.joints.items()
    ]
    heading = card(
        f"{key}  {name}".rstrip(),
        [
            ("classes", "\n".join(classes) or "none on record"),
            ("whitelist", _whitelist(story)),
            ("joint tasks", "\n".join(joints)),
            ("faults", "\n".join(story.faults)),
        ],
    )
    return [heading, *_by_department(tasks_of_year(story, year), year)]


def tasks_of_year(story: SubjectStory, year: int) -> dict[str, list[TaskStory]]:
    """The tasks whose day lies in a year, by department, in the order of their days."""
    found: dict[str, list[TaskStory]] = defaultdict(list)
    for task in story.tasks.values():
        if task.day is not None and task.day.year == year:
            found[task.dept].append(task)
    return {
        dept: sorted(tasks, key=lambda task: (str(task.day), task.task_id))
        for dept, tasks in sorted(found.items())
    }


def latest_cap(tasks: Sequence[TaskStory]) -> DecisionMade | None:
    """The latest decision of these that names a cap."""
    made = [task.decision for task in tasks if task.decision and task.decision.cap is not None]
    return max(made, key=lambda one: one.source.offset, default=None)


def _by_department(found: dict[str, list[TaskStory]], year: int) -> list[RenderableType]:
    if not found:
        return [Text(f"No tasks in {year}.")]
    totals = table("department", "#tasks", "#visits", "#used", "#cap", "rule")
    totals.title = f"All tasks of {year}; used and cap as of each department's latest decision"
    shown: list[RenderableType] = []
    for dept, tasks in found.items():
        cap = latest_cap(tasks)
        visits = sum(task.live for task in tasks)
        of_cap = (cap.used, cap.cap, cap.rule) if cap else (None, None, None)
        row(totals, dept, len(tasks), visits, *of_cap)
        shown.append(_task_table(dept, tasks))
    return [*shown, totals]


def _task_table(dept: str, tasks: Sequence[TaskStory]) -> RenderableType:
    shown = table("!day", "task", "!decision", "!code state", title=dept)
    for task in tasks:
        made = task.decision
        style = decision_style(made.decision) if made else "dim"
        decision = Text(made.decision if made else "none", style=style)
        row(shown, task.day, task.task_id, decision, task.state)
    return shown


def _whitelist(story: SubjectStory) -> str:
    listed = story.whitelist
    if listed is None:
        return "not listed"
    if not listed.listed:
        return "taken off"
    return f"listed from {listed.from_}" + (f" until {listed.until}" if listed.until else "")


def _event(entry: Entry) -> tuple[str, str]:
    if entry.record is None:
        return "", entry.fault
    return entry.record.dept, entry.record.type.removeprefix("inspection.")


def _count(made: DecisionMade) -> str:
    if made.cap is None:
        return f"no cap rule applied in {made.year}"
    return f"{made.used} of {made.cap} in {made.year} under {made.rule}"


def _code_line(made: DecisionMade) -> str | None:
    if made.code is None:
        return None
    return f"{made.code_kind}, may be shown until {made.valid_until}"


def _prompt(prompt: Prompt) -> RenderableType:
    return explained(Text(prompt.value, style="yellow"), explain_prompt(prompt))


def _reasons(reasons: Sequence[Reason]) -> list[RenderableType]:
    """Each reason once, with everything it is about."""
    about: dict[str, list[str]] = defaultdict(list)
    for reason in reasons:
        about[reason.code] += [reason.about] if reason.about else []
    return [
        explained(
            Text.assemble((code, "red"), "  " if names else "", ", ".join(names)),
            explain_reason(code),
        )
        for code, names in about.items()
    ]
