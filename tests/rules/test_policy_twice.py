"""Entries of the list of joint inspections that have one id are named, and let in nowhere."""

from __future__ import annotations

import json

import pytest

from schemas.malformed import Malformed
from schemas.policy import PolicyDocument
from schemas.policy_file import PolicyErrors, read_policy
from schemas.policy_twice import check_names
from schemas.reasons import Refusal

POLICY = """
[policy]
version = "2026-03"
"""


def errors(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyErrors) as found:
        read_policy(text)
    return found.value.lines


JOINT_ITEMS = "".join(
    f'''
[[joint_item]]
id = "{name}"
title = "联合抽查"
initiator = "WJW"
items = ["{item}"]
'''
    for name, item in (("LH-1", "1"), ("LH-2", "2"), ("LH-1", "3"), ("LH-1", "4"))
)


def test_entries_of_the_joint_list_with_one_id_are_each_named_with_their_lines() -> None:
    lines = errors(POLICY + JOINT_ITEMS)

    assert lines == (
        "joint_item[3] (line 17): found id 'LH-1' once more, expected each once: it stands in "
        "joint_item[1] (line 5)",
        "joint_item[4] (line 23): found id 'LH-1' once more, expected each once: it stands in "
        "joint_item[1] (line 5)",
    )


def test_rows_written_without_headers_of_their_own_are_named_by_their_places() -> None:
    row = '{id = "LH-1", title = "t", initiator = "WJW", items = ["1"]}'
    (line,) = errors(f"joint_item = [{row}, {row}]\n" + POLICY)

    assert line.startswith("joint_item[2]: found id 'LH-1' once more")


def test_a_document_that_was_published_with_such_a_slip_is_still_read() -> None:
    one = {"id": "LH-1", "title": "t", "initiator": "WJW", "items": ["1"]}
    plain = {"policy": {"version": "old"}, "joint_item": [one, one]}

    document = PolicyDocument.model_validate_json(json.dumps(plain))

    assert len(document.joint_item) == 2
    with pytest.raises(Malformed) as refused:
        check_names(document)
    assert (refused.value.reason, refused.value.field) == (
        Refusal.INVALID_FIELD, "joint_item[1].id",
    )  # fmt: skip
