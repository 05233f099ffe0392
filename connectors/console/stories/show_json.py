"""How does one case look to a script? The same stories as the cards, with stable keys."""

from __future__ import annotations

from typing import Any

from connectors.console.stories.cards import is_about, latest_cap, tasks_of_year
from connectors.console.stories.find import History
from connectors.console.stories.story import SubjectStory, TaskStory, first_answers, task_of
from connectors.console.terminal.screen import instant_json
from schemas.decision import DecisionMade
from schemas.explain import explain_decision, explain_prompt, explain_reason


def task_json(history: History, story: TaskStory, made: DecisionMade | None) -> dict[str, Any]:
    """A task: its decision explained, where it stands, what happened."""
    return {
        "task_id": story.task_id,
        "uscc": history.place.key,
        "partition": history.place.partition,
        "decision": made and made.model_dump(mode="json"),
        "explained": made and _explained(made),
        "code_state": story.state,
        "counts": story.live,
        "day": story.day,
        "result_id": story.result_id,
        "choice": story.choice,
        "timeline": _timeline(history, story.task_id),
        "records_read": history.records_read,
    }


def code_json(made: DecisionMade, story: TaskStory, qr_fault: str) -> dict[str, Any]:
    """A code: its task, where it stands. `qr_fault` is empty when the QR text vouches for it."""
    return {
        "code": made.code,
        "code_kind": made.code_kind,
        "code_state": story.state,
        "task_id": made.task_id,
        "uscc": made.uscc,
        "dept": made.dept,
        "valid_until": made.valid_until,
        "qr_text": made.qr_text,
        "qr_fault": qr_fault,
    }


def subject_json(history: History, story: SubjectStory, name: str, year: int) -> dict[str, Any]:
    """An enterprise: classes, whitelist, joint tasks, and a year's tasks by department."""
    listed = story.whitelist
    return {
        "uscc": history.place.key,
        "name": name,
        "year": year,
        "classes": {scheme: one.class_ for scheme, one in sorted(story.classes.items())},
        "whitelist": listed and listed.model_dump(mode="json", by_alias=True),
        "joint_tasks": [one.as_dict() for one in story.joints.values()],
        "departments": {
            dept: _department(tasks) for dept, tasks in tasks_of_year(story, year).items()
        },
        "faults": story.faults,
        "records_read": history.records_read,
    }


def _department(tasks: list[TaskStory]) -> dict[str, Any]:
    cap = latest_cap(tasks)
    return {
        "visits": sum(one.live for one in tasks),
        "used": cap and cap.used,
        "cap": cap and cap.cap,
        "rule": cap and cap.rule,
        "tasks": [
            {
                "task_id": one.task_id,
                "day": one.day,
                "decision": one.decision and one.decision.decision,
                "code_state": one.state,
                "counts": one.live,
            }
            for one in tasks
        ],
    }


def _timeline(history: History, task_id: str) -> list[dict[str, Any]]:
    answers = {answer.src.offset: answer for answer in first_answers(history.answers)}
    rows = []
    for entry in history.entries:
        answer = answers.get(entry.offset)
        if is_about(task_id, entry, answer):
            facts = [fact for fact in (answer.facts if answer else ()) if task_of(fact) == task_id]
            row = {
                "offset": entry.offset,
                "at": instant_json(entry.at_ms),
                "dept": entry.record and entry.record.dept,
                "type": entry.record and entry.record.type,
                "fault": entry.fault,
                "decided": answer is not None,
                "facts": [fact.model_dump(mode="json", by_alias=True) for fact in facts],
            }
            rows.append(row)
    return rows


def _explained(made: DecisionMade) -> dict[str, Any]:
    sentences = {made.decision.value: explain_decision(made.decision)}
    sentences |= {prompt.value: explain_prompt(prompt) for prompt in made.warnings}
    sentences |= {reason.code: explain_reason(reason.code) for reason in made.reasons}
    return {
        word: {"zh": what.zh, "en": what.en, "article": what.article}
        for word, what in sentences.items()
    }
