"""The generated file as a whole: the same bytes, in order, valid, within its year."""

import hashlib
import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import orjson
import pytest

from connectors.generate import CitySpec, city_year, generate
from connectors.generate.flaws import flaw
from schemas.codec import decode
from schemas.messages import INBOUND, TASK_SUBMITTED

ROOT = Path(__file__).parents[3]
PRINT_DIGEST = """
import hashlib
from connectors.generate import city_year, generate
print(hashlib.sha256(b"".join(generate(city_year(3_000), 11))).hexdigest())
"""


def digest_in_another_process(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "America/Lima"}
    done = subprocess.run(
        [sys.executable, "-c", PRINT_DIGEST],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def test_equal_specs_and_seeds_give_equal_bytes_whatever_the_process() -> None:
    here = hashlib.sha256(b"".join(generate(city_year(3_000), 11))).hexdigest()

    assert digest_in_another_process("1") == here
    assert digest_in_another_process("2") == here


def test_another_seed_gives_another_year() -> None:
    one, other = (set(generate(city_year(3_000), seed)) for seed in (1, 2))

    assert len(one & other) < len(one) / 2


def test_annotations_add_their_attributes_and_change_nothing_else(spec, lines, events) -> None:
    plain = generate(replace(spec, annotate=False), 7)

    for line, event in zip(plain, events, strict=True):
        named = {key: value for key, value in event.items() if key not in ("hubexpect", "hubcase")}
        assert orjson.loads(line) == named


def test_the_file_has_as_many_events_as_asked_for(spec, sent) -> None:
    assert len(sent) == spec.events


def test_registry_lines_lead_and_the_policy_is_the_last_of_them(spec, events, sent) -> None:
    leading = events[: len(events) - len(sent)]

    assert {event["source"] for event in leading} == {"REGISTRY"}
    assert [event["type"] for event in leading].count("policy.published") == 1
    assert leading[-1]["type"] == "policy.published"
    counts = Counter(event["type"] for event in leading)
    assert counts["registry.department"] == (spec.districts + 1) * spec.systems + 2
    assert counts["registry.subject"] > 0.9 * spec.subjects
    assert counts["registry.officer"] > 0.8 * spec.officers


def test_every_line_is_one_json_object_that_ends_with_its_only_newline(lines) -> None:
    assert all(line.endswith(b"}\n") and line.count(b"\n") == 1 for line in lines)


def test_every_line_not_meant_to_be_refused_is_valid_by_the_contract(events) -> None:
    checked = 0
    for event in events:
        if "hubexpect" not in event:
            decode(orjson.dumps(event["data"]), "application/json", event["type"])
            INBOUND[event["type"]].model.model_validate_json(orjson.dumps(event["data"]))
            checked += 1
    assert checked > 0.95 * len(events)


def test_a_plain_reading_refuses_exactly_the_lines_meant_to_be_refused(events, sent) -> None:
    known = {e["data"]["uscc"] for e in events if e["type"] == "registry.subject"}
    begins = datetime.fromisoformat(events[0]["time"])

    for event in sent:
        reason = flaw(event, begins, known)
        assert event.get("hubexpect") == (f"DLQ:{reason}" if reason else None), event


def test_every_sender_is_registered(events, accepted) -> None:
    registered = {e["data"]["dept"] for e in events if e["type"] == "registry.department"}

    assert {event["source"] for event in accepted} <= registered


def test_events_stand_in_order_of_their_times(originals) -> None:
    times = [event["time"] for event in originals]

    assert times == sorted(times)


def test_a_repeated_event_stands_after_the_first(accepted) -> None:
    """An exact repeat is byte for byte the first, so its time is that of the first."""
    first: dict[tuple[str, str], dict] = {}
    for event in accepted:
        again = first.setdefault((event["source"], event["id"]), event)
        assert again == event


def test_dates_lie_inside_the_year_but_for_its_edges(originals, tasks) -> None:
    days = [event["time"][:10] for event in originals] + [task["planned_on"] for task in tasks]

    assert min(days) >= "2025-12-01"
    assert max(days) <= "2027-01-31"
    assert min(event["time"] for event in originals) >= "2026-01-01"
    assert sum(day.startswith("2026-") for day in days) > 0.95 * len(days)


def test_draws_come_in_the_first_five_working_days_of_each_quarter(tasks) -> None:
    """The days of 2026 by the State Council's calendar, written down by hand (art. 2)."""
    bursts = {
        *("2026-01-04", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"),
        *("2026-04-01", "2026-04-02", "2026-04-03", "2026-04-07", "2026-04-08"),
        *("2026-07-01", "2026-07-02", "2026-07-03", "2026-07-06", "2026-07-07"),
        *("2026-10-08", "2026-10-09", "2026-10-10", "2026-10-12", "2026-10-13"),
    }
    drawn = Counter(task["sent_on"] for task in tasks if task["plan_code"] and not task["joint_id"])

    assert set(drawn) == bursts
    assert min(drawn.values()) > 0.5 * max(drawn.values())
    in_bursts = sum(task["sent_on"] in bursts for task in tasks)
    assert in_bursts > 0.5 * len(tasks)


def test_the_rest_is_spread_over_the_working_days(tasks) -> None:
    others = Counter(
        task["sent_on"]
        for task in tasks
        if not task["plan_code"] and not task["case"].startswith(("YEAR_", "CONFLICT"))
    )

    assert {"2026-01-01", "2026-02-17", "2026-10-01", "2026-03-07"}.isdisjoint(others)
    assert len(others) >= 245
    assert max(others.values()) < 3 * sum(others.values()) / len(others)


def test_memory_holds_what_is_to_come_never_the_file() -> None:
    """Four times the tasks in the same city: the file grows by as much, what is held far less."""

    def held_bytes(tasks: int) -> tuple[int, int]:
        spec = replace(
            city_year(10_000), events=None, tasks=tasks, subjects=2_000, districts=2, systems=8
        )
        file_bytes = 0
        tracemalloc.start()
        for line in generate(spec, 1):
            file_bytes += len(line)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return file_bytes, peak_bytes

    small_file, small_peak = held_bytes(2_000)
    large_file, large_peak = held_bytes(8_000)

    assert large_file > 3 * small_file
    assert large_peak < large_file / 4
    # Reports written ahead of their day would take a tenth.
    assert large_peak - small_peak < (large_file - small_file) / 12


def test_the_first_events_come_before_the_later_ones_are_made() -> None:
    spec = CitySpec(districts=1, systems=8, subjects=200, officers=100, tasks=500_000)
    tracemalloc.start()
    first = [line for _, line in zip(range(2_000), generate(spec, 1), strict=False)]
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(first) == 2_000
    assert peak_bytes < 60_000_000


@pytest.mark.parametrize("year", [2024, 2027, 2028])
def test_other_years_work_also_where_no_calendar_is_known_yet(year: int) -> None:
    sent = [
        event
        for line in generate(replace(city_year(1_500, year=year), malformed=0.0), 1)
        if (event := orjson.loads(line))["type"] == TASK_SUBMITTED
    ]

    days = {date.fromisoformat(event["time"][:10]) for event in sent}
    assert {day.year for day in days} <= {year, year + 1}
    assert sum(day.weekday() < 5 for day in days) > 0.9 * len(days)
