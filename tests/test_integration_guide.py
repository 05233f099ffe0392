"""The guide for departments says what is so: its examples are read, sent and run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fake_gateway import FakeGateway
from fastapi import APIRouter
from typer.main import get_command

from connectors.console.root import new_app
from connectors.departments.conform.table import CHECKS
from connectors.departments.registry_api import registry_router
from connectors.departments.sdk.over_http import HttpTransport
from schemas.asyncapi import asyncapi
from schemas.codec import decode
from schemas.envelope import read_line
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.inbound import TaskSubmitted
from schemas.messages import INBOUND, OUTBOUND, Sender
from streams.desks import oversight

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    """The one fenced block of a kind."""
    (found,) = re.findall(rf"```{re.escape(kind)}\n(.*?)```", GUIDE, re.DOTALL)
    return found


def section(title: str) -> str:
    return GUIDE.split(f"## {title}\n")[1].split("\n## ")[0]


def types_in(text: str) -> list[str]:
    return re.findall(r"^\| `([a-z.]+)` \|", text, re.MULTILINE)


def test_the_event_is_one_that_the_hub_takes():
    envelope, content = read_line(" ".join(block("json event").split("\n")))
    data = decode(content.value, content.type, envelope.type)

    assert isinstance(data, TaskSubmitted)
    assert data.unknown_fields() == ()
    assert read_credit_code(data.uscc).outcome is CreditCodeOutcome.VALID
    assert f"`insp.in.{envelope.source}`" in GUIDE


def test_the_decision_is_one_that_the_hub_writes():
    model = OUTBOUND["decision.made"]

    written = model.model_validate_json(block("json decision.made"))

    assert set(json.loads(block("json decision.made"))) == set(type(written).model_fields)


def test_every_type_a_department_sends_is_listed_and_no_other():
    theirs = [row.type for row in INBOUND.values() if row.sender is Sender.DEPARTMENT]

    assert sorted(types_in(section("One event"))) == sorted(theirs)


def test_every_answer_is_explained():
    assert sorted(types_in(section("What comes back"))) == sorted(OUTBOUND)


def test_the_headers_are_those_of_the_contract():
    headers = asyncapi()["components"]["schemas"]["CloudEventHeaders"]
    named = re.search(r"attributes are headers \((.*?)\)", GUIDE)

    assert named
    assert set(headers["required"]) <= set(re.findall(r"`(.*?)`", named[1]))


def test_the_addresses_of_schemas_exist():
    routes = [(route.path_regex, route.methods) for route in _routes(registry_router())]

    for line in block("http").splitlines():
        method, path = line.split()
        assert any(regex.match(path) and method in methods for regex, methods in routes), line


def test_the_program_runs(tmp_path):
    task = json.loads(block("json event"))["data"]
    decision = json.loads(block("json decision.made"))
    token = tmp_path / "token"
    token.write_text("t")
    with FakeGateway() as gateway:
        gateway.script = [(200, {}, {"receipt_id": "R", "decision": decision})]
        given = {
            "GATEWAY": gateway.url, "TOKEN": token, "OUTBOX": tmp_path / "outbox.db", "TASK": task,
        }  # fmt: skip
        exec(compile(block("python"), "docs/integration.md", "exec"), given)  # noqa: S102

    assert given["receipt"].id == "R"
    assert given["answer"].data == decision


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ("202, 200", "Receipt"),
        ("400, 409, 413, 415, 422", "Refused"),
        ("401, 403", "NotNow"),
        ("408, 429, 500, 503", "NotNow"),
    ],
)
def test_the_client_does_what_the_table_of_answers_says(statuses, outcome):
    from connectors.departments.sdk import Event

    assert f"| {statuses}" in section("Retries")
    with FakeGateway() as gateway:
        transport = HttpTransport(gateway.url, "WJW-120116")
        for status in statuses.split(", "):
            gateway.script = [(int(status), {}, {})]
            (said,) = transport.send([Event("t", {}, status)])
            assert type(said).__name__ == outcome, status
        transport.close()


def test_the_command_has_these_options():
    words = block("console").split()
    command = get_command(new_app(oversight)).commands[words[1]]  # type: ignore[attr-defined]
    options = {name for parameter in command.params for name in parameter.opts}

    assert {word for word in words if word.startswith("--")} <= options
    assert len(CHECKS) == 18, "the guide counts them"
    assert "eighteen checks" in GUIDE


def test_the_files_it_names_are_there():
    named = re.findall(r"`((?:docs|examples|tests|connectors)/[\w./-]+)`", GUIDE)

    assert len(named) >= 6
    assert [name for name in named if not (ROOT / name).exists()] == []


def _routes(router: APIRouter):
    return [route for route in router.routes if hasattr(route, "path_regex")]
