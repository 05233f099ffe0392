"""How do tasks read on the pages of officers? Values in, words for templates out."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.departments.gateway.people.officer_desk import Joint, Task
from connectors.departments.gateway.people.wording import Lang, pick, state_text
from connectors.departments.gateway.people.wording_officer import DECISIONS, WAYS
from connectors.departments.gateway.ports import Desk
from schemas.enums import CodeState, Decision
from schemas.explain import explain_prompt
from schemas.site_tables import outcomes

_COLOURS = {
    CodeState.COMPLETED: "good",
    CodeState.SCANNED: "good",
    CodeState.SCAN_REFUSED: "bad",
    CodeState.LICENCE_FAILED: "bad",
    CodeState.CANCELLED: "calm",
    CodeState.EXPIRED: "calm",
}
OPEN = frozenset({CodeState.ISSUED, CodeState.SHOWN})
_NOT_DONE = frozenset(
    {CodeState.ISSUED, CodeState.SHOWN, CodeState.SCANNED, CodeState.SCAN_REFUSED,
     CodeState.LICENCE_FAILED}
)  # fmt: skip
Row = dict[str, Any]


def task_row(desk: Desk, task: Task, lang: Lang) -> Row:
    """A task in a list, and at the head of its page."""
    standing, made = task.standing, task.made
    colour, *words = DECISIONS[made.decision if made else Decision.RECORDED_BACKFILL]
    state = standing.code_state
    return {
        "uscc": task.uscc,
        "task_id": standing.task_id,
        "enterprise": desk.subject_name(task.uscc) or task.uscc,
        "items": [desk.item_title(item) for item in standing.items],
        "day": standing.day.isoformat() if standing.day else "",
        # The state of a code that was issued says all.
        "decision": None if standing.code else (colour, pick((words[0], words[1]), lang)),
        "state": None
        if state is CodeState.NONE
        else (_COLOURS.get(state, "wait"), state_text(state, lang)),
        "joint": standing.joint_id is not None,
        "open": state in OPEN,
        "enters": state in _NOT_DONE,
        "code": standing.code,
        "fills_in": state in _NOT_DONE
        or (
            (made is not None and made.decision is Decision.RECORDED_BACKFILL)
            and state is not CodeState.COMPLETED
        ),
    }


def joint_row(desk: Desk, one: Joint, dept: str) -> Row:
    """A joint task that is still to be planned: who leads, with whom, and which day is known."""
    joint = one.joint
    return {
        "enterprise": desk.subject_name(one.uscc) or one.uscc,
        "joint_id": joint.joint_id,
        "items": [desk.item_title(item) for item in joint.items],
        "lead": desk.department_name(joint.lead) if joint.lead else "",
        "leads": joint.lead == dept,
        "others": [
            desk.department_name(other)
            for other in joint.members
            if other not in (dept, joint.lead)
        ],
        "day": joint.day.isoformat() if joint.day else "",
        "proposed": joint.proposed.isoformat() if joint.proposed else "",
    }


def prompt_rows(task: Task, lang: Lang) -> list[str]:
    """What the officer was warned of when the task was decided (art. 10)."""
    made = task.made
    told = [explain_prompt(prompt) for prompt in made.warnings] if made is not None else []
    return [pick((one.zh, one.en), lang) for one in told]


def offsite_rows(desk: Desk, task: Task, lang: Lang) -> list[tuple[str, str]]:
    """What of it can be checked without a visit, and how (art. 10)."""
    choices = task.made.offsite if task.made is not None else ()
    return [
        (desk.item_title(one.item), pick(WAYS[one.way], lang) if one.way is not None else "")
        for one in choices
    ]


def outcome_rows() -> list[tuple[str, str]]:
    """Outcome codes and what they mean, for choosing."""
    return [(code, one.title) for code, one in outcomes().items()]


def point_rows(desk: Desk, items: tuple[str, ...], day: date) -> list[Row]:
    """Items with the check points that their standards have on a day, and in which version."""
    rows: list[Row] = []
    for item in items:
        standard = desk.item_standard(item, day, None)
        rows.append(
            {
                "title": standard.title if standard is not None else desk.item_title(item),
                "version": standard.version if standard is not None else "",
                "points": [one.title for one in standard.points] if standard is not None else [],
            }
        )
    return rows
