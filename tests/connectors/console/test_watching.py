"""An answer that is kept up to date: block below block in a pipe, in place on a terminal."""

import io

import pytest
import typer
from rich.console import Console
from rich.text import Text

from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.watching import Picture, present
from schemas.settings import Settings


class Watched:
    """Draws pictures, numbered; Ctrl-C comes after so many."""

    def __init__(self, times, *, terminal=False, json=False, fails_at=0):
        self.out, self.err, self.times, self.drawn = io.StringIO(), io.StringIO(), times, 0
        self.fails_at = fails_at
        out = Console(file=self.out, width=60, force_terminal=terminal, color_system=None)
        err = Console(file=self.err, width=200)
        self.hub = Context(Settings(), json=json, out=out, err=err)
        self.waited = []

    def look(self):
        self.drawn += 1
        if self.drawn == self.fails_at:
            raise CommandError("Redis is away", Exit.UNREACHABLE)
        return Picture([Text(f"picture {self.drawn}")], {"n": self.drawn}, Exit.FOUND, ["mind"])

    def wait(self, seconds):
        self.waited.append(seconds)
        if self.drawn == self.times:
            raise KeyboardInterrupt

    def run(self, every_s=2.0):
        with pytest.raises(typer.Exit) as ended:
            present(self.hub, self.look, every_s, wait=self.wait)
        return ended.value.exit_code


def test_once_it_ends_with_what_was_found():
    watched = Watched(1)

    assert watched.run(every_s=None) == Exit.FOUND
    assert watched.out.getvalue() == "picture 1\n"
    assert watched.err.getvalue() == "mind\n"


def test_in_a_pipe_blocks_follow_each_other_and_ctrl_c_ends_well():
    watched = Watched(3)

    assert watched.run() == Exit.DONE
    assert watched.waited == [2.0, 2.0, 2.0]
    assert [line for line in watched.out.getvalue().splitlines() if "picture" in line] == [
        "picture 1", "picture 2", "picture 3",
    ]  # fmt: skip


def test_on_a_terminal_the_picture_is_drawn_in_place():
    watched = Watched(2, terminal=True)

    assert watched.run() == Exit.DONE
    told = watched.out.getvalue()
    assert "\x1b[?1049h" in told, "the screen is put aside"
    assert "\x1b[?1049l" in told, "and comes back"
    assert "picture 2" in told
    assert "Ctrl-C ends" in told
    assert "mind" in told


def test_scripts_get_a_document_a_line(capsys):
    watched = Watched(2, json=True)

    assert watched.run() == Exit.DONE
    assert capsys.readouterr().out.splitlines() == ['{"n":1}', '{"n":2}']


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_what_cannot_be_reached_for_a_while_is_said_and_asked_again(terminal):
    watched = Watched(3, terminal=terminal, fails_at=2)

    assert watched.run() == Exit.DONE
    assert "Redis is away" in watched.out.getvalue() + watched.err.getvalue()
    assert "picture 3" in watched.out.getvalue()
