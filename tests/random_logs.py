"""Logs of one enterprise that nobody thought of, and policies to judge them by."""

from __future__ import annotations

from datetime import date
from typing import Any

from builders import (
    APPROVAL,
    DEPT,
    OTHER_DEPT,
    USCC,
    Hub,
    a_cap,
    a_document,
    a_group,
    a_subject,
    a_task,
    some_findings,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from schemas.enums import JointCounting, OffsiteWay, Standing, SubjectStatus
from schemas.journal import OfficerFinding, OffsiteFinding
from schemas.messages import CHOICE_RECORDED, RATING_SUBMITTED, TASK_SUBMITTED
from schemas.policy import PolicyDocument
from streams.rules.entry.caps import compile_policy

DEPTS = [DEPT, OTHER_DEPT, "HBJ-120116"]
DAYS = ["2026-03-16", "2026-03-18", "2026-12-30", "2026-12-31", "2027-01-02"]
ITEMS = ["a", "b"]

tasks = st.sampled_from([f"T-{number}" for number in range(14)])
# None: the department whose task it is, by its number.
depts = st.sampled_from([None] * 9 + DEPTS)
days = st.sampled_from(DAYS)
joints = st.sampled_from([None, None, "J-1", "J-2"])

ODD_APPROVALS: list[dict[str, Any] | None] = [
    None,
    {**APPROVAL, "no": None},
    {**APPROVAL, "at": "2026-03-16T16:00:00Z"},
    {"mode": "RETROACTIVE_URGENT"},
    {**APPROVAL, "mode": "RETROACTIVE_URGENT", "at": "2026-03-24T09:00:00+08:00"},
]
DAYS_END = date(2026, 12, 30)


def an_officer(number: str, last: date | None, standing: Standing = Standing.VALID) -> Any:
    """What the registry says of an officer, with the certificate's last day."""
    return OfficerFinding(cert_no=number, standing=standing, valid_to=last)


ODD_ENTRIES: list[dict[str, Any]] = [
    {"whitelisted_items": ("b", "z")},
    {"officers": (an_officer("TJ0002", None, Standing.SUSPENDED),), "whitelisted_items": ("a",)},
    {"officers": (an_officer("TJ0001", DAYS_END, Standing.EXPIRED),) * 2},
    {"officers": (an_officer("TJ0001", None), an_officer("TJ0003", None, Standing.UNKNOWN))},
]
ODD_RESULTS: list[dict[str, Any]] = [
    {"points_unknown": ("a/P9",), "points_missing": ("a/P1", "b/P1")},
]
ODD_FINDINGS: list[dict[str, Any]] = [
    {"dept_standing": Standing.NOT_LISTED},
    {
        "officers": (
            OfficerFinding(cert_no="TJ0001", standing=Standing.VALID),
            OfficerFinding(cert_no="TJ0002", standing=Standing.REVOKED),
        )
    },
    {"in_territory": False},
    {"in_scope": False},
    {"subject": a_subject(status=SubjectStatus.DEREGISTERED)},
    {"subject": None},
    {"check_digit_ok": False},
    {"offsite_items": ("a",), "unknown_fields": ("colour",)},
    {
        "offsite_items": ("a", "b"),
        "offsite_ways": (OffsiteFinding(item="b", way=OffsiteWay.ONLINE),),
    },
    {"officers": (an_officer("TJ0001", date(2026, 3, 17)), an_officer("TJ0002", None))},
    {"officers": (an_officer("TJ0001", date(2026, 12, 31)), an_officer("TJ0002", DAYS_END))},
    {"whitelisted_items": ("a", "b")},
]

submissions = st.fixed_dictionaries(
    {
        "step": st.just("submit"),
        "task_id": tasks,
        "dept": depts,
        "planned_on": days,
        "mode": st.sampled_from(["ONSITE", "ONSITE", "ONSITE", "OFFSITE"]),
        "kind": st.sampled_from(["DAILY", "CASE"]),
        "trigger": st.sampled_from(
            ["PLAN", "PLAN", "PLAN", "COMPLAINT", "SUPERIOR_SPECIAL", "URGENT"]
        ),
        "clue_no": st.sampled_from([None, "12345-7"]),
        "items": st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True),
        "joint_id": joints,
        "backfill": st.sampled_from([False, False, False, True]),
        "approval": st.sampled_from([APPROVAL] * 40 + ODD_APPROVALS),
        "time": st.sampled_from(["2026-03-10T09:00:00+08:00", "2026-12-31T16:00:00Z"]),
        "findings": st.sampled_from([{}] * 60 + ODD_FINDINGS),
    }
)
formed = st.fixed_dictionaries(
    {
        "step": st.just("form_joint"),
        "joint_id": st.sampled_from(["J-1", "J-2"]),
        "members": st.just(DEPTS[:2]),
        "lead": st.sampled_from(DEPTS[:2]),
        "quarter": st.sampled_from(["2026Q1", "2026Q4"]),
    }
)
others = st.one_of(
    st.fixed_dictionaries({"step": st.just("cancel"), "task_id": tasks, "dept": depts}),
    st.fixed_dictionaries(
        {
            "step": st.just("enter"),
            "task_id": tasks,
            "dept": depts,
            "how": st.sampled_from(["SCANNED", "REFUSED", "SHOWN_ONLY"]),
            "at": days.map(lambda day: f"{day}T10:00:00+08:00"),
            "officers": st.sampled_from([[], [], ["TJ0001"]]),
            "findings": st.sampled_from([{}] * 4 + ODD_ENTRIES),
        }
    ),
    st.fixed_dictionaries(
        {
            "step": st.just("complete"),
            "task_id": tasks,
            "dept": depts,
            "result_id": st.sampled_from(["R-1", "R-2"]),
            "on": days,
            "items": st.lists(st.sampled_from(ITEMS), max_size=2),
            "findings": st.sampled_from([{}] * 4 + ODD_RESULTS),
        }
    ),
    st.fixed_dictionaries(
        {"step": st.just("expire"), "task_id": tasks, "on": st.sampled_from([*DAYS, "2027-03-01"])}
    ),
    st.fixed_dictionaries(
        {
            "step": st.just("choose"),
            "choice": st.sampled_from(["STOP", "CONTINUE"]),
            "task_id": tasks,
            "dept": depts,
            "prompts": st.sampled_from([[], ["OFFSITE_PREFERRED"]]),
            "reason": st.sampled_from(["", " ", "取样"]),
        }
    ),
    st.fixed_dictionaries({"step": st.just("classify"), "class_": st.sampled_from(["A", "B"])}),
    st.fixed_dictionaries(
        {
            "step": st.just("whitelist"),
            "listed": st.sampled_from([False, True]),
            "until": st.sampled_from(["2026-03-17", None]),
        }
    ),
    formed,
    formed,
    st.fixed_dictionaries(
        {
            "step": st.just("rate"),
            "task_id": tasks,
            "dept": depts,
            "stars": st.sampled_from([1, 5]),
            "comment": st.sampled_from(["", "好"]),
            "at": days.map(lambda day: f"{day}T23:30:00+08:00"),
        }
    ),
)
# Long from the start: the interesting ends lie several steps deep.
steps = st.sampled_from([True, False]).flatmap(lambda new: submissions if new else others)
logs = st.lists(steps, min_size=10, max_size=30)

caps = st.fixed_dictionaries(
    {
        "maximum": st.sampled_from([1, 2, 0, 3]),
        "scope": st.sampled_from(
            [{"kind": "EACH_AGENCY"}, {"kind": "AGENCY", "id": DEPT}, a_group(*DEPTS[:2])]
        ),
        "match": st.sampled_from(
            [{}, {}, {"items": ["a"]}, {"class": {"scheme": "CREDIT_EVALUATION", "in": ["A"]}}]
        ),
        "years": st.sampled_from([1, 1, 2]),
        "modes": st.sampled_from([["ONSITE"], ["ONSITE", "OFFSITE"]]),
        "kinds": st.sampled_from([["DAILY", "SPECIAL", "CASE"], ["DAILY"]]),
        "not_counted_triggers": st.sampled_from([[], ["SUPERIOR_SPECIAL"]]),
        "joint": st.sampled_from(list(JointCounting)).map(str),
        "exempt_triggers": st.sampled_from([[], ["SUPERIOR_SPECIAL"]]),
    }
)
numbers = st.fixed_dictionaries(
    {
        "windows": st.sampled_from([[], [{"days": 7, "max": 1}, {"days": 30, "max": 2}]]),
        "joint_member": st.sampled_from(["warn", "warn", "refuse"]),
        "same_item": st.sampled_from([True, False]),
        "unreasonable_from": st.sampled_from([2, 3, 6]),
        "rating_days": st.sampled_from([None, 0, 300]),
    }
)
policies = st.builds(
    lambda rules, chosen: a_document(
        *[a_cap(id=f"R{number}", **rule) for number, rule in enumerate(rules)], **chosen
    ),
    st.lists(caps, min_size=1, max_size=4),
    numbers,
)


def play(document: PolicyDocument, log: list[dict[str, Any]], uscc: str = USCC) -> Hub:
    """The hub after a log."""
    hub = Hub(policy=compile_policy(document), uscc=uscc)
    for step in log:
        arguments = {name: value for name, value in step.items() if name != "step"}
        if arguments.get("dept", "") is None:
            arguments["dept"] = DEPTS[int(arguments["task_id"][2:]) % len(DEPTS)]
        if step["step"] == "submit":
            _submit(hub, **arguments)
        elif step["step"] == "rate":
            hub.send(RATING_SUBMITTED, arguments, dept="HUB")
        elif step["step"] == "choose":
            hub.send(CHOICE_RECORDED, arguments, dept=arguments.pop("dept"))
        else:
            if "findings" in arguments:
                arguments["findings"] = some_findings(**arguments["findings"])
            getattr(hub, step["step"])(**arguments)
    return hub


def _submit(hub: Hub, dept: str, time: str, findings: dict[str, Any], **fields: Any) -> None:
    task = a_task(**fields)
    found = some_findings(task, **findings)
    hub.send(TASK_SUBMITTED, task, dept=dept, findings=found, time=time)


many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
"""How many logs a property is tried on: always the same ones, so that a red test stays red."""
