"""The journal of a paper site as the file that a real one leaves behind."""

import sqlite3
from contextlib import closing

TABLES = """
CREATE TABLE effect(id INTEGER, key TEXT, uscc TEXT, result_id TEXT, version INTEGER, state TEXT,
    body_sha256 TEXT, received_ms INTEGER, effective_ms INTEGER, receipt_id TEXT, changed INTEGER);
CREATE TABLE arrival(id INTEGER, key TEXT, result_id TEXT, version INTEGER, body_sha256 TEXT,
    at_ms INTEGER, answer TEXT);
"""


def write_journal(path, journal):
    """Write a site's journal to a file."""
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(TABLES)
        for e in journal.effects:
            row = (e.id, e.key, e.uscc, e.result_id, e.version, e.state, e.body_sha256)
            times = (e.effective_ms, e.effective_ms, e.receipt_id, e.changed)
            db.execute("INSERT INTO effect VALUES (?,?,?,?,?,?,?,?,?,?,?)", (*row, *times))
        for number, a in enumerate(journal.arrivals, start=1):
            row = (number, a.key, a.result_id, a.version, a.body_sha256, 0, "202")
            db.execute("INSERT INTO arrival VALUES (?,?,?,?,?,?,?)", row)
