"""A table that is too wide becomes paragraphs; no word is broken and nothing is left out."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from connectors.console.terminal.screen import row, table


def shown(width: int) -> str:
    made = table("!SITE", "!DESIRED", "!SENT", "#TRY", "LAST FAILURE", title="Places", fitting=True)
    row(made, "SUBJECTS-TJ", "v2 STOPPED", "18:22:39", 1200, "connection refused by the system")
    row(made, "PUBLIC", "v2 STOPPED", None, None, None)
    out = io.StringIO()
    Console(file=out, width=width).print(made)
    return out.getvalue()


def test_where_it_fits_it_is_a_table():
    text = shown(120)

    assert [line.split()[0] for line in text.splitlines() if line.strip()][:2] == ["Places", "SITE"]


@pytest.mark.parametrize("width", [40, 46, 52])
def test_where_it_does_not_each_row_is_a_paragraph(width: int):
    lines = [line.rstrip() for line in shown(width).splitlines()]

    assert lines[0] == "Places"
    assert "SUBJECTS-TJ  v2 STOPPED" in lines[1]
    assert "sent 18:22:39 try 1,200" in " ".join(" ".join(lines[1:3]).split())
    assert "last failure  connection refused by" in " ".join(lines[2:5])
    assert lines[-1] == "PUBLIC  v2 STOPPED", "what there is nothing of is left out"
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", range(62, 100, 6))
def test_between_them_cells_are_folded_but_no_word_is_broken(width: int):
    words = shown(width).split()

    for word in ("SUBJECTS-TJ", "connection", "refused", "STOPPED"):
        assert word in words


@pytest.mark.parametrize("columns", range(2, 9))
def test_it_is_a_table_as_soon_as_all_of_it_has_room(columns: int):
    def lines(width: int) -> list[str]:
        made = table(*["#HEADING"] * columns, fitting=True)
        row(made, *[1_234_567] * columns)
        out = io.StringIO()
        Console(file=out, width=width).print(made)
        return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]

    room = columns * len("1,234,567") + (columns - 1) * 3
    assert lines(room)[-1] == "   ".join(["1,234,567"] * columns)
    assert len(lines(room)) == 3
    assert lines(room - 1)[0].startswith("heading 1,234,567")
