"""Does the auditor read the sites' own journals, and say what is wrong with an option?"""

import pytest
import typer
from audit_repairs import RepairHistory
from audit_sqlite import write_journal
from typer.testing import CliRunner

from connectors.audit import read_site_journal, read_site_journals
from connectors.audit.__main__ import main
from connectors.audit.dump import save_dump
from connectors.audit.report import ASKED_BY_JOINTS


@pytest.fixture(scope="module")
def history():
    made = RepairHistory(1, events=150)
    made.delivered()
    return made


def test_a_journal_file_is_what_the_site_wrote(history, tmp_path):
    for code, journal in history.deliver.journals().items():
        write_journal(tmp_path / f"{code}.db", journal)

        assert read_site_journal(tmp_path / f"{code}.db") == journal


def test_a_journal_is_never_written_to(history, tmp_path):
    path = tmp_path / "journal.db"
    write_journal(path, history.deliver.journals()["CREDIT-TJ"])
    before = path.read_bytes()

    read_site_journal(path)

    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["journal.db"]


WRONG_OPTIONS = {
    "no such site": ("X=journal.db", "CODE one of GSXT-TJ, CREDIT-TJ, SUBJECTS-TJ"),
    "no path": ("GSXT-TJ", "CODE=PATH expected"),
    "no file": ("GSXT-TJ=none.db", "none.db does not exist"),
    "no journal": ("GSXT-TJ={folder}/text.db", "text.db cannot be read"),
}


@pytest.mark.parametrize("name", WRONG_OPTIONS)
def test_a_wrong_option_says_what_to_do(tmp_path, name):
    option, text = WRONG_OPTIONS[name]
    (tmp_path / "text.db").write_text("no database, whatever its name says\n" * 100)

    with pytest.raises(ValueError, match="site journal") as found:
        read_site_journals([option.format(folder=tmp_path)])

    assert text in str(found.value)


def test_the_command_takes_journals_and_may_ask_that_nothing_is_owed(history, tmp_path):
    app = typer.Typer()
    app.command()(main)
    save_dump(tmp_path / "dump", history.world.dump, history.world.redis)
    words = ["--dump", str(tmp_path / "dump"), "--settled"]
    for name in ("I2.codes", "I2.qr"):
        words += ["--may-be-empty", name]
    for code, journal in history.deliver.journals().items():
        write_journal(tmp_path / f"{code}.db", journal)
        words += ["--site-journal", f"{code}={tmp_path / code}.db"]

    sound = CliRunner().invoke(app, words)
    wrong = CliRunner().invoke(app, [*words[:-1], "X=y"])

    assert sound.exit_code == 0, sound.output
    unseen = [line for line in sound.output.splitlines() if "not looked at" in line]
    others = ASKED_BY_JOINTS | {"I3.ratings", "I4.relayed", "I5.relayed", "I6.generations"}
    assert all(any(name in line for name in others) for line in unseen), "all else is there"
    assert wrong.exit_code == 2
