"""The mapping tables leave no form without an answer."""

from typing import Any

import pytest

from connectors.generate.words import OUTCOMES_CLEAN, OUTCOMES_PROBLEM
from schemas.feed import StopReason
from schemas.site_tables import SiteTable, outcomes, site_table
from schemas.sites import SITES

NAMES = {"national": "GSXT-TJ", "credit_tianjin": "CREDIT-TJ", "tianjin_subjects": "SUBJECTS-TJ"}


def test_every_site_has_a_table():
    assert set(NAMES.values()) == set(SITES)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_names_every_outcome_and_every_reason(name: str):
    table = site_table(name)

    assert table.site == NAMES[name]
    assert set(table.outcomes) == set(outcomes())
    assert set(table.stop_reasons) == set(StopReason)
    assert set(table.outcomes.values()) == set(table.categories)


def test_the_generator_uses_known_outcomes():
    known = outcomes()

    assert not any(known[code].negative for code in OUTCOMES_CLEAN)
    assert all(known[code].negative for code in OUTCOMES_PROBLEM)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcomes": {"NO_PROBLEM": "Z"}}, "outcome NO_PROBLEM has category Z"),
        ({"other": "Z"}, "outcome (other) has category Z"),
        ({"stop_reasons": {"EXPIRED": "6"}}, "stop_reasons has no row REPAIR_APPROVED"),
    ],
    ids=["a category without a title", "other without a title", "a reason is missing"],
)
def test_an_unfit_table_is_refused(change: dict[str, Any], said: str):
    fit = site_table("national")
    parts = {name: getattr(fit, name) for name in SiteTable.__dataclass_fields__}

    with pytest.raises(ValueError) as refused:
        SiteTable(**{**parts, **change})

    assert said in str(refused.value)
