"""What the registry says of an enterprise is what was entered, packed or not."""

from __future__ import annotations

import pytest

from schemas.enums import SubjectStatus
from schemas.messages import REGISTRY_SUBJECT
from schemas.registry import RegistrySubject
from streams.registry import Registry

CODE = "91120116MA0000003A"


def an_entry(**fields: str) -> RegistrySubject:
    usual = {
        "uscc": CODE, "name": "天津市滨海新区某某科技发展有限公司", "object_type": "91",
        "industry": "5181", "region": "120116", "status": "ACTIVE",
    }  # fmt: skip
    return RegistrySubject.model_validate({**usual, **fields}, strict=False)


@pytest.mark.parametrize("status", [*SubjectStatus])
@pytest.mark.parametrize("name", ["甲", "A\tB", "𠮷野家 (天津)", "N" * 200])
def test_every_field_comes_back(status, name):
    registry = Registry()
    registry.put(REGISTRY_SUBJECT, an_entry(status=status, name=name))

    found = registry.subject(CODE)

    assert found is not None
    said = (found.status, found.object_type, found.industry, found.name, registry.region_of(CODE))
    assert said == (status, "91", "5181", name, "120116")


def test_a_later_entry_replaces_the_earlier_one_and_nobody_else_is_known():
    registry = Registry()
    registry.put(REGISTRY_SUBJECT, an_entry())
    registry.put(REGISTRY_SUBJECT, an_entry(region="120101"))

    assert registry.region_of(CODE) == "120101"
    for stranger in ("91120116MA0000004B", "", "\ud800"):
        assert not registry.knows_subject(stranger)
        assert registry.subject(stranger) is None
