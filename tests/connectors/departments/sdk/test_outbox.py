"""What was published is on disk, leaves in order for each enterprise, and survives `kill -9`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sdk_fakes import DEPT, USCC, a_task

from connectors.departments.sdk import Event, OtherContent, OutboxFull, OutboxInUse
from connectors.departments.sdk.backoff import Backoff
from connectors.departments.sdk.outbox import ASK_FOR_S, Outbox

ROOT = Path(__file__).parents[4]
OTHER = "91120116MA00000029"
NOW = 1000.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


def opened(file: Path, **limits: object) -> Outbox:
    return Outbox(file, DEPT, **limits)  # type: ignore[arg-type]


def ids(outbox: Outbox, now: float = NOW) -> list[str]:
    return [entry.event.id for entry in outbox.due(now, 10)]


def test_events_of_one_enterprise_leave_one_after_another(file):
    outbox = opened(file)
    for event in (a_task(1), a_task(2), a_task(3, OTHER)):
        outbox.put(event, NOW)

    assert ids(outbox) == ["E-1", "E-3"]
    outbox.sent(outbox.due(NOW, 1)[0], "R", NOW, awaits_decision=False)
    assert ids(outbox) == ["E-2", "E-3"]


def test_what_waits_for_its_next_try_holds_up_only_its_own_enterprise(file):
    outbox = opened(file)
    for event in (a_task(1), a_task(2), a_task(3, OTHER)):
        outbox.put(event, NOW)

    outbox.later(outbox.due(NOW, 1)[0], "away", NOW + 5)

    assert ids(outbox) == ["E-3"]
    assert ids(outbox, NOW + 5) == ["E-1", "E-3"]
    assert outbox.next_at() == NOW


def test_everything_is_there_again_after_opening_anew(file):
    first = opened(file)
    first.put(a_task(1, entity_name="天津"), NOW)
    first.later(first.due(NOW, 1)[0], "away", NOW + 1)
    first.put(a_task(2, OTHER), NOW)
    first.refuse(first.due(NOW, 1)[0], "INVALID_FIELD", "items", NOW)
    first.close()

    again = opened(file)

    assert again.waiting() == 1
    (entry,) = again.due(NOW + 1, 10)
    assert entry.event == a_task(1, entity_name="天津")
    assert (entry.attempts, entry.error) == (1, "away")
    (refused,) = again.refused()
    assert (refused.event.id, refused.code) == ("E-2", "INVALID_FIELD")
    again.forget("E-2")
    assert again.refused() == []


def test_the_same_event_again_is_found_and_not_kept_twice(file):
    outbox = opened(file)
    outbox.put(a_task(1), NOW)
    later = Event(a_task(1).type, a_task(1).data, "E-1", "2026-03-11T09:00:00+08:00")

    found = outbox.put(later, NOW)

    assert found.event.time == a_task(1).time, "the first one stands"
    assert outbox.waiting() == 1


def test_an_id_used_for_something_else_is_refused(file):
    outbox = opened(file)
    outbox.put(a_task(1), NOW)

    with pytest.raises(OtherContent, match="E-1"):
        outbox.put(a_task(1, mode="OFFSITE"), NOW)


@pytest.mark.parametrize("limits", [{"events_max": 2}, {"bytes_max": 500}], ids=["events", "bytes"])
def test_a_full_outbox_refuses_clearly_and_has_room_again_later(file, limits):
    outbox = opened(file, **limits)
    outbox.put(a_task(1), NOW)
    outbox.put(a_task(2), NOW)
    outbox.later(outbox.due(NOW, 1)[0], "nobody answers at hub:9092", NOW)

    with pytest.raises(OutboxFull, match=r"holds 2 events.*nobody answers.*Nothing was stored"):
        outbox.put(a_task(3), NOW)

    assert outbox.find("E-3") is None
    outbox.sent(outbox.due(NOW, 1)[0], "R", NOW, awaits_decision=False)
    assert outbox.put(a_task(3), NOW).state == "WAITING"


def test_only_one_process_uses_an_outbox(file):
    first = opened(file)

    with pytest.raises(OutboxInUse, match=r"outbox\.db"):
        opened(file)

    first.close()
    opened(file).close()


def test_nothing_of_what_belongs_together_is_kept_when_it_fails(file):
    outbox = opened(file)
    outbox.put(a_task(1), NOW)

    def fail_half_way():
        with outbox.together():
            outbox.later(outbox.due(NOW, 1)[0], "away", NOW + 99)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert ids(outbox) == ["E-1"]


def test_decisions_are_asked_for_in_turn_until_they_came(file):
    outbox = opened(file)
    for number in (1, 2, 3):
        entry = outbox.put(a_task(number, f"K{number}"), NOW)
        outbox.sent(entry, f"R-{number}", NOW, awaits_decision=True)

    assert outbox.undecided(2, NOW) == ["R-1", "R-2"]
    assert outbox.undecided(2, NOW) == ["R-3", "R-1"]
    outbox.handled("decision.made|T-1|x", "T-1")
    assert sorted(outbox.undecided(9, NOW)) == ["R-2", "R-3"]
    assert outbox.was_handled("decision.made|T-1|x")
    assert not outbox.was_handled("decision.made|T-1|y")
    assert outbox.undecided(9, NOW + ASK_FOR_S + 1) == [], "one day it is no longer asked for"


def test_sent_events_are_forgotten_after_a_while(file):
    outbox = opened(file, keep_sent_s=10)
    for number in range(1000):
        with outbox.together():
            entry = outbox.put(a_task(number, f"K{number}"), NOW + number)
            outbox.sent(entry, "R", NOW + number, awaits_decision=False)

    assert outbox.find("E-0") is None
    assert outbox.find("E-999") is not None


def test_what_put_returned_from_survives_kill_9(file):
    program = f"""
import os, signal, sys
from pathlib import Path
from connectors.departments.sdk import Event
from connectors.departments.sdk.outbox import Outbox
outbox = Outbox(Path({str(file)!r}), {DEPT!r})
for number in range(20):
    outbox.put(Event("t", {{"uscc": {USCC!r}}}, str(number)), 0)
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == -9, done.stderr
    outbox = opened(file)
    assert outbox.waiting() == len(done.stdout.split()) == 20


@pytest.mark.parametrize(
    ("attempts", "draw", "asked", "wait_s"),
    [
        (1, 0.0, None, 0.5),
        (1, 1.0, None, 1.0),
        (3, 0.5, None, 3.0),
        (99, 1.0, None, 30.0),
        (1, 0.0, 7.0, 7.0),
        (99, 1.0, 7.0, 30.0),
    ],
)
def test_waits_double_are_drawn_and_are_never_shorter_than_asked(attempts, draw, asked, wait_s):
    assert Backoff(1.0, 30.0).wait_s(attempts, draw, asked) == wait_s
