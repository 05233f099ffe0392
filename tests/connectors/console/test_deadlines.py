"""What is due is gathered from ledgers, public list, states and receipts as they really lie."""

from datetime import UTC, datetime, timedelta

import pytest
import redis
from console_fakes import write
from ledger_world import A, B, C, Ledgers, an_entry, real_now_ms
from public_builders import Desk
from told_history import PARTITIONS, a_code_in

from connectors.console import oversight
from connectors.console.context import Context, Exit, load_settings
from connectors.console.due.looker import Looker
from connectors.redis_view import key as view_key
from schemas.calendar_file import shipped_calendar
from schemas.feed import Stage
from schemas.topics import feed_topic, receipt_topic
from streams.delivery.receipts import Draft, encode_receipt
from streams.desks import oversight as rules
from streams.rules.state import encode_state, public_of

USCC = a_code_in(2)
DONE, SEEN = ("PROCESSED",), ("PROCESSED", "OBSERVED")
LONG_AGO = datetime(2026, 1, 5, 2, tzinfo=UTC)


class World:
    """Ledgers, view and topics to be filled."""

    def __init__(self, console, bootstrap, redis_url):
        self.console, self.bootstrap, self.url = console, bootstrap, redis_url
        self.ledgers = Ledgers(redis_url)

    def __call__(self, *words):
        return self.console("deadlines", "--json", *words)

    def stop(self, result, *stages, said=None, uscc=USCC):
        """A stop, and how far it is at A, B and C; None: that ledger does not know it."""
        for site, proven in zip((A, B, C), stages, strict=True):
            if proven is not None:
                entry = an_entry(site, result, 2, "STOPPED", *proven, said=said, uscc=uscc)
                self.ledgers.put(site, entry)

    def desk(self, partition=2):
        return Desk(uscc=a_code_in(partition))

    def keep(self, desk, partition=2):
        """Put an enterprise's state into the view, as decide would."""
        with redis.Redis.from_url(self.url) as client:
            client.hset(view_key(partition, "state"), desk.uscc, encode_state(desk.state))
            for repair_id, case in public_of(desk.state).repairs.items():
                if case.due_on:
                    name = f"{desk.uscc}\x1f{repair_id}"
                    client.zadd(view_key(partition, "case_due"), {name: case.due_on})

    def show(self, result, uscc=USCC, partition=2):
        with redis.Redis.from_url(self.url) as client:
            client.hset(view_key(partition, "public"), f"{uscc}\x1f{result}", b"{}")

    def receipts(self, site, count, stage=Stage.PROCESSED):
        """So many receipts of the hub, each of another result."""
        made = []
        for number in range(count):
            entry, _ = an_entry(site, f"P-{number}", 2, "STOPPED")
            value, _ = encode_receipt(site, Draft(entry, stage), number, "", real_now_ms())
            made += [{"value": value, "partition": 0}] * 2
        write(self.bootstrap, receipt_topic(site), made)


@pytest.fixture
def world(console, broker, redis_url):
    oversight.register(console.app, rules)
    console.set(HUB_REDIS_URL=redis_url, COLUMNS="120")
    console("topics", "apply")
    assert PARTITIONS == 4
    return World(console, broker, redis_url)


def test_with_nothing_owed_it_ends_well(world):
    answer = world()

    assert answer.status == Exit.DONE
    assert (answer.json["stops"], answer.json["cases"], answer.json["held"]) == ([], [], [])


def test_owed_stops_are_counted_by_place(world):
    world.stop("R-1", DONE, ("ACCEPTED",), ())
    world.stop("R-2", SEEN, SEEN, SEEN)
    world.stop("R-3", SEEN, SEEN, ())
    world.show("R-3")

    answer = world()

    assert answer.status == Exit.DONE
    (group,) = answer.json["stops"]
    assert (group["stops"], group["open"]) == (2, 2)
    assert group["done"] == {A: 2, B: 1, C: 0, "PUBLIC": 1}
    assert group["waiting_on"] == {f"{B} unconfirmed": 1, C: 2, "PUBLIC": 1}


def test_a_missed_stop_ends_with_one_and_stands_first(world):
    world.stop("R-1", DONE, DONE, ())
    world.stop("R-2", DONE, DONE, (), said=LONG_AGO)

    answer = world()

    assert answer.status == Exit.FOUND
    assert answer.json["stops"][0]["missed"] == 1
    assert [one["result_id"] for one in answer.json["open_stops"]] == ["R-2", "R-1"]


def test_departments_are_those_of_the_feed_records(world):
    world.stop("R-1", DONE, DONE, ())

    assert [one["group"] for one in world("--by", "dept").json["stops"]] == ["WJW-120116"]


def test_a_ledger_that_lacks_a_stop_the_others_have_proven_is_waited_on(world):
    world.stop("R-1", SEEN, SEEN, None)
    world.console("topics", "apply")
    write(world.bootstrap, feed_topic(C), [{"key": b"k", "value": b"x", "partition": 0}])

    answer = world()
    table = world.console("deadlines")

    assert answer.json["stops"][0]["waiting_on"] == {f"{C} unread": 1}
    assert not answer.json["sites"][C]["has_ledger"]
    assert f"{C} has no delivery ledger" in table.said


def test_the_rate_is_that_of_the_hubs_receipts_of_the_last_hour(world):
    world.stop("R-1", (), DONE, ())
    world.receipts(A, 7)
    world.receipts(A, 3, Stage.OBSERVED)

    told = world().json["sites"]

    assert told[A]["rate_per_hour"] == pytest.approx(7)
    assert told[A]["will_miss"] == 0
    assert told[A]["headroom"] > 7
    assert (told[C]["rate_per_hour"], told[C]["will_miss"]) == (None, None)


def test_what_if_a_site_were_down(world):
    for number in range(5):
        world.stop(f"R-{number}", (), DONE, DONE)
    day = datetime.now(UTC) + timedelta(days=20)

    well = world("--rate", "60", "--if-down", A, "--until", "5m")
    late = world("--rate", "60", "--if-down", A, "--until", f"{day:%Y-%m-%d}")

    assert (well.status, well.json["sites"][A]["will_miss"]) == (Exit.DONE, 0)
    assert (late.status, late.json["sites"][A]["will_miss"]) == (Exit.FOUND, 5)
    assert late.json["sites"][A]["required_per_hour"] is None
    assert late.json["sites"][A]["down_until"].startswith(f"{day:%Y-%m-%d}T00:00")
    assert late.json["sites"][B]["down_until"] is None


def test_what_is_supposed_stands_in_the_status_too_and_its_end_is_that_of_what_is_so(world):
    for number in range(5):
        world.stop(f"R-{number}", (), DONE, DONE)
    day = datetime.now(UTC) + timedelta(days=20)
    asked = ("--rate", "60", "--if-down", A, "--until", f"{day:%Y-%m-%d}")

    told = world.console("status", "--json", *asked)
    plain, seen = world.console("status", "--json"), world.console("status", *asked)

    assert told.json["what_if"] == world(*asked).json["sites"]
    assert told.json["what_if"][A]["will_miss"] == 5
    assert "what_if" not in plain.json
    assert told.status == plain.status
    assert "what if down until" in seen.said
    assert seen.fits(120)


@pytest.mark.parametrize(
    "words", [("--if-down", A), ("--until", "6h"), ("--if-down", "X"), ("--rate", "9")]
)
def test_half_a_supposition_is_refused_by_status_too(world, words):
    assert world.console("status", *words).status == Exit.USAGE


def test_open_cases_and_held_steps_are_found_in_the_states(world):
    running, paused, early = world.desk(), world.desk(1), world.desk(0)
    running.publish()
    running.apply_for()
    running.accept(at="2026-09-01T09:00:00+08:00")
    paused.publish()
    paused.apply_for(repair_id="C-2")
    paused.accept(repair_id="C-2")
    paused.ask(repair_id="C-2")
    early.decide(repair_id="C-3")
    for partition, desk in ((2, running), (1, paused), (0, early)):
        world.keep(desk, partition)

    answer = world()

    cases = {one["group"]: one for one in answer.json["cases"]}
    assert answer.status == Exit.FOUND
    assert cases["2026-09-10"]["overdue"] == 1
    assert cases["no day"]["paused"] == 1
    (held,) = answer.json["held"]
    assert (held["repair_id"], held["waits_for"]) == ("C-3", "APPLIED")
    assert "C-3" in world.console("deadlines").said


def test_while_watching_a_new_clock_shows_before_all_states_are_read_again(world):
    look = Looker(Context(load_settings()), rules, shipped_calendar(), "day")
    early, desk = world.desk(0), world.desk()
    early.decide(repair_id="C-3")
    world.keep(early, 0)
    assert [one["repair_id"] for one in look().document["held"]] == ["C-3"]
    desk.publish()
    desk.apply_for()
    desk.accept(at="2026-09-01T09:00:00+08:00")
    world.keep(desk)

    again = look().document

    assert [one["group"] for one in again["cases"]] == ["2026-09-10"]
    assert [one["repair_id"] for one in again["held"]] == ["C-3"]


def test_days_given_by_hand_win(world, tmp_path):
    desk = world.desk()
    desk.publish()
    desk.apply_for()
    desk.accept(at="2026-09-01T09:00:00+08:00")
    world.keep(desk)
    days = tmp_path / "days.toml"
    days.write_text('[[day]]\ndate = 2026-09-02\nkind = "REST"\nsource = "typhoon"\n')
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[[day]]\ndate = 1\n")

    assert world("--calendar", days).json["cases"][0]["due_on"] == "2026-09-11"
    refused = world("--calendar", wrong)
    assert refused.status == Exit.USAGE
    assert "wrong.toml" in refused.said


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--by", "moon"), id="by what"),
        pytest.param(("--if-down", A), id="until when"),
        pytest.param(("--until", "6h"), id="which site"),
        pytest.param(("--if-down", "X", "--until", "6h"), id="no such site"),
        pytest.param(("--if-down", A, "--until", "later"), id="no moment"),
        pytest.param(("--rate", "-1"), id="a negative rate"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(world, words):
    assert world(*words).status == Exit.USAGE


def test_without_redis_it_says_so(world):
    world.console.set(HUB_REDIS_URL="redis://127.0.0.1:1/0")

    answer = world()

    assert answer.status == Exit.UNREACHABLE
    assert "does not answer" in answer.said
