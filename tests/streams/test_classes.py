"""A class of tomorrow, or one that its scheme has not, is refused; every other is taken in."""

from datetime import date

import pytest

from schemas.inbound import SubjectClassified
from schemas.malformed import Malformed
from schemas.policy import PolicyDocument, PolicyNumbers, Scheme
from schemas.reasons import Refusal
from streams.classes import check_class

SAID = "2026-03-10T23:30:00+08:00"
SCHEME = Scheme.model_validate(
    {
        "id": "GENERAL_RISK",
        "source": "a test",
        "class": ({"class": "A", "percent": 1}, {"class": "D", "percent": 50}),
    }
)
POLICY = PolicyDocument(policy=PolicyNumbers(version="t"), scheme=(SCHEME,))


def classified(class_, as_of, scheme="GENERAL_RISK"):
    data = {"uscc": "91120116MA0000003A", "scheme": scheme, "class": class_, "as_of": as_of}
    return SubjectClassified.model_validate(data)


@pytest.mark.parametrize(
    ("data", "policy", "reason", "field"),
    [
        (classified("A", date(2026, 3, 10)), POLICY, None, ""),
        (classified("A", date(2026, 3, 11)), POLICY, Refusal.FUTURE_DAY, "as_of"),
        (classified("A", date(2026, 3, 11)), None, Refusal.FUTURE_DAY, "as_of"),
        (classified("E", date(2026, 3, 1)), POLICY, Refusal.CLASS_OUT_OF_RANGE, "class"),
        (classified("E", date(2026, 3, 1)), None, None, ""),
        (classified("E", date(2026, 3, 1), "CREDIT_EVALUATION"), POLICY, None, ""),
        (classified("5", date(2026, 3, 1), "INDUSTRY:51"), POLICY, None, ""),
    ],
)
def test_which_classes_are_taken_in(data, policy, reason, field):
    if reason is None:
        check_class(data, SAID, policy)
        return
    with pytest.raises(Malformed) as refused:
        check_class(data, SAID, policy)
    assert (refused.value.reason, refused.value.field) == (reason, field)


def test_a_policy_of_before_keeps_its_hash():
    assert PolicyDocument(policy=PolicyNumbers(version="t")).canonical() == (
        b'{"cap":[],"policy":{"backfill_max_days":10,"code_valid_days":7,"exempt_triggers":[],'
        b'"joint_member":"refuse","repeat_from":2,"same_item":true,"unreasonable_from":6,'
        b'"urgent_approval_days":5,"version":"t","windows":[]}}'
    )
