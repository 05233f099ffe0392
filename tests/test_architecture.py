"""Imports point inward; the core does no I/O. A newcomer can trust the folders' names."""

import ast
from functools import cache
from pathlib import Path

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


@cache
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


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _unit(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in _imports(path)}


# One test a law, which names every file that breaks it: there are hundreds of files.


def test_imports_point_inward():
    outward = {
        _name(path): sorted((_packages(path) & set(UNITS)) - MAY_IMPORT[_unit(path)])
        for path in _sources()
    }

    assert len(outward) > 600
    assert {path: names for path, names in outward.items() if names} == {}


def test_rules_use_nothing_that_does_io():
    rules = sorted((ROOT / "streams" / "rules").rglob("*.py"))
    impure = {path.name: _packages(path) - PURE for path in rules}
    foreign = {
        path.name: {
            name
            for name in _imports(path)
            if name.startswith("streams.") and not name.startswith("streams.rules")
        }
        for path in rules
    }

    assert len(rules) > 70
    assert {path: names for path, names in impure.items() if names} == {}
    assert {path: names for path, names in foreign.items() if names} == {}


def test_only_the_engine_names_faust():
    naming = {_name(path) for path in _sources() if "faust" in _packages(path)}

    assert naming == FAUST_IS_NAMED_IN


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
    for path in sorted((ROOT / "streams" / "rules").rglob("*.py")):
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
