"""Style is a test: size, words, docstrings, and nothing of anybody's machine."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
UNITS = ("schemas", "streams", "connectors")

BANNED = {
    r"\bFIX" + r"ME\b|\bTO" + r"DO\b|# XX" + r"X\b": "finish it, or write an issue",
    r"raise NotImplemented" + r"Error": "nothing is a toy",
    r"(?<![\w/.])/(home|root|work)/\w": "a path of somebody's machine",
    r"\b(pypi|pythonhosted|maven)\.org\b|repo1?\.maven": "an address of a package registry",
}
AT_THE_TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "benchmarks",
    "connectors", "deploy", "docker-compose.yml", "docs", "examples", "hub.py", "pyproject.toml",
    "requirements.lock", "schemas", "streams", "tests",
}  # fmt: skip
TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".lua", ".html", ".avsc", ".json", ".lock", ".xml"}


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def _python() -> list[Path]:
    return [path for path in _tracked() if path.suffix == ".py"]


def test_nothing_else_lies_at_the_top():
    """What a run leaves behind under a name of its own is soon kept by mistake."""
    found = {path.relative_to(ROOT).parts[0] for path in _tracked()}

    assert found == AT_THE_TOP


@pytest.mark.parametrize("path", _python(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path):
    text = path.read_text(encoding="utf-8")

    assert text.count("\n") <= FILE_LINES_MAX, "find the missing idea"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_LINES_MAX, node.name


@pytest.mark.parametrize("path", _python(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_answers(path: Path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_word_is_banned():
    found = []
    for path in _tracked():
        if path.suffix not in TEXT and path.name != "Makefile":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for pattern, why in BANNED.items():
                if re.search(pattern, line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {why}: {line.strip()[:80]}")
    assert not found, "\n".join(found)


def test_the_lock_carries_hashes_and_no_addresses():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert "://" not in lock
    assert lock.count("--hash=sha256:") > lock.count("==")


def test_commands_in_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    targets = set(re.findall(r"`make ([a-z-]+)`", readme))
    assert targets
    assert targets <= set(re.findall(r"^([a-z-]+):", makefile, re.M))
