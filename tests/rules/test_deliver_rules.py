"""Whose turn it is, when a system is asked first, and what a digest says."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feed import DisclosureState
from schemas.feed_digest import DigestSum
from streams.rules.delivery.attempts import (
    Attempt,
    Doubt,
    begun,
    decode_attempt,
    encode_attempt,
    must_ask,
    so_far,
)
from streams.rules.delivery.ledger import Entry
from streams.rules.delivery.turns import share

NOW, MEMORY = 10_000_000, 1_000_000
STOPPED = DisclosureState.STOPPED


def an_entry(**fields: object) -> Entry:
    usual = {"key": "k", "body_sha256": "s", "offset": 5}
    return Entry(uscc="U", result_id="R", version=2, state=STOPPED, **{**usual, **fields})


ASKED = [
    # entry, attempt, doubt, ask first?
    pytest.param({}, {}, Doubt(), False, id="never tried"),
    pytest.param({}, {"count": 1, "first_ms": NOW - MEMORY // 2}, Doubt(), False, id="half-way"),
    pytest.param({}, {"count": 1, "first_ms": NOW - MEMORY // 2 - 1}, Doubt(), True, id="too old"),
    pytest.param(
        {}, {"count": 9, "first_ms": 1, "asked_ms": NOW - 5}, Doubt(), False, id="asked just now"
    ),
    pytest.param({"accepted": 1}, {}, Doubt(), True, id="accepted, and no receipt came"),
    pytest.param({}, {}, Doubt(6, NOW), True, id="from before the ledger was made again"),
    pytest.param({}, {"asked_ms": NOW}, Doubt(6, NOW), False, id="asked since then"),
    pytest.param({}, {}, Doubt(5, NOW), False, id="from after it"),
    pytest.param({"observed": 5, "reappeared": 9}, {"count": 1}, Doubt(6, NOW), False, id="shown"),
]


@pytest.mark.parametrize(("entry", "attempt", "doubt", "ask"), ASKED)
def test_when_a_system_is_asked_first(
    entry: dict[str, int], attempt: dict[str, int], doubt: Doubt, ask: bool
):
    asked = must_ask(
        an_entry(**entry), Attempt(2, **attempt), now_ms=NOW, key_memory_ms=MEMORY, doubt=doubt
    )

    assert asked is ask


def test_what_was_tried_for_an_older_version_does_not_count():
    assert so_far(an_entry(), Attempt(1, count=7)) == Attempt(2)
    assert so_far(an_entry(), None) == Attempt(2)
    assert so_far(an_entry(), Attempt(2, count=7)).count == 7


def test_an_attempt_keeps_its_first_instant():
    twice = begun(begun(Attempt(2), 100, 200), 300, 400)

    assert twice == Attempt(2, count=2, first_ms=100, last_ms=300, next_ms=400)
    assert decode_attempt(encode_attempt(twice)) == twice


SHARES = [
    # room, stops, others, turn, left
    pytest.param(8, 2, 3, 0, (2, 3), id="room for all"),
    pytest.param(8, 99, 99, 0, (6, 2), id="three of four are stops"),
    pytest.param(8, 3, 99, 0, (3, 5), id="what stops leave goes to others"),
    pytest.param(8, 99, 1, 0, (7, 1), id="what others leave goes to stops"),
    pytest.param(8, 0, 99, 0, (0, 8), id="only others"),
    pytest.param(1, 9, 9, 2, (1, 0), id="one at a time: stops"),
    pytest.param(1, 9, 9, 3, (0, 1), id="and every fourth another"),
]


@pytest.mark.parametrize(("room", "stops", "others", "turn", "left"), SHARES)
def test_whose_turn_it_is(room: int, stops: int, others: int, turn: int, left: tuple[int, int]):
    assert share(room, stops, others, turn) == left


@given(
    room=st.integers(1, 40), stops=st.integers(0, 90), others=st.integers(0, 90),
    turn=st.integers(0, 99),
)  # fmt: skip
def test_no_room_is_wasted_and_stops_have_their_share(
    room: int, stops: int, others: int, turn: int
):
    first, second = share(room, stops, others, turn)

    assert first <= stops
    assert second <= others
    assert first + second == min(room, stops + others)
    assert first >= min(stops, room * 3 // 4)


def test_a_digest_is_over_the_sorted_lines():
    total = DigestSum()
    for result_id, version, uscc in (
        ("R-1", 2, "B"), ("R-10", 1, "A"), ("R-10", 1, "B"), ("R-2", 7, "A"), ("检-1", 3, "B"),
    ):  # fmt: skip
        total.add(result_id, version, uscc)

    digest = total.digest("CREDIT-TJ", 12)

    by_id = "R-1 2\nR-10 1\nR-10 1\nR-2 7\n检-1 3\n"
    by_key = "B|R-1 2\nA|R-10 1\nB|R-10 1\nA|R-2 7\nB|检-1 3\n"
    assert (digest.site, digest.count, digest.as_of) == ("CREDIT-TJ", 5, 12)
    assert digest.sha256 == hashlib.sha256(by_id.encode()).hexdigest()
    assert digest.keyed_sha256 == hashlib.sha256(by_key.encode()).hexdigest()


def test_a_digest_of_nothing_is_one_too():
    assert DigestSum().digest("A", 0).sha256 == hashlib.sha256(b"").hexdigest()


def test_a_digest_out_of_order_is_refused():
    total = DigestSum()
    total.add("R-2", 1, "B")

    with pytest.raises(ValueError, match="not sorted"):
        total.add("R-1", 1, "B")
    with pytest.raises(ValueError, match="not sorted"):
        total.add("R-2", 1, "A")
