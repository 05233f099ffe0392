"""A command line reads in what it names: each command alone is there, and nothing beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command

import hub
from connectors.console import COMMANDS, oversight
from connectors.console.lazily import add
from connectors.console.root import new_app
from streams import oversight as rules

ROOT = Path(__file__).parents[3]
ALL = {**COMMANDS, **oversight.commands(rules), **hub.COMMANDS}
HEAVY = {"jinja2", "xlsxwriter", "connectors.console.demo", "connectors.generate"}
"""What no worker has a use for."""


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


def test_a_word_that_is_named_like_a_command_does_no_harm():
    assert set(names(new_app(rules, hub.COMMANDS, ["show", "task", "up"]))) == {"up", "show"}


def test_a_module_with_several_commands_is_added_once():
    added = []
    add(typer.Typer(), dict.fromkeys(("worker", "gateway"), added.append))

    assert len(added) == 1


def test_a_worker_reads_in_no_more_than_it_needs():
    program = (
        "import sys, hub; sys.argv = ['hub', 'worker', 'decide', '--help']\n"
        "try: hub.main()\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "Run one role" in done.stdout
    found = set(done.stderr.split())
    assert "connectors.console.roles" in found
    assert not found & HEAVY
