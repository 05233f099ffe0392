"""What the tests of draws over HTTP send: a plan, its objects, and the requests about a draw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from gateway_registry import DEPT, OTHER_USCC, USCC
from gateway_world import Answered, World

from connectors.departments.gateway.parts import SHANGHAI

IN_THE_WINDOW = datetime(2026, 4, 1, 9, 0, tzinfo=SHANGHAI)
PLAN: dict[str, Any] = {
    "draw_id": "D-1", "dept": DEPT, "quarter": "2026Q2", "plan_code": "P-1",
    "items": ["1101-001"], "percent": {"UNRATED": 50},
}  # fmt: skip
OBJECTS = [{"uscc": USCC}, {"uscc": OTHER_USCC}]


async def send(world: World, path: str, body: Any, dept: str | None = DEPT) -> Answered:
    """Post JSON."""
    content = {"content-type": "application/json"}
    return await world.ask("POST", path, dept=dept, headers=content, body=orjson.dumps(body))


async def commit(
    world: World, query: str = "", *, who: str = DEPT, objects: Any = None, **plan: Any
) -> Answered:
    """Commit to a draw of half of two enterprises; `plan` says what is otherwise."""
    body = {"plan": {**PLAN, **plan}, "objects": OBJECTS if objects is None else objects}
    return await send(world, f"/v1/draws{query}", body, who)


async def reveal(world: World, *, who: str = DEPT, draw: str = "D-1", **body: Any) -> Answered:
    """Reveal a draw."""
    return await send(world, f"/v1/draws/{draw}/reveal", body, who)
