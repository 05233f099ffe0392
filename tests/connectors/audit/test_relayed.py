"""One record gives up two tasks under one special inspection: is its log held to hear of both?"""

from datetime import date

from connectors.audit.days import instant_text
from connectors.audit.decode import Entry
from connectors.audit.relayed import Relayed
from connectors.audit.report import Book
from connectors.audit.state import Enterprise, Task

USCC, SPECIAL, DAY = "91120116MA05ABCD0C", "ZX-1", date(2026, 3, 16)
AT_MS = 1_767_196_799_999
FORMED = Entry(
    USCC, 2, 7, AT_MS, "", "E-1", "draw.window.closed", "2026-01-01T00:00:00+08:00", "HUB", "v1",
    ("timer", 0, 0), {}, {},
)  # fmt: skip


def told(task_id: str, offset: int) -> Entry:
    """What the special inspection's log has of a task that was given up."""
    data = {"special_id": SPECIAL, "uscc": USCC, "task_id": task_id, "stage": "CANCELLED",
            "on": "2026-03-16"}  # fmt: skip
    return Entry(
        f"special:{SPECIAL}", 0, offset, AT_MS, "", f"2-7/{offset}", "special.object.reported",
        instant_text(AT_MS), "WJW-120116", "v1", ("insp.journal", 2, 7), {}, data,
    )  # fmt: skip


def violations(*names: str) -> dict[str, int]:
    """What is found if two tasks were given up and this was heard of them."""
    book = Book()
    relayed, state = Relayed(book), Enterprise()
    for name in ("T-1", "T-2"):
        state.tasks[name] = Task(name, 1, "WJW-120116", day=DAY, special_id=SPECIAL)
    gone = [{"fact": "CANCELLED", "task_id": name} for name in ("T-1", "T-2")]
    relayed.owe(FORMED, gone, state)
    for offset, name in enumerate(names):
        relayed.heard(told(name, offset))
    relayed.close()
    return {name: one.violations_total for name, one in book.checks.items() if one.violations_total}


def test_both_are_told():
    assert violations("T-1", "T-2") == {}


def test_one_that_was_not_told_is_missed_and_one_told_twice_is_not_another():
    assert violations("T-1") == {"I4.relayed": 1}
    assert violations("T-1", "T-1") == {"I4.relayed": 1}


def test_one_that_was_not_given_up_is_not_owed():
    assert violations("T-1", "T-2", "T-3") == {"I5.relayed": 1}


def test_an_instant_is_written_as_the_hub_writes_it():
    assert instant_text(AT_MS) == "2025-12-31T23:59:59.999+08:00"
