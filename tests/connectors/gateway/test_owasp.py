"""The ten risks of OWASP's API list (2023): a table of who must not get what, and how.

`RISKS` names the tests of each risk, here and elsewhere; that they exist is tested as well.
"""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from fastapi.routing import APIRoute
from gateway_registry import OTHER_USCC
from gateway_world import A_TASK, DEPT, OTHER, USCC, World, an_event

from connectors.departments.gateway.openapi import describe
from schemas.sites import SITES

TESTS = Path(__file__).parents[2]
HERE = "connectors/gateway/test_owasp.py"
RISKS = {
    "API1 broken object level authorization": [
        (HERE, "test_another_department_finds_none_of_ones_things"),
        ("connectors/gateway/test_draws.py", "test_another_department_finds_none_of_ones_draws"),
        ("connectors/gateway/test_feeds.py", "test_a_feed_is_its_sites_alone"),
        ("kafka/test_access.py", "test_everybody_may_use_what_is_granted_and_is_denied_all_else"),
        ("connectors/gateway/test_own_pages.py", "test_another_enterprises_ids_are_not_found"),
        ("connectors/gateway/test_officer_pages.py", "test_another_departments_task_is_not_found"),
    ],
    "API2 broken authentication": [
        (HERE, "test_credentials_that_are_none_open_nothing"),
        ("connectors/gateway/test_credentials.py",
         "test_a_signature_that_does_not_hold_is_told_why"),
        ("connectors/gateway/test_client_certificates.py",
         "test_a_foreign_authoritys_certificate_ends_the_connection"),
    ],
    "API3 broken object property level authorization": [
        (HERE, "test_what_only_the_hub_says_cannot_be_sent_along"),
        (HERE, "test_no_answer_to_a_department_names_an_officer"),
        ("connectors/gateway/test_draws.py",
         "test_the_seed_is_nowhere_to_be_read_before_it_is_revealed"),
    ],
    "API4 unrestricted resource consumption": [
        ("connectors/gateway/test_refusals.py", "test_a_body_that_is_no_event_is_told_so"),
        ("connectors/gateway/test_server.py", "test_who_does_not_finish_the_head_is_hung_up_on"),
        ("connectors/gateway/test_draws_read.py",
         "test_what_takes_too_long_to_draw_is_not_drawn_for_strangers"),
        ("connectors/gateway/test_quota.py",
         "test_a_department_above_its_rate_is_told_when_to_come_again"),
    ],
    "API5 broken function level authorization": [
        (HERE, "test_a_department_has_a_departments_functions_only"),
        ("connectors/gateway/test_officer_pages.py",
         "test_an_officers_token_opens_pages_and_nothing_else"),
    ],
    "API6 unrestricted access to sensitive business flows": [
        (HERE, "test_a_claimed_exemption_without_evidence_is_none"),
        (HERE, "test_a_department_cannot_use_up_anothers_cap"),
        ("connectors/gateway/test_lookups.py", "test_codes_cannot_be_tried_one_after_the_other"),
    ],
    "API7 server side request forgery": [(HERE, "test_no_address_in_a_request_is_ever_fetched")],
    "API8 security misconfiguration": [
        (HERE, "test_nothing_of_the_inside_is_served"),
        ("connectors/gateway/test_lookups.py", "test_a_mistake_of_ours_shows_no_trace"),
        ("connectors/gateway/test_lookups.py", "test_no_answer_can_be_framed_sniffed_or_kept"),
    ],
    "API9 improper inventory management": [
        (HERE, "test_every_route_is_in_the_document_and_no_old_version_answers"),
        ("connectors/gateway/test_contract_of_http.py", "test_every_operation_is_tried"),
    ],
    "API10 unsafe consumption of APIs": [
        ("connectors/gateway/test_licence.py",
         "test_a_service_that_is_away_or_answers_nonsense_identifies_nobody"),
        ("connectors/sites/test_hostile_answers.py", None),
    ],
}  # fmt: skip


def test_every_risk_has_tests_that_exist():
    assert len(RISKS) == 10
    for risk, named in RISKS.items():
        assert named, risk
        for file, name in named:
            tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
            known = {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and node.name.startswith("test_")
            }
            assert known, file
            assert name is None or name in known, (risk, name)


async def things(world: World) -> list[str]:
    """Addresses of everything that belongs to `DEPT`."""
    made = (await world.post(an_event(), prefer="wait=5")).json
    code = made["decision"]["code"]
    return [
        f"/v1/tasks/T-1?uscc={USCC}", f"/v1/receipts/{made['receipt_id']}", f"/v1/codes/{code}",
        f"/v1/codes/{code}.svg", f"/v1/codes/{code}.png", f"/v1/codes/{code}/print",
    ]  # fmt: skip


async def test_another_department_finds_none_of_ones_things(world: World):
    for address in await things(world):
        own = await world.ask("GET", address, dept=DEPT)
        others = await world.ask("GET", address, dept=OTHER)
        nothing = await world.ask("GET", address.replace("T-1", "T-9"), dept=OTHER)

        assert (own.status, others.status) == (200, 404), address
        assert others.body == nothing.body


def _jwt(header: dict[str, str]) -> str:
    parts = (header, {"sub": DEPT, "iss": "https://hub.test"})
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts]
    return f"{'.'.join(encoded)}."


NO_CREDENTIALS = [
    pytest.param("", id="empty"),
    pytest.param("Bearer ", id="no token"),
    pytest.param(f"Bearer {_jwt({'alg': 'none'})}", id="a JWT that nobody signed"),
    pytest.param(f"Bearer {_jwt({'alg': 'HS256'})}", id="a JWT of another issuer"),
    pytest.param("Bearer insp1.0123456789abcdef.secret", id="a token of another hub"),
    pytest.param(f"Basic {base64.b64encode(DEPT.encode() + b':').decode()}", id="another scheme"),
    pytest.param(f"Bearer {DEPT}", id="only a name"),
    pytest.param("Bearer " + "x" * 8000, id="endless"),
]


@pytest.mark.parametrize("authorization", NO_CREDENTIALS)
async def test_credentials_that_are_none_open_nothing(world: World, authorization: str):
    for address in await things(world):
        answer = await world.ask("GET", address, headers={"authorization": authorization})

        assert answer.status == 401, address


HUBS_WORDS: dict[str, Any] = {
    "dept": OTHER, "exempt": True, "cap": 99, "used": 0, "decision": "ISSUED", "code": "07-AAAA",
    "policy_version": "mine", "findings": {"department": {"listed": True}}, "code_state": "SCANNED",
}  # fmt: skip


async def test_what_only_the_hub_says_cannot_be_sent_along(world: World):
    plain = (await world.post(an_event(), prefer="wait=5")).json["decision"]
    event = an_event("E-2", task_id="T-2", uscc=OTHER_USCC, **HUBS_WORDS)
    sent = (await world.post(event, prefer="wait=5")).json["decision"]

    for name in ("dept", "exempt", "cap", "used", "decision", "policy_version"):
        assert sent[name] == plain[name], name
    assert sent["code"] != HUBS_WORDS["code"]
    assert "UNKNOWN_FIELD" in sent["warnings"]


async def test_no_answer_to_a_department_names_an_officer(world: World):
    for address in await things(world):
        assert "王小明".encode() not in (await world.ask("GET", address, dept=DEPT)).body


FUNCTIONS = [
    # method, address, type of event or None, statuses
    *(
        ("POST", "/v1/events", type_, {403})
        for type_ in (
            "registry.department", "registry.officer", "registry.item", "registry.subject",
            "policy.published", "inspection.code.expired", "inspection.rating.submitted",
        )
    ),
    *(("GET", f"/v1/feeds/{site}", None, {401}) for site in SITES),
    *(("POST", f"/v1/feeds/{site}/receipts", None, {401}) for site in SITES),
    ("POST", "/c/x/entry", None, {403, 404}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address", "type_", "statuses"), FUNCTIONS)
async def test_a_department_has_a_departments_functions_only(
    world: World, method: str, address: str, type_: str | None, statuses: set[int]
):
    if type_ is not None:
        answer = await world.post(an_event(type_=type_))
    else:
        answer = await world.ask(method, address, dept=DEPT, body=b"{}")

    assert answer.status in statuses
    assert not world.produced()


async def test_a_claimed_exemption_without_evidence_is_none(world: World):
    made = [
        (await world.post(
            an_event(f"E-{n}", task_id=f"T-{n}", trigger="COMPLAINT", clue_no=None),
            prefer="wait=5",
        )).json["decision"]
        for n in range(3)
    ]  # fmt: skip

    assert [one["exempt"] for one in made] == [False] * 3
    assert made[2]["decision"] == "INTERCEPTED_OVER_CAP"


async def test_a_department_cannot_use_up_anothers_cap(world: World):
    for number in range(3):
        event = an_event(f"E-{number}", data={**A_TASK, "task_id": f"T-{number}"})
        await world.post(event | {"source": OTHER}, dept=OTHER)

    made = (await world.post(an_event("E-9", task_id="T-9"), prefer="wait=5")).json["decision"]

    assert (made["used"], made["decision"]) == (1, "ISSUED")


INSIDE = "http://169.254.169.254/latest/meta-data"
ADDRESSES = [
    ("POST", "/v1/events", an_event() | {"dataschema": INSIDE}),
    ("POST", "/v1/events", an_event() | {"dataref": INSIDE, "data": {"$ref": INSIDE}}),
    ("POST", "/v1/events", an_event(entity_name=INSIDE)),
    ("GET", f"/licence/callback?state=x&code={INSIDE}&iss={INSIDE}", None),
    ("GET", f"/c/{INSIDE}", None),
    ("GET", f"/openapi.json?url={INSIDE}", None),
    ("GET", f"/schemas/ids/1?url={INSIDE}", None),
]


@pytest.mark.parametrize(("method", "address", "event"), ADDRESSES)
async def test_no_address_in_a_request_is_ever_fetched(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str, address: str, event: Any
):
    asked: list[Any] = []
    monkeypatch.setattr(aiohttp.ClientSession, "_request", lambda *one, **_: asked.append(one))
    headers = {"content-type": "application/cloudevents+json", "referer": INSIDE, "origin": INSIDE}
    body = b"" if event is None else orjson.dumps(event)

    answer = await world.ask(method, address, dept=DEPT, headers=headers, body=body)

    assert answer.status < 500
    assert not asked


NOT_SERVED = [
    "/table", "/debug", "/ops/env", "/redoc", "/server-status", "/actuator/env", "/.env",
    "/.git/config", "/console", "/metrics/all", "/graph", "/stats", "/v1", "/static/",
    "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_SERVED)
async def test_nothing_of_the_inside_is_served(world: World, address: str):
    answer = await world.ask("GET", address, dept=DEPT)

    assert answer.status in (404, 405)
    assert b"Traceback" not in answer.body


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "DEBUG", "PUT", "DELETE", "PATCH"])
async def test_methods_that_nobody_needs_are_not_known(world: World, method: str):
    assert (await world.ask(method, "/v1/events", dept=DEPT)).status == 405


def all_routes(routes: Any) -> Iterator[APIRoute]:
    """Those of routers within routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            within = getattr(route, "original_router", route)
            yield from all_routes(getattr(within, "routes", None) or ())


async def test_every_route_is_in_the_document_and_no_old_version_answers(world: World):
    documented = describe(world.app)["paths"]
    served = {
        (re.sub(r":[a-z]+}", "}", route.path), method)
        for route in all_routes(world.app.routes)
        if route.include_in_schema
        for method in route.methods or ()
    }

    assert len(served) > 30
    for path, method in served:
        assert method.lower() in documented[path], (path, method)
    for version in ("/v0", "/v2", "/api/v1", "/beta", ""):
        assert (await world.ask("POST", f"{version}/events", dept=DEPT)).status in (404, 405)
