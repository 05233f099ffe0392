"""Does a quarter have one spelling? Two would be compared apart: a joint inspection less."""

import pytest
from pydantic import BaseModel, ValidationError

from schemas.messages import INBOUND

QUARTERLY = {
    name: one.model for name, one in INBOUND.items() if "quarter" in one.model.model_fields
}


def faults(model: type[BaseModel], quarter: str) -> list[tuple[str | int, ...]]:
    """Where a message with nothing but this quarter is at fault."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"quarter": quarter})
    return [error["loc"] for error in caught.value.errors()]


@pytest.mark.parametrize("type_name", QUARTERLY)
@pytest.mark.parametrize(
    "quarter",
    ["20２６Q1", "2026Q１", "2026Ｑ1", "2026q1", "2026Q5", "2026Q1 ", "1899Q4", "2200Q1"],
)  # fmt: skip
def test_a_quarter_that_is_spelled_otherwise_is_refused(type_name, quarter):
    assert ("quarter",) in faults(QUARTERLY[type_name], quarter)


@pytest.mark.parametrize("type_name", QUARTERLY)
@pytest.mark.parametrize("quarter", ["1900Q1", "2026Q4", "2199Q4"])
def test_a_quarter_of_a_day_that_may_be_named_is_taken(type_name, quarter):
    assert ("quarter",) not in faults(QUARTERLY[type_name], quarter)
