"""The watch's pictures keep their content on the way to a screen, and their words keep an order."""

from schemas.canary import CANARY_DEPT, CANARY_USCC, is_canary
from schemas.identity import CreditCodeOutcome, dept_fault, read_credit_code
from schemas.watch import (
    CRITICAL,
    DueBucket,
    SiteView,
    Snapshot,
    Stage,
    StageView,
    Verdict,
    decode_snapshot,
    encode_snapshot,
    level,
    worst,
)


def test_a_picture_comes_back_as_it_was():
    picture = Snapshot(
        at_ms=1_800_000_000_000,
        every_s=15,
        broker="127.0.0.1:9092",
        verdict=Verdict.DOOMED,
        stages=(StageView(stage=Stage.DELIVER, site="GSXT-TJ", verdict=Verdict.DOOMED, lag=3),),
        sites=(
            SiteView(site="GSXT-TJ", buckets=(DueBucket(due_ms=1, count=2),), lanes={"stop": 2}),
        ),
    )

    assert decode_snapshot(encode_snapshot(picture)) == picture


def test_the_worst_of_some_is_the_first_in_the_order_of_the_words():
    assert worst([]) is Verdict.OK
    assert worst([Verdict.OK, Verdict.WARN, Verdict.STALL]) is Verdict.STALL
    assert worst([Verdict.PAUSED_BY_OPERATOR, Verdict.DOOMED]) is Verdict.DOOMED


def test_what_needs_somebody_now_comes_before_what_can_wait():
    levels = [level(verdict) for verdict in Verdict]

    assert set(levels) == {0, 1, 2}
    assert {v for v in Verdict if level(v) == 2} == CRITICAL
    assert levels[-1] == 0
    assert worst(Verdict) in CRITICAL


def test_a_picture_is_believed_for_three_turns():
    picture = Snapshot(at_ms=1_000, every_s=15, broker="", verdict=Verdict.OK)

    assert not picture.stale(46_000)
    assert picture.stale(46_001)


def test_the_canary_is_a_department_and_an_enterprise_by_the_rules_of_both():
    reading = read_credit_code(CANARY_USCC)

    assert (reading.outcome, reading.in_scope) == (CreditCodeOutcome.VALID, True)
    assert dept_fault(CANARY_DEPT) is None
    assert is_canary(CANARY_DEPT)
    assert not is_canary("WJW-120116")
