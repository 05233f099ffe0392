"""What a sandbox has said is on disk; what arrives together is committed together."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from connectors.sandbox.journal import Journal
from connectors.sandbox.ledger import Answered, Item, mark, note_arrival, set_mark


def arrival(number: int):
    item = Item(f"k{number}", "u", f"R-{number}", 1, "DISCLOSED", "h")
    return lambda c: note_arrival(c, item, number, Answered.TAKEN)


def on_disk(folder: Path) -> int:
    """Arrivals that another process would find."""
    with sqlite3.connect(folder / "journal.db") as other:
        return int(other.execute("SELECT count(*) FROM arrival").fetchone()[0])


async def test_it_is_there_for_others_when_the_caller_goes_on(tmp_path: Path):
    journal = Journal(tmp_path)

    seen = []
    for number in range(5):
        await journal.run(arrival(number))
        seen.append(on_disk(tmp_path))
    await journal.close()

    assert seen == [1, 2, 3, 4, 5]


async def test_every_commit_reaches_the_disk(tmp_path: Path):
    journal = Journal(tmp_path)

    full = await journal.run(lambda c: c.execute("PRAGMA synchronous").fetchone()[0])
    await journal.close()

    assert full == 2


async def test_what_comes_together_is_one_transaction(tmp_path: Path):
    journal = Journal(tmp_path)
    said: list[str] = []
    await journal.run(lambda c: c.set_trace_callback(said.append))
    said.clear()

    numbers = await asyncio.gather(*(journal.run(arrival(number)) for number in range(100)))
    await journal.close()

    assert numbers == list(range(1, 101))
    assert said.count("COMMIT") == 1


async def test_a_work_that_fails_takes_nothing_half_and_the_journal_goes_on(tmp_path: Path):
    journal = Journal(tmp_path)

    def failing(c: sqlite3.Connection) -> None:
        set_mark(c, "imported", 7)
        c.execute("SELECT nonsense")

    with pytest.raises(sqlite3.OperationalError):
        await journal.run(failing)
    after = await journal.run(lambda c: mark(c, "imported"))
    await journal.run(arrival(1))
    await journal.close()

    assert after == 0
    assert on_disk(tmp_path) == 1


async def test_threads_and_coroutines_take_turns(tmp_path: Path):
    journal = Journal(tmp_path)

    await asyncio.gather(
        *(journal.run(arrival(number)) for number in range(50)),
        *(asyncio.to_thread(journal.run_now, [arrival(number)]) for number in range(50, 60)),
    )
    await journal.close()

    assert on_disk(tmp_path) == 60
