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
    names = sorted((key.partition("|")[2], str(version), key) for key, version in shown)
    by_id = "".join(f"{result_id} {version}\n" for result_id, version, _ in names)
    by_key = "".join(f"{key} {version}\n" for _, version, key in names)
    hashes = {"sha256": by_id, "keyed_sha256": by_key}
    said = {name: sha256(lines.encode()).hexdigest() for name, lines in hashes.items()}
    return Digest(site="SUBJECTS-TJ", count=len(shown), as_of=as_of, **said)


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


def test_anothers_result_of_the_same_id_is_not_taken_for_it(journal):
    note_taken(journal, A, 1, "DISCLOSED", (0, 0))

    assert not compare(journal, 0, a_digest(1, (B, 1)))


def test_a_digest_of_an_older_hub_is_compared_by_ids(journal):
    note_taken(journal, A, 1, "DISCLOSED", (0, 0))
    older = a_digest(1, (A, 1)).model_copy(update={"keyed_sha256": None})

    assert compare(journal, 0, older)


def test_an_older_version_that_comes_late_does_not_count(journal):
    note_taken(journal, A, 2, "STOPPED", (0, 0))
    note_taken(journal, A, 1, "DISCLOSED", (0, 1))

    assert compare(journal, 0, a_digest(2))
