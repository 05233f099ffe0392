"""The client can be copied: it needs the standard library, kafka-python, and nothing of the hub."""

import ast
import sys
from pathlib import Path

import pytest

SDK = Path(__file__).parents[4] / "connectors" / "departments" / "sdk"


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", sorted(SDK.glob("*.py")), ids=lambda path: path.name)
def test_nothing_of_the_hub_is_imported(path):
    others = {name for name in imports(path) if not name.startswith("connectors.departments.sdk")}

    allowed = {"kafka"} if path.name == "over_kafka.py" else set()
    assert {name.split(".")[0] for name in others} <= sys.stdlib_module_names | allowed
