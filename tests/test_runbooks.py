"""Every alert and verdict has a page that says what to do, and every command on it exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

import hub
from connectors.console.root import new_app
from schemas.alerts import ALERTS
from schemas.watch import Verdict
from streams.desks import oversight

FOLDER = Path(__file__).parents[1] / "docs" / "runbooks"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
OF_ALERTS = {one.page for one in ALERTS}
ALERT_SECTIONS = (
    "What it means", "What to look at", "What to do", "How to be sure it is over",
)  # fmt: skip
PROCEDURE_SECTIONS = ("When", "Steps", "How to be sure")
_QUOTED = re.compile(r"`(hub(?: [^`]+)?)`")


def tree() -> Any:
    """The real command line, as `hub.main` puts it together."""
    app = new_app(oversight, hub.COMMANDS)
    return typer.main.get_command(app)


TREE = tree()


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for quoted in _QUOTED.findall(page.read_text(encoding="utf-8").replace("\n", " ")):
            yield page.name, " ".join(quoted.split())


def problem(line: str) -> str:
    """What the real parser would say to a command of a page; empty: nothing."""
    words, at = shlex.split(line)[1:], TREE
    while isinstance(at, TyperGroup) and words and words[0] in at.commands:
        at = at.commands[words.pop(0)]
    if isinstance(at, TyperGroup) and not at.invoke_without_command:
        return f"{line}: no such command"
    options = {name: one for one in at.params if isinstance(one, TyperOption) for name in one.opts}
    places = [one for one in at.params if isinstance(one, TyperArgument)]
    given, free = set(), 0
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            if word not in options:
                return f"{line}: no option {word}"
            given.add(word)
            if not options[word].is_flag:
                if not words:
                    return f"{line}: {word} needs a value"
                words.pop(0)
        else:
            free += 1
    if not sum(one.required for one in places) <= free <= len(places):
        return f"{line}: {free} arguments, {len(places)} expected"
    missing = [
        one.opts[0] for one in options.values() if one.required and not given & set(one.opts)
    ]
    return f"{line}: without {missing}" if missing else ""


def sections(page: Path) -> list[str]:
    return re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.M)


def test_alerts_and_pages_are_complete_both_ways():
    there = {page.stem for page in PAGES}

    assert there >= OF_ALERTS, "an alert without a page"
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"\bHub[A-Z]\w+", text.partition("\n")[0]))
        assert named == {one.name for one in ALERTS if one.page == page.stem}, page.name


def test_each_verdict_has_a_page_of_its_name():
    for verdict in Verdict:
        name = f"verdict-{verdict.value.lower().replace('_', '-')}.md"
        assert (FOLDER / name).is_file() == (verdict is not Verdict.OK), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_to_do_and_how_to_be_sure(page: Path):
    wanted = ALERT_SECTIONS if page.stem in OF_ALERTS else PROCEDURE_SECTIONS

    assert [one for one in sections(page) if one in wanted] == list(wanted)
    if page.stem not in OF_ALERTS:
        assert "\nTried:" in page.read_text(encoding="utf-8"), "say whether it was tried"


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_every_command_on_a_page_exists(page: str, line: str):
    assert problem(line) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        "hub frobnicate",
        "hub topics",
        "hub status --nothing",
        "hub sites pause SITE",
        "hub show task",
        "hub topics apply --dept",
    ],
)
def test_a_command_that_does_not_exist_would_be_seen(wrong: str):
    assert problem(wrong)


def test_links_between_pages_lead_somewhere():
    for page in (*PAGES, FOLDER / "README.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (FOLDER / target).is_file(), f"{page.name}: {target}"


def test_settings_that_pages_name_exist():
    from schemas.settings import Settings

    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    for page in PAGES:
        named = set(re.findall(r"\bHUB_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8")))
        assert named <= known, f"{page.name}: {named - known}"
