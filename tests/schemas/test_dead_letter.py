"""Does a dead letter keep what is needed to understand it, send it again, and answer for it?"""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import decode, encode_avro, encode_json
from schemas.dead_letter import (
    DEAD_LETTER,
    DeadLetter,
    from_headers,
    key_text,
    original_headers,
    refusal_message,
    replay_headers,
    replays_so_far,
    to_headers,
)
from schemas.decision import EventRefused
from schemas.malformed import Malformed
from schemas.reasons import REFUSALS, Refusal
from schemas.topics import STAGES

VALUE = b"\x00\xff not ours to change"
ORIGINAL = [("ce_id", b"e-1"), ("hub-dlq-stage", b"deliver"), ("X", None), ("bin", b"\xff\xfe")]
words = st.text(alphabet="abc é中 \u202e\x00", max_size=40)
letters = st.builds(
    DeadLetter,
    stage=st.sampled_from(STAGES),
    reason=st.sampled_from(Refusal),
    field=words,
    message=words,
    topic=words,
    partition=st.integers(0, 99),
    offset=st.integers(0, 2**62),
    timestamp_ms=st.integers(-1, 2**42),
    key=st.none() | words,
    event_id=st.none() | words,
    event_type=st.none() | words,
    dept=st.none() | words,
    attempt=st.integers(1, 9),
    first_failed_at_ms=st.integers(0, 2**42),
    replay_count=st.integers(0, 9),
    size_bytes=st.just(len(VALUE)),
)


def a_letter(**changes):
    return DeadLetter(
        **{
            "stage": "intake", "reason": Refusal.INVALID_FIELD, "field": "items[2]",
            "message": '"x" found: a list expected', "topic": "insp.in.WJW-120116", "partition": 3,
            "offset": 1841, "timestamp_ms": 1773104400123, "event_id": "e-1", "dept": "WJW-120116",
            "event_type": "inspection.task.submitted", "first_failed_at_ms": 1773104400123,
        }
        | changes
    )  # fmt: skip


@given(letter=letters)
@settings(max_examples=100, deadline=None)
def test_a_letter_survives_its_headers_avro_and_json(letter):
    assert from_headers(to_headers(letter, ORIGINAL), VALUE) == letter
    assert decode(encode_avro(letter, DEAD_LETTER), None, DEAD_LETTER) == letter
    assert decode(encode_json(letter), None, DEAD_LETTER) == letter


def test_the_headers_are_those_that_others_read_and_are_text():
    headers = dict(to_headers(a_letter()))

    assert headers["kafka_dlt-original-topic"] == b"insp.in.WJW-120116"
    assert headers["kafka_dlt-original-partition"] == b"3"
    assert headers["kafka_dlt-original-offset"] == b"1841"
    assert headers["kafka_dlt-original-timestamp"] == b"1773104400123"
    assert headers["kafka_dlt-exception-message"] == b'"x" found: a list expected'
    assert headers["hub-dlq-reason-code"] == b"INVALID_FIELD"
    assert headers["hub-dlq-stage"] == b"intake"
    assert headers["hub-dlq-field"] == b"items[2]"
    assert headers["hub-dlq-attempt"] == b"1"
    assert headers["hub-dlq-first-failed-at"] == b"1773104400123"
    assert headers["hub-dlq-replay-count"] == b"0"


def test_the_sender_s_own_headers_come_back_and_pass_for_none_of_ours():
    headers = to_headers(a_letter(), ORIGINAL)

    assert original_headers(headers) == ORIGINAL
    assert from_headers(headers, VALUE).stage == "intake"


def test_a_replay_counts_up_and_keeps_when_it_failed_first():
    again = replay_headers(to_headers(a_letter(), ORIGINAL))
    third = replay_headers(to_headers(a_letter(replay_count=1, first_failed_at_ms=7), again))

    assert replays_so_far(again) == (1, 1773104400123)
    assert replays_so_far(third) == (2, 7)
    assert [name for name, _ in third].count("hub-dlq-replay-count") == 1
    assert third[: len(ORIGINAL)] == ORIGINAL


@pytest.mark.parametrize("forged", [b"-1", b"x", b"9" * 5000, b"", None, "１".encode(), b"1_0"])
def test_a_forged_count_counts_as_none(forged):
    assert replays_so_far([("hub-dlq-replay-count", forged)]) == (0, None)


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ([], "hub-dlq-stage"),
        ([(n, v) for n, v in to_headers(a_letter()) if n != "kafka_dlt-original-offset"],
         "kafka_dlt-original-offset"),
        ([*to_headers(a_letter()), ("hub-dlq-stage", b"nowhere")], "hub-dlq-stage"),
        ([*to_headers(a_letter()), ("hub-dlq-attempt", b"0")], "hub-dlq-attempt"),
        ([("hub-dlq-stage", b"\xff")], ""),
    ],
)  # fmt: skip
def test_what_is_no_dead_letter_of_ours_is_said_to_be_none(headers, named):
    with pytest.raises(Malformed) as caught:
        from_headers(headers, VALUE)

    assert (caught.value.reason, caught.value.field) == (Refusal.ENVELOPE, named)


def test_letters_of_one_cause_have_one_fingerprint():
    same = a_letter(field="items[7]", message="other", offset=9, replay_count=3)

    assert same.fingerprint == a_letter().fingerprint
    for other in ({"field": "officers[2]"}, {"dept": "XFJ-120116"}, {"stage": "decide"},
                  {"reason": Refusal.CREDIT_CODE}, {"event_type": None}):  # fmt: skip
        assert a_letter(**other).fingerprint != a_letter().fingerprint


@pytest.mark.parametrize("reason", list(Refusal))
def test_the_department_is_told_what_happened_where_and_what_to_do(reason):
    told = refusal_message(a_letter(reason=reason))

    happened, advice = REFUSALS[reason]
    assert isinstance(told, EventRefused)
    assert told.message == f'{happened} at `items[2]`: "x" found: a list expected'
    assert told.advice == advice
    assert (told.origin_topic, told.origin_partition, told.origin_offset) == (
        "insp.in.WJW-120116", 3, 1841,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "shown"),
    [(None, None), (b"", ""), (b"91120116MA", "91120116MA"), (b"a\xffb", "a\\xffb"),
     ("a\u202eb".encode(), "a\\u202eb"), (b"x" * 10**6, "x" * 128 + "…")],
)  # fmt: skip
def test_a_key_is_shown_short_and_visibly(key, shown):
    assert key_text(key) == shown


def test_the_stages_are_those_that_have_a_dead_letter_topic():
    assert get_args(DeadLetter.model_fields["stage"].annotation) == STAGES
