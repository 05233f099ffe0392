"""May an enterprise on the whitelist be drawn, and who may come to it (art. 3)?"""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from beside_the_auditor import differences, policy_of
from builders import USCC
from hypothesis import given
from hypothesis import strategies as st
from joint_world import (
    AFTER,
    FIRST,
    QUARTER,
    SCJG,
    WJW,
    XFJ,
    JointHub,
    a_joint_document,
    draw_all,
    say,
)
from random_logs import many

from schemas.enums import Level, Standing
from schemas.identity import read_credit_code
from schemas.inbound import WhitelistChanged
from schemas.inbound_joint import DrawSubmitted
from schemas.joint_facts import JointFact, WindowClosedFact
from schemas.messages import DRAW_UPDATED, REGISTRY_DEPARTMENT, WHITELIST_CHANGED
from schemas.registry import RegistryDepartment
from schemas.special_words import SpecialStanding
from streams.registry import Registry
from streams.rules.entry.caps import compile_policy
from streams.rules.outward import outward
from streams.spread import objects_of

LAST = date(2026, 6, 30)
BARRED = "SUBJECT_WHITELISTED"
TAKES = a_joint_document(late_draws="take")


def drawn_by(*depts: str, document: object = TAKES) -> JointHub:
    hub = JointHub(policy=compile_policy(document))  # type: ignore[arg-type]
    draw_all(hub, *depts)
    return hub


class TestAtTheEntry:
    """What nobody may visit by plan is not drawn."""

    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            ("2026-01-01", None, f"REFUSED {BARRED}"),
            ("2026-04-01", "2026-06-30", f"REFUSED {BARRED}"),
            ("2026-04-02", None, "DRAWN WJW-120116"),
            ("2026-01-01", "2026-06-29", "DRAWN WJW-120116"),
        ],
    )
    def test_it_is_refused_if_no_day_of_the_quarter_is_left(
        self, since: str, until: str | None, expected: str
    ) -> None:
        hub = JointHub()
        hub.whitelist(since=since, until=until)

        assert say(hub.draw(on=FIRST)) == [expected]
        assert (QUARTER in hub.state.draws) is expected.startswith("DRAWN")

    def test_who_was_taken_off_the_list_is_drawn(self) -> None:
        hub = JointHub()
        hub.whitelist()
        hub.whitelist(listed=False, time="2026-03-11T09:00:00+08:00")

        assert say(hub.draw()) == ["DRAWN WJW-120116"]

    def test_a_special_inspection_is_no_way_past_the_list_a_clue_is(self) -> None:
        hub = JointHub()
        hub.whitelist()

        refused = hub.draw(special_id="ZX-1", special=SpecialStanding.VALID)
        assert say(refused) == [f"REFUSED {BARRED}"]
        on_a_clue = {"joint_id": None, "trigger": "COMPLAINT", "clue_no": "12345"}
        assert say(hub.ask("T-1", WJW, **on_a_clue)) == ["ISSUED"]

    @pytest.mark.parametrize(
        ("listed", "expected"),
        [
            (("i-1", "i-2"), "REFUSED ITEM_WHITELISTED i-1"),
            (("i-2",), "DRAWN WJW-120116"),
            ((), "DRAWN WJW-120116"),
        ],
    )
    def test_so_it_is_if_nothing_is_left_to_inspect(
        self, listed: tuple[str, ...], expected: str
    ) -> None:
        hub = JointHub()

        assert say(hub.draw(items=("i-1", "i-2"), whitelisted_items=listed)) == [expected]

    def test_a_late_draw_is_asked_the_same(self) -> None:
        hub = drawn_by(WJW, XFJ)
        hub.close()
        hub.whitelist(since="2026-04-20")

        assert say(hub.draw(SCJG, draw_id="L", sent=date(2026, 4, 19)))[0].startswith("DRAWN")
        assert say(hub.draw(SCJG, draw_id="M", sent=date(2026, 4, 20))) == [f"REFUSED {BARRED}"]


class TestAtTheWindowsClose:
    """What was put on the list since is taken out, and its departments are told."""

    @pytest.mark.parametrize("depts", [(WJW,), (WJW, XFJ), (WJW, XFJ, SCJG)])
    def test_nobody_comes_alone_or_together(self, depts: tuple[str, ...]) -> None:
        hub = drawn_by(*depts)
        hub.whitelist(since="2026-04-02")

        closed = say(hub.close())
        assert closed == [
            " ".join(["CLOSED", *(f"dropped {dept} {BARRED}" for dept in sorted(depts))])
        ]
        told = outward(hub.decided(), hub.state)
        assert [(one.dept, one.type, one.body.outcome) for one in told] == [  # type: ignore[union-attr]
            (dept, DRAW_UPDATED, "REFUSED") for dept in sorted(depts)
        ]
        assert hub.state.joints == {}

    def test_those_who_stayed_outside_a_joint_task_are_told_too(self) -> None:
        hub = drawn_by(WJW, XFJ)
        hub.form_joint("J-1", members=(XFJ, SCJG), lead=XFJ, quarter=QUARTER)
        hub.whitelist(since="2026-04-02")

        assert say(hub.close()) == [f"CLOSED dropped {WJW} {BARRED}"]

    def test_a_day_is_proposed_on_which_they_may_come(self) -> None:
        hub = drawn_by(WJW, XFJ)
        hub.whitelist(since="2026-04-02", until="2026-06-24")

        joint = next(fact for fact in hub.close() if isinstance(fact, JointFact))
        assert joint.day is not None
        assert date(2026, 6, 24) < joint.day <= LAST

    def test_where_no_working_day_is_left_it_is_the_last_day_that_is(self) -> None:
        hub = drawn_by(WJW, XFJ)
        hub.whitelist(since="2026-04-12")

        joint = next(fact for fact in hub.close() if isinstance(fact, JointFact))
        assert joint.day == date(2026, 4, 11), "a Saturday"


spans = st.tuples(
    st.dates(date(2026, 3, 25), date(2026, 7, 2)),
    st.one_of(st.none(), st.dates(date(2026, 3, 25), date(2026, 7, 2))),
)


def left(first: date, span: tuple[date, date | None]) -> list[date]:
    """The days of the quarter from one on that the whitelist leaves."""
    since, until = span
    days = [first + timedelta(days=n) for n in range((LAST - first).days + 1)]
    return [day for day in days if not (since <= day and (until is None or day <= until))]


@many
@given(spans, spans, st.dates(AFTER, LAST), st.sampled_from([(WJW,), (WJW, XFJ)]))
def test_nobody_waits_for_a_visit_that_the_list_forbids(
    first: tuple[date, date | None],
    then: tuple[date, date | None],
    on: date,
    depts: tuple[str, ...],
) -> None:
    hub = JointHub(policy=compile_policy(TAKES))
    _list(hub, first, 11)
    taken = [hub.draw(dept, draw_id=f"D-{dept}")[0].fact == "DRAWN" for dept in depts]
    assert all(taken) is any(taken) is bool(left(FIRST, first))
    _list(hub, then, 12)
    facts = hub.close(on)

    if all(taken):
        (closed,) = (fact for fact in facts if isinstance(fact, WindowClosedFact))
        may_come = bool(left(min(on + timedelta(days=1), LAST), then))
        assert bool(closed.dropped) is not may_come
        formed = [fact for fact in facts if isinstance(fact, JointFact)]
        assert bool(formed) is (may_come and len(depts) > 1)
        assert all(fact.day in left(FIRST, then) for fact in formed)
    assert differences(hub, policy_of(TAKES)) == []


def _list(hub: JointHub, span: tuple[date, date | None], day: int) -> None:
    since, until = span[0].isoformat(), None if span[1] is None else span[1].isoformat()
    hub.whitelist(since=since, until=until, time=f"2026-03-{day}T09:00:00+08:00")


def test_intake_names_items_that_are_on_the_list_until_the_quarter_is_over() -> None:
    registry = Registry()
    department = {
        "dept": WJW, "name": "卫健委", "region": "120116", "level": Level.DISTRICT, "system": "WJW",
        "listed": True, "valid_from": date(2020, 1, 1),
    }  # fmt: skip
    registry.put(REGISTRY_DEPARTMENT, RegistryDepartment.model_validate(department))
    spans = {"a": (FIRST, LAST), "b": (FIRST, date(2026, 6, 29)), "c": (date(2026, 4, 3), None)}
    for item, (since, until) in spans.items():
        entry = {"item": item, "listed": True, "from": since, "until": until, "ground": "守法"}
        registry.put(WHITELIST_CHANGED, WhitelistChanged.model_validate(entry))
    draw = {
        "draw_id": "D-1", "quarter": QUARTER, "plan_code": "P-1", "items": ["c", "b", "a", "d"],
        "drawn_at": "2026-04-02T09:00:00+08:00", "objects": [USCC],
    }  # fmt: skip

    ((_, found),) = objects_of(
        WJW,
        DrawSubmitted.model_validate_json(json.dumps(draw)),
        {USCC: read_credit_code(USCC)},
        registry,
    )

    assert found["dept_standing"] is Standing.VALID
    assert found["whitelisted_items"] == ("a",)
