"""`hub open-tasks`: an officer suspended, a department struck off, a whitelist changed since."""

import json

import pytest
import redis
from builders import DEPT, Hub
from console_fakes import write
from told_history import a_code_in

from connectors.console import oversight
from connectors.console.context import Exit
from connectors.redis_view import key as view_key
from schemas.codec import AVRO, encode_journal
from schemas.topics import CTL_REGISTRY, JOURNAL
from streams.desks import oversight as rules
from streams.rules.state import encode_state

PARTITION = 1
USCC = a_code_in(PARTITION)
OFFICERS = [
    {"cert_no": number, "name": number, "dept": DEPT, "valid_from": "2020-01-01", "status": "VALID"}
    for number in ("TJ0001", "TJ0002")
]
DEPARTMENT = {
    "dept": DEPT, "name": "卫健委", "region": "120116", "level": "DISTRICT", "system": "WJW",
    "listed": True, "valid_from": "2020-01-01",
}  # fmt: skip


@pytest.fixture
def hub(console, broker, redis_url):
    oversight.register(console.app, rules)
    console.set(HUB_REDIS_URL=redis_url, COLUMNS="120")
    console("topics", "apply")
    register(broker, "registry.department", DEPT, DEPARTMENT)
    for officer in OFFICERS:
        register(broker, "registry.officer", officer["cert_no"], officer)
    return console


def register(broker, kind, name, entry):
    key, value = f"{kind}:{name}", json.dumps(entry).encode()
    write(broker, CTL_REGISTRY, [{"key": key, "value": value, "partition": 0}])


def lay_down(broker, redis_url, desk, made):
    """The log on the broker, and the view with these decisions still open."""
    records = [
        {"key": USCC.encode(), "value": encode_journal(event.record), "partition": PARTITION,
         "headers": [("content-type", AVRO.encode())]}
        for event in desk.events
    ]  # fmt: skip
    write(broker, JOURNAL, records)
    with redis.Redis.from_url(redis_url) as client:
        client.hset(view_key(PARTITION, "state"), USCC, encode_state(desk.state))
        for one in made:
            name, source = f"{USCC}\x1f{one.task_id}", one.source
            place = source.model_copy(
                update={"partition": PARTITION, "offset": source.offset - 100}
            )
            value = one.model_copy(update={"source": place}).model_dump_json(by_alias=True)
            client.hset(view_key(PARTITION, "task"), name, value)
            client.zadd(view_key(PARTITION, "open"), {name: 739000})


def a_desk():
    desk = Hub(uscc=USCC)
    made = [desk.submit("T-1"), desk.submit("T-2", trigger="COMPLAINT", clue_no="1")]
    return desk, made


def flags(answer):
    return sorted((one["task_id"], one["why"], one["about"]) for one in answer.json["flagged"])


def test_nothing_is_flagged_while_everything_is_as_it_was(hub, broker, redis_url):
    lay_down(broker, redis_url, *a_desk())

    answer = hub("open-tasks")

    assert answer.status == Exit.DONE
    assert "2 open tasks, none" in answer.said


def test_a_suspended_officer_flags_each_open_task_at_once(hub, broker, redis_url):
    lay_down(broker, redis_url, *a_desk())
    register(broker, "registry.officer", "TJ0002", {**OFFICERS[1], "status": "SUSPENDED"})

    answer = hub("open-tasks", "--json")
    shown = hub("open-tasks")

    assert answer.status == shown.status == Exit.FOUND
    assert flags(answer) == [
        ("T-1", "OFFICER_SUSPENDED", "TJ0002"), ("T-2", "OFFICER_SUSPENDED", "TJ0002"),
    ]  # fmt: skip
    assert "OFFICER_SUSPENDED" in shown.said


def test_a_department_struck_off_the_list_is_flagged(hub, broker, redis_url):
    lay_down(broker, redis_url, *a_desk())
    register(broker, "registry.department", DEPT, {**DEPARTMENT, "listed": False})

    assert {why for _, why, _ in flags(hub("open-tasks", "--json"))} == {"DEPARTMENT_NOT_LISTED"}


def test_a_place_on_the_whitelist_since_flags_proactive_tasks_only(hub, broker, redis_url):
    desk, made = a_desk()
    desk.whitelist()
    lay_down(broker, redis_url, desk, made)
    item = {"item": "1101-001", "listed": True, "from": "2026-01-01", "ground": "g"}
    register(broker, "whitelist.changed", "1101-001", item)

    assert flags(hub("open-tasks", "--json")) == [
        ("T-1", "ITEM_WHITELISTED", "1101-001"), ("T-1", "SUBJECT_WHITELISTED", ""),
    ]  # fmt: skip
