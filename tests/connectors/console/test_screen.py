"""Tables and cards fit the terminal, whatever stands in them, Chinese characters included."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from connectors.console.terminal.screen import (
    card,
    explained,
    instant,
    instant_json,
    lines,
    progress,
    row,
    size,
    table,
)
from schemas.enums import Prompt
from schemas.explain import explain_prompt
from schemas.explain import explained as words

LONG = "超出属地管辖范围违规实施异地检查的行政执法部门" * 4


def drawn(part, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(part)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_chinese_text_is_folded_within_its_column(width):
    shown = table("!code", "说明", "#数量")
    row(shown, "WJW-120116", LONG, 1_234_567)
    row(shown, "A", "short", None)

    rows = drawn(shown, width)

    assert all(cell_len(text) <= width for text in rows)
    assert "".join(rows).count("超出属地") >= 3
    assert rows[2].rstrip().endswith("1,234,567")
    # The numbers end in one column, however wide the characters before them are.
    assert cell_len(rows[2].rstrip()) == cell_len(rows[-1].rstrip())


@pytest.mark.parametrize("width", [80, 120])
def test_a_card_keeps_its_labels_in_one_column(width):
    shown = card("任务 T-1", [("单位", LONG), ("empty", ""), ("none", None), ("a", "b\nc")])

    rows = drawn(shown, width)

    assert all(cell_len(text) <= width for text in rows)
    assert not any("empty" in text or "none" in text for text in rows)
    starts = {cell_len(text) - cell_len(text.lstrip()) for text in rows[2:-3]}
    assert starts == {8}


@pytest.mark.parametrize("prompt", Prompt)
def test_every_prompt_fits_80_columns(prompt):
    shown = card("x", [("prompts", lines([explained(Text(prompt), explain_prompt(prompt))]))])

    assert all(cell_len(text) <= 80 for text in drawn(shown, 80))
    assert prompt in words("prompt")


def test_markup_in_what_was_sent_is_shown_not_obeyed():
    shown = table("a")
    row(shown, "[red]not red[/red] \x1b[31m\u202e")

    (text,) = [text for text in drawn(shown, 80) if "not red" in text]
    assert "[red]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_instants_are_those_of_tianjin():
    assert instant(0) == "1970-01-01 08:00:00"
    assert instant_json(1_773_104_400_123) == "2026-03-10T09:00:00.123+08:00"
    assert (instant(None), instant_json(None)) == ("-", None)


@pytest.mark.parametrize(
    ("size_bytes", "shown"), [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1_572_864, "1.5 MiB")]
)
def test_sizes_are_short(size_bytes, shown):
    assert size(size_bytes) == shown


def test_progress_is_silent_when_nobody_watches_and_gone_when_done():
    piped, watched = io.StringIO(), io.StringIO()
    for out, terminal in ((piped, False), (watched, True)):
        console = Console(file=out, width=80, force_terminal=terminal)
        with progress(console, "数数", 10) as bar:
            bar.at(5, what="half")
            bar.at(10)

    assert piped.getvalue() == ""
    assert "half" in watched.getvalue() or "数数" in watched.getvalue()
