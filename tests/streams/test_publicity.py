"""A decision on a result reaches the view and the sites' feeds at once, and never half."""

from __future__ import annotations

import json
from typing import Any

import pytest
from decide_world import FORMS, World
from fakes import FakeKafka
from journal_events import ENTERPRISES
from odd_parts import Died, Silent, crash_at
from public_builders import (
    ACCEPTED,
    APPLIED,
    DECIDED,
    ORDERED,
    REQUIRED,
    a_result,
    some_documents,
)

from connectors.sites.table import FORMS as SITE_FORMS
from schemas import messages
from schemas.envelope import read_record
from schemas.feed import FORM_FAULT, Disclosure, Notice
from schemas.sites import SITES
from schemas.topics import feed_topic
from streams.ports import view_name
from streams.recovery import Recovery

USCC = ENTERPRISES[0]
CASE = {"repair_id": "C-1"}


def publish(world: World, result_id: str = "R-1") -> None:
    world.write(messages.RESULT_RECORDED, a_result(result_id), uscc=USCC)


def stop(world: World, result_id: str = "R-1") -> None:
    order = {"result_id": result_id, "stop_reason": "CASCADE", "scope": "PUBLIC_ONLY"}
    world.write(messages.STOP_ORDERED, {**order, "ordered_at": ORDERED}, uscc=USCC)


def apply_for(world: World) -> None:
    application = {
        **CASE, "result_ids": ["R-1"], "channel": "ONE_STOP", "applied_at": APPLIED,
        "documents": some_documents(REQUIRED),
    }  # fmt: skip
    world.write(messages.REPAIR_APPLIED, application, uscc=USCC)


def accept(world: World) -> None:
    world.write(messages.REPAIR_ACCEPTED, {**CASE, "accepted_at": ACCEPTED}, uscc=USCC)


def approve(world: World) -> None:
    decision = {"decision": "APPROVED", "decision_no": "D-1", "decided_at": DECIDED}
    world.write(messages.REPAIR_DECIDED, {**CASE, **decision}, uscc=USCC)


def feed(world: World, site: str = "SITE-A") -> list[Disclosure]:
    records = world.kafka.logs[feed_topic(site), 0]
    return [Disclosure.model_validate_json(record.value or b"") for record in records]


async def test_every_version_stands_on_every_feed_in_order():
    world = World()
    for happens in (publish, apply_for, accept, approve):
        happens(world)
    await world.work()

    for site in FORMS:
        assert [(one.version, one.state) for one in feed(world, site)] == [
            (1, "DISCLOSED"),
            (2, "STOPPED"),
        ]


async def test_a_feed_record_is_an_event_keyed_by_its_enterprise_and_result():
    world = World()
    publish(world)
    await world.work()

    (record,) = world.kafka.logs[feed_topic("SITE-B"), 0]
    envelope, _ = read_record(record.headers, record.value)

    assert record.key == f"{USCC}|R-1".encode()
    assert (envelope.source, envelope.type) == ("HUB", "disclosure")
    assert envelope.id == "SITE-B-0-0-1"


async def test_results_of_two_enterprises_with_one_id_both_outlive_compaction():
    world = World(partitions=3)
    first, second, *_ = ENTERPRISES
    for uscc in (first, second):
        world.write(messages.RESULT_RECORDED, a_result("R-1"), uscc=uscc)
    stop = {"result_id": "R-1", "stop_reason": "EXPIRED", "scope": "PUBLIC_ONLY"}
    world.write(messages.STOP_ORDERED, stop, uscc=first)
    await world.work_all()

    kept = {record.key: record.value for record in world.kafka.logs[feed_topic("SITE-A"), 0]}
    shown = [Disclosure.model_validate_json(value or b"") for value in kept.values()]
    assert {(one.uscc, one.state) for one in shown} == {(first, "STOPPED"), (second, "DISCLOSED")}


async def test_a_feed_is_one_partition_however_many_the_journal_has():
    world = World(partitions=3)
    for number, uscc in enumerate(ENTERPRISES):
        world.write(messages.RESULT_RECORDED, a_result(f"R-{number}"), uscc=uscc)
    await world.work_all()

    assert len(feed(world)) == len(ENTERPRISES) == len(world.kafka.all(feed_topic("SITE-A")))


async def test_the_view_shows_what_is_disclosed_and_which_cases_are_open():
    world = World()
    publish(world, "R-1")
    publish(world, "R-2")
    stop(world, "R-2")
    apply_for(world)
    accept(world)
    await world.work()
    part = world.view.parts[0]

    assert list(part.public) == [view_name(USCC, "R-1")]
    assert json.loads(part.public[view_name(USCC, "R-1")])["version"] == 1
    assert part.results == {"R-1": USCC, "R-2": USCC}
    assert part.cases == {"C-1": view_name(USCC, "C-1")}
    assert list(part.due) == [view_name(USCC, "C-1")]

    approve(world)
    await world.work()

    assert part.public == part.due == {}


@pytest.mark.parametrize("batch", [1, 2, 5])
async def test_the_view_is_the_same_whatever_came_in_one_batch(batch: int):
    world = World()
    for happens in (publish, stop, apply_for, accept, approve, publish):
        happens(world)
    await world.work(batch=batch)

    assert world.view.content() == (await world.rebuilt()).content()
    assert world.view.parts[0].public == {}


async def test_died_before_publishing_the_feed_gets_the_same_bytes():
    world = World()
    publish(world)
    with pytest.raises(Died):
        await world.work(at_point=crash_at("before publish", 1))
    assert not feed(world)
    assert world.view.parts[0].public

    await world.open(forms={})

    assert [one.body for one in feed(world)] == [{"name": "天津测试有限公司"}]


async def test_catching_up_publishes_only_what_may_never_have_left():
    world = World()
    publish(world)
    await world.work()
    stop(world)
    await world.work()
    before = feed(world)
    world.committed[0] = 1
    world.view.parts.clear()

    await world.open()

    assert feed(world) == [*before, before[-1]]


async def test_a_rebuild_after_everything_was_committed_publishes_nothing():
    world = World()
    publish(world)
    stop(world)
    await world.work()
    recovery = Recovery(world.view, world.kafka, Silent(), FORMS)

    await recovery.rebuild(world.committed, lambda done, total: None)

    assert len(feed(world)) == 2


def test_every_site_has_a_form():
    assert set(SITE_FORMS) == set(SITES)


async def test_the_forms_of_the_sites_say_whether_a_result_may_be_shown():
    world = World()
    publish(world)
    stop(world)
    await world.work(forms=SITE_FORMS)

    bodies: list[dict[str, Any]] = [one.body for one in feed(world, "CREDIT-TJ")]
    assert (bodies[0]["CF_ZT"], bodies[0]["CF_XXSYFW"]) == ("0", "0")
    assert (bodies[1]["CF_ZT"], bodies[1]["CF_XXSYFW"]) != ("0", "0")
    assert bodies[1]["CF_WSH"] == bodies[0]["CF_WSH"]


async def test_without_sites_nothing_is_put_on_a_feed():
    world = World()
    publish(world)
    await world.work(forms={})

    assert isinstance(world.kafka, FakeKafka)
    assert not world.kafka.all(feed_topic("SITE-A"))
    assert world.view.parts[0].public


def _raises(notice: Notice) -> dict[str, Any]:
    raise KeyError(notice.content.entity_name)


@pytest.mark.parametrize(
    ("form", "cause"),
    [
        pytest.param(_raises, "KeyError", id="raises"),
        pytest.param(lambda _: {"a": 1, "b": object()}, "no plain value in b", id="no scalar"),
        pytest.param(lambda _: {"n": float("nan")}, "no plain value in n", id="no number"),
        pytest.param(lambda _: None, "AttributeError", id="no columns"),
    ],
)
async def test_a_form_that_fails_on_one_result_says_so_and_the_others_go_on(form: Any, cause: str):
    world = World()
    publish(world)
    publish(world, "R-2")
    await world.work(
        forms={"SITE-A": lambda n: form(n) if n.result_id == "R-1" else {"n": n.version}}
    )

    failed, other = feed(world)
    text = f"the form of SITE-A failed on this result: {cause}"
    assert (failed.result_id, failed.body) == ("R-1", {FORM_FAULT: text})
    assert (other.result_id, other.body) == ("R-2", {"n": 1})
