"""A draw may name the special inspection that it is for: judged, on its record, else as before."""

from __future__ import annotations

from typing import Any

import pytest
from builders import a_cap, an_event
from joint_world import AFTER, FIRST, QUARTER, WJW, JointHub, a_joint_document, say
from special_world import CITY, Special, said

from schemas.joint_facts import DrawnFact
from schemas.special_words import SpecialStanding
from schemas.survey_facts import SpecialObjectFact
from streams.journaling import Relayed
from streams.rules.entry.caps import CompiledPolicy, compile_policy
from streams.rules.relays import relays
from streams.rules.special import objects as special_objects

ID = "ZX-2026-001"
DOUBTFUL = [one for one in SpecialStanding if one is not SpecialStanding.VALID]


def refusing(*caps: dict[str, Any]) -> CompiledPolicy:
    return compile_policy(a_joint_document(*caps, special_tasks="refuse"))


def drawn_for(hub: JointHub, **fields: Any) -> DrawnFact:
    """The fact of a draw for a special inspection that stands."""
    facts = hub.draw(special_id=ID, special=SpecialStanding.VALID, **fields)
    assert isinstance(facts[0], DrawnFact), say(facts)
    return facts[0]


def put_on_record(special: Special, hub: JointHub) -> list[str]:
    """What the special inspection's log makes of the last answer."""
    found = []
    for relay in relays(hub.decided(), hub.state):
        data = relay.data.model_dump(mode="json")
        key, offset = special.hub.uscc, len(special.hub.events) + 100
        event = an_event(
            relay.type, data, dept=relay.dept, uscc=key, offset=offset, policy=special.hub.policy
        )
        (fact,) = special.hub.take(event)
        is_object = isinstance(fact, SpecialObjectFact)
        found.append(f"{fact.stage} {fact.task_id} {fact.listed}" if is_object else said(fact))
    return found


@pytest.mark.parametrize("standing", DOUBTFUL)
def test_one_that_does_not_stand_refuses_the_draw_as_it_does_a_task(
    standing: SpecialStanding,
) -> None:
    hub = JointHub(policy=refusing())

    assert say(hub.draw(special_id=ID, special=standing)) == [f"REFUSED SPECIAL_{standing} {ID}"]
    assert say(hub.draw(special_id=ID, special=SpecialStanding.VALID)) == [f"DRAWN {WJW}"]


@pytest.mark.parametrize("standing", DOUBTFUL)
def test_where_the_policy_does_not_refuse_it_is_a_draw_for_none(standing: SpecialStanding) -> None:
    hub = JointHub()
    (fact,) = hub.draw(special_id=ID, special=standing)

    assert isinstance(fact, DrawnFact)
    assert fact.special_id is None
    assert relays(hub.decided(), hub.state) == []
    assert say(hub.draw(draw_id="D-2", special_id=ID, special=standing, sent=AFTER)) == [
        "REFUSED AFTER_WINDOW 2026-04-08"
    ]


def test_a_draw_that_names_none_is_decided_and_written_as_before() -> None:
    hub = JointHub(policy=refusing())
    (fact,) = hub.draw()

    assert isinstance(fact, DrawnFact)
    assert "special_id" not in fact.model_dump(mode="json")
    # The digest as it was before a draw could name one.
    assert fact.digest == "bbb55ed2c838489551dce4cdeb3f4a06"
    assert relays(hub.decided(), hub.state) == []


def test_the_special_inspection_is_part_of_what_was_drawn() -> None:
    hub = JointHub()
    drawn_for(hub)

    assert say(hub.draw(special_id=ID, special=SpecialStanding.VALID)) == ["REPEATED"]
    assert say(hub.draw(special_id="ZX-9", special=SpecialStanding.VALID)) == [
        "REFUSED DRAW_EXISTS"
    ]
    assert say(hub.draw()) == ["REFUSED DRAW_EXISTS"]


def test_it_is_drawn_when_it_is_due_not_only_in_the_window() -> None:
    hub = JointHub()

    assert say(hub.draw(draw_id="D-0", sent=AFTER)) == ["REFUSED AFTER_WINDOW 2026-04-08"]
    assert drawn_for(hub, on=FIRST, sent=AFTER).late
    assert [one.draw_id for one in hub.state.draws[QUARTER].draws] == ["D-1"]


def test_an_object_drawn_for_it_is_on_its_record() -> None:
    special, hub = Special(), JointHub(uscc="91120116MA05ABCD0A")
    special.file()
    before = special.state
    drawn_for(hub)

    assert put_on_record(special, hub) == ["DRAWN D-1 True"]
    assert special.state == before
    assert said(special.close()) == "CLOSED CLOSED"


def test_one_that_was_never_filed_has_no_record() -> None:
    hub = JointHub()
    drawn_for(hub)

    assert put_on_record(Special(), hub) == ["REFUSED, UNKNOWN_SPECIAL"]


def test_what_is_drawn_takes_no_place_of_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(special_objects, "REPORTED_MAX", 0)
    special, hub = Special(), JointHub()
    special.file()
    drawn_for(hub)

    assert put_on_record(special, hub) == ["DRAWN D-1 True"]


def test_two_records_for_one_log_from_one_answer_are_told_apart() -> None:
    """A late draw joins, and gives up a task under the same special inspection."""
    special, hub = Special(), JointHub()
    special.file()
    hub.draw("XFJ-120116", draw_id="D-8")
    hub.draw("SCJG-120116", draw_id="D-9")
    hub.close()
    found = {"special": SpecialStanding.VALID}
    hub.submit("T-1", dept=WJW, planned_on="2026-05-20", special_id=ID, findings=found)
    assert put_on_record(special, hub) == ["TASK T-1 True"]
    drawn_for(hub, sent=AFTER)

    told = relays(hub.decided(), hub.state)
    ids = [Relayed(hub.decided(), one).record.id for one in told]
    assert put_on_record(special, hub) == ["DRAWN D-1 True", "CANCELLED T-1 True"]
    assert ids[1] == f"{ids[0]}/1"
    assert ids[0].endswith(f"/special:{ID}")
    assert special.state.dept == CITY


def test_it_joins_a_joint_task_of_which_no_day_is_known() -> None:
    """`joint.formed` says members and lead, and no day on which a cap could be judged."""
    hub = JointHub(policy=refusing(a_cap(maximum=0)))
    hub.draw("XFJ-120116", draw_id="D-8")
    hub.close()
    hub.form_joint(
        joint_id="J-1", members=["XFJ-120116", "SCJG-120116"], lead="XFJ-120116", quarter=QUARTER
    )

    (_, joined) = say(hub.draw(special_id=ID, special=SpecialStanding.VALID, sent=AFTER))
    assert joined == f"JOINED {WJW} -> SCJG-120116 {WJW} XFJ-120116 lead XFJ-120116"
