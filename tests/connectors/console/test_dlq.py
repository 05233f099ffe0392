"""Dead letters are grouped by cause, shown safely, and sent in again exactly once each."""

import json

import pytest
from console_fakes import read_all, write

from connectors.console import replays
from connectors.console.context import Exit
from connectors.console.letters import LetterGroup
from connectors.console.original import hexdump, shown_value
from connectors.console.replays import REPLAYS
from connectors.console.safe_text import safe, safe_json
from schemas.dead_letter import DeadLetter, to_headers
from schemas.reasons import REFUSALS, Refusal
from schemas.topics import DLQ_PREFIX, in_topic

DEPT, OTHER = "WJW-120116", "XFJ-120116"
VALUE = b'{"task_id":"T-1","entity_name":"\xe5\xa4\xa9\xe6\xb4\xa5"}'
ORIGINAL = [("ce_id", b"E-1"), ("ce_type", b"inspection.task.submitted"), ("odd", b"\xff\x00")]


def a_letter(number: int = 0, **changes) -> DeadLetter:
    return DeadLetter(
        **{
            "stage": "intake", "reason": Refusal.INVALID_FIELD, "field": "items", "message": "none",
            "topic": in_topic(DEPT), "partition": 0, "offset": number, "timestamp_ms": 1000,
            "event_type": "inspection.task.submitted", "dept": DEPT, "first_failed_at_ms": 1000,
        }
        | changes
    )  # fmt: skip


def put(bootstrap: str, *letters: DeadLetter, value: bytes | None = VALUE, original=ORIGINAL):
    for letter in letters:
        record = {
            "value": value,
            "key": b"K",
            "headers": to_headers(letter, original),
            "partition": 0,
        }
        write(bootstrap, DLQ_PREFIX + letter.stage, [record])


@pytest.fixture
def hub(console, broker):
    """The address of a broker with the hub's topics and one department."""
    console("topics", "apply", "--dept", DEPT, "--dept", OTHER)
    return broker


def sent(hub: str, dept: str = DEPT):
    return read_all(hub, in_topic(dept))


def test_letters_are_grouped_by_stage_reason_department_and_cause(console, hub):
    put(hub, *(a_letter(number) for number in range(3)))
    put(hub, a_letter(3, field="task_id"), a_letter(4, dept=OTHER), a_letter(5, stage="decide"))
    put(hub, a_letter(6, reason=Refusal.TOO_DEEP))

    listed = console("dlq", "ls", "--json")

    assert listed.status == Exit.FOUND
    assert listed.json["open"] == 7
    groups = listed.json["groups"]
    assert [group["count"] for group in groups] == [3, 1, 1, 1, 1]
    assert groups[0]["reason"] == "INVALID_FIELD"
    assert groups[0]["advice"] == REFUSALS[Refusal.INVALID_FIELD][1]
    assert groups[0]["example"] == "insp.dlq.intake/0/0"
    assert groups[0]["first"] <= groups[0]["last"]
    assert len({group["fingerprint"] for group in groups}) == 5


def test_the_list_is_readable_and_says_what_to_do(console, hub):
    put(hub, a_letter(), a_letter(1, dept=OTHER))

    answer = console("dlq", "ls")

    assert answer.fits(80)
    for said in (
        "INVALID_FIELD",
        "2 wait in intake",
        REFUSALS[Refusal.INVALID_FIELD][1],
        DEPT,
        OTHER,
    ):
        assert said in answer.said


def test_nothing_waiting_is_no_error(console, hub):
    answer = console("dlq", "ls", "--json")

    assert answer.status == Exit.DONE
    assert answer.json == {"open": 0, "unreadable": 0, "groups": []}


def test_what_is_no_dead_letter_is_counted_not_hidden(console, hub):
    write(hub, "insp.dlq.intake", [{"value": b"?"}])

    answer = console("dlq", "ls")

    assert answer.status == Exit.FOUND
    assert "1 records are no dead letters" in answer.said


@pytest.mark.parametrize("name", ["insp.dlq.intake/0/0", "intake/0/0"])
def test_one_letter_is_shown_with_everything(console, hub, name):
    put(hub, a_letter(key="K", event_id="E-1"))

    answer = console("dlq", "show", name)

    assert answer.status == Exit.DONE
    assert answer.fits(80)
    for said in (
        "INVALID_FIELD",
        "items",
        in_topic(DEPT),
        "original-ce_id",
        '"task_id": "T-1"',
        "天津",
    ):
        assert said in answer.said


def test_a_cause_shows_its_latest_letter(console, hub):
    put(hub, a_letter(0), a_letter(1))

    answer = console("dlq", "show", a_letter().fingerprint, "--json")

    assert answer.json["id"] == "insp.dlq.intake/0/1"
    assert bytes.fromhex(answer.json["value_hex"]) == VALUE


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("intake/0/99", Exit.FOUND),
        ("0" * 12, Exit.FOUND),
        ("kitchen/0/1", Exit.USAGE),
        ("x", Exit.USAGE),
    ],
)
def test_a_letter_that_is_not_there_is_said_so(console, hub, name, status):
    answer = console("dlq", "show", name)

    assert answer.status == status
    assert name in answer.said


def test_hostile_bytes_never_reach_the_terminal(console, hub):
    evil = "\x1b[2J\u202e\x00\x9b"
    put(hub, a_letter(message=evil, field=evil, event_id=evil, key=evil), value=evil.encode(),
        original=[(evil, evil.encode())])  # fmt: skip

    answer = console("dlq", "show", "intake/0/0")
    listed = console("dlq", "ls")
    for_scripts = console("dlq", "show", "intake/0/0", "--json")

    for text in (answer.out, listed.out, for_scripts.out):
        assert not set(text) & set(evil) - set("[2J")


def test_sending_again_is_exact_and_happens_once(console, hub):
    put(hub, a_letter())

    first = console("dlq", "replay", "--all", "--why", "clock repaired", "--json")
    second = console("dlq", "replay", "--all", "--why", "by accident", "--json")

    assert (first.status, second.status) == (Exit.DONE, Exit.DONE)
    assert (first.json["sent"], second.json["sent"], second.json["sent_before"]) == (1, 0, 1)
    (record,) = sent(hub)
    headers = record.headers()
    assert (record.value(), record.key()) == (VALUE, b"K")
    assert headers[: len(ORIGINAL)] == ORIGINAL
    assert dict(headers)["hub-dlq-replay-count"] == b"1"
    assert dict(headers)["hub-dlq-replayed-why"] == b"clock repaired"
    assert dict(headers)["hub-dlq-letter"] == b"insp.dlq.intake/0/0"
    assert console("dlq", "ls", "--json").json["open"] == 0


def test_a_letter_without_key_and_value_goes_back_without(console, hub):
    write(hub, "insp.dlq.intake", [{"headers": to_headers(a_letter(), ()), "partition": 0}])

    console("dlq", "replay", "--all", "--why", "x")

    (record,) = sent(hub)
    assert record.key() is None
    assert not record.value()


def test_a_dry_run_says_what_would_happen_and_sends_nothing(console, hub):
    put(hub, a_letter(0), a_letter(1))

    answer = console("dlq", "replay", "--all", "--dry-run")
    for_scripts = console("dlq", "replay", "--all", "--dry-run", "--json")

    assert answer.status == Exit.DONE
    assert answer.fits(80)
    assert "2 would be sent again" in answer.said
    assert (for_scripts.json["dry_run"], for_scripts.json["sent"]) == (True, 0)
    assert len(for_scripts.json["letters"]) == 2
    assert sent(hub) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--reason", "TOO_DEEP"), {2}),
        (("--dept", OTHER), {1}),
        (("--id", "intake/0/0", "--id", "insp.dlq.intake/0/2"), {0, 2}),
        (("--cause", a_letter().fingerprint), {0}),
        (("--all", "--limit", "2"), {0, 1}),
        (("--all", "--stage", "decide"), set()),
        (("--reason", "TOO_DEEP", "--dept", OTHER), set()),
    ],
)
def test_only_what_was_asked_for_goes(console, hub, words, expected):
    put(hub, a_letter(0), a_letter(1, dept=OTHER), a_letter(2, reason=Refusal.TOO_DEEP))

    letters = console("dlq", "replay", *words, "--dry-run", "--json").json["letters"]

    assert {int(name.rpartition("/")[2]) for name in letters} == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say which"),
        (("--why", "x"), "say which"),
        (("--all",), "say why"),
        (("--all", "--why", "  "), "say why"),
        (("--reason", "NONSENSE", "--dry-run"), "NONSENSE"),
        (("--stage", "kitchen", "--all", "--dry-run"), "kitchen"),
    ],
)
def test_a_replay_needs_a_choice_and_a_reason(console, hub, words, said):
    answer = console("dlq", "replay", *words)

    assert answer.status == Exit.USAGE
    assert said in answer.said


def test_a_letter_that_keeps_coming_back_is_held(console, hub):
    # As intake writes it when it does not count, and as it does.
    put(hub, a_letter(0), original=[*ORIGINAL, ("hub-dlq-replay-count", b"3")])
    put(hub, a_letter(1, replay_count=3))

    held = console("dlq", "replay", "--all", "--why", "x")
    forced = console("dlq", "replay", "--all", "--why", "x", "--force", "--json")

    assert held.status == Exit.FOUND
    assert "2 × came back 3 times" in held.said
    assert forced.json["sent"] == 2
    assert {dict(record.headers())["hub-dlq-replay-count"] for record in sent(hub)} == {b"4"}


def test_a_letter_whose_topic_is_gone_is_held(console, hub):
    put(hub, a_letter(topic=in_topic("GONE")))

    answer = console("dlq", "replay", "--all", "--why", "x")

    assert answer.status == Exit.FOUND
    assert in_topic("GONE") in answer.said


def test_a_letter_goes_to_the_partition_it_came_from(console, broker):
    console.set(HUB_IN_PARTITIONS="4")
    console("topics", "apply", "--dept", DEPT)
    put(broker, a_letter(0, partition=2), a_letter(1, partition=9))

    console("dlq", "replay", "--all", "--why", "x")

    assert sorted(record.partition() for record in sent(broker)) == [2, 3]


@pytest.mark.parametrize("cut_after", [1, 2], ids=["before sending", "before noting it"])
def test_a_replay_that_was_cut_off_goes_on_without_sending_twice(
    console, hub, monkeypatch, cut_after
):
    put(hub, a_letter(0), a_letter(1))
    publish = replays.KafkaPublisher.publish
    done = 0

    async def dies(self, records):
        nonlocal done
        if done == cut_after:
            raise KeyboardInterrupt
        done += 1
        return await publish(self, records)

    monkeypatch.setattr(replays.KafkaPublisher, "publish", dies)
    cut = console("dlq", "replay", "--all", "--why", "first")
    monkeypatch.setattr(replays.KafkaPublisher, "publish", publish)

    again = console("dlq", "replay", "--all", "--why", "second", "--json")

    assert cut.status != Exit.DONE
    assert again.json["sent"] + again.json["sent_before"] == 2
    assert again.json["sent"] == (2 if cut_after == 1 else 0)
    assert sorted(dict(one.headers())["hub-dlq-letter"] for one in sent(hub)) == [
        b"insp.dlq.intake/0/0", b"insp.dlq.intake/0/1",
    ]  # fmt: skip
    assert console("dlq", "replay", "--all", "--why", "third", "--json").json["sent"] == 0


def test_the_record_of_replays_says_why_and_where_to(console, hub):
    put(hub, a_letter())
    console("dlq", "replay", "--all", "--why", "ticket 12")

    marks = [json.loads(record.value()) for record in read_all(hub, REPLAYS)]

    assert [mark["state"] for mark in marks] == ["PLANNED", "SENT"]
    assert {mark["why"] for mark in marks} == {"ticket 12"}
    assert {mark["topic"] for mark in marks} == {in_topic(DEPT)}


def test_bytes_are_shown_with_what_is_readable_of_them():
    assert hexdump(b"AB\x00\xff") == "00000000  41 42 00 ff" + " " * 38 + "AB.."
    assert hexdump(b"x" * 64).splitlines()[1:] == ["*"]
    assert "empty" in shown_value(b"").plain
    assert "no value" in shown_value(None).plain
    assert "5,000 bytes" in shown_value(b"\x00" * 5000).plain
    assert safe("a\u202eb\x1b\n") == "a\\u202eb\\u001b\n"


def test_json_made_visible_says_the_same():
    text = json.dumps(["\u202e\x9b\U000e0001", "天津"], ensure_ascii=False)

    assert json.loads(safe_json(text)) == json.loads(text)
    assert safe_json(text).isprintable()


def test_a_group_counts_what_still_waits():
    one = LetterGroup("intake", "EMPTY", None, "f", "", "", [object(), object()], sent_again=1)

    assert one.waiting == 1
