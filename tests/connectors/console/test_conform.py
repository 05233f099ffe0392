"""`hub conform`: what a department sends, judged from its topic, from a file, and by a gateway."""

from __future__ import annotations

import json

import pytest
from builders import a_task
from console_fakes import write
from fake_gateway import FakeGateway

from connectors.console.context import Exit
from schemas.envelope import Envelope, write_headers
from schemas.messages import REGISTRY_DEPARTMENT, TASK_SUBMITTED
from schemas.topics import CTL_REGISTRY, in_topic

DEPT = "WJW-120116"
TIME = "2026-03-10T09:00:00+08:00"
DEPARTMENT = {
    "dept": DEPT, "name": "卫生健康委", "region": "120116", "level": "DISTRICT", "system": "WJW",
    "listed": True, "valid_from": "2020-01-01",
}  # fmt: skip


def a_file(tmp_path, *events):
    lines = [
        {"specversion": "1.0", "id": f"E-{n}", "source": source, "type": kind, "time": TIME,
         "data": data}
        for n, (source, kind, data) in enumerate(events)
    ]  # fmt: skip
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return path


def a_good_task():
    return (DEPT, TASK_SUBMITTED, a_task(planned_on="2199-01-01"))


def checks(answer):
    return {one["check"]: one["verdict"] for one in answer.json["checks"]}


def test_a_file_is_judged_without_any_broker(console, tmp_path):
    registered = ("REGISTRY", REGISTRY_DEPARTMENT, DEPARTMENT)
    path = a_file(tmp_path, registered, a_good_task(), ("XFJ-120116", "odd", {}))

    answer = console("conform", "--dept", DEPT, "--file", path, "--json")

    assert answer.json["events"] == 1
    assert checks(answer)["registration"] == "RIGHT"
    assert checks(answer)["officers"] == "FIX"
    assert answer.status == Exit.FOUND


def test_what_is_found_is_shown_with_examples_and_what_to_do(console, tmp_path):
    path = a_file(tmp_path, (DEPT, TASK_SUBMITTED, a_task(approval=None)))

    answer = console("conform", "--dept", DEPT, "--file", path)

    assert answer.status == Exit.FOUND
    assert answer.fits(80)
    for said in ("FIX approvals", "1 of 1", 'line 1: task "T-1" has no approval', "give no, by"):
        assert said in answer.said


def test_nothing_to_fix_ends_with_0(console, tmp_path):
    answer = console("conform", "--dept", DEPT, "--file", a_file(tmp_path, a_good_task()))

    assert answer.status == Exit.DONE
    assert "0 to fix" in answer.said


def test_lines_that_are_no_events_are_found(console, tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("{}\nno json\n")

    answer = console("conform", "--dept", DEPT, "--file", path, "--json")

    assert checks(answer)["envelope"] == "FIX"


def test_the_topic_is_judged_with_the_registries_of_the_hub(console, broker):
    console("topics", "apply", "--dept", DEPT)
    entry = {"key": f"{REGISTRY_DEPARTMENT}:{DEPT}", "value": json.dumps(DEPARTMENT)}
    write(broker, CTL_REGISTRY, [{**entry, "partition": 0}])
    task = a_task()
    headers = write_headers(Envelope("E-1", DEPT, TASK_SUBMITTED, TIME))
    record = {"value": json.dumps(task), "key": "91120116MA00000029", "headers": headers}
    write(broker, in_topic(DEPT), [{**record, "partition": 0}])

    answer = console("conform", "--dept", DEPT, "--json")

    assert answer.status == Exit.FOUND
    assert checks(answer)["registration"] == "RIGHT"
    assert checks(answer)["keys"] == "FIX"
    assert checks(answer)["clock"] == "ADVICE", "sent long after its own time"
    keys = next(one for one in answer.json["checks"] if one["check"] == "keys")
    assert keys["examples"][0].startswith(f"{in_topic(DEPT)}/0/0: key")


def test_a_department_without_topic_is_said_so(console, broker):
    console("topics", "apply")

    answer = console("conform", "--dept", "XFJ-120116")

    assert answer.status == Exit.FOUND
    assert "there is no topic insp.in.XFJ-120116" in answer.said


def test_a_gateway_is_asked_what_it_would_say(console, tmp_path):
    token = tmp_path / "token"
    token.write_text("t")
    problem = {"reason": "CREDIT_CODE", "detail": "no such code", "field": "uscc"}
    path = a_file(tmp_path, a_good_task(), a_good_task())
    with FakeGateway(script=[(200, {}, {}), (422, {}, problem)]) as gateway:
        answer = console("conform", "--dept", DEPT, "--file", path, "--http", gateway.url,
                         "--token-file", token, "--json")  # fmt: skip

    assert gateway.paths == ["/v1/events?dry_run=true"] * 2
    one = next(one for one in answer.json["checks"] if one["check"] == "gateway")
    assert (one["verdict"], one["wrong"]) == ("FIX", 1)
    assert "CREDIT_CODE: 422 no such code uscc" in one["examples"][0]


def test_a_gateway_that_does_not_answer_is_named(console, tmp_path):
    with FakeGateway() as gone:
        pass

    answer = console("conform", "--dept", DEPT, "--file", a_file(tmp_path, a_good_task()),
                     "--http", gone.url)  # fmt: skip

    assert answer.status == Exit.UNREACHABLE
    assert gone.url in answer.said


@pytest.mark.parametrize(
    "words", [("--dept", "a b"), ("--dept", DEPT, "--http", "hub.example")], ids=["dept", "url"]
)
def test_wrong_words_are_refused(console, tmp_path, words):
    answer = console("conform", *words, "--file", a_file(tmp_path, a_good_task()))

    assert answer.status == Exit.USAGE
