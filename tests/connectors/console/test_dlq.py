"""Dead letters are grouped by cause and shown safely."""

import json

import pytest
from console_fakes import write
from dead_letters import DEPT, OTHER, VALUE, a_letter, put

from connectors.console.context import Exit
from connectors.console.dead_letters.letters import LetterGroup
from connectors.console.terminal.original import hexdump, shown_value
from connectors.console.terminal.safe_text import safe, safe_json
from schemas.reasons import REFUSALS, Refusal
from schemas.topics import in_topic


@pytest.fixture
def hub(console, broker):
    """The address of a broker with the hub's topics and two departments."""
    console("topics", "apply", "--dept", DEPT, "--dept", OTHER)
    return broker


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
