"""What is put on the sites' feeds, and what does the hub's own public list show?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC
from public_builders import Desk

from schemas.decision import SourceRef
from schemas.feed import Disclosure, Notice
from streams.rules.publicity.feeds import feed_records
from streams.rules.publicity.views import public_ops

Setting = Callable[[Desk], Any]
DUE = date(2026, 10, 9).toordinal()


def seen(notice: Notice) -> dict[str, Any]:
    """A form that shows what it was given."""
    return {"seen": notice.model_dump_json()}


FORMS = {"A": seen, "B": lambda _notice: {"column": 1}}


def records(desk: Desk) -> list[Disclosure]:
    """What goes to the sites for the last event."""
    return list(feed_records(desk.decided(), FORMS))


def test_a_result_goes_to_every_site_in_its_own_columns() -> None:
    desk = Desk()
    desk.publish()

    first, second = records(desk)

    assert (first.site, second.site) == ("A", "B")
    assert second.body == {"column": 1}
    assert second.model_dump(mode="json", exclude={"site", "body"}) == {
        "result_id": "R-1", "uscc": USCC, "dept": DEPT, "version": 1, "state": "DISCLOSED",
        "cause": "RESULT", "stop_reason": None, "scope": None, "decision_no": None,
        "approved_at": None, "due_at": None, "provisional": False,
        "entity_name": "天津测试有限公司",
        "source": {"topic": "insp.journal", "partition": 0, "offset": 100},
    }  # fmt: skip


def test_a_record_is_a_valid_message() -> None:
    desk = Desk()
    desk.publish()
    desk.stop()

    for record in records(desk):
        assert Disclosure.model_validate_json(record.model_dump_json()) == record
        assert isinstance(record.source, SourceRef)


def test_a_form_is_given_all_there_is_to_say() -> None:
    desk = Desk()
    desk.publish(follow_up="限期整改")
    desk.apply_for()
    desk.accept()
    desk.decide()

    notice = Notice.model_validate_json(str(records(desk)[0].body["seen"]))

    assert (notice.uscc, notice.result_id, notice.version) == (USCC, "R-1", 2)
    assert (notice.state, notice.cause) == ("STOPPED", "REPAIRED")
    assert (notice.stop_reason, notice.decision_no) == ("REPAIR_APPROVED", "D-1")
    assert (notice.due_on, notice.provisional) == (date(2026, 10, 10), False)
    assert notice.content.follow_up == "限期整改"


def test_a_stop_says_when_it_was_approved_and_by_when_it_must_be_carried_out() -> None:
    desk = Desk()
    desk.publish()
    desk.stop("OBJECTION_UPHELD", at="2026-09-30T02:00:00Z")

    record = records(desk)[0]

    assert record.approved_at == "2026-09-30T10:00:00.000+08:00"
    assert record.due_at == "2026-10-13T23:59:59+08:00"
    assert record.scope == "PUBLIC_ONLY"


@pytest.mark.parametrize(
    ("happens", "count"),
    [
        pytest.param(lambda d: d.publish(publish=False), 0, id="not published"),
        pytest.param(lambda d: (d.stop(), d.publish()), 0, id="stopped before it was disclosed"),
        pytest.param(
            lambda d: (d.stop("BANKRUPTCY_TEMP_MASK"), d.publish(), d.resume()),
            2,
            id="disclosed for the first time later",
        ),
        pytest.param(
            lambda d: (
                d.publish(),
                d.publish("R-2"),
                d.apply_for("R-1", "R-2"),
                d.accept(),
                d.decide(),
            ),
            4,
            id="two results of one decision",
        ),
        pytest.param(lambda d: (d.publish(), d.stop(), d.stop()), 0, id="a repeat"),
    ],
)
def test_how_many_records_follow(happens: Setting, count: int) -> None:
    desk = Desk()
    happens(desk)

    assert len(records(desk)) == count


def shown(desk: Desk) -> dict[str, Any]:
    """What the public list shows of all that happened so far."""
    rows: dict[str, Any] = {}
    for number in range(len(desk.events)):
        ops = public_ops(desk.decided(number))
        for result_id, row in ops.public if ops else ():
            rows.pop(result_id, None)
            if row is not None:
                rows[result_id] = json.loads(row)
    return rows


def test_the_public_list_shows_what_is_disclosed() -> None:
    desk = Desk()
    desk.publish("R-1", outcomes=["7", "1"])
    desk.publish("R-2", dept=OTHER_DEPT)
    desk.stop(result_id="R-2", dept=OTHER_DEPT)

    assert shown(desk) == {
        "R-1": {
            "result_id": "R-1", "uscc": USCC, "entity_name": "天津测试有限公司", "dept": DEPT,
            "inspected_on": "2026-03-16", "outcomes": ["1", "7"], "found_problem": True,
            "negative": True, "version": 1,
        }
    }  # fmt: skip


def test_what_is_shown_again_is_the_newest_version() -> None:
    desk = Desk()
    desk.publish()
    desk.stop("BANKRUPTCY_TEMP_MASK")
    desk.resume()

    assert shown(desk)["R-1"]["version"] == 3


@pytest.mark.parametrize(
    ("happens", "due"),
    [
        pytest.param(lambda d: d.apply_for(), [("C-1", None)], id="applied: no day yet"),
        pytest.param(lambda d: (d.apply_for(), d.accept()), [("C-1", DUE)], id="accepted"),
        pytest.param(lambda d: (d.apply_for(), d.accept(), d.ask()), [("C-1", None)], id="paused"),
        pytest.param(
            lambda d: (d.apply_for(), d.accept(), d.decide()), [("C-1", None)], id="decided"
        ),
        pytest.param(
            lambda d: (d.decide(), d.accept(), d.apply_for()),
            [("C-1", None), ("C-1", DUE), ("C-1", None)],
            id="held steps, in order",
        ),
    ],
)
def test_open_cases_are_found_by_their_last_day(
    happens: Setting, due: list[tuple[str, int | None]]
) -> None:
    desk = Desk()
    happens(desk)

    ops = public_ops(desk.decided())

    assert ops is not None
    assert ops.due == due


def test_most_answers_change_nothing_here() -> None:
    desk = Desk()
    desk.submit()

    assert public_ops(desk.decided()) is None
