"""How does a publicity system follow its feed without Kafka? Nothing but Python and SQLite.

    python pull_consumer.py https://GATEWAY SITE FILE TOKEN_FILE [once]

Three promises, and where they are kept. Nothing is lost: the cursor is kept in the transaction
that keeps what the page said. Nothing comes back: the highest version of a result wins. Everything
is told: a receipt is sent until it is answered with 200 or 202; one twice does no harm.
With `once` it ends when there is no more to read, after it has compared all that it shows.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

GATEWAY, SITE, FILE, TOKEN_FILE = sys.argv[1:5]
ONCE = "once" in sys.argv[5:]
WAIT_S, PAGE, LIST_MAX = 20, 200, 500
TAKEN = (200, 202)

db = sqlite3.connect(FILE, isolation_level=None)
db.execute("PRAGMA synchronous=FULL")
db.executescript("""
CREATE TABLE IF NOT EXISTS result (
    result_id TEXT, uscc TEXT, version INTEGER, state TEXT, body TEXT,
    PRIMARY KEY (uscc, result_id));
CREATE TABLE IF NOT EXISTS receipt (
    id INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT, told INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT);
""")


def ask(path: str, query: dict | None = None, body: dict | None = None, wait_s: int = 0) -> dict:
    """Ask the gateway until it answers; ends the program if it says that asking is of no use."""
    url = f"{GATEWAY}/v1/feeds/{SITE}{path}?{urlencode(query or {})}"
    headers = {"Content-Type": "application/json", "Prefer": f"wait={wait_s}"}
    tries = 0
    while True:
        headers["Authorization"] = f"Bearer {Path(TOKEN_FILE).read_text(encoding='ascii').strip()}"
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(url, data, headers)  # noqa: S310 - ours
        least_s = 0.0
        try:
            with urllib.request.urlopen(request, timeout=wait_s + 30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            if refused.code not in (408, 429, 500, 502, 503, 504):
                sys.exit(f"{refused.code}: {refused.read(2000).decode()}")
            least_s = float(refused.headers.get("Retry-After") or 0)
        except (OSError, ValueError):
            pass  # nobody there, or cut off in the middle: ask the same again
        tries += 1
        time.sleep(max(least_s, random.random() * min(30.0, 0.1 * 2**tries)))


def cursor() -> str | None:
    """How far we have read."""
    row = db.execute("SELECT text FROM cursor").fetchone()
    return row[0] if row else None


def take(page: dict) -> None:
    """Keep a page and its cursor: both or neither."""
    db.execute("BEGIN")
    for record in page["records"]:
        if record["kind"] == "disclosure":
            keep(record, record["data"])
    db.execute("INSERT OR REPLACE INTO cursor VALUES (1, ?)", (page["cursor"],))
    db.execute("COMMIT")


def keep(record: dict, said: dict) -> None:
    """One result's newest state. Anything but DISCLOSED: take it off the page."""
    # A record whose columns could not be made has nothing to show; a stop needs none.
    empty = said["state"] == "DISCLOSED" and "hub_form_fault" in said["body"]
    if not empty:
        db.execute(
            "INSERT INTO result VALUES (?, ?, ?, ?, ?) ON CONFLICT (uscc, result_id) DO UPDATE SET"
            " version = excluded.version, state = excluded.state, body = excluded.body"
            " WHERE excluded.version > version",
            (said["result_id"], said["uscc"], said["version"], said["state"],
             json.dumps(said["body"], ensure_ascii=False)),
        )  # fmt: skip
    number = db.execute("INSERT INTO receipt (value) VALUES ('') RETURNING id").fetchone()[0]
    receipt = {name: said[name] for name in ("uscc", "result_id", "version", "state")}
    receipt |= {
        "stage": "REJECTED" if empty else "PROCESSED",
        "key": record["delivery_key"],
        "body_sha256": record["body_sha256"],
        "status": "no columns" if empty else "processed",
        "site_receipt_id": f"{SITE}-{number}",
        "at": int(time.time() * 1000),
    }
    db.execute("UPDATE receipt SET value = ? WHERE id = ?", (json.dumps(receipt), number))


def tell() -> None:
    """Send every receipt that is not known to be stored; the same bytes under the same id."""
    while rows := db.execute(
        "SELECT id, value FROM receipt WHERE told = 0 ORDER BY id LIMIT ?", (LIST_MAX,)
    ).fetchall():
        told = {"receipts": [json.loads(value) for _, value in rows]}
        outcomes = ask("/receipts", body=told)["outcomes"]
        for (number, _), outcome in zip(rows, outcomes, strict=True):
            if outcome["status"] in TAKEN:
                db.execute("UPDATE receipt SET told = 1 WHERE id = ?", (number,))
            elif outcome["status"] not in (429, 503):
                print(f"receipt {number} is refused: {outcome['problem']}", file=sys.stderr)
                db.execute("UPDATE receipt SET told = -1 WHERE id = ?", (number,))


def compare(first: str = "", before: str = "") -> int:
    """Say how many results are not shown as the hub says, halving the list until they are few."""
    rows = db.execute(
        "SELECT result_id, version, uscc FROM result WHERE state = 'DISCLOSED' AND result_id >= ?"
        " AND (? = '' OR result_id < ?) ORDER BY result_id, CAST(version AS TEXT), uscc",
        (first, before, before),
    ).fetchall()
    lines = "".join(f"{uscc}|{result_id} {version}\n" for result_id, version, uscc in rows)
    theirs = ask("/digest", {"first": first, "before": before})
    own = (len(rows), hashlib.sha256(lines.encode()).hexdigest())
    if own == (theirs["count"], theirs["keyed_sha256"]):
        return 0
    middle = rows[len(rows) // 2][0] if rows else ""
    if len(rows) > LIST_MAX and middle > rows[0][0]:
        return compare(first, middle) + compare(middle, before)
    results = [{"result_id": name, "version": at, "uscc": uscc} for name, at, uscc in rows]
    body = {"after": cursor() or "", "first": first, "before": before, "results": results}
    found = ask("/digest", body=body)
    if not found["level"]:
        return 0  # the hub is further than we are: read on first
    for difference in found["differences"]:
        print(f"differs: {difference}", file=sys.stderr)
    return len(found["differences"])


def main() -> None:
    """Follow the feed."""
    tell()
    while True:
        after = cursor()
        query = {"limit": PAGE} | ({"after": after} if after else {})
        page = ask("", query, wait_s=0 if ONCE else WAIT_S)
        take(page)
        tell()
        night = any(record["kind"] == "disclosure.digest" for record in page["records"])
        if (night or ONCE) and not page["more"]:
            differences = compare()
            if ONCE:
                sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
