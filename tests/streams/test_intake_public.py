"""How do events about results and repairs enter the journal?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import APPROVAL, DEPT, a_document, a_task
from fakes import FakeRecord
from public_builders import REQUIRED, a_result, some_documents

from schemas import messages
from schemas.codec import decode_journal, encode_journal
from schemas.messages import INBOUND
from schemas.reasons import Refusal
from streams.accept import Accepted, ForControl, ForJournal, Refused, accept
from streams.registry import Registry

USCC = "91120116MA05ABCD0C"
UNLISTED = "91120116MA05ABCD0A"
"""Fails its check digit, and nobody vouches for it."""
AT = "2026-02-01T09:00:00+08:00"
STOP = {"result_id": "R-1", "stop_reason": "EXPIRED", "scope": "PUBLIC_ONLY"}
EVENTS: dict[str, dict[str, Any]] = {
    messages.STOP_ORDERED: STOP,
    messages.RESUME_ORDERED: {"result_id": "R-1", "stop_reason": "BANKRUPTCY_TEMP_MASK"},
    messages.REPAIR_APPLIED: {
        "repair_id": "C-1", "result_ids": ["R-1"], "channel": "CREDIT_CHINA",
        "documents": some_documents(REQUIRED), "applied_at": AT},
    messages.REPAIR_ACCEPTED: {"repair_id": "C-1", "accepted_at": AT},
    messages.SUPPLEMENT_ASKED: {"repair_id": "C-1", "at": AT, "what": "照片"},
    messages.SUPPLEMENT_RECEIVED: {"repair_id": "C-1", "at": AT},
    messages.REPAIR_DECIDED: {
        "repair_id": "C-1", "decision": "APPROVED", "decision_no": "D-1", "decided_at": AT},
}  # fmt: skip


def a_registry() -> Registry:
    registry = Registry()
    department = {
        "dept": DEPT, "name": "卫生健康委", "region": "120116", "level": "DISTRICT",
        "system": "WJW", "listed": True, "valid_from": "2020-01-01",
    }  # fmt: skip
    subject = {
        "uscc": USCC, "name": "名录名称", "object_type": "企业", "industry": "5199",
        "region": "120116", "status": "ACTIVE",
    }  # fmt: skip
    for kind, entry in (
        (messages.REGISTRY_DEPARTMENT, department), (messages.REGISTRY_SUBJECT, subject)
    ):  # fmt: skip
        registry.put(kind, INBOUND[kind].model.model_validate_json(json.dumps(entry)))
    registry.put(messages.POLICY_PUBLISHED, a_document())
    return registry


def taken(
    kind: str,
    data: dict[str, Any],
    *,
    key: str | None = None,
    dept: str = DEPT,
    registry: Registry | None = None,
) -> Accepted:
    headers = {
        "ce_specversion": "1.0", "ce_id": "E-1", "ce_source": dept, "ce_type": kind,
        "ce_time": AT, "content-type": "application/json",
    }  # fmt: skip
    return accept(
        FakeRecord(
            f"insp.in.{dept}", 0, 0, 1_772_000_000_000, None if key is None else key.encode(),
            json.dumps(data).encode(), [(name, text.encode()) for name, text in headers.items()],
        ),
        registry or a_registry(),
    )  # fmt: skip


@pytest.mark.parametrize("kind", EVENTS)
def test_without_a_credit_code_the_key_says_whom_it_concerns(kind: str):
    answer = taken(kind, EVENTS[kind], key=USCC.lower())

    assert isinstance(answer, ForJournal)
    assert answer.key == USCC
    read = decode_journal(encode_journal(answer.record))
    assert read.data == answer.record.data
    assert read.data.uscc == USCC  # type: ignore[attr-defined] # every journal type has one


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("key", [None, "C-1", "R-1", "120116000012345", "9112\u20280116"])
def test_with_neither_it_is_refused(kind: str, key: str | None):
    answer = taken(kind, EVENTS[kind], key=key)

    assert isinstance(answer, Refused)
    assert (answer.reason, answer.field) == (Refusal.INVALID_FIELD, "uscc")


@pytest.mark.parametrize("kind", [messages.RESULT_RECORDED, messages.RESULT_CORRECTED])
def test_results_always_name_their_enterprise(kind: str):
    data = {**a_result(), "corrected_at": AT}

    answer = taken(kind, data, key=USCC)

    assert isinstance(answer, Refused)
    assert (answer.reason, answer.field) == (Refusal.INVALID_FIELD, "uscc")


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        pytest.param(USCC, None, id="the enterprise"),
        pytest.param("R-1", None, id="the result"),
        pytest.param(None, None, id="none"),
        pytest.param("C-1", Refusal.WRONG_KEY, id="something else"),
        pytest.param("91350211M0000XUF46", Refusal.WRONG_KEY, id="another enterprise"),
    ],
)
def test_a_key_may_be_the_result(key: str | None, reason: Refusal | None):
    answer = taken(messages.STOP_ORDERED, {**STOP, "uscc": USCC}, key=key)

    assert (answer.reason if isinstance(answer, Refused) else None) == reason


def test_a_code_in_the_key_is_judged_like_any_other():
    answer = taken(messages.STOP_ORDERED, STOP, key=UNLISTED)

    assert isinstance(answer, Refused)
    assert answer.reason is Refusal.CREDIT_CODE_CHECK_DIGIT


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (messages.STOP_ORDERED, True),
        (messages.RESUME_ORDERED, True),
        (messages.REPAIR_DECIDED, False),
        (messages.REPAIR_APPLIED, False),
    ],
)
def test_the_administrators_stop_and_resume_and_decide_no_repair(kind: str, allowed: bool):
    answer = taken(kind, {**EVENTS[kind], "uscc": USCC}, dept="REGISTRY")

    assert isinstance(answer, ForJournal if allowed else Refused)


@pytest.mark.parametrize("kind", [messages.RESULT_RECORDED, messages.RESULT_CORRECTED])
def test_what_is_published_names_the_enterprise_as_the_object_list_does(kind: str):
    data = {**a_result(), "uscc": USCC}
    if kind == messages.RESULT_CORRECTED:
        data["corrected_at"] = AT

    answer = taken(kind, data)

    assert isinstance(answer, ForJournal)
    subject = answer.record.findings.subject
    assert subject is not None
    assert subject.name == "名录名称"


def test_unknown_fields_are_kept_and_named():
    documents = [{**document, "seal": 1} for document in some_documents(["PLEDGE"])]
    data = {**EVENTS[messages.REPAIR_APPLIED], "documents": documents, "clerk": "甲"}

    answer = taken(messages.REPAIR_APPLIED, data, key=USCC)

    assert isinstance(answer, ForJournal)
    assert answer.record.findings.unknown_fields == ("clerk", "documents[0].seal")


@pytest.mark.parametrize("changes", [{"sha256": "x"}, {"kind": "LETTER"}, {"name": ""}])
def test_a_document_is_what_it_says(changes: dict[str, Any]):
    document = {**some_documents(["PLEDGE"])[0], **changes}

    answer = taken(
        messages.REPAIR_APPLIED, {**EVENTS[messages.REPAIR_APPLIED], "documents": [document]},
        key=USCC,
    )  # fmt: skip

    assert isinstance(answer, Refused)
    assert answer.reason is Refusal.INVALID_FIELD


def test_what_counts_working_days_carries_what_administrators_entered_and_nothing_else_does():
    registry = a_registry()
    entry = {"day": "2026-02-02", "kind": "REST", "source": "通知"}
    said = INBOUND[messages.REGISTRY_CALENDAR].model.model_validate_json(json.dumps(entry))
    registry.put(messages.REGISTRY_CALENDAR, said)

    for kind, data in EVENTS.items():
        answer = taken(kind, data, key=USCC, registry=registry)
        assert isinstance(answer, ForJournal)
        found = decode_journal(encode_journal(answer.record)).findings.calendar
        if kind == messages.RESUME_ORDERED:
            assert found is None
        else:
            assert found is not None
            assert [(day.day.isoformat(), day.works) for day in found.days] == [
                ("2026-02-02", False)
            ]


@pytest.mark.parametrize(("mode", "carries"), [("PRIOR", False), ("RETROACTIVE_URGENT", True)])
def test_of_tasks_only_urgent_ones_carry_it(mode: str, carries: bool):
    registry = a_registry()
    entry = INBOUND[messages.REGISTRY_CALENDAR].model.model_validate(
        {"year": 2031, "source": "通知"}
    )
    registry.put(messages.REGISTRY_CALENDAR, entry)

    task = a_task(uscc=USCC, approval={**APPROVAL, "mode": mode})
    answer = taken(messages.TASK_SUBMITTED, task, registry=registry)

    assert isinstance(answer, ForJournal)
    assert (answer.record.findings.calendar is not None) is carries


def test_only_the_administrators_enter_working_days():
    entry = {"day": "2026-02-02", "kind": "REST", "source": "通知"}

    refused = taken(messages.REGISTRY_CALENDAR, entry)
    entered = taken(messages.REGISTRY_CALENDAR, entry, dept="REGISTRY")

    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.NOT_FOR_DEPARTMENTS
    assert isinstance(entered, ForControl)
