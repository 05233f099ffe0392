"""What did an officer fill in? Fields of a form in, events of the department out (art. 8, 16)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.departments.gateway.parts import SHANGHAI
from connectors.departments.gateway.people.officer_session import Officer
from connectors.departments.gateway.people.page_kit import Fields, first
from connectors.departments.gateway.ports import Desk
from connectors.departments.gateway.problems import Problem, Why
from schemas.enums import Choice, Prompt
from schemas.inbound import ChoiceRecorded, EntryRecorded, ResultRecorded, TaskSubmitted
from schemas.site_tables import outcomes

CLEAN = "NO_PROBLEM"
_VERSION = re.compile(r"-?[0-9]{1,18}")
Model = TypeVar("Model", bound=BaseModel)


def read_entry(
    fields: Fields, uscc: str, task_id: str, now: datetime, who: Officer
) -> EntryRecorded:
    """How officers entered; whoever says so is one of them, and his certificate is asked for again.

    Raises:
        Problem: a field has a fault.
    """
    return _made(EntryRecorded, {
        "task_id": task_id, "uscc": uscc, "how": first(fields, "how"),
        "at": now.isoformat(timespec="seconds"), "note": text_of(fields, "note"),
        "officers": [who.cert_no],
    })  # fmt: skip


def read_choice(fields: Fields, uscc: str, task_id: str, prompts: Sequence[str]) -> ChoiceRecorded:
    """What an officer does after the prompts of a task; to go although he need not wants a reason.

    Raises:
        Problem: a field has a fault, or the reason is missing (art. 10).
    """
    choice, why = first(fields, "choice"), text_of(fields, "reason")
    if choice == Choice.CONTINUE and Prompt.OFFSITE_PREFERRED in prompts and not why:
        raise Problem(Why.PARAMETER, "it can be checked off-site: why go?", field="reason")
    return _made(ChoiceRecorded, {
        "task_id": task_id, "uscc": uscc, "choice": choice, "prompts": list(prompts), "reason": why,
    })  # fmt: skip


def read_points(
    desk: Desk, fields: Fields, items: tuple[str, ...], today: date
) -> list[dict[str, Any]]:
    """What was found of each item, point by point (art. 16).

    Raises:
        Problem: a point was not answered, or the form showed a standard that is not known.
    """
    return [_item(desk, fields, number, item, today) for number, item in enumerate(items)]


def read_result(
    fields: Fields, uscc: str, task_id: str, found: list[dict[str, Any]], *, backfill: bool
) -> ResultRecorded:
    """What the inspection found; `found` is what it found of each item.

    Raises:
        Problem: a field has a fault, or outcomes and points contradict each other.
    """
    codes = fields.get("outcome", [])
    unknown = [code for code in codes if code not in outcomes()]
    if unknown or not codes:
        raise Problem(Why.PARAMETER, "an outcome of the list expected", field="outcome")
    bad = any(not point["ok"] for item in found for point in item.get("points", ()))
    negative = any(outcomes()[code].negative for code in codes)
    if CLEAN in codes and (bad or negative):
        raise Problem(Why.CONTRADICTION, "no problem was found, and a point is not met")
    return _made(ResultRecorded, {
        "task_id": task_id, "result_id": f"R-{task_id}"[:128], "uscc": uscc,
        "inspected_on": first(fields, "inspected_on"), "outcomes": codes,
        "found_problem": bad or negative, "negative": negative,
        "publish": first(fields, "publish") == "yes", "items": found,
        "follow_up": text_of(fields, "follow_up") or None, "backfill": backfill,
    })  # fmt: skip


def read_backfill(fields: Fields, who: Officer, task_id: str, uscc: str) -> TaskSubmitted:
    """An inspection that took place without having been entered before (补录).

    Raises:
        Problem: a field has a fault.
    """
    day = first(fields, "approval_on")
    return _made(TaskSubmitted, {
        "task_id": task_id, "uscc": uscc, "entity_name": text_of(fields, "entity_name"),
        "mode": "ONSITE", "kind": first(fields, "kind"), "trigger": first(fields, "trigger"),
        "clue_no": text_of(fields, "clue_no") or None, "items": list_of(fields, "items"),
        "planned_on": first(fields, "inspected_on"),
        "premises_region": text_of(fields, "premises_region"),
        "officers": list_of(fields, "officers") or [who.cert_no],
        "approval": {
            "no": text_of(fields, "approval_no"), "by": text_of(fields, "approval_by"),
            "at": _start_of(day),
        },
        "backfill": True,
    })  # fmt: skip


def list_of(fields: Fields, name: str) -> list[str]:
    """Codes of a field with commas between, each once."""
    text = first(fields, name).replace("，", ",").replace("、", ",")
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def text_of(fields: Fields, name: str) -> str:
    """The text of a field, as it may stand in an event."""
    return first(fields, name).replace("\r\n", "\n").strip()


def _item(desk: Desk, fields: Fields, number: int, item: str, today: date) -> dict[str, Any]:
    """What was found of one item, by the version of its standard that the form showed.

    Answers are known by their place on the form: read by another version, a fault would be held
    against the wrong point.
    """
    shown = first(fields, f"version-{number}")
    version = int(shown) if _VERSION.fullmatch(shown) else None
    standard = desk.item_standard(item, today, version)
    if standard is None and not shown:
        return {"item": item}
    if standard is None or str(standard.version) != shown:
        problem = "not the standard of this form any more: open it again"
        raise Problem(Why.PARAMETER, f"{desk.item_title(item)}: {problem}", field="version")
    points = []
    for place, point in enumerate(standard.points):
        said = first(fields, f"point-{number}-{place}")
        if said not in ("ok", "bad"):
            raise Problem(Why.PARAMETER, f"{point.title}: met or not met?", field="point")
        note = text_of(fields, f"note-{number}-{place}")
        points.append({"point": point.point, "ok": said == "ok", "note": note})
    return {"item": item, "version": standard.version, "points": points}


def _start_of(day: str) -> str:
    try:
        return datetime.combine(date.fromisoformat(day), time(), SHANGHAI).isoformat()
    except ValueError:
        raise Problem(Why.PARAMETER, "a day expected", field="approval_on") from None


def _made(model: type[Model], content: dict[str, Any]) -> Model:
    try:
        return model.model_validate_json(json.dumps(content))
    except ValidationError as fault:
        error = fault.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, error["loc"]))
        raise Problem(Why.PARAMETER, error["msg"], field=where) from None
