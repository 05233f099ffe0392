"""Each verdict is provoked on a real broker, and named within three looks by `hub status`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import redis.asyncio as aioredis
from ledger_world import FENCE, an_entry
from watched_hub import EVERY_MS, SITE, WatchedHub

from connectors.redis_ledger import RedisLedger
from schemas.calendar_file import NO_OVERRIDES
from schemas.topics import JOURNAL, in_topic
from schemas.watch import Stage, Verdict
from streams.rules.calendar import SHANGHAI
from streams.rules.silence import working_days_before

pytestmark = pytest.mark.kafka

LONG_AGO = datetime(2026, 1, 5, 2, tzinfo=UTC)
DEPT = "WJW-120116"


def at_the_head(hub: WatchedHub):
    """A reader of the journal that has taken everything; two looks found it so."""
    reader = hub.reader()
    hub.write(JOURNAL, 10)
    reader.commit(0, 10)
    assert [hub.row(hub.look()).verdict for _ in range(2)] == [Verdict.OK] * 2
    return reader


def test_a_reader_that_ended_has_stopped(hub, status):
    at_the_head(hub).leave()
    hub.readers.clear()
    hub.write(JOURNAL)

    assert hub.looks_until("STOP") <= 3
    assert status("decide") == ("STOP", 2)


def test_a_reader_that_is_there_and_does_not_get_on_is_stalled(hub, status):
    at_the_head(hub)
    hub.write(JOURNAL)

    assert hub.looks_until("STALL") <= 3
    assert status("decide") == ("STALL", 2)


def test_a_reader_that_was_set_back_is_rewound(hub, status):
    at_the_head(hub).commit(0, 3)

    assert hub.looks_until("REWIND") == 1
    assert status("decide") == ("REWIND", 2)


def test_a_reader_that_loses_ground_is_slow(hub, status):
    reader = at_the_head(hub)
    found = []
    for taken in (11, 12, 13):
        hub.write(JOURNAL, 20)
        reader.commit(0, taken)
        found.append(hub.row(hub.look()).verdict)

    assert found[-1] is Verdict.WARN
    assert status("decide") == ("WARN", 1)


def test_the_age_of_the_oldest_record_is_that_of_the_record_at_the_position(hub):
    reader = hub.reader()
    moments = [datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in range(5)]
    for moment in moments:
        hub.write(JOURNAL, at=moment)
    reader.commit(0, 2)

    row = hub.row(hub.look())

    assert (row.lag, row.oldest_ms) == (3, int(moments[2].timestamp() * 1000))


def test_three_events_a_day_give_no_alarm(hub):
    """Whenever a look comes: just after an event, or hours later."""
    reader = at_the_head(hub)
    found = set()
    for number in range(10, 19):
        hub.write(JOURNAL)
        found.add(hub.row(hub.look()).verdict)
        reader.commit(0, number + 1)
        for hours in (0, 8):
            hub.now_ms += hours * 3_600_000
            found.add(hub.row(hub.look()).verdict)

    assert found == {Verdict.OK}


def test_a_system_that_an_operator_parked(hub, site, status):
    site.read(SITE, lambda ledger: ledger.pause("maintenance", "an operator", hub.now_ms))

    assert hub.looks_until("PAUSED_BY_OPERATOR", Stage.DELIVER) <= 3
    assert status("deliver") == ("PAUSED_BY_OPERATOR", 1)


def test_a_system_that_its_breaker_holds(hub, site, status):
    state = {"state": "OPEN", "since_ms": hub.now_ms, "until_ms": hub.now_ms}
    site.read(SITE, lambda ledger: ledger.keep(FENCE, "breaker", orjson.dumps(state)))

    assert hub.looks_until("PAUSED_BY_BREAKER", Stage.DELIVER) <= 3
    assert status("deliver") == ("PAUSED_BY_BREAKER", 2)


def test_a_stop_whose_day_is_over_is_doomed(hub, site, status):
    site.put(SITE, an_entry(SITE, "R-late", said=LONG_AGO))

    assert hub.looks_until("DOOMED", Stage.DELIVER) <= 3
    assert status("deliver") == ("DOOMED", 2)


def test_a_worker_that_is_gone_while_something_is_owed(hub, site, status):
    """Its feed is read to the end: only that nobody is there tells."""
    hub.readers.pop().leave()

    assert hub.looks_until("STOP", Stage.DELIVER) <= 3
    assert status("deliver") == ("STOP", 2)


def test_a_watch_that_itself_has_stopped_is_not_believed(hub, status):
    at_the_head(hub)
    hub.now_ms += 4 * EVERY_MS

    assert status("decide") == ("NO_DATA", 2)


def test_a_broker_that_does_not_answer_gives_no_data(hub, status):
    hub.bootstrap = "127.0.0.1:1"

    picture = hub.look()

    assert {row.verdict for row in picture.stages} == {Verdict.NO_DATA}
    assert "127.0.0.1:1" in picture.faults[0]
    assert status("decide") == ("NO_DATA", 2)


def test_a_department_that_fell_silent_and_one_that_did_not(hub, status):
    today = datetime.fromtimestamp(time.time(), SHANGHAI)
    days = working_days_before(today.date(), 20, NO_OVERRIDES)
    for dept, some in {DEPT: days[:12], "SW-120116": days}.items():
        hub.topic(in_topic(dept))
        for day in some:
            for hour in (9, 11, 15):
                moment = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
                hub.event(dept, moment)

    lively, silent = sorted(hub.departments().departments, key=lambda one: one.verdict)

    assert (lively.dept, lively.verdict, lively.notes) == ("SW-120116", Verdict.OK, ())
    assert (silent.dept, silent.verdict) == (DEPT, Verdict.SILENT)
    assert silent.usual_per_day == pytest.approx(36 / 20)
    last = datetime(days[11].year, days[11].month, days[11].day, 15, tzinfo=SHANGHAI)
    assert silent.last_ms == int(last.timestamp() * 1000)
    assert lively.events >= 9
    told = status.console("status", "--json").json["departments"]
    assert {one["dept"]: one["verdict"] for one in told} == {DEPT: "SILENT", "SW-120116": "OK"}


def test_what_was_counted_of_departments_outlives_the_watch(hub):
    hub.topic(in_topic(DEPT))
    hub.event(DEPT, datetime.now(UTC) - timedelta(seconds=5))
    first = hub.departments().departments[0]
    hub.event(DEPT, datetime.now(UTC))
    second = hub.departments().departments[0]

    assert (first.today, second.today) == (1, 2)


def test_the_ledger_of_a_site_is_never_claimed_by_the_watch(hub, site):
    hub.look()

    async def fence() -> bytes | None:
        async with aioredis.from_url(hub.redis_url) as client:
            found: bytes | None = await client.hget(f"insp:{{site:{SITE}}}:position", "fence")
            return found

    assert asyncio.run(fence()) == FENCE.encode()
    assert isinstance(site.read(SITE, RedisLedger.feed_next), int)
