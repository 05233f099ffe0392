"""Imports point inward; the core does no I/O. A newcomer can trust the folders' names."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNITS = ("schemas", "streams", "connectors", "hub")

MAY_IMPORT = {
    "schemas": {"schemas"},
    "streams": {"schemas", "streams"},
    "connectors": {"schemas", "connectors"},
    "hub": {"schemas", "streams", "connectors"},
}
# What a rule may use besides the vocabulary: nothing here waits, draws, reads or writes.
PURE = {
    "__future__", "bisect", "calendar", "collections", "dataclasses", "datetime", "enum",
    "fractions", "functools",
    "hashlib", "heapq", "hmac", "itertools", "math", "operator", "re", "struct", "tomllib", "types",
    "typing", "unicodedata", "zoneinfo", "base64", "binascii", "json",
    "annotated_types", "chinese_calendar", "msgspec", "orjson", "pydantic", "pydantic_core",
    "schemas", "streams",
}  # fmt: skip
FAUST_IS_NAMED_IN = {"streams/engine.py", "streams/faust_consumer.py"}


def _sources() -> list[Path]:
    files = [ROOT / "hub.py"]
    for unit in UNITS[:3]:
        files += sorted((ROOT / unit).rglob("*.py"))
    return files


def _imports(path: Path) -> set[str]:
    """Dotted names of everything a file imports, wherever the statement stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _unit(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_inward(path: Path):
    ours = {name.split(".")[0] for name in _imports(path)} & set(UNITS)

    assert ours <= MAY_IMPORT[_unit(path)]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "streams" / "rules").glob("*.py")), ids=lambda p: p.name
)
def test_rules_use_nothing_that_does_io(path: Path):
    names = _imports(path)

    assert {name.split(".")[0] for name in names} <= PURE
    foreign = {n for n in names if n.startswith("streams.") and not n.startswith("streams.rules")}
    assert not foreign


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_engine_names_faust(path: Path):
    names = {name.split(".")[0] for name in _imports(path)}

    if str(path.relative_to(ROOT)) not in FAUST_IS_NAMED_IN:
        assert "faust" not in names


def test_the_auditor_shares_no_code_with_what_it_judges():
    files = sorted((ROOT / "connectors" / "audit").glob("*.py"))
    assert files

    for path in files:
        shared = {
            name
            for name in _imports(path)
            if name.split(".")[0] in {"streams", "schemas", "connectors"}
            and not name.startswith("connectors.audit")
        }
        assert not shared, f"{path.name} imports {shared}"


def test_every_rule_names_its_source():
    for path in sorted((ROOT / "streams" / "rules").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and _is_a_rule(node):
                text = ast.get_docstring(node) or ""
                assert "Source:" in text, f"{path.name}:{node.lineno} {node.name} names no source"


def _is_a_rule(node: ast.FunctionDef) -> bool:
    """A public function that judges a case of the ladder or a prompt."""
    return any(
        isinstance(arg.annotation, ast.Name) and arg.annotation.id == "Case"
        for arg in node.args.args
    ) and not node.name.startswith("_")


def test_a_planted_import_would_be_seen(tmp_path: Path):
    bad = tmp_path / "bad.py"
    bad.write_text(
        "def f():\n    from connectors.redis_view import RedisView\n    return RedisView\n"
    )

    assert "connectors" in {name.split(".")[0] for name in _imports(bad)}
