"""What would another cap table have changed? Two folds over one journal, side by side (art. 10)."""

from datetime import date

import pytest
from builders import DAY, DEPT, OTHER_DEPT, Hub, a_cap, a_document, a_policy
from counted_year import Logs, logs_of, played_year
from fakes import FakeRecord

from connectors.console.traffic.event_lines import LineReader
from connectors.generate import city_year, generate
from schemas.enums import Decision
from schemas.policy import PolicyDocument
from schemas.simulation import Asked, Comparison
from schemas.topics import JOURNAL
from streams.rules.entry.caps import compile_policy
from streams.simulate import Simulation

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def asked(
    *caps: dict, first: date = FIRST, any_day: bool = False, scheme: str = "CREDIT_EVALUATION"
):
    document = a_document(*caps)
    return Asked(policy=document, first_day=first, last_day=LAST, any_day=any_day, scheme=scheme)


def simulated(logs: Logs, question: Asked, *documents: PolicyDocument) -> Comparison:
    simulation = Simulation(question)
    for document in documents:
        simulation.policy(document.full_version.encode(), document.canonical())
    for record in logs.kafka.all(JOURNAL):
        simulation.record(record)
    return simulation.comparison


def played(*caps: dict) -> tuple[Hub, PolicyDocument]:
    """An enterprise under a cap table, and the table."""
    document = a_document(*caps)
    return Hub(policy=compile_policy(document)), document


def test_the_same_table_changes_nothing():
    hub, document = played(a_cap(1))
    for number in range(3):
        hub.submit(f"T-{number}")

    found = simulated(logs_of(hub), asked(a_cap(1)), document)

    assert (found.total.tasks, found.total.before, found.total.after) == (3, 2, 2)
    assert (found.total.more, found.total.less, found.skipped, found.assumed) == (0, 0, 0, 0)


def test_a_stricter_table_intercepts_more_by_department_and_class():
    hub, document = played(a_cap(3))
    hub.classify("A")
    for number in range(3):
        hub.submit(f"T-{number}")
    hub.submit("T-9", dept=OTHER_DEPT)

    found = simulated(logs_of(hub), asked(a_cap(1)), document)

    assert found.departments[DEPT].more == 2
    assert found.departments[OTHER_DEPT].more == 0
    assert found.classes["A"].as_dict() == {
        "tasks": 4, "before": 0, "after": 2, "more": 2, "less": 0
    }  # fmt: skip
    assert found.decisions[Decision.ISSUED, Decision.INTERCEPTED_OVER_CAP] == 2
    assert found.rules_after == {"R@1": 2}


def test_an_inspection_that_would_have_been_intercepted_fills_no_counter_by_its_result():
    hub, document = played(a_cap(2))
    hub.submit("T-1")
    hub.submit("T-2")
    hub.complete("T-2")  # by the stricter table this visit was never made
    hub.cancel("T-1")
    hub.submit("T-3")

    found = simulated(logs_of(hub), asked(a_cap(1)), document)

    # T-1 gave its place back, T-2 was not made, so T-3 has the one place there is.
    assert (found.total.more, found.skipped) == (1, 1)
    assert found.decisions[Decision.ISSUED, Decision.ISSUED] == 2


def test_a_task_that_would_have_been_let_through_takes_its_place():
    hub, document = played(a_cap(0))
    for number in range(3):
        hub.submit(f"T-{number}")

    found = simulated(logs_of(hub), asked(a_cap(2)), document)

    assert (found.total.less, found.total.after, found.assumed) == (2, 1, 2)


def test_what_was_inspected_in_spite_of_an_interception_counts_on_both_sides():
    hub, document = played(a_cap(0))
    hub.submit("T-1")
    hub.complete("T-1")
    hub.submit("T-2")

    found = simulated(logs_of(hub), asked(a_cap(0)), document)

    assert (found.total.before, found.total.after, found.skipped) == (2, 2, 0)


def test_tasks_before_the_first_day_stand_as_they_were_decided_and_still_count():
    hub, document = played(a_cap(3))
    hub.submit("T-1", planned_on="2026-02-10")
    hub.submit("T-2", planned_on=DAY.isoformat())

    found = simulated(logs_of(hub), asked(a_cap(1), first=date(2026, 3, 1)), document)

    assert (found.total.tasks, found.total.more) == (1, 1)


def test_rules_that_hold_on_none_of_the_days_are_named_and_can_be_let_hold():
    late = a_cap(1) | {"from": "2027-01-01"}
    hub, document = played(a_cap(3))
    for number in range(2):
        hub.submit(f"T-{number}")

    idle, held = asked(late), asked(late, any_day=True)

    assert (idle.idle, held.idle) == (("R@1",), ())
    assert simulated(logs_of(hub), idle, document).total.more == 0
    assert simulated(logs_of(hub), held, document).total.more == 1


@pytest.mark.parametrize("value", [None, b"", b"{}", b"\x00\x00\x00\xff\xff", b"not a record"])
def test_a_record_that_cannot_be_read_is_counted_and_the_rest_goes_on(value):
    hub, document = played(a_cap(1))
    hub.submit("T-1")
    logs = logs_of(hub)
    odd = FakeRecord(JOURNAL, 0, 99, 0, b"x", value)
    logs.kafka.logs[JOURNAL, 0].insert(0, odd)

    found = simulated(logs, asked(a_cap(1)), document)

    assert (found.unjudged, found.total.tasks) == (1, 1)


def test_a_record_under_a_policy_that_nobody_published_is_counted_and_left_out():
    hub = Hub(policy=a_policy(a_cap(1)))
    hub.submit("T-1")

    found = simulated(logs_of(hub), asked(a_cap(1)))

    assert (found.unjudged, found.total.tasks) == (1, 0)


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return list(generate(city_year(2_000), 3))


def test_a_year_from_its_file_and_from_the_journal_give_the_same_answer(lines):
    question = asked(a_cap(1))
    from_file, reader = Simulation(question), LineReader()
    for number, line in enumerate(lines, 1):
        from_file.line(reader.read(line), number)
    logs = played_year(lines)
    documents = {}
    for line in lines:
        posting = reader.read(line)
        if posting.type == "policy.published":
            document = PolicyDocument.model_validate_json(posting.value or b"")
            documents[document.full_version] = document

    from_topic = simulated(logs, question, *documents.values())

    left_out = from_file.comparison.unjudged  # lines that intake refuses never reach the journal
    assert left_out > 0
    assert from_file.comparison.as_dict() | {"unjudged": 0} == from_topic.as_dict()
    assert from_topic.total.more > 10
    total = from_topic.total
    assert total.after - total.before == total.more - total.less
    for group in (from_topic.departments, from_topic.classes, from_topic.months):
        assert sum(one.more for one in group.values()) == total.more
        assert sum(one.tasks for one in group.values()) == total.tasks
