"""Does the hub's own public list show what is disclosed, and nothing that was stopped?

Source: docs/delivery.md; art. 5, 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.audit.cases import OPEN
from connectors.audit.compare import message_differences
from connectors.audit.days import as_day
from connectors.audit.disclosed import Change, Disclosed, Name
from connectors.audit.dump import RedisShard
from connectors.audit.report import Book
from connectors.audit.wire import SEPARATOR

_SHOWN = ("dept", "inspected_on", "outcomes", "found_problem", "negative")


def ask_for_view(book: Book, disclosed: Disclosed) -> None:
    """Note which checks of the view have something to look at."""
    if disclosed.changes:
        book.ask("I11.public", "I11.results")
    if disclosed.stops():
        book.ask("I7.public")
    if disclosed.repairs:
        book.ask("I11.cases")
    if any(_has_due_day(fact) for _, fact in disclosed.repairs.values()):
        book.ask("I11.case_due")


def _has_due_day(fact: Mapping[str, Any]) -> bool:
    """Whether a case is open and must be decided by a known day (art. 12)."""
    return fact["status"] in OPEN and bool(fact.get("due_on"))


def judge_public_view(book: Book, disclosed: Disclosed, partition: int, shard: RedisShard) -> None:
    """Check public list, results and cases of one partition of the view."""
    newest = {
        name: rows[-1]
        for name, rows in disclosed.changes.items()
        if disclosed.partition_now(rows[-1]) == partition
    }
    _judge_public(book, partition, newest, shard)
    _judge_results(book, disclosed, partition, newest, shard)
    _judge_cases(book, disclosed, partition, shard)


def _judge_public(
    book: Book, partition: int, newest: Mapping[Name, Change], shard: RedisShard
) -> None:
    shown = {SEPARATOR.join(name): c for name, c in newest.items() if not c.stops}
    stopped = {SEPARATOR.join(name): c for name, c in newest.items() if c.stops}
    for field in {**shown, **stopped, **shard.public}:
        where = f"insp:{{{partition}}}:public {field!r}"
        value = shard.public.get(field)
        if field in stopped:
            wrong = f"is shown, though {stopped[field].state}" if value is not None else ""
            book.expect("I7.public", where, wrong)
        if field in shown:
            book.expect("I11.public", where, _entry_fault(value, shown[field]))
        else:
            book.expect("I11.public", where, "" if value is None else "is shown, not disclosed")


def _entry_fault(value: bytes | None, change: Change) -> str:
    if value is None:
        return f"is missing, though version {change.version} is disclosed"
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError as cause:
        return f"is not JSON: {cause}"
    if not isinstance(found, dict):
        return "is no entry"
    return "; ".join(message_differences(_entry(change), found))


def _entry(change: Change) -> dict[str, Any]:
    """What the public list says of a result."""
    content = change.fact["content"]
    return {
        "result_id": change.name[1],
        "uscc": change.name[0],
        "entity_name": content.get("entity_name") or "",
        **{name: content.get(name) for name in _SHOWN},
        "version": change.version,
    }


def _judge_results(
    book: Book,
    disclosed: Disclosed,
    partition: int,
    newest: Mapping[Name, Change],
    shard: RedisShard,
) -> None:
    """Every disclosed result is found; others may be, under an enterprise that has it."""
    owed = {name[1] for name in newest}
    for result_id in {**dict.fromkeys(owed), **shard.result}:
        owners = disclosed.named.get((partition, result_id), set())
        found = shard.result.get(result_id)
        wrong = ""
        if found is None or found not in owners:
            wrong = f"{found!r}, expected {' or '.join(sorted(owners)) or 'nothing'}"
        book.expect("I11.results", f"insp:{{{partition}}}:result {result_id!r}", wrong)


def _judge_cases(book: Book, disclosed: Disclosed, partition: int, shard: RedisShard) -> None:
    due: dict[str, int] = {}
    owners: dict[str, set[str]] = {}
    for name, (at, fact) in disclosed.repairs.items():
        if at != partition:
            continue
        owners.setdefault(name[1], set()).add(SEPARATOR.join(name))
        if _has_due_day(fact):
            due[SEPARATOR.join(name)] = as_day(fact["due_on"]).toordinal()
    for repair_id in {**owners, **shard.case}:
        found, expected = shard.case.get(repair_id), owners.get(repair_id)
        where = f"insp:{{{partition}}}:case {repair_id!r}"
        wrong = f"{found!r}, expected {sorted(expected or ())}"
        # A case of which only held steps are known may be found already.
        uscc, _, named = (found or "").partition(SEPARATOR)
        early = expected is None and named == repair_id and (uscc, named) in disclosed.waiting
        is_right = early or found in (expected or ())
        book.expect("I11.cases", where, "" if is_right else wrong)
    for field in {**due, **shard.case_due}:
        found_day, expected_day = shard.case_due.get(field), due.get(field)
        wrong = f"{found_day}, expected {expected_day}" if found_day != expected_day else ""
        book.expect("I11.case_due", f"insp:{{{partition}}}:case_due {field!r}", wrong)
