"""May this special inspection be put on record: whole, or not at all (art. 4; semantics §14)?"""

from __future__ import annotations

from typing import Any

import pytest
from builders import APPROVAL
from special_world import (
    BASIS,
    CITY,
    CITY_TOO,
    FAR,
    OBJECTS,
    Special,
    found,
    said,
)

from schemas.enums import Standing
from schemas.special_facts import SpecialFact
from streams.rules.state import EMPTY


class TestFiling:
    """Art. 4: approved, with its basis and its list, or not at all."""

    def test_what_was_filed_is_on_record(self) -> None:
        special = Special()
        fact = special.file(deployed_by_superior=True)

        assert said(fact) == "FILED FILED"
        assert isinstance(fact, SpecialFact)
        assert fact.plan is not None
        plan = fact.plan
        assert (plan.dept, plan.title, plan.listed) == (CITY, "医疗机构专项检查", OBJECTS)
        assert (plan.basis, plan.superior, plan.survey) == ((BASIS["sha256"],), True, False)
        assert special.state.digest.hex() == plan.digest

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"approval": None}, "REFUSED, NO_APPROVAL"),
            ({"approval": {**APPROVAL, "no": None}}, "REFUSED, APPROVAL_INCOMPLETE"),
            ({"approval": {**APPROVAL, "by": None}}, "REFUSED, APPROVAL_INCOMPLETE"),
            ({"approval": {**APPROVAL, "at": None}}, "REFUSED, APPROVAL_INCOMPLETE"),
            ({"starts_on": "2025-01-04"}, "REFUSED, APPROVED_AFTERWARDS"),
            ({"starts_on": "2025-01-05"}, "FILED FILED"),
            ({"basis_docs": []}, "REFUSED, NO_BASIS"),
            ({"objects": None}, "REFUSED, NO_OBJECTS"),
            ({"objects": []}, "REFUSED, NO_OBJECTS"),
            ({"objects": None, "survey": True}, "FILED FILED"),
            ({"objects": None, "confidential": True}, "FILED FILED"),
            ({"objects": ["9112", OBJECTS[0], "9112"]}, "REFUSED, OBJECT_CODE 9112"),
            ({"objects": ["91120116ma05abcd0a"]}, "FILED FILED"),
            ({"departments": [CITY_TOO]}, "FILED PROPOSED"),
            ({"departments": [CITY]}, "FILED FILED"),
            ({"departments": [FAR]}, f"REFUSED, UNKNOWN_DEPARTMENT {FAR}"),
            (
                {"departments": [FAR], "approval": None, "basis_docs": [], "objects": []},
                f"REFUSED, UNKNOWN_DEPARTMENT {FAR}, NO_APPROVAL, NO_BASIS, NO_OBJECTS",
            ),
        ],
    )
    def test_all_that_stands_against_it_is_named(
        self, fields: dict[str, Any], expected: str
    ) -> None:
        assert said(Special().file(**fields)) == expected

    def test_nothing_of_a_refused_one_is_kept(self) -> None:
        special = Special()
        special.file(approval=None)

        assert special.hub.state == EMPTY
        assert said(special.dispatch()) == "REFUSED, UNKNOWN_SPECIAL"
        assert said(special.file()) == "FILED FILED"

    def test_a_department_that_may_not_inspect_files_nothing(self) -> None:
        findings = found(CITY, WJW_120000=Standing.NOT_LISTED)

        assert said(Special().file(findings=findings)) == f"REFUSED, DEPARTMENT_NOT_LISTED {CITY}"

    def test_it_is_filed_once(self) -> None:
        special = Special()
        special.file()

        assert said(special.file()) == "REPEATED"
        assert said(special.file(objects=[*reversed(OBJECTS), OBJECTS[0]])) == "REPEATED"
        assert said(special.file(title="别的")) == "REFUSED, SPECIAL_EXISTS"
        assert said(special.file(by=CITY_TOO)) == "REFUSED, OTHER_DEPARTMENT"

    def test_what_is_confidential_leaves_the_journal_without_title_and_list(self) -> None:
        fact = Special().file(confidential=True, objects=None)

        assert isinstance(fact, SpecialFact)
        assert fact.plan is not None
        assert (fact.plan.title, fact.plan.listed, fact.plan.confidential) == ("", (), True)

    @pytest.mark.parametrize(
        "fields",
        [
            {"title": "x"}, {"content": "x"}, {"scope": "x"}, {"requirements": "x"},
            {"basis_docs": [{**BASIS, "reference": "x"}]}, {"objects": [OBJECTS[0]]},
            {"approval": {**APPROVAL, "no": "x"}}, {"ends_on": "2026-05-01"},
            {"starts_on": "2026-03-16"}, {"deployed_by_superior": True},
            {"departments": [CITY_TOO]}, {"survey": True, "objects": None},
        ],
    )  # fmt: skip
    def test_another_content_is_another_plan(self, fields: dict[str, Any]) -> None:
        special = Special()
        special.file()

        assert said(special.file(**fields)) == "REFUSED, SPECIAL_EXISTS"
