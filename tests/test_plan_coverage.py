"""docs/plan-coverage.md names files and tests that are there, and leaves no article out."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
ARTICLES = {*range(1, 17), 19}
STATES = ("done", "partly", "missing", "people")


class Row(NamedTuple):
    article: str
    asks: str
    where: str
    proof: str
    state: str


def rows_of(text: str) -> list[Row]:
    cells = [
        [cell.strip() for cell in line.strip("|\n ").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| art.")
    ]
    return [Row(*row) for row in cells]


ROWS = rows_of((ROOT / "docs" / "plan-coverage.md").read_text(encoding="utf-8"))


def faults(row: Row) -> list[str]:
    """What a row names that is not there, or does not say."""
    found = []
    state = row.state.split(":")[0]
    if state not in STATES:
        found.append(f"state {row.state!r}")
    if state in ("partly", "missing") and ":" not in row.state:
        found.append("does not say what is missing")
    places = re.findall(r"`([^`]+)`", row.where)
    found += [name for name in places if not (ROOT / name).exists()]
    tests = re.findall(r"`([^`]+)`", row.proof)
    for name in tests:
        path, _, function = name.partition("::")
        source = ROOT / path
        if not source.is_file():
            found.append(path)
        elif function and not re.search(
            rf"^\s*(async )?def {re.escape(function)}\(", source.read_text(encoding="utf-8"), re.M
        ):
            found.append(name)
    if state in ("done", "partly") and not (tests and "`" in row.where):
        found.append("names no file or no test")
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"art. {row.article}: {row.asks[:40]}")
def test_what_a_row_names_is_there(row: Row) -> None:
    assert not faults(row)


def test_every_article_has_a_row() -> None:
    named = {int(number) for row in ROWS for number in re.findall(r"\d+", row.article)}

    assert named == ARTICLES


def test_articles_stand_in_order() -> None:
    numbers = [int(row.article) for row in ROWS]

    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    "wrong",
    [
        {"where": "`streams/rules/nothing.py`"},
        {"proof": "`tests/rules/nothing.py::test_x`"},
        {"proof": "`tests/test_tidy.py::test_that_nobody_wrote`"},
        {"proof": ""},
        {"state": "finished"},
        {"state": "partly"},
    ],
)
def test_a_planted_fault_is_seen(wrong: dict[str, str]) -> None:
    sound = Row("7", "x", "`hub.py`", "`tests/test_tidy.py::test_no_word_is_banned`", "done")

    assert not faults(sound)
    assert faults(sound._replace(**wrong))
