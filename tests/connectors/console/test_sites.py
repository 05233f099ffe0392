"""Sites are watched, paused with a reason on record, asked, and refused entries tried again."""

import json
import socket
from datetime import date

import pytest
from console_fakes import write
from ledger_world import USCC, A, B, C, Ledgers, an_entry, at, drawn, golden

from connectors.console import oversight
from connectors.console.context import Exit
from connectors.console.due.ledgers import SiteLedger
from connectors.console.systems.receipts_tail import LastAnswers
from connectors.console.systems.sites_view import sites_picture
from schemas.topics import OPERATOR, feed_topic, receipt_topic
from streams.delivery.receipts import Draft, encode_receipt
from streams.desks import oversight as rules
from streams.rules.delivery.ledger import Stage

NOW = int(at(date(2026, 3, 18), 9).timestamp() * 1000)
LANES = {"stop": 1200, "disclose": 7, "prove": 3, "seen": 40, "rejected": 0}
HOUR = 3_600_000


@pytest.fixture
def hub(console, broker, redis_url):
    """A console with the commands that watch over sites, on an empty broker and Redis."""
    oversight.register(console.app, rules)
    console.set(HUB_REDIS_URL=redis_url)
    console("topics", "apply")
    return console


@pytest.fixture
def ledgers(redis_url):
    return Ledgers(redis_url)


def test_the_table_is_this():
    refused = [f"{USCC}\x1fR-1", f"{USCC}\x1fR-2"]
    pause = {"reason": "their release night", "who": "ann", "since": NOW - HOUR}
    opened = {"state": "OPEN", "since_ms": NOW - 2 * HOUR}
    made = {
        A: SiteLedger(A, 9, LANES | {"rejected": 2}, None, None, feed_end=9, refused=refused),
        B: SiteLedger(B, 9, LANES, pause, opened, feed_end=12),
        C: SiteLedger(C, None, LANES | {"stop": 0}, None, None, feed_end=9),
    }
    last = {
        A: LastAnswers(NOW - 1000, NOW - 90_000),
        B: LastAnswers(NOW - 3 * HOUR),
        C: LastAnswers(),
    }

    found = sites_picture(made, last, NOW)

    assert found.status is Exit.FOUND
    assert drawn([*found.parts, *found.notes]) == golden("sites")


def test_pause_and_resume_need_a_reason_and_are_on_record(hub, ledgers):
    assert hub("sites", "pause", B).status == Exit.USAGE
    assert hub("sites", "pause", B, "--reason", " ").status == Exit.USAGE
    assert hub("sites", "resume", B, "--reason", "x").status == Exit.FOUND

    paused = hub("sites", "pause", B, "--reason", "release night", "--by", "ann")
    (row,) = [one for one in hub("sites", "--json").json["sites"] if one["site"] == B]
    resumed = hub("sites", "resume", B, "--reason", "done")

    assert (paused.status, resumed.status) == (Exit.DONE, Exit.DONE)
    assert (row["paused"]["reason"], row["paused"]["who"]) == ("release night", "ann")
    assert ledgers.read(B, lambda ledger: ledger.paused()) is None
    told = hub("sites", "log", B, "--json").json["actions"]
    assert [(one["action"], one["reason"]) for one in told] == [
        ("PAUSE", "release night"),
        ("RESUME", "done"),
    ]
    assert told[0]["by"] == "ann"
    assert told[1]["by"], "the operating system's user name"
    assert hub("sites", "log", A).said.startswith("Nothing was done")


def test_what_stands_on_the_log_and_is_no_action_is_passed_over(hub, broker):
    hub("sites", "pause", A, "--reason", "x")
    write(broker, OPERATOR, [{"value": b"?", "partition": 0}, {"value": None, "partition": 0}])

    assert len(hub("sites", "log", "--json").json["actions"]) == 1


def test_an_unknown_site_is_refused(hub):
    for words in (("pause", "X", "--reason", "r"), ("probe", "X"), ("log", "X")):
        assert hub("sites", *words).status == Exit.USAGE


def test_sites_tells_queues_and_last_answers(hub, ledgers, broker):
    stop, disclosed = an_entry(A, "R-1"), an_entry(A, "R-2", 1, "DISCLOSED")
    refused = an_entry(A, "R-3", 2, "STOPPED", "REJECTED")
    ledgers.put(A, stop, disclosed, refused)
    hub("topics", "apply")
    write(broker, feed_topic(A), [{"key": b"k", "value": b"x", "partition": 0}] * 5)
    receipts = [
        encode_receipt(A, Draft(stop[0], stage), number, "", 1_000_000 + number)[0]
        for number, stage in enumerate([Stage.ACCEPTED, Stage.PROCESSED, Stage.OBSERVED])
    ]
    write(broker, receipt_topic(A), [{"value": one, "partition": 0} for one in receipts])

    answer = hub("sites", "--json")

    assert answer.status == Exit.FOUND
    told = {one["site"]: one for one in answer.json["sites"]}
    assert told[A]["lanes"]["stop"] == told[A]["lanes"]["disclose"] == 1
    assert told[A]["lanes"]["rejected"] == 1
    assert told[A]["feed_behind"] == 2
    assert told[A]["last_answer"].startswith("1970-01-01T08:16:40.001")
    assert told[A]["last_read_back"].startswith("1970-01-01T08:16:40.002")
    assert not told[C]["has_ledger"]
    assert "hub worker deliver --site" in hub("sites").said


def test_only_the_named_sites_are_watched(hub):
    hub.set(HUB_SITES=B)

    assert [one["site"] for one in hub("sites", "--json").json["sites"]] == [B]


def test_what_was_refused_goes_back_to_its_lane(hub, ledgers):
    refused = an_entry(A, "R-1", 2, "STOPPED", "REJECTED")
    wrong = an_entry(A, "R-2", 1, "DISCLOSED", "REJECTED")
    ledgers.put(A, refused, wrong, an_entry(A, "R-3"))

    assert hub("sites", "requeue", A, "--reason", "x").status == Exit.USAGE
    assert hub("sites", "requeue", A, "R-3", "--reason", "x").status == Exit.FOUND
    one = hub("sites", "requeue", A, "R-1", "--reason", "their table was widened", "--json")
    rest = hub("sites", "requeue", A, "--all", "--reason", "their table was widened", "--json")

    assert (one.json["requeued"], rest.json["requeued"]) == (1, 1)
    counts = ledgers.read(A, lambda ledger: ledger.counts())
    assert counts == {"stop": 2, "disclose": 1, "prove": 0, "seen": 0, "rejected": 0}
    (first, _) = hub("sites", "log", "--json").json["actions"]
    assert first["about"] == [f"{USCC} R-1"]


def test_one_id_of_two_enterprises_asks_which_was_refused(hub, ledgers):
    other = "91110000600037341L"
    ledgers.put(
        A,
        an_entry(A, "R-1", 2, "STOPPED", "REJECTED"),
        an_entry(A, "R-1", 2, "STOPPED", "REJECTED", uscc=other),
    )

    asked = hub("sites", "requeue", A, "R-1", "--reason", "x")
    done = hub("sites", "requeue", A, "R-1", "--uscc", other, "--reason", "x", "--json")

    assert asked.status == Exit.USAGE
    assert other in asked.said
    assert done.json["requeued"] == 1


def test_a_probe_of_what_is_not_set_up_says_which_settings(hub):
    answer = hub("sites", "probe", C)

    assert answer.status == Exit.USAGE
    assert "HUB_SITE_SUBJECTS_PAGE" in answer.said


def test_a_probe_of_a_system_that_is_away_ends_with_one(hub, ledgers):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        hub.set(HUB_SITE_SUBJECTS_PAGE=f"http://127.0.0.1:{unheard.getsockname()[1]}/public")
        ledgers.put(C, an_entry(C, "R-1"))

        answer = hub("sites", "probe", C)
        told = json.loads(hub("sites", "probe", C, "--json").out)

    assert answer.status == Exit.FOUND
    assert "no answer" in answer.said
    assert told["result_id"] == "R-1"
    assert told["answered"] is False
