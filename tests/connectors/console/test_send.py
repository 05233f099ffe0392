"""A file goes out whole: registries first, the rest in order; what cannot be sent is named."""

import json
from base64 import b64encode

import pytest
from confluent_kafka.admin import AdminClient
from console_fakes import a_department, create_topic, line, read_all

from connectors.console.context import Exit
from schemas.topics import in_topic, out_topic

DEPT, OTHER = "WJW-120116", "XFJ-120116"
CODES = ("91110000600037341L", "911100006000373410", "911100006000373411")


def a_task(dept: str, number: int, code: str = CODES[0]) -> bytes:
    data = {"task_id": f"{dept}-{number}", "uscc": code}
    return line(dept, "inspection.task.submitted", data, number)


@pytest.fixture
def file(tmp_path):
    def write(*lines: bytes) -> str:
        (tmp_path / "events.jsonl").write_bytes(b"".join(lines))
        return "events.jsonl"

    return write


@pytest.fixture
def hub_topics(console, broker):
    console("topics", "apply")


def test_registries_go_first_and_their_departments_get_topics(
    console, broker, hub_topics, intake, file
):
    taking = intake()
    name = file(a_department(DEPT), a_department(OTHER, 2), a_task(DEPT, 1), a_task(OTHER, 2))

    answer = console("send", name, "--json")

    assert answer.status == Exit.DONE
    assert answer.json["sent"] == 4
    assert answer.json["by_dept"] == {"REGISTRY": 2, DEPT: 1, OTHER: 1}
    assert answer.json["by_type"]["registry.department"] == 2
    # Intake had the registries before anything else was on its way.
    assert [one.topic for one in taking.taken[:2]] == [in_topic("REGISTRY")] * 2
    names = set(AdminClient({"bootstrap.servers": broker}).list_topics(timeout=20).topics)
    assert {in_topic(DEPT), out_topic(DEPT), in_topic(OTHER), out_topic(OTHER)} <= names


def test_every_line_arrives_in_the_order_of_its_file(console, broker, hub_topics, intake, file):
    intake()
    tasks = [a_task(DEPT, number, CODES[number % 3]) for number in range(3000)]

    answer = console("send", file(a_department(DEPT), *tasks), "--json")

    assert answer.json["sent"] == 3001
    found = read_all(broker, in_topic(DEPT))
    assert len(found) == 3000
    for code in CODES:
        ids = [dict(one.headers())["ce_id"] for one in found if one.key() == code.encode()]
        assert len(ids) == 1000
        assert ids == sorted(ids, key=lambda name: int(name.rpartition(b"-")[2]))
        assert len({one.partition() for one in found if one.key() == code.encode()}) == 1


def test_raw_bytes_arrive_as_they_are(console, broker, hub_topics, intake, file):
    intake()
    raw = b"\x00\xff not JSON"

    console("send", file(a_department(DEPT), line(DEPT, "t", {}, hub_raw=b64encode(raw).decode())))

    (found,) = read_all(broker, in_topic(DEPT))
    assert found.value() == raw


def test_lines_that_cannot_be_sent_are_named_counted_and_end_with_1(
    console, broker, hub_topics, intake, file
):
    intake()
    name = file(
        a_department(DEPT), b"not json\n", a_task(DEPT, 1), b"\n", a_task("NOBODY", 2), b"{}\n"
    )

    answer = console("send", name)
    for_scripts = console("send", name, "--json")
    lenient = console("send", name, "--json", "--lenient")

    assert answer.status == for_scripts.status == Exit.FOUND
    assert lenient.status == Exit.DONE
    for said in (
        "line 2 not sent",
        "line 5 not sent",
        "line 6 not sent",
        "NOBODY",
        "3 lines not sent",
    ):
        assert said in answer.said
    assert for_scripts.json["not_sent"] == 3
    assert [one["line"] for one in for_scripts.json["faults"]] == [2, 5, 6]
    assert for_scripts.json["sent"] == 2


def test_without_intake_the_rest_is_not_sent_and_the_reason_is_said(
    console, broker, hub_topics, file
):
    name = file(a_department(DEPT), a_task(DEPT, 1))

    answer = console("send", name, "--wait-s", "0.3")

    assert answer.status == Exit.UNREACHABLE
    assert "intake does not seem to run" in answer.said
    assert "hub up" in answer.said
    assert read_all(broker, in_topic(DEPT)) == []


def test_registry_lines_that_intake_refuses_stop_the_rest(
    console, broker, hub_topics, intake, file
):
    intake().refused_ids = {"REGISTRY-registry.department-2"}
    name = file(a_department(DEPT), a_department(OTHER, 2), a_task(DEPT, 1))

    answer = console("send", name)
    before = len(read_all(broker, in_topic(DEPT)))
    lenient = console("send", name, "--lenient", "--json")

    assert answer.status == Exit.FOUND
    for said in ("refused 1 of the leading registry lines", "INVALID_FIELD", "hub dlq ls"):
        assert said in answer.said
    assert before == 0
    assert lenient.json["sent"] == 3


def test_whoever_does_not_want_to_wait_need_not(console, broker, hub_topics, file):
    answer = console("send", file(a_department(DEPT), a_task(DEPT, 1)), "--no-wait", "--json")

    assert answer.status == Exit.DONE
    assert len(read_all(broker, in_topic(DEPT))) == 1


def test_in_journal_order_departments_wait_for_each_other(
    console, broker, hub_topics, intake, file
):
    taking = intake()
    turns = [a_task((DEPT, OTHER)[at % 2], at) for at in range(6)]
    name = file(a_department(DEPT), a_department(OTHER, 2), *turns)

    answer = console("send", name, "--journal-order", "--json")

    assert answer.json["sent"] == 8
    tasks = [one for one in taking.taken if one.key == CODES[0].encode()]
    assert [json.loads(one.value)["task_id"].rpartition("-")[2] for one in tasks] == list("012345")


def test_a_change_of_the_registry_in_mid_file_keeps_its_place_in_journal_order(
    console, broker, hub_topics, intake, file
):
    taking = intake()
    change = line("REGISTRY", "registry.item", {"item": "1"}, 9)
    name = file(a_department(DEPT), a_task(DEPT, 1), change, a_task(DEPT, 2, CODES[1]))

    console("send", name, "--journal-order")

    kinds = [one.header("ce_id") for one in taking.taken]
    assert kinds == [
        "REGISTRY-registry.department-1",
        f"{DEPT}-inspection.task.submitted-1",
        "REGISTRY-registry.item-9",
        f"{DEPT}-inspection.task.submitted-2",
    ]


def test_a_record_that_the_topic_does_not_take_is_named(console, broker, hub_topics, intake, file):
    intake()
    huge = line(DEPT, "t", {"note": "x" * (3 << 20)})

    answer = console("send", file(a_department(DEPT), huge, a_task(DEPT, 1)), "--json")

    assert answer.status == Exit.FOUND
    assert answer.json["sent"] == 2
    assert answer.json["faults"][0]["line"] == 2
    assert "3,145,7" in answer.json["faults"][0]["fault"]


@pytest.mark.kafka
def test_a_record_that_the_broker_refuses_is_no_success(console, clean_kafka, file):
    console.set(HUB_BROKER=clean_kafka.bootstrap)
    create_topic(clean_kafka.bootstrap, in_topic(DEPT), max_message_bytes="1000")

    answer = console("send", file(line(DEPT, "t", {"note": "x" * 5000})), "--json")

    assert answer.status == Exit.UNREACHABLE
    assert "did not take 1 of 1" in answer.said
    assert answer.out == ""


def test_the_summary_fits_a_narrow_terminal(console, broker, hub_topics, intake, file):
    intake()
    depts = [f"D{number:02}-120116" for number in range(20)]
    lines = [a_department(dept, at) for at, dept in enumerate(depts)]
    lines += [a_task(dept, 1) for dept in depts]

    answer = console("send", file(*lines, line(depts[0], "\u202eevil" * 30, {})))

    assert answer.fits(80)
    assert "\u202e" not in answer.out
    assert "41 events sent" in answer.out


def test_an_empty_file_is_no_error(console, broker, hub_topics, file):
    assert console("send", file(b"\n\n"), "--json").json["sent"] == 0


def test_a_file_that_is_not_there_is_a_mistake_of_usage(console):
    assert console("send", "nowhere.jsonl").status == Exit.USAGE
