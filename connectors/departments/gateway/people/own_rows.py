"""How do an enterprise's visits, results and repairs read? Values in, words for templates out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.departments.gateway.parts import SHANGHAI
from connectors.departments.gateway.people.sites_view import Places
from connectors.departments.gateway.people.wording import Lang, label, pick, state_text
from connectors.departments.gateway.people.wording_enterprise import (
    DISCLOSURES,
    DOCUMENTS,
    STATUSES,
    STOP_REASONS,
)
from connectors.departments.gateway.ports import Desk
from schemas.enums import CaseStatus, CodeState
from schemas.feed import DisclosureState
from schemas.inbound import ResultRecorded
from schemas.oversight import DeliveryView
from schemas.site_tables import outcomes
from schemas.sites import SITES
from schemas.visits import DisclosedShown, RepairShown, SubjectShown, VisitShown

_COLOURS = {
    CodeState.COMPLETED: "good",
    CodeState.SCANNED: "good",
    CodeState.SCAN_REFUSED: "bad",
    CodeState.LICENCE_FAILED: "bad",
}
Row = dict[str, Any]


def visit_row(desk: Desk, visit: VisitShown, lang: Lang) -> Row:
    """A visit in a list."""
    return {
        "task_id": visit.task_id,
        "day": visit.day.isoformat() if visit.day else "",
        "dept": desk.department_name(visit.dept),
        "items": [desk.item_title(item) for item in visit.items],
        "state": state_text(visit.code_state, lang),
        "colour": _COLOURS.get(visit.code_state, "wait"),
        "joint": visit.joint_id is not None,
        "stars": visit.rating.stars if visit.rating else 0,
        "done": visit.code_state is CodeState.COMPLETED,
    }


def result_rows(
    desk: Desk, shown: SubjectShown, visit: VisitShown, result: ResultRecorded | None, lang: Lang
) -> Row | None:
    """What a visit found; None if nothing can be told. A correction stands before the record."""
    disclosed = shown.result(visit.result_id) if visit.result_id else None
    if disclosed is not None and disclosed.dept != visit.dept:
        disclosed = None
    told = disclosed or result
    if told is None:
        return None
    return {
        "colour": "bad" if told.found_problem else "good",
        "found": label("found_problem" if told.found_problem else "found_nothing", lang),
        "outcomes": [outcome_title(code) for code in told.outcomes],
        "follow_up": told.follow_up or "",
        "items": _points(desk, result) if result is not None else [],
        "state": disclosure_state(disclosed.state, lang) if disclosed is not None else None,
    }


def _points(desk: Desk, result: ResultRecorded) -> list[Row]:
    rows = []
    for item in result.items:
        standard = desk.item_standard(item.item, result.inspected_on, item.version)
        points = standard.points if standard is not None else ()
        titles = {one.point: one.title for one in points}
        rows.append(
            {
                "title": standard.title if standard is not None else desk.item_title(item.item),
                "points": [
                    {"title": titles.get(p.point, p.point), "ok": p.ok, "note": p.note}
                    for p in item.points
                ],
            }
        )
    return rows


def outcome_title(code: str) -> str:
    """An outcome in words; its code if nobody knows it."""
    known = outcomes().get(code)
    return known.title if known is not None else code


def disclosure_state(state: DisclosureState, lang: Lang) -> tuple[str, str]:
    """Colour and words of a disclosure's state."""
    colour, *words = DISCLOSURES[state]
    return colour, pick((words[0], words[1]), lang)


def disclosed_row(desk: Desk, one: DisclosedShown, places: Places, lang: Lang) -> Row:
    """A result that is or was disclosed, and every place of it."""
    stopped = one.state is not DisclosureState.DISCLOSED
    own = ("bad" if stopped else "wait", "place_shown") if places.own else ("good", "place_gone")
    rows = [(label("place_own", lang), own[0], label(own[1], lang))]
    for site, view in places.sites.items():
        colour, word = place_state(view, stopped=stopped)
        rows.append((SITES[site].title, colour, label(word, lang)))
    ground = one.grounds[0] if one.grounds else None
    return {
        "result_id": one.result_id,
        "task_id": one.task_id,
        "dept": desk.department_name(one.dept),
        "day": one.inspected_on.isoformat(),
        "outcomes": [outcome_title(code) for code in one.outcomes],
        "state": disclosure_state(one.state, lang),
        "places": rows,
        "why": pick(STOP_REASONS[ground.reason], lang) if ground else "",
        "decision_no": ground.decision_no or "" if ground else "",
        "due_on": ground.due_on.isoformat() if ground else "",
    }


def place_state(view: DeliveryView | None, *, stopped: bool) -> tuple[str, str]:
    """Colour and label of how a site stands with a result."""
    if view is None:
        return ("calm", "place_none")
    if not stopped:
        return ("wait", "place_shown")
    if view.stops and view.standing == "OBSERVED":
        return ("good", "place_gone")
    return ("good", "place_done") if view.stops and view.done else ("bad", "place_waits")


def repair_row(desk: Desk, case: RepairShown, lang: Lang) -> Row:
    """An application for repair."""
    colour, *words = STATUSES[case.status]
    return {
        "repair_id": case.repair_id,
        "dept": desk.department_name(case.dept),
        "colour": colour,
        "status": pick((words[0], words[1]), lang),
        "applied": instant(case.applied_ms),
        "accepted": instant(case.accepted_ms),
        "due_on": case.due_on.isoformat() if case.due_on else "",
        "provisional": case.provisional,
        "missing": [pick(DOCUMENTS[kind], lang) for kind in case.missing],
        "documents": [pick(DOCUMENTS[kind], lang) for kind in case.documents],
        "decision_no": case.decision_no or "",
        "reason": case.reason,
        "asked_for": case.asked_for if case.status is CaseStatus.SUPPLEMENT else "",
        "results": case.result_ids,
    }


def instant(at_ms: int) -> str:
    """An instant as people read it, in Asia/Shanghai; empty for never."""
    if not at_ms:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, SHANGHAI).strftime("%Y-%m-%d %H:%M")
