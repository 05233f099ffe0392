"""Over HTTP: every answer of a gateway, and of whatever stands in between, has one meaning."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_gateway import FakeGateway
from sdk_fakes import DEPT, USCC, a_task
from waiting import until

from connectors.departments.sdk import HubClient, Receipt
from connectors.departments.sdk.over_http import HttpTransport
from connectors.departments.sdk.transport import NotNow, Refused

ROOT = Path(__file__).parents[4]
DECISION = {"task_id": "T-1", "decision": "ISSUED", "code": "07-3KQ9"}


def sent(gateway: FakeGateway, **options):
    transport = HttpTransport(gateway.url, DEPT, timeout_s=5, **options)
    try:
        return transport.send([a_task(1)])[0]
    finally:
        transport.close()


def test_an_event_is_posted_in_one_object(gateway, tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret\n")

    assert sent(gateway, token_file=token) == Receipt("R-E-1")

    (event,) = gateway.events
    assert event["source"] == DEPT
    assert event["data"] == {"task_id": "T-1", "uscc": USCC}
    (headers,) = gateway.headers
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Prefer"] == "wait=2"


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        pytest.param(202, {}, {"receipt_id": "R", "decision": None}, Receipt("R"), id="taken"),
        pytest.param(200, {}, {"receipt_id": "R", "duplicate": True}, Receipt("R"), id="repeated"),
        pytest.param(200, {}, b"", Receipt("E-1"), id="no body"),
        pytest.param(
            422, {}, {"reason": "INVALID_FIELD", "detail": "required", "field": "items"},
            Refused("INVALID_FIELD", "422 required items"), id="a wrong field",
        ),
        pytest.param(
            409, {}, {"reason": "ID_REUSED", "title": "other content"},
            Refused("ID_REUSED", "409 other content"), id="the id was used",
        ),
        pytest.param(413, {}, b"<html>", Refused("413", "413"), id="too large for a proxy"),
        pytest.param(
            403, {}, {"reason": "NOT_FOR_DEPARTMENTS"},
            Refused("NOT_FOR_DEPARTMENTS", "403"), id="not ours to send",
        ),
        pytest.param(
            403, {}, {"reason": "UNKNOWN_DEPARTMENT"},
            NotNow("UNKNOWN_DEPARTMENT: 403"), id="not registered yet",
        ),
        pytest.param(401, {}, {}, NotNow("401: 401"), id="credentials"),
        pytest.param(404, {}, b"?", NotNow("404: 404"), id="wrong address"),
        pytest.param(408, {}, {}, NotNow("408: 408"), id="too slow"),
        pytest.param(429, {"Retry-After": "7"}, {}, NotNow("429: 429", 7.0), id="too many"),
        pytest.param(503, {"Retry-After": "x"}, {}, NotNow("503: 503"), id="busy"),
        pytest.param(503, {"Retry-After": "999999"}, {}, NotNow("503: 503", 3600.0), id="long"),
        pytest.param(500, {}, b"\xff", NotNow("500: 500"), id="failed"),
        pytest.param(302, {"Location": "/x"}, {}, NotNow("302: 302"), id="sent elsewhere"),
    ],
)  # fmt: skip
def test_what_an_answer_means(gateway, status, headers, body, outcome):
    gateway.script = [(status, headers, body)]

    assert sent(gateway) == outcome


def test_no_answer_means_to_send_it_again(gateway):
    gateway.script = [(0, {}, None)]

    assert isinstance(sent(gateway), NotNow)


def test_nobody_there_means_to_send_it_again():
    with FakeGateway() as gone:
        pass

    assert isinstance(sent(gone), NotNow)


def test_when_one_must_wait_the_rest_is_not_tried(gateway):
    gateway.script = [(429, {"Retry-After": "3"}, {})]
    transport = HttpTransport(gateway.url, DEPT)

    outcomes = transport.send([a_task(1), a_task(2)])

    assert outcomes == [NotNow("429: 429", 3.0)] * 2
    assert gateway.events == []


def test_a_decision_that_comes_at_once_is_given_without_asking(gateway, tmp_path):
    gateway.script = [(200, {}, {"receipt_id": "R", "decision": DECISION})]
    with HubClient(HttpTransport(gateway.url, DEPT), tmp_path / "outbox.db") as client:
        client.publish(a_task(1))

        answer = next(client.decisions())

    assert (answer.type, answer.data) == ("decision.made", DECISION)


def test_a_decision_that_comes_later_is_asked_for(gateway, tmp_path):
    with HubClient(HttpTransport(gateway.url, DEPT), tmp_path / "outbox.db") as client:
        client.publish(a_task(1))
        rounds = iter([False, True])
        assert list(client.decisions(wait_s=0, over=lambda: next(rounds))) == []
        gateway.receipts["R-E-1"] = {"receipt_id": "R-E-1", "decision": DECISION}

        assert next(client.decisions(wait_s=0)).data == DECISION


def test_an_event_can_be_tried_out(gateway):
    gateway.script = [(200, {}, {"dry_run": True, "would": {"data": DECISION}})]
    transport = HttpTransport(gateway.url, DEPT)

    assert transport.try_out(a_task(1)) == Receipt("E-1")
    assert gateway.paths == ["/v1/events?dry_run=true"]
    assert "Prefer" not in gateway.headers[0]
    assert transport.poll([], 0) == [], "it was not decided"


@pytest.mark.parametrize("url", ["hub.example", "ftp://hub.example", "https://"])
def test_a_wrong_address_is_said_at_once(url):
    with pytest.raises(ValueError, match="no address of a gateway"):
        HttpTransport(url, DEPT)


PROGRAM = """
import sys
from pathlib import Path
from connectors.departments.sdk import Event, HubClient
from connectors.departments.sdk.backoff import Backoff
from connectors.departments.sdk.over_http import HttpTransport
url, file, dept, uscc = sys.argv[1:]
client = HubClient(HttpTransport(url, dept), Path(file), backoff=Backoff(0.01, 0.02))
for number in range(90):
    client.publish(Event("t", {"uscc": uscc + str(number % 3), "n": number}, str(number)))
assert client.flush(60)
print("all sent")
"""


def test_a_program_that_is_killed_all_the_time_loses_nothing_and_keeps_the_order(gateway, tmp_path):
    argv = [sys.executable, "-c", PROGRAM, gateway.url, str(tmp_path / "o.db"), DEPT, USCC]
    gateway.script = [(503, {}, {})] * 3
    for goal in (20, 50):
        with subprocess.Popen(argv, cwd=ROOT) as process:
            until(lambda goal=goal: len(gateway.events) >= goal, f"{goal} events have arrived")
            process.send_signal(signal.SIGKILL)
            process.wait(10)

    last = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert "all sent" in last.stdout, last.stderr
    first_of = {}
    for place, event in enumerate(gateway.events):
        first_of.setdefault(event["data"]["n"], place)
    assert sorted(first_of) == list(range(90))
    for enterprise in range(3):
        places = [first_of[number] for number in range(enterprise, 90, 3)]
        assert places == sorted(places)
