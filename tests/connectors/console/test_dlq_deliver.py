"""Dead letters of deliver: listed by site, and only what may be asked for by now goes back."""

import pytest
from console_fakes import read_all
from dead_letters import a_letter, put

from connectors.console.context import Exit
from schemas.reasons import Refusal
from schemas.topics import feed_topic, receipt_topic

SITE, OTHER = "CREDIT-TJ", "GSXT-TJ"


def a_parked(topic, number=0, reason=Refusal.UNASKED, **fields):
    plain = {"stage": "deliver", "dept": None, "event_type": None, "field": ""}
    return a_letter(number, topic=topic, reason=reason, **(plain | fields))


RECEIPT = a_parked(receipt_topic(SITE))
POLLED = a_parked(f"poll.{OTHER}", 1)
FEED = a_parked(feed_topic(SITE), 2, Refusal.FOREIGN_SOURCE)
BROKEN = a_parked(receipt_topic(SITE), 3, Refusal.UNDECODABLE)


@pytest.fixture
def hub(console, broker):
    """The address of a broker with the hub's topics."""
    console("topics", "apply")
    return broker


def test_letters_are_listed_by_site(console, hub):
    put(hub, RECEIPT, POLLED, FEED, BROKEN)

    listed = console("dlq", "ls", "--stage", "deliver", "--json").json["groups"]
    table = console("dlq", "ls")
    of_one = console("dlq", "ls", "--dept", OTHER, "--json").json

    assert {(one["reason"], one["dept"]) for one in listed} == {
        ("UNASKED", SITE),
        ("UNASKED", OTHER),
        ("FOREIGN_SOURCE", SITE),
        ("UNDECODABLE", SITE),
    }
    assert "2 wait in deliver" in table.said
    assert of_one["open"] == 1
    assert SITE in console("dlq", "show", "deliver/0/0").said


@pytest.mark.parametrize(
    ("letter", "goes", "why"),
    [
        pytest.param(RECEIPT, True, "", id="a receipt nobody asked for"),
        pytest.param(POLLED, False, "asks the system itself", id="polled"),
        pytest.param(FEED, False, "only the newest version", id="from a feed"),
        pytest.param(BROKEN, False, "would be refused again", id="bytes that cannot be read"),
    ],
)
def test_only_what_makes_sense_goes_back(console, hub, letter, goes, why):
    put(hub, letter)

    dry = console("dlq", "replay", "--all", "--dry-run", "--json")
    done = console("dlq", "replay", "--all", "--why", "the feed was late", "--json")

    assert len(dry.json["letters"]) == done.json["sent"] == int(goes)
    assert done.status == (Exit.DONE if goes else Exit.FOUND)
    assert all(why in text for text in done.json["held"])
    assert len(read_all(hub, receipt_topic(SITE))) == int(goes)


@pytest.mark.parametrize(
    ("letter", "goes"),
    [(BROKEN, True), (FEED, False), (POLLED, False)],
    ids=["receipt", "feed", "poll"],
)
def test_force_sends_to_a_receipt_topic_and_nowhere_else(console, hub, letter, goes):
    put(hub, letter)

    done = console("dlq", "replay", "--all", "--why", "x", "--force", "--json")

    assert done.json["sent"] == int(goes)
    assert read_all(hub, feed_topic(SITE)) == []
