"""Topics are planned, created and compared from the command line, on both brokers."""

import pytest
from console_fakes import a_department, create_topic, line
from waiting import until

from connectors.console.context import CommandError, Exit
from connectors.console.installation.topics import departments_in
from connectors.kafka_admin import KafkaAdmin
from schemas.topics import in_topic, out_topic


def test_plan_apply_and_check_agree(console, broker):
    before = console("topics", "check", "--dept", "WJW-120116", "--json")
    plan = console("topics", "plan", "--dept", "WJW-120116", "--site", "GSXT", "--json")
    made = console("topics", "apply", "--dept", "WJW-120116", "--site", "GSXT", "--json")
    again = console("topics", "apply", "--json")
    after = console("topics", "check", "--json")

    assert before.status == Exit.FOUND
    assert before.json["ok"] is False
    assert plan.json["missing"] == len(plan.json["topics"]) == len(made.json["created"])
    assert in_topic("WJW-120116") in made.json["created"]
    assert "insp.feed.GSXT" in made.json["created"]
    assert again.json["created"] == []
    assert after.status == Exit.DONE
    # What is on the broker is planned along without being named again.
    assert after.json["as_planned"] == len(plan.json["topics"])
    assert after.json["unplanned"] == []


def test_tables_fit_a_narrow_terminal(console, broker):
    for words in (("plan",), ("apply",), ("check",), ("plan", "--all")):
        answer = console("topics", *words, "--dept", "WJW-120116")

        assert answer.fits(80)


@pytest.mark.kafka
def test_drift_is_named_and_ends_with_1(console, clean_kafka):
    console.set(HUB_BROKER=clean_kafka.bootstrap)
    create_topic(clean_kafka.bootstrap, in_topic("X"), retention_ms="1000")
    console("topics", "apply")

    answer = console("topics", "check")
    for_scripts = console("topics", "check", "--json")

    assert answer.status == for_scripts.status == Exit.FOUND
    assert "retention.ms" in answer.out
    assert "NOT as planned" in answer.out
    found = {(one["topic"], one["setting"]) for one in for_scripts.json["drift"]}
    assert (in_topic("X"), "retention.ms") in found


@pytest.mark.kafka
def test_another_partition_count_of_the_journal_is_refused(console, clean_kafka):
    console.set(HUB_BROKER=clean_kafka.bootstrap)
    create_topic(clean_kafka.bootstrap, "insp.journal", 7)
    with KafkaAdmin(clean_kafka.bootstrap) as admin:
        until(lambda: admin.partition_counts().get("insp.journal") == 7, "the node knows it")

    answer = console("topics", "apply")

    assert answer.status == Exit.FOUND
    assert "nothing was created" in answer.said
    assert console("topics", "plan", "--json").json["missing"] > 0


def test_departments_come_from_a_list_or_from_events(tmp_path):
    plain = tmp_path / "codes"
    plain.write_text("# ours\nWJW-120116\n\n XFJ-120116 \n")
    events = tmp_path / "events.jsonl"
    events.write_bytes(a_department("A") + line("A", "t", {"note": "registry.department"}) + b"\n")

    assert list(departments_in(plain)) == ["WJW-120116", "XFJ-120116"]
    assert list(departments_in(events)) == ["A"]


def test_a_file_of_departments_with_a_bad_line_names_the_line(tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_bytes(a_department("A") + b'{"type":"registry.department"}\n')

    with pytest.raises(CommandError, match=r"events.jsonl:2: .*data"):
        list(departments_in(file))


def test_a_code_that_cannot_name_a_topic_is_a_mistake_of_usage(console, broker):
    answer = console("topics", "plan", "--dept", "not a code")

    assert answer.status == Exit.USAGE
    assert "not a code" in answer.said


def test_a_department_file_is_planned(console, broker, tmp_path):
    (tmp_path / "codes").write_text("XFJ-120116\n")

    plan = console("topics", "plan", "--dept-file", "codes", "--json").json

    assert out_topic("XFJ-120116") in {topic["topic"] for topic in plan["topics"]}
