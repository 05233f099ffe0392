"""Each case is what it says, judged from the lines and the registries alone."""

from collections import defaultdict
from datetime import datetime, timedelta, timezone

import pytest

from connectors.generate.cases import Case
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.regions import covers

WORDS = {
    "inspection.task.submitted": "task",
    "inspection.task.cancelled": "cancelled",
    "inspection.entry.recorded": "entry",
    "inspection.result.recorded": "result",
    "inspection.choice.recorded": "choice",
}
SHANGHAI = timezone(timedelta(hours=8))


@pytest.fixture(scope="module")
def registries(events):
    """The leading lines by type and key."""
    keys = {"department": "dept", "officer": "cert_no", "item": "item", "subject": "uscc"}
    found: dict[str, dict] = {name: {} for name in keys}
    for event in events:
        name = event["type"].removeprefix("registry.")
        if event["type"].startswith("registry.") and event["source"] == "REGISTRY":
            found[name][event["data"][keys[name]]] = event["data"]
    return found


@pytest.fixture(scope="module")
def by_case(tasks):
    found = defaultdict(list)
    for task in tasks:
        found[task["case"]].append(task)
    return found


@pytest.fixture(scope="module")
def histories(originals):
    """All that was told of each task, without repeats, in order: (word, source, content)."""
    found = defaultdict(list)
    for event in originals:
        if event["type"] in WORDS and not event["id"].endswith("-again"):
            told = (WORDS[event["type"]], event["source"], event["data"])
            found[event["data"]["task_id"]].append(told)
    return found


def dept_of(task):
    return task["task_id"].rsplit("-", 2)[0]


def standing(task, registries):
    """Words for what is wrong with the officers of a task."""
    found = []
    for cert_no in task["officers"]:
        officer, day = registries["officer"].get(cert_no), task["planned_on"]
        if officer is None:
            found.append("unknown")
        elif officer["status"] != "VALID":
            found.append(officer["status"].lower())
        elif day < officer["valid_from"]:
            found.append("early")
        elif day > officer["valid_to"]:
            found.append("expired")
        elif officer["dept"] != dept_of(task):
            found.append("foreign")
    return found


OFFICERS = {
    Case.OFFICER_UNREGISTERED: ["unknown"],
    Case.OFFICER_EXPIRED: ["expired"],
    Case.OFFICER_SUSPENDED: ["suspended"],
    Case.OFFICER_REVOKED: ["revoked"],
    Case.OFFICER_NOT_YET_VALID: ["early"],
    Case.OFFICER_FOREIGN: ["foreign"],
}


def test_officers_are_certified_unless_the_case_says_otherwise(by_case, registries) -> None:
    for case, found in by_case.items():
        for task in found:
            assert standing(task, registries) == OFFICERS.get(case, []), (case, task["officers"])
            assert bool(task["officers"]) == (case != Case.NO_OFFICERS)


def test_departments_are_on_the_list_unless_the_case_says_otherwise(by_case, registries) -> None:
    for case, found in by_case.items():
        for task in found:
            department = registries["department"][dept_of(task)]
            assert department["listed"] == (case != Case.DEPARTMENT_UNLISTED)
            ends = department["valid_to"] or "9999"
            assert (ends < task["planned_on"]) == (case == Case.DEPARTMENT_EXPIRED)


def test_premises_lie_in_the_territory_unless_the_case_says_otherwise(by_case, registries) -> None:
    for case, found in by_case.items():
        for task in found:
            region = registries["department"][dept_of(task)]["region"]
            inside = covers(region, task["premises_region"])
            assert inside == (case not in (Case.OUT_OF_TERRITORY, Case.ASSISTED))
            assert (task["assist_letter_no"] is not None) == (case == Case.ASSISTED)


def test_approval_is_given_beforehand_unless_the_case_says_otherwise(by_case) -> None:
    unusual = {
        Case.NO_APPROVAL,
        Case.APPROVAL_INCOMPLETE,
        Case.APPROVED_AFTERWARDS,
        Case.RETROACTIVE_NOT_URGENT,
        Case.URGENT_APPROVED_LATER,
        Case.URGENT_APPROVAL_OUTSTANDING,
        Case.URGENT_APPROVED_TOO_LATE,
    }
    for case, found in by_case.items():
        for task in found:
            approval = task["approval"]
            complete = approval is not None and None not in approval.values()
            prior = complete and approval["mode"] == "PRIOR"
            in_time = prior and approval["at"][:10] <= task["planned_on"]
            assert in_time == (case not in unusual), (case, task)


def test_urgent_approvals_follow_in_time_or_too_late_or_not_at_all(by_case) -> None:
    def days_after(task):
        planned = datetime.fromisoformat(task["planned_on"]).date()
        return (datetime.fromisoformat(task["approval"]["at"]).date() - planned).days

    assert {days_after(task) for task in by_case[Case.URGENT_APPROVED_LATER]} <= {0}
    assert min(days_after(task) for task in by_case[Case.URGENT_APPROVED_TOO_LATE]) > 20
    assert {task["approval"]["at"] for task in by_case[Case.URGENT_APPROVAL_OUTSTANDING]} == {None}
    assert {task["trigger"] for task in by_case[Case.RETROACTIVE_NOT_URGENT]} == {"PLAN"}


def test_subjects_are_active_enterprises_unless_the_case_says_otherwise(
    by_case, registries
) -> None:
    statuses = {Case.DEREGISTERED: "DEREGISTERED", Case.MOVED_OUT: "MOVED_OUT"}
    unknown = 0
    for case, found in by_case.items():
        for task in found:
            reading = read_credit_code(task["uscc"])
            assert reading.in_scope == (case != Case.OUT_OF_SCOPE)
            subject = registries["subject"].get(reading.code)
            unknown += subject is None
            if subject is not None:
                assert subject["status"] == statuses.get(case, "ACTIVE")
                assert subject["name"] == task["entity_name"]
    assert unknown > 0


def test_some_known_codes_fail_their_check_and_some_are_oddly_written(by_case, registries) -> None:
    outcomes = [read_credit_code(code).outcome for code in registries["subject"]]
    odd = [task["uscc"] for task in by_case[Case.NORMALISED_CODE]]

    assert 0 < outcomes.count(CreditCodeOutcome.CHECK_DIGIT) < 0.02 * len(outcomes)
    assert all(read_credit_code(code).code != code for code in odd)
    assert len({len(code) for code in odd}) > 1


def test_whitelisted_enterprises_were_put_on_the_list_before(by_case, originals) -> None:
    listed = {
        event["data"]["uscc"]
        for event in originals
        if event["type"] == "whitelist.changed" and event["data"]["listed"]
    }

    assert {task["uscc"] for task in by_case[Case.WHITELISTED]} <= listed
    assert all(
        (task["mode"], task["trigger"]) == ("ONSITE", "PLAN") for task in by_case[Case.WHITELISTED]
    )


def test_joint_tasks_share_enterprise_and_day_among_departments(by_case) -> None:
    visits = defaultdict(list)
    for task in by_case[Case.JOINT]:
        visits[task["joint_id"]].append(task)

    assert {len(members) for members in visits.values()} == {2, 3}
    for members in visits.values():
        assert len({(task["uscc"], task["planned_on"]) for task in members}) == 1
        assert len({dept_of(task) for task in members}) == len(members)


def test_backfills_report_a_visit_of_the_past(by_case) -> None:
    for case, low, high in ((Case.BACKFILL, 1, 10), (Case.LATE_BACKFILL, 11, 20)):
        for task in by_case[case]:
            sent = datetime.fromisoformat(task["sent_on"])
            assert task["backfill"]
            days = (sent - datetime.fromisoformat(task["planned_on"])).days
            assert low <= days <= high


# What is told of a task of each case, in this order, at the start.
BEGINNINGS = {
    Case.CANCELLED_FIRST: ["cancelled", "task"],
    Case.RESULT_FIRST: ["result", "task"],
    Case.ENTRY_FIRST: ["entry", "task"],
    Case.RESULT_ONLY: ["result"],
    Case.CANCELLED_AFTER_ENTRY: ["task", "entry", "cancelled", "result"],
    Case.ENTRY_AFTER_CANCEL: ["task", "cancelled", "entry", "result"],
    Case.SECOND_RESULT: ["task", "result", "result"],
    Case.SHOWN_ONLY: ["task", "entry"],
    Case.CANCELLED: ["task", "cancelled"],
    Case.NO_SHOW: ["task"],
    Case.NO_APPROVAL: ["task"],
    Case.CONFLICT: ["task"],
    Case.BACKFILL: ["task", "result"],
    Case.YEAR_MOVE: ["task", "entry", "result"],
}


@pytest.mark.parametrize("case", BEGINNINGS)
def test_reports_come_in_the_order_of_the_case(case, originals, histories) -> None:
    ids = {e["data"]["task_id"] for e in originals if e.get("hubcase") == case}
    wanted = BEGINNINGS[case]

    begun = [[word for word, _, _ in histories[task_id]][: len(wanted)] for task_id in sorted(ids)]

    # The last day of the window cuts some short.
    whole = sum(words == wanted for words in begun)
    assert whole >= 0.9 * len(begun) > 0, begun


def test_a_conflict_comes_under_the_same_task_id_with_other_items(originals) -> None:
    contents = defaultdict(list)
    for event in originals:
        if event.get("hubcase") == Case.CONFLICT and event["type"] == "inspection.task.submitted":
            contents[event["data"]["task_id"]].append(event["data"])

    differing = [found for found in contents.values() if found[0] != found[-1]]
    assert len(differing) > 0.9 * len(contents)


def test_some_cancellations_come_from_another_department(histories) -> None:
    strangers = [
        task_id
        for task_id, told in histories.items()
        if any(word == "cancelled" and source != told[0][1] for word, source, _ in told)
    ]

    assert strangers


def test_around_new_year_tasks_planned_visits_and_codes_cross_the_boundary(
    by_case, histories
) -> None:
    last_moment = [task for task in by_case[Case.YEAR_END] if task["sent_on"] == "2026-12-31"]
    moved = [
        datetime.fromisoformat(content["at"])
        for task in by_case[Case.YEAR_MOVE]
        for word, _, content in histories[task["task_id"]]
        if word == "entry"
    ]

    assert all(task["planned_on"] > "2026-12-31" for task in last_moment)
    assert last_moment
    assert moved
    for at in moved:
        # In UTC still 2026, in Shanghai already 2027.
        assert at.utcoffset() == timedelta(0)
        assert (at.year, at.astimezone(SHANGHAI).year) == (2026, 2027)
