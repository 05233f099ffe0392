"""Is this the same task as before?"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from builders import APPROVAL, DEPT, a_submission
from hypothesis import given
from hypothesis import strategies as st

from schemas.inbound import TaskSubmitted
from streams.rules.entry.content import content_digest


def by_the_page(dept: str, task: TaskSubmitted) -> str:
    """The digest as docs/semantics.md §2 words it, with nothing of the rules' own."""
    approval = task.approval
    content = [
        dept,
        str(task.mode),
        str(task.kind),
        str(task.trigger),
        task.clue_no,
        sorted(set(task.items)),
        task.planned_on.isoformat(),
        task.premises_region,
        task.assist_letter_no,
        sorted(set(task.officers)),
        task.plan_code,
        None if approval is None else [approval.no, approval.by, str(approval.mode)],
        task.special_id,
        task.joint_id,
        task.survey,
        task.backfill,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:32]


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\/\x00\x1f\x7f\u2028é中😀'),
    max_size=8,
)


@given(
    st.builds(
        dict,
        items=st.lists(TEXTS, min_size=1, max_size=4),
        officers=st.lists(TEXTS, max_size=4),
        clue_no=st.none() | TEXTS,
        plan_code=st.none() | TEXTS,
        joint_id=st.none() | TEXTS,
        special_id=st.none() | TEXTS,
        premises_region=TEXTS,
        survey=st.booleans(),
        backfill=st.booleans(),
        planned_on=st.dates(),
    ),
    st.booleans(),
)
def test_the_digest_is_that_of_the_page(fields: dict[str, Any], has_approval: bool) -> None:
    base = a_submission(approval=APPROVAL if has_approval else None)
    for name in ("items", "officers"):
        fields[name] = tuple(fields[name])
    # Texts that the border would refuse as well: the digest must not depend on what it lets in.
    task = base.model_copy(update=fields)

    assert content_digest(DEPT, task) == by_the_page(DEPT, task)


OTHERS: list[dict[str, Any]] = [
    {"mode": "OFFSITE"},
    {"kind": "CASE"},
    {"trigger": "URGENT"},
    {"clue_no": "1"},
    {"items": ["other"]},
    {"items": ["1101-001", "other"]},
    {"planned_on": "2026-03-17"},
    {"premises_region": "120101"},
    {"assist_letter_no": "1"},
    {"officers": ["TJ0001"]},
    {"plan_code": "1"},
    {"approval": None},
    {"approval": {**APPROVAL, "no": "A-2"}},
    {"approval": {**APPROVAL, "by": "副负责人"}},
    {"approval": {**APPROVAL, "mode": "RETROACTIVE_URGENT"}},
    {"special_id": "1"},
    {"joint_id": "1"},
    {"survey": True},
    {"backfill": True},
]


@pytest.mark.parametrize("fields", OTHERS, ids=str)
def test_every_field_of_the_content_makes_another_task(fields: dict[str, Any]) -> None:
    assert content_digest(DEPT, a_submission(**fields)) != content_digest(DEPT, a_submission())


@pytest.mark.parametrize(
    "fields",
    [
        {"entity_name": "新名称有限公司"},
        {"colour": "red"},
        {"officers": ["TJ0002", "TJ0001", "TJ0002"]},
        {"items": ["1101-001", "1101-001"]},
        {"approval": {**APPROVAL, "at": "2025-01-06T09:00:00+08:00"}},
    ],
    ids=str,
)
def test_names_order_repetition_and_unknown_fields_make_no_other_task(
    fields: dict[str, Any],
) -> None:
    assert content_digest(DEPT, a_submission(**fields)) == content_digest(DEPT, a_submission())


def test_another_department_makes_another_task() -> None:
    assert content_digest("A", a_submission()) != content_digest("B", a_submission())
