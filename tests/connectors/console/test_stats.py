"""`hub stats` and `hub simulate`, as people type them."""

import asyncio
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import orjson
import pytest
from builders import DEPT, OTHER_DEPT, Hub, a_cap, a_policy
from console_fakes import Console, write
from counted_year import Logs, logs_of

from connectors.child import ServerError
from connectors.console.context import Context
from connectors.console.figures import simulate, stats
from connectors.console.traffic.event_lines import LineReader
from connectors.generate import city_year, generate
from connectors.statistics.file import counting_into
from schemas.statistics import INDICATORS, MEASURES
from schemas.topics import CTL_POLICY, CTL_REGISTRY, DECIDED, JOURNAL
from streams.intake import judge
from streams.registry import Registry, read_ctl
from streams.replay import file_record
from streams.simulate import Simulation
from streams.statistics import Statistics

YEAR = date.fromisoformat("2026-03-16").year


@pytest.fixture
def logs() -> Logs:
    hub = Hub(policy=a_policy(a_cap(1)))
    hub.submit("T-1")
    hub.enter("T-1")
    hub.submit("T-2")
    hub.submit("T-3", dept=OTHER_DEPT, mode="OFFSITE")
    return logs_of(hub)


@pytest.fixture
def hub(console: Console, logs: Logs) -> Console:
    """A terminal whose `hub stats` counts these logs."""

    def count(context: Context, heard, *, anew: bool = False) -> None:
        with counting_into(context.settings.statistics, anew=anew) as store:
            asyncio.run(Statistics(store, logs.kafka, 1).level(heard))

    stats.register(console.app, count)
    simulate.register(console.app, Simulation)
    return console


def test_the_five_indicators_and_all_figures_are_shown(hub):
    answer = hub("stats", "--year", YEAR)

    assert answer.status == 0
    for one in (*INDICATORS, *MEASURES):
        assert one.zh in answer.out
    assert "33.3 %" not in answer.said
    assert "50.0 %" in answer.said  # one of two inspections made was off-site


def test_scripts_get_definitions_and_every_dimension(hub):
    told = hub("stats", "--year", YEAR, "--json").json

    rates = {one["name"]: one["rate"] for one in told["indicators"]}
    assert rates == {
        "joint_rate": 0.0, "offsite_rate": 0.5, "problem_rate": None, "scan_rate": 1.0,
        "praise_rate": None,
    }  # fmt: skip
    assert all(one["definition"] for one in told["indicators"])
    assert [line["key"] for line in told["by"]["department"]] == [DEPT, OTHER_DEPT]
    assert told["totals"]["intercepted"] == 1


@pytest.mark.parametrize("by", ["month", "department", "level", "district", "item", "trigger"])
def test_a_line_for_each_value_fits_a_terminal(hub, by):
    answer = hub("stats", "--year", YEAR, "--by", by)

    assert answer.status == 0
    assert by in answer.out
    # The last column is whole: nothing was cut off to fit.
    last = "problems" if by == "item" else "praise"
    assert re.search(rf"{last}\s*$", answer.out, re.MULTILINE)


def test_new_answers_are_counted_before_they_are_shown(hub, logs):
    answers = logs.kafka.logs[DECIDED, 0]
    last = answers.pop()
    words = ("stats", "--year", YEAR, "--json")
    assert hub(*words).json["totals"]["tasks"] == 2
    answers.append(last)

    assert hub(*words, "--as-is").json["totals"]["tasks"] == 2
    assert hub(*words).json["totals"]["tasks"] == 3


def test_a_year_without_figures_says_which_years_have_some(hub):
    answer = hub("stats", "--year", 1999)

    assert "Years with figures: 2026" in answer.said


@pytest.mark.parametrize("months", ["13", "5-4", "x", "0-3"])
def test_months_that_are_none_are_refused(hub, months):
    answer = hub("stats", "--months", months)

    assert answer.status == 2
    assert "1-12" in answer.said


def test_lists_name_enterprise_department_and_rule(hub):
    rows = hub("stats", "watch", "--year", YEAR, "--json").json

    assert [(row["kind"], row["used"], row["cap"]) for row in rows] == [("AT_CAP", 1, 1)]
    assert "AT_CAP" in hub("stats", "watch", "--year", YEAR).out


@pytest.mark.parametrize(("form", "name"), [("csv", "d"), ("parquet", "d"), ("xlsx", "b.xlsx")])
def test_exports_say_what_they_wrote(hub, form, name):
    told = hub("stats", "export", "--form", form, "--out", name, "--year", YEAR, "--json").json

    assert told["written"]
    assert all(Path(one).stat().st_size for one in told["written"])


def test_the_report_is_written(hub):
    hub("stats", "report", "--out", "r.html", "--year", YEAR)

    assert "跨部门联合检查率" in Path("r.html").read_text(encoding="utf-8")


def test_counting_anew_gives_the_same_digest_each_time(hub):
    first, again = (hub("stats", "rebuild", "--json").json["digest"] for _ in range(2))

    assert first == again


def test_while_the_role_counts_its_figures_are_shown(console, logs):
    def count(context: Context, heard, *, anew: bool = False) -> None:
        raise ServerError("the folder is in use")

    with counting_into(Path("run") / "statistics") as store:
        asyncio.run(Statistics(store, logs.kafka, 1).level())
    stats.register(console.app, count)

    answer = console("stats", "--year", YEAR)

    assert answer.status == 0
    assert "The role `statistics` is running" in answer.said


def test_nothing_counted_yet_is_said(console):
    stats.register(console.app, lambda context, heard, *, anew=False: None)

    answer = console("stats", "--as-is")

    assert answer.status == 1
    assert "count with `hub stats` first" in answer.said


POLICY = """
[policy]
version = "stricter"
[[cap]]
id = "ONE"
version = 1
source = "a test"
from = 2026-01-01
scope = {kind = "EACH_AGENCY"}
max = 1
"""


@pytest.fixture
def year(hub) -> Path:
    """A small year in a file, and a stricter table beside it."""
    Path("stricter.toml").write_text(POLICY)
    path = Path("year.jsonl")
    path.write_bytes(b"".join(generate(city_year(800), 3)))
    return path


def test_a_what_if_over_a_file_is_shown_and_written_as_a_page(hub, year):
    words = ("simulate", year, "--policy", "stricter.toml", "--from", "2026-01-01")

    told = hub(*words, "--json").json
    shown = hub(*words, "--html", "what-if.html")

    total = told["total"]
    assert total["more"] > 0
    assert total["after"] - total["before"] == total["more"] - total["less"]
    assert sum(one["more"] for one in told["departments"].values()) == total["more"]
    assert f"{total['more']:,} more" in shown.said
    assert "█" in shown.out
    assert "classes of CREDIT_EVALUATION" in shown.out
    page = Path("what-if.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "<script" not in page


def test_a_what_if_over_the_journal_of_a_broker_is_that_over_the_file_it_came_from(
    hub, year, broker
):
    records, registry, reader = defaultdict(list), Registry(), LineReader()
    for number, line in enumerate(year.read_bytes().splitlines(), 1):
        for one in judge(file_record(reader.read(line), number), registry):
            if one.topic in (CTL_POLICY, CTL_REGISTRY):
                registry.put(*read_ctl(one.key, one.value))
            partition = {} if one.partition is None else {"partition": one.partition}
            records[one.topic].append(
                {"key": one.key, "value": one.value, "headers": list(one.headers), **partition}
            )
    hub("topics", "apply")
    for topic in (CTL_POLICY, JOURNAL):
        write(broker, topic, records[topic])
    words = ("--policy", "stricter.toml", "--from", "2026-01-01", "--json")

    of_journal = hub("simulate", *words).json
    of_file = hub("simulate", year, *words).json

    assert of_journal["total"]["tasks"] > 0
    for name in ("total", "departments", "classes", "rules", "decisions", "skipped", "assumed"):
        assert of_journal.get(name) == of_file.get(name), name


def test_a_what_if_whose_rules_hold_on_none_of_the_days_says_so(hub, year):
    Path("later.toml").write_text(POLICY.replace("2026-01-01", "2030-01-01"))

    answer = hub("simulate", year, "--policy", "later.toml", "--from", "2026-01-01")

    assert "--any-day" in answer.said


def test_a_day_that_is_none_is_refused(hub, year):
    answer = hub("simulate", year, "--policy", "stricter.toml", "--from", "2026-02-30")

    assert answer.status == 2
    assert "YYYY-MM-DD" in answer.said


def test_a_first_day_after_the_last_is_refused_and_not_an_empty_answer(hub, year):
    span = ("--from", "2026-02-01", "--to", "2026-01-31")
    answer = hub("simulate", year, "--policy", "stricter.toml", *span)

    assert answer.status == 2
    assert "the last day is before the first" in answer.said


def test_lines_that_cannot_be_read_are_counted(hub, year):
    with year.open("ab") as out:
        out.write(b"no event\n" + orjson.dumps({"specversion": "1.0"}) + b"\n")

    told = hub("simulate", year, "--policy", "stricter.toml", "--from", "2026-01-01", "--json").json

    assert told["unjudged"] >= 2
