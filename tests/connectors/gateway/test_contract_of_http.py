"""Every documented operation answers as documented, whatever is sent, and never with 5xx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gateway_registry import DEPT
from http_contract import OPERATIONS, SITE, a_gateway, try_all


def test_every_operation_is_tried(tmp_path: Path):
    _, schema = a_gateway(tmp_path)
    documented = {
        (operation.ok().method.upper(), operation.ok().path)
        for operation in schema.get_all_operations()
    }

    assert documented == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_a_documented_one(tmp_path: Path, method: str, path: str):
    world, schema = a_gateway(tmp_path)

    def prepare(case: Any, _known: bool) -> None:
        token = world.tokens[SITE if path.startswith("/v1/feeds/") else DEPT]
        case.headers = {**(case.headers or {}), "authorization": f"Bearer {token}"}
        if path.startswith("/v1/feeds/") and case.body is not None:
            case.path_parameters["site"] = SITE  # else every one of them is another's

    try_all(schema[path][method], prepare)
