"""The system that follows its feed compares every night, and finds a stop that it missed."""

import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from connectors.sandbox.digest import compare, comparisons, note_taken
from connectors.sandbox.journal import Journal
from schemas.feed import Digest

A, B = "91120116MA05ABCD0C|R-1", "91350211M0000XUF46|R-1"


def a_digest(as_of: int, *shown: tuple[str, int]) -> Digest:
    names = sorted((key.partition("|")[2], version) for key, version in shown)
    lines = "".join(f"{result_id} {version}\n" for result_id, version in names)
    text = sha256(lines.encode()).hexdigest()
    return Digest(site="SUBJECTS-TJ", count=len(shown), sha256=text, as_of=as_of)


@pytest.fixture
def journal(tmp_path: Path):
    made = Journal(tmp_path)
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        yield connection
    made._connection.close()


def test_what_it_took_in_by_then_is_compared_and_later_records_do_not_count(journal):
    note_taken(journal, A, 1, "DISCLOSED", (0, 0))
    note_taken(journal, B, 1, "DISCLOSED", (0, 1))
    note_taken(journal, A, 2, "STOPPED", (0, 2))

    assert compare(journal, 0, a_digest(2, (A, 1), (B, 1)))
    assert compare(journal, 0, a_digest(3, (B, 1)))
    assert comparisons(journal) == [(2, True), (3, True)]


def test_a_stop_that_it_missed_is_found(journal):
    note_taken(journal, A, 1, "DISCLOSED", (0, 0))

    assert not compare(journal, 0, a_digest(2))
    assert comparisons(journal) == [(2, False)]


def test_two_enterprises_with_one_id_count_twice(journal):
    note_taken(journal, A, 1, "DISCLOSED", (0, 0))
    note_taken(journal, B, 1, "DISCLOSED", (0, 1))

    assert compare(journal, 0, a_digest(2, (A, 1), (B, 1)))
    assert not compare(journal, 0, a_digest(2, (A, 1)))


def test_an_older_version_that_comes_late_does_not_count(journal):
    note_taken(journal, A, 2, "STOPPED", (0, 0))
    note_taken(journal, A, 1, "DISCLOSED", (0, 1))

    assert compare(journal, 0, a_digest(2))
