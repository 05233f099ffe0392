"""Style is a test: size, words, docstrings, and nothing of anybody's machine."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

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


def _faults_of(text: str) -> Iterator[str]:
    """What is wrong with a module: too long, or silent about what it answers."""
    lines, tree = text.count("\n"), ast.parse(text)
    if lines > FILE_LINES_MAX:
        yield f"{lines} lines: find the missing idea"
    if not ast.get_docstring(tree):
        yield "does not say what it answers"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{node.name} has {length} lines"


def test_files_and_functions_are_short_and_every_module_says_what_it_answers():
    """One test for all files, which names each that is not so: there are more than a thousand."""
    paths = _python()
    found = [
        f"{path.relative_to(ROOT)}: {fault}"
        for path in paths
        for fault in _faults_of(path.read_text(encoding="utf-8"))
    ]

    assert len(paths) > 1000
    assert not found, "\n".join(found)


def test_what_is_long_or_silent_would_be_seen():
    function = "def f():\n" + "    print()\n" * FUNCTION_LINES_MAX
    said, long = '"""What is it?"""\n', "x = 1\n" * FILE_LINES_MAX

    assert list(_faults_of(said + function.removesuffix("    print()\n"))) == []
    assert list(_faults_of(said + function)) == [f"f has {FUNCTION_LINES_MAX + 1} lines"]
    assert list(_faults_of(said + long)) == [f"{FILE_LINES_MAX + 1} lines: find the missing idea"]
    assert list(_faults_of(long)) == ["does not say what it answers"]


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
