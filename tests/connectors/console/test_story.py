"""The story told from the facts agrees with what the rules keep in their state."""

import pytest
from builders import DEPT, OTHER_DEPT, Hub, a_cap, a_policy, a_task

from connectors.console.stories.cards import latest_cap, tasks_of_year
from connectors.console.stories.story import first_answers, said, tell
from schemas.enums import CodeState
from schemas.messages import TASK_SUBMITTED
from streams.rules.state import code_state_of, is_live


def a_hub() -> Hub:
    return Hub(policy=a_policy(a_cap(2)))


def answers(hub: Hub):
    return [hub.decided(number) for number in range(len(hub.events))]


HISTORIES = {
    "issued": lambda hub: hub.submit(),
    "intercepted": lambda hub: [hub.submit(f"T-{n}") for n in range(4)],
    "cancelled": lambda hub: (hub.submit(), hub.cancel()),
    "cancelled first": lambda hub: (hub.cancel(), hub.submit()),
    "entered": lambda hub: (hub.submit(), hub.enter()),
    "shown only": lambda hub: (hub.submit(), hub.enter(how="SHOWN_ONLY")),
    "refused to scan": lambda hub: (hub.submit(), hub.enter(how="REFUSED")),
    "completed": lambda hub: (hub.submit(), hub.enter(), hub.complete()),
    "completed unknown": lambda hub: hub.complete(),
    "task after its result": lambda hub: (hub.complete(), hub.submit()),
    "expired": lambda hub: (hub.submit(), hub.expire()),
    "entered after it expired": lambda hub: (hub.submit(), hub.expire(), hub.enter()),
    "off-site": lambda hub: hub.submit(mode="OFFSITE"),
    "off-site cancelled": lambda hub: (hub.submit(mode="OFFSITE"), hub.cancel()),
    "back-filled": lambda hub: hub.submit(backfill=True),
    "stopped on a prompt": lambda hub: (hub.submit(), hub.choose("STOP")),
    "noted": lambda hub: (hub.submit(), hub.enter(), hub.enter()),
    "repeated": lambda hub: (hub.submit(), hub.send(TASK_SUBMITTED, a_task())),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_code_state_day_and_counting_are_those_of_the_rules(name):
    hub = a_hub()
    HISTORIES[name](hub)

    story = tell(answers(hub))

    assert story.tasks.keys() == hub.state.tasks.keys()
    for task_id, kept in hub.state.tasks.items():
        told = story.tasks[task_id]
        assert told.state is code_state_of(kept), task_id
        assert told.live == is_live(kept), task_id
        assert (told.day.toordinal() if told.day else 0) == kept.day, task_id


def test_an_answer_published_twice_is_told_once_and_in_the_order_of_the_journal():
    hub = a_hub()
    hub.submit("T-1")
    hub.submit("T-2")
    one, two = answers(hub)

    assert first_answers([one, two, one, two]) == [one, two]
    assert first_answers([two, one]) == [one, two]


def test_every_fact_is_said_in_few_words():
    hubs = []
    for history in HISTORIES.values():
        hubs.append(a_hub())
        history(hubs[-1])
    hubs[0].submit("T-1", planned_on="2026-04-01")
    hubs[0].classify("A")
    hubs[0].whitelist()
    hubs[0].form_joint()

    facts = [fact for hub in hubs for answer in hub.answers for fact in answer]
    kinds = {fact.fact for fact in facts}
    assert {"DECIDED", "REPEATED", "CONFLICT", "JOINT", "NOTED", "CHOICE"} <= kinds
    assert all(0 < len(said(fact)) < 60 for fact in facts)


def test_an_enterprise_is_told_with_class_whitelist_and_joint_task():
    hub = a_hub()
    hub.classify("B")
    hub.classify("A", as_of="2026-02-01")
    hub.whitelist(until="2026-12-31")
    hub.form_joint("J-1", (DEPT, OTHER_DEPT))

    story = tell(answers(hub))

    assert story.classes["CREDIT_EVALUATION"].class_ == "A"
    assert story.whitelist.listed
    assert set(story.joints) == {"J-1"}


def test_tasks_stand_under_the_year_of_their_day_and_their_department():
    hub = a_hub()
    hub.submit("T-1")
    hub.submit("T-2", dept=OTHER_DEPT)
    hub.submit("T-3", planned_on="2027-01-05")
    hub.submit("T-4")

    found = tasks_of_year(tell(answers(hub)), 2026)

    assert {dept: [one.task_id for one in tasks] for dept, tasks in found.items()} == {
        DEPT: ["T-1", "T-4"],
        OTHER_DEPT: ["T-2"],
    }
    assert (latest_cap(found[DEPT]).used, latest_cap(found[DEPT]).cap) == (2, 2)
    assert tasks_of_year(tell(answers(hub)), 2025) == {}


def test_a_task_without_a_decision_has_no_code():
    hub = a_hub()
    hub.complete("T-9")

    assert tell(answers(hub)).tasks["T-9"].state is CodeState.COMPLETED
