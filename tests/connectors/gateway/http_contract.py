"""The operations of the gateway, and how each is tried with whatever its document allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import schemathesis
from browser import FakeLicence
from gateway_registry import USCC
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from own_world import NAMES, World
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from connectors.departments.gateway.ways_in.licence import Identified
from connectors.redis_ledger import ledger_key

CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
)  # fmt: skip
EXAMPLES = 25
SITE = "GSXT-TJ"
OPERATIONS = [
    ("POST", "/v1/events"), ("POST", "/v1/events:batch"), ("GET", "/v1/tasks/{task_id}"),
    ("GET", "/v1/receipts/{receipt_id}"), ("GET", "/v1/codes/{code}"),
    ("GET", "/v1/codes/{code}.svg"), ("GET", "/v1/codes/{code}.png"),
    ("GET", "/v1/codes/{code}/print"), ("GET", "/healthz"), ("GET", "/readyz"),
    ("GET", "/metrics"), ("GET", "/c/{token}"), ("POST", "/c/{token}/verify"),
    ("POST", "/c/{token}/entry"), ("GET", "/licence/callback"),
    ("GET", "/v1/feeds/{site}"), ("POST", "/v1/feeds/{site}/receipts"),
    ("GET", "/v1/feeds/{site}/digest"), ("POST", "/v1/feeds/{site}/digest"),
    ("GET", "/draws/{draw_id}"), ("GET", "/draws/{draw_id}/document"), ("POST", "/draws:verify"),
    ("POST", "/v1/draws"), ("GET", "/v1/draws/{draw_id}"), ("POST", "/v1/draws/{draw_id}/reveal"),
    ("POST", "/v1/special-inspections/{special_id}/tasks"),
    ("GET", "/schemas/types"), ("GET", "/schemas/ids/{schema_id}"),
    ("GET", "/schemas/ids/{schema_id}/schema"), ("GET", "/schemas/ids/{schema_id}/subjects"),
    ("GET", "/schemas/ids/{schema_id}/versions"), ("GET", "/subjects"),
    ("GET", "/subjects/{subject}/versions"), ("GET", "/subjects/{subject}/versions/{version}"),
    ("GET", "/subjects/{subject}/versions/{version}/schema"),
    ("GET", "/subjects/{subject}/versions/{version}/referencedby"),
    ("POST", "/subjects/{subject}"), ("POST", "/subjects/{subject}/versions"),
    ("POST", "/compatibility/subjects/{subject}/versions"),
    ("POST", "/compatibility/subjects/{subject}/versions/{version}"),
    ("GET", "/config"), ("GET", "/config/{subject}"), ("GET", "/mode"),
    ("GET", "/e"), ("POST", "/e/sign-in"), ("POST", "/e/sign-out"), ("GET", "/e/visit"),
    ("POST", "/e/visit"), ("GET", "/e/disclosed"), ("GET", "/e/repairs"),
    ("GET", "/e/repairs/new"), ("POST", "/e/repairs/new"), ("GET", "/e/repair"),
    ("POST", "/e/repair/supplement"),
    ("GET", "/o"), ("POST", "/o/sign-in"), ("POST", "/o/sign-out"), ("GET", "/o/task"),
    ("POST", "/o/task"), ("POST", "/o/choice"), ("GET", "/o/print"),
    ("GET", "/o/result"), ("POST", "/o/result"), ("GET", "/o/backfill"), ("POST", "/o/backfill"),
]  # fmt: skip

_documents: list[bytes] = []


def a_gateway(folder: Path) -> tuple[World, schemathesis.BaseSchema]:
    """A gateway without limits on how often, and its own document."""
    limits = {"gateway_lookups_burst": 100_000, "gateway_events_burst": 100_000}
    world = World(folder, limits, licence=FakeLicence(Identified(USCC, NAMES[USCC])))
    world.redis.hashes[ledger_key(SITE, "position")]["feed"] = b"0"
    if not _documents:
        asked = schemathesis.openapi.from_asgi("/openapi.json", world.app)
        _documents.append(orjson.dumps(asked.raw_schema))
    # All gateways give out the same one, and each takes as long to write it as ten answers.
    schema = schemathesis.openapi.from_dict(orjson.loads(_documents[0]))
    schema.app, schema.location = world.app, "/openapi.json"
    return world, schema


def try_all(operation: Any, prepare: Callable[[Any, bool], None]) -> Counter[int]:
    """Ask an operation again and again; every answer must be one that the document declares.

    Returns the statuses of the answers to cases that name things that are there.

    Args:
        operation: Of the document.
        prepare: Gets each case before it is sent; if the flag is set it names things that are
            there, else it is left as it was drawn.
    """

    statuses: Counter[int] = Counter()

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), known=st.booleans())
    def run(case: Any, known: bool) -> None:
        prepare(case, known)
        answer = case.call_and_validate(checks=CHECKS)
        if known:
            statuses[answer.status_code] += 1

    run()
    return statuses
