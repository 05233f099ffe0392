"""Dead letters are sent in again exactly once each, whatever cuts the replay off."""

import json

import pytest
from console_fakes import read_all, write
from dead_letters import DEPT, ORIGINAL, OTHER, VALUE, a_letter, put

from connectors.console.context import Exit
from connectors.console.dead_letters import replays
from connectors.console.dead_letters.replays import REPLAYS
from schemas.dead_letter import to_headers
from schemas.reasons import Refusal
from schemas.topics import in_topic


@pytest.fixture
def hub(console, broker):
    """The address of a broker with the hub's topics and two departments."""
    console("topics", "apply", "--dept", DEPT, "--dept", OTHER)
    return broker


def sent(hub: str, dept: str = DEPT):
    return read_all(hub, in_topic(dept))


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


@pytest.mark.parametrize(
    ("cut_after", "left"),
    [(1, 2), (2, 2), (3, 0)],
    ids=["before planning", "before sending", "before noting it"],
)
def test_a_replay_that_was_cut_off_goes_on_without_sending_twice(
    console, hub, monkeypatch, cut_after, left
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
    assert again.json["sent"] == left
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
