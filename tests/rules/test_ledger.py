"""What is owed to a site and what is proven of it: the newest version, with the best proof."""

from __future__ import annotations

from datetime import date
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendar_file import NO_OVERRIDES, CalendarTable
from schemas.delivery import Observed
from schemas.feed import DisclosureState, Stage, StopReason
from streams.rules.delivery.ledger import (
    HOUR_MS,
    REAPPEARED,
    Entry,
    Lane,
    Standing,
    Turn,
    Verdict,
    Waits,
    decode_entry,
    due_day,
    encode_entry,
    has_mark,
    judge,
    place,
    prove,
    proves,
    shown_name,
    standing,
    want,
)

DISCLOSED, STOPPED, WITHDRAWN = DisclosureState
ACCEPTED, PROCESSED, OBSERVED, REJECTED = Stage
NOW = 1_773_626_400_000
WAITS = Waits(confirm=600_000, recheck=86_400_000)


def an_entry(version: int = 1, state: DisclosureState = STOPPED, **fields: object) -> Entry:
    usual = {"key": f"k{version}", "body_sha256": f"s{version}", "offset": version}
    return Entry(uscc="U", result_id="R", version=version, state=state, **{**usual, **fields})


@pytest.mark.parametrize(
    ("known", "wanted", "left", "turn"),
    [
        pytest.param(None, 1, 1, Turn.NEW, id="first"),
        pytest.param(1, 2, 2, Turn.NEW, id="newer"),
        pytest.param(2, 2, 2, Turn.SAME, id="again"),
        pytest.param(2, 1, 2, Turn.STALE, id="older"),
    ],
)
def test_the_highest_version_wins(known: int | None, wanted: int, left: int, turn: Turn):
    before = None if known is None else an_entry(known)

    entry, what = want(before, an_entry(wanted, offset=9))

    assert (entry.version, what) == (left, turn)


def test_other_bytes_of_the_same_version_change_nothing():
    known = an_entry(2)

    assert want(known, an_entry(2, body_sha256="other")) == (known, Turn.OTHER_BYTES)


def test_a_newer_version_has_to_be_proven_anew():
    entry, _ = want(prove(an_entry(1), PROCESSED, NOW), an_entry(2))

    assert standing(entry) is Standing.OWED


@pytest.mark.parametrize(
    ("key", "version", "body", "verdict"),
    [
        pytest.param("k2", 2, "s2", Verdict.PROOF, id="the delivery itself"),
        pytest.param("k1", 1, "s1", Verdict.OVERTAKEN, id="an older version"),
        pytest.param("k3", 3, "s3", Verdict.AHEAD, id="a version nobody asked for yet"),
        pytest.param("k2", 2, "s1", Verdict.UNASKED, id="another body"),
        pytest.param("k1", 2, "s2", Verdict.UNASKED, id="another key"),
    ],
)
def test_what_a_receipt_is_worth(key: str, version: int, body: str, verdict: Verdict):
    assert judge(an_entry(2), key, version, body) is verdict


def test_a_receipt_about_an_unknown_result_is_ahead():
    assert judge(None, "k", 1, "s") is Verdict.AHEAD


MARKS = [
    # which marks an entry has, and how far it is
    pytest.param({}, Standing.OWED, id="nothing"),
    pytest.param({"accepted": 5}, Standing.ACCEPTED, id="accepted"),
    pytest.param({"accepted": 5, "rejected": 6}, Standing.REJECTED, id="refused after the answer"),
    pytest.param({"accepted": 7, "rejected": 6}, Standing.ACCEPTED, id="taken after a refusal"),
    pytest.param({"processed": 5}, Standing.PROCESSED, id="processed without an answer"),
    pytest.param({"processed": 5, "rejected": 9}, Standing.PROCESSED, id="refused too late"),
    pytest.param({"processed": 5, "observed": 6}, Standing.OBSERVED, id="seen"),
    pytest.param({"observed": 6, "reappeared": 9}, Standing.OWED, id="shown again"),
    pytest.param({"observed": 6, "reappeared": 9, "accepted": 9}, Standing.ACCEPTED, id="resent"),
    pytest.param({"observed": 12, "reappeared": 9}, Standing.OBSERVED, id="gone again"),
]


@pytest.mark.parametrize(("marks", "expected"), MARKS)
def test_how_far_an_entry_is(marks: dict[str, int], expected: Standing):
    assert standing(an_entry(**marks)) is expected


def test_what_was_tried_is_sent():
    assert standing(an_entry(), attempts=1) is Standing.SENT


PLACES = [
    # entry, lane, until
    pytest.param(an_entry(), Lane.STOP, NOW, id="a stop goes at once"),
    pytest.param(an_entry(state=WITHDRAWN), Lane.STOP, NOW, id="a withdrawal too"),
    pytest.param(an_entry(state=DISCLOSED), Lane.DISCLOSE, NOW, id="a disclosure in its lane"),
    pytest.param(
        an_entry(accepted=NOW, accepted_first=NOW), Lane.STOP, NOW + 600_000,
        id="accepted: waits for its receipt",
    ),
    pytest.param(
        an_entry(accepted=NOW, accepted_first=NOW - 1_000_000), Lane.STOP, NOW + 1_000_000,
        id="accepted again: as long again as it has waited",
    ),
    pytest.param(
        an_entry(accepted=NOW, accepted_first=NOW - 9 * HOUR_MS), Lane.STOP, NOW + HOUR_MS,
        id="accepted for long: hourly",
    ),
    pytest.param(an_entry(processed=NOW), Lane.PROVE, NOW, id="processed: to be seen"),
    pytest.param(an_entry(observed=NOW), Lane.SEEN, NOW + 86_400_000, id="seen stopped"),
    pytest.param(an_entry(state=DISCLOSED, observed=NOW), None, 0, id="seen disclosed: done"),
    pytest.param(an_entry(rejected=NOW), Lane.REJECTED, NOW, id="refused: an operator's"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "lane", "until_ms"), PLACES)
def test_where_an_entry_waits(entry: Entry, lane: Lane | None, until_ms: int):
    assert place(entry, NOW, WAITS) == (lane, until_ms)


SEEN = [
    # entry, page, proof
    pytest.param(an_entry(2), Observed(False, 2), True, id="stopped, by this version"),
    pytest.param(an_entry(2), Observed(False), False, id="stopped, but never said by whom"),
    pytest.param(an_entry(2, processed=1), Observed(False), True, id="processed and not shown"),
    pytest.param(an_entry(2, processed=1), Observed(True, 1), False, id="still shown"),
    pytest.param(an_entry(2), Observed(False, 1), False, id="an older version not shown"),
    pytest.param(an_entry(1, DISCLOSED), Observed(True, 1), True, id="shown at this version"),
    pytest.param(an_entry(2, DISCLOSED), Observed(True, 1), False, id="shown at an older one"),
    pytest.param(an_entry(1, DISCLOSED), Observed(False, 1), False, id="not shown"),
]


@pytest.mark.parametrize(("entry", "page", "proof"), SEEN)
def test_what_a_public_page_proves(entry: Entry, page: Observed, proof: bool):
    assert proves(entry, page) is proof


@pytest.mark.parametrize(
    ("reason", "due_on"),
    [
        (StopReason.REPAIR_APPROVED, date(2026, 3, 19)),
        (StopReason.CASCADE, date(2026, 3, 16)),
        (StopReason.OBJECTION_UPHELD, date(2026, 3, 23)),
    ],
)
def test_a_provisional_due_day_is_computed_again(reason: StopReason, due_on: date):
    said = date(2026, 3, 16)
    entry = an_entry(stop_reason=reason, said_on=said, due_on=said, provisional=True)

    assert due_day(entry, NO_OVERRIDES) == due_on


def test_a_due_day_moves_with_a_holiday_that_was_entered_later():
    off = CalendarTable({date(2026, 3, 17): False})
    day = date(2026, 3, 19)
    entry = an_entry(stop_reason=StopReason.REPAIR_APPROVED, said_on=date(2026, 3, 16), due_on=day)

    assert due_day(entry, NO_OVERRIDES) == day
    assert due_day(entry, off) == date(2026, 3, 20)


def test_a_due_day_of_no_known_approval_stays():
    entry = an_entry(due_on=date(2026, 3, 19))

    assert due_day(entry, CalendarTable({date(2026, 3, 17): False})) == date(2026, 3, 19)


def test_an_entry_survives_its_bytes():
    entry = an_entry(due_on=date(2026, 3, 19), errors=("a", "b"), processed=3)

    assert decode_entry(encode_entry(entry)) == entry


def test_the_list_of_what_is_disclosed_names_disclosures_only():
    assert shown_name(an_entry(3, DISCLOSED)) == "R\x1f3\x1fU"
    assert shown_name(an_entry(3)) is None


def test_a_mark_from_before_it_reappeared_does_not_count():
    assert has_mark(an_entry(processed=4), PROCESSED)
    assert not has_mark(an_entry(processed=4, reappeared=5), PROCESSED)


# --- whatever order records come in ------------------------------------------------------------

STEPS = st.tuples(
    st.integers(1, 4), st.sampled_from(list(Stage)), st.integers(1, 9),
    st.sampled_from(("", "", REAPPEARED)), st.sampled_from(((), ("e",), ("f",))),
)  # fmt: skip


def feed(version: int) -> Entry:
    return an_entry(version, STOPPED if version % 2 == 0 else DISCLOSED)


def folded(records: list[object]) -> Entry | None:
    """The ledger after these; what is ahead is judged again once the feed was read (`level`)."""
    entry: Entry | None = None
    ahead: list[tuple[int, Stage, int, str, tuple[str, ...]]] = []

    def take(receipt: tuple[int, Stage, int, str, tuple[str, ...]]) -> None:
        nonlocal entry
        version, stage, at_ms, status, errors = receipt
        verdict = judge(entry, f"k{version}", version, f"s{version}")
        if verdict is Verdict.AHEAD:
            ahead.append(receipt)
        elif verdict is Verdict.PROOF and entry is not None:
            entry = prove(entry, stage, at_ms, status=status, errors=errors)

    for record in records:
        if isinstance(record, int):
            entry, _ = want(entry, feed(record))
        else:
            take(record)  # type: ignore[arg-type] # the only other kind
    waiting, ahead = ahead, []
    for receipt in waiting:
        take(receipt)
    return entry


@given(
    versions=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    receipts=st.lists(STEPS, max_size=8),
    seed=st.integers(0, 2**32),
)
def test_any_order_and_any_repeats_give_the_same_ledger(
    versions: list[int], receipts: list[object], seed: int
):
    rng = Random(seed)
    records = [*versions, *receipts]
    shuffled = records + rng.choices(records, k=3)
    rng.shuffle(shuffled)

    in_order, otherwise = folded(records), folded(shuffled)

    assert in_order == otherwise
    assert in_order is not None
    assert in_order.version == max(versions)
    best = msgspec.structs.asdict(in_order)
    stages = {stage for version, stage, *_ in receipts if version == in_order.version}  # type: ignore[misc]
    assert (best["processed"] > 0) == (PROCESSED in stages)
