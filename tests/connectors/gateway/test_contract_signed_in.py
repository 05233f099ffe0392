"""The pages answer as documented to whoever is signed in, forms that are really ours included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from gateway_registry import USCC
from gateway_world import World, an_event
from http_contract import OPERATIONS, a_gateway, try_all
from own_world import a_visit, enterprise, officer

from connectors.departments.gateway.assembly import SECRET_FILE, read_secret
from connectors.departments.gateway.people.officer_pages import BACKFILL, CHOICE, RESULT, TASK
from connectors.departments.gateway.people.own_pages import VISIT
from connectors.departments.gateway.people.page_shell import bound
from connectors.departments.gateway.people.repair_pages import APPLY, SUPPLEMENT
from connectors.departments.gateway.ways_in.sessions import COOKIE, Session, Sessions

PAGES = [one for one in OPERATIONS if one[1].split("/")[1] in ("e", "o")]
THERE = {"task": "T-1", "uscc": USCC, "result": "R-2", "id": "C-1"}
"""What the query may name that is there."""
BOUND: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    VISIT: lambda query, _: bound(VISIT, query["task"]),
    APPLY: lambda _, fields: bound(APPLY, str(fields.get("case", ""))),
    SUPPLEMENT: lambda query, _: bound(SUPPLEMENT, query["id"]),
    TASK: lambda query, _: bound(TASK, query["uscc"], query["task"]),
    RESULT: lambda query, _: bound(RESULT, query["uscc"], query["task"]),
    CHOICE: lambda query, _: bound(CHOICE, query["uscc"], query["task"]),
    BACKFILL: lambda _, fields: bound(BACKFILL, str(fields.get("task", ""))),
}
"""What each form is bound to, by its query and its fields; the others: to their own address."""


async def signed_in(world: World, path: str) -> str:
    """Visits with results, an application about one, and the cookie of who may see them."""
    await a_visit(world)
    await a_visit(world, 2)
    applied = {
        "repair_id": "C-1", "uscc": USCC, "result_ids": ["R-1"], "channel": "PLATFORM",
        "documents": [], "applied_at": world.clock.isoformat(),
    }  # fmt: skip
    answer = await world.post(an_event("E-9", "repair.applied", data=applied))
    assert answer.status == 202, answer.text
    browser = await (enterprise(world) if path.startswith("/e") else officer(world))
    return browser.cookies[COOKIE]


def test_all_pages_are_tried():
    assert {path.split("/")[1] for _, path in PAGES} == {"e", "o"}
    assert set(BOUND) < {path for _, path in PAGES}


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_every_answer_to_who_is_signed_in_is_a_documented_one(
    tmp_path: Path, method: str, path: str
):
    world, schema = a_gateway(tmp_path)
    name = asyncio.run(signed_in(world, path))
    secret = read_secret(world.settings.gateway / SECRET_FILE)
    sessions = Sessions(world.redis, secret, https=False)

    def prepare(case: Any, known: bool) -> None:
        case.headers = {**(case.headers or {}), "cookie": f"{COOKIE}={name}"}
        if not known:
            return
        query = case.query or {}
        case.query = {**query, **{one: THERE[one] for one in query if one in THERE}}
        if method == "POST":
            fields = case.body if isinstance(case.body, dict) else {}
            action = BOUND.get(path, lambda *_: path)(case.query, fields)
            token = sessions.form_token(Session(name, fresh=False), action)
            case.body = {**fields, "form": token}

    statuses = try_all(schema[path][method], prepare)

    # Who is signed in sees the page; and the form is ours, whatever else is wrong with it.
    assert statuses[200] if method == "GET" else statuses.total() > statuses[403], statuses
