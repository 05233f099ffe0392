"""A city is written to a file: the same for the same seed, counted, and whole or not there."""

import json
from datetime import date, datetime

import pytest

from connectors.console.context import CommandError, Exit
from connectors.console.terminal.screen import SHANGHAI
from connectors.console.traffic.generate import Preset, spec_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)


def spec(preset, day=date(2026, 11, 23), events=None):
    return spec_of(preset, day, events, NOON, annotate=False)


def test_a_day_is_written_and_counted(console, tmp_path):
    words = ("--preset", "district-day", "--events", "300", "--seed", "7", "--today", "2026-03-16")
    answer = console("generate", *words, "--out", "day.jsonl", "--json")

    told = answer.json
    written = (tmp_path / "day.jsonl").read_bytes()
    assert answer.status == Exit.DONE
    assert told["lines"] == written.count(b"\n") == told["registry_lines"] + told["events"]
    assert told["size_bytes"] == len(written)
    assert json.loads(written.splitlines()[0])["source"] == "REGISTRY"
    assert not (tmp_path / "day.jsonl.part").exists()


def test_equal_seeds_give_equal_files_and_others_do_not(console, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        console(
            "generate", "--events", "200", "--seed", seed, "--today", "2026-03-16", "--out", name
        )

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_standard_output_holds_the_lines_and_nothing_else(console):
    answer = console("generate", "--events", "200", "--today", "2026-03-16", "--out", "-")

    assert all(json.loads(line)["specversion"] for line in answer.out.splitlines()[:500])
    assert "registries" in answer.err


def test_a_day_that_is_today_ends_now():
    today, other = spec(Preset.DISTRICT_DAY), spec(Preset.DISTRICT_DAY, date(2026, 3, 16))

    assert today.closes_s == 12 * 3600
    assert other.closes_s == 17.5 * 3600


@pytest.mark.parametrize(
    ("preset", "events", "expected"),
    [
        (Preset.CITY_YEAR, 5000, 5000),
        (Preset.QUARTER_BURST, None, 200_000),
        (Preset.DISTRICT_DAY, 1000, 1000),
    ],
)
def test_presets_have_as_many_events_as_asked_for(preset, events, expected):
    assert abs(spec(preset, events=events).events - expected) <= 1


def test_a_burst_is_that_of_the_days_quarter():
    assert spec(Preset.QUARTER_BURST, date(2026, 5, 20)).first_day == date(2026, 4, 1)


def test_what_is_out_of_range_is_a_mistake_of_usage(console):
    with pytest.raises(CommandError, match="year is 1999"):
        spec(Preset.CITY_YEAR, date(1999, 1, 1))
    assert console("generate", "--today", "tomorrow").status == Exit.USAGE
    assert console("generate", "--preset", "village").status == Exit.USAGE


def test_a_file_that_cannot_be_written_is_named(console):
    answer = console("generate", "--events", "10", "--out", "no/such/folder/day.jsonl")

    assert answer.status == Exit.USAGE
    assert "no/such/folder/day.jsonl" in "".join(answer.err.split())
