"""Records that their topic deletes before they are read: when that is said, and when it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rules.retention import expires_ms, is_expiring

DAY = 86_400_000
NOW = 1000 * DAY
MONTH = 30 * DAY


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({}, False, id="nothing waits"),
        pytest.param({"oldest_ms": NOW - DAY}, False, id="waits for a day of thirty"),
        pytest.param({"oldest_ms": NOW - 15 * DAY}, False, id="half of its time is over"),
        pytest.param({"oldest_ms": NOW - 15 * DAY - 1}, True, id="more than half is over"),
        pytest.param({"oldest_ms": NOW - 31 * DAY}, True, id="it may be gone at any moment"),
        pytest.param({"oldest_ms": NOW - 900 * DAY, "retention_ms": 0}, False, id="kept for ever"),
        pytest.param({"oldest_ms": NOW - 900 * DAY, "retention_ms": -1}, False, id="for ever too"),
        pytest.param({"lost": 1}, True, id="something is gone already"),
        pytest.param({"lost": 1, "retention_ms": 0}, True, id="gone, though it is to be kept"),
        pytest.param(
            {"oldest_ms": NOW - DAY, "waiting": 29 * 86_400, "rate_per_s": 1.0}, True,
            id="29 days of work, 29 days left",
        ),
        pytest.param(
            {"oldest_ms": NOW - DAY, "waiting": 19 * 86_400, "rate_per_s": 1.0}, False,
            id="19 days of work, 29 days left",
        ),
        pytest.param(
            {"oldest_ms": NOW - DAY, "waiting": 20 * 86_400, "rate_per_s": 1.0}, True,
            id="20 days of work: less than half as much again is left",
        ),
        pytest.param(
            {"oldest_ms": NOW - DAY, "waiting": 10**9, "rate_per_s": None}, False,
            id="of a rate that is not known nothing is foretold",
        ),
        pytest.param(
            {"oldest_ms": NOW - 16 * DAY, "waiting": 1, "rate_per_s": 500.0}, True,
            id="one partition stands still while all others are quick",
        ),
    ],
)  # fmt: skip
def test_when_it_is_said_that_records_are_deleted_unread(fields, said):
    given_ = {"oldest_ms": 0, "retention_ms": MONTH, "lost": 0, "waiting": 1, "rate_per_s": None}

    assert is_expiring(**given_ | fields, now_ms=NOW) is said


def test_the_moment_is_that_of_the_oldest_record_and_its_topics_retention():
    assert expires_ms(NOW - DAY, MONTH) == NOW + 29 * DAY
    assert expires_ms(0, MONTH) == expires_ms(NOW, -1) == expires_ms(NOW, 0) == 0


@given(
    st.integers(1, 100 * DAY), st.integers(1, 100 * DAY), st.integers(0, 10**6),
    st.one_of(st.none(), st.floats(0.001, 1e4)), st.integers(0, 10 * DAY),
)  # fmt: skip
def test_what_is_said_once_is_said_until_something_is_done(age, retention, waiting, rate, later):
    """Older, with more to do, slower or kept for less long: it never gets better by that."""

    def said(age=age, waiting=waiting, rate=rate, retention=retention):
        return is_expiring(
            oldest_ms=NOW - age, retention_ms=retention, lost=0, waiting=waiting, rate_per_s=rate,
            now_ms=NOW,
        )  # fmt: skip

    if said():
        assert said(age=age + later)
        assert said(waiting=waiting + 1)
        assert rate is None or said(rate=rate / 2)
    if age >= retention:
        assert said(), "it may be deleted at any moment"
