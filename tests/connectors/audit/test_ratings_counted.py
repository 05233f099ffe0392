"""The auditor counts ratings, and sees one that is not what the enterprise said."""

from __future__ import annotations

import orjson
import pytest
from audit_history import History
from audit_world import KEYS, World

from connectors.audit import render, run_audit
from connectors.audit.state import COMPLETED
from connectors.audit.wire import DECIDED, HUB, RATING_SUBMITTED


def rated_year(seed: int) -> tuple[World, int]:
    """A sound year in which enterprises rate all their visits, twice; and how many ratings."""
    world = History(seed).world
    visits = [
        (uscc, task_id, task)
        for uscc, state in world.states.items()
        for task_id, task in state.tasks.items()
        if task.status == COMPLETED
    ]
    for uscc, task_id, task in visits:
        for minute, stars in enumerate((2, 5)):
            at = f"{task.day.isoformat()}T23:0{minute}:00+08:00"
            data = {"task_id": task_id, "uscc": uscc, "dept": task.dept, "stars": stars,
                    "comment": "好", "at": at}  # fmt: skip
            world.send(HUB, RATING_SUBMITTED, data)
    return world, 2 * len(visits)


def test_each_rating_is_counted_and_sound():
    world, count = rated_year(3)

    report = run_audit(world.dump, world.redis, KEYS)

    assert count > 10
    assert report.check("I3.ratings").looked_at == count
    assert report.check("I3.ratings").ok, render(report)
    assert report.check("I10").ok, render(report)


FAULTS = {
    "other stars": {"stars": 1},
    "of another department": {"dept": "SJW-999999"},
    "another comment": {"comment": "差"},
    "of another visit": {"task_id": "T-none"},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_rating_that_was_changed_on_the_way_is_seen(name: str):
    world, _ = rated_year(3)
    partition, offset = next(
        (number, row.offset)
        for number in (0, 1)
        for row in world.dump.partition(DECIDED, number)
        if b'"RATED"' in row.value
    )
    rows = world.dump.partition(DECIDED, partition)
    body = orjson.loads(rows[offset].value)
    body["facts"] = [{**fact, **FAULTS[name]} for fact in body["facts"]]
    rows[offset] = rows[offset]._replace(value=orjson.dumps(body))

    report = run_audit(world.dump, world.redis, KEYS)

    assert report.check("I3.ratings").violations_total == 1, render(report)
