"""`hub calendar`: administrators enter working days, and see what is in force and how far."""

from datetime import date

import pytest
import redis
from console_fakes import read_all

from connectors.console.context import Exit
from connectors.redis_calendar import KEY
from schemas.calendar_entries import pack
from schemas.enums import DayKind
from schemas.registry import RegistryCalendar
from schemas.topics import CTL_REGISTRY

FILE = """
[[year]]
year = 2031
source = "notice 1"
[[day]]
date = 2031-01-01
kind = "REST"
source = "notice 1"
"""


@pytest.fixture
def hub(console, broker, redis_url, intake):
    console.set(HUB_REDIS_URL=redis_url)
    console("topics", "apply")
    intake()
    return console


def keys(broker):
    return [record.key().decode() for record in read_all(broker, CTL_REGISTRY)]


def test_a_day_is_entered_with_its_source(hub, broker):
    answer = hub("calendar", "set", "2027-02-08", "rest", "--source", "国办发明电〔2026〕7号")

    assert answer.status == Exit.DONE
    assert keys(broker) == ["registry.calendar:2027-02-08"]


def test_a_notice_is_entered_as_a_file(hub, broker, tmp_path):
    (tmp_path / "2031.toml").write_text(FILE, encoding="utf-8")

    answer = hub("calendar", "publish", "2031.toml", "--json")

    assert [one["source"] for one in answer.json["entered"]] == ["notice 1", "notice 1"]
    assert keys(broker) == ["registry.calendar:2031", "registry.calendar:2031-01-01"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set", "2027-02-30", "REST", "--source", "n"], "YYYY-MM-DD"),
        (["set", "2027-02-08", "PARTY", "--source", "n"], "WORK, REST or AS_SHIPPED"),
        (["set", "2027-02-08", "REST", "--source", ""], "source"),
    ],
)
def test_what_is_no_entry_is_told_and_nothing_is_sent(hub, broker, words, said):
    answer = hub("calendar", *words)

    assert answer.status == Exit.USAGE
    assert said in answer.said
    assert keys(broker) == []


def test_a_file_with_faults_is_told_row_by_row(hub, tmp_path):
    (tmp_path / "x.toml").write_text("[[year]]\nyear = 2031\n[[day]]\ndate = 2031-01-01\n")

    answer = hub("calendar", "publish", "x.toml")

    assert answer.status == Exit.USAGE
    assert "year 1: source is missing" in answer.said
    assert "day 1: kind" in answer.said


def test_what_is_in_force_is_shown_and_an_end_that_is_near_is_said(hub, redis_url):
    nothing = hub("calendar")
    entry = RegistryCalendar(day=date(2027, 2, 8), kind=DayKind.REST, source="notice 7")
    with redis.Redis.from_url(redis_url) as client:
        client.set(KEY, pack([entry], date(2027, 12, 31)))

    shown = hub("calendar")

    assert nothing.status == Exit.DONE
    assert "No entries" in nothing.said
    assert shown.status == Exit.FOUND
    assert shown.fits(80)
    assert "2027-02-08" in shown.said
    assert "notice 7" in shown.said
    assert "ends on 2027-12-31" in shown.said
