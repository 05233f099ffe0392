"""Publishing and hearing answers, with a hub that is there, away, or says no."""

from __future__ import annotations

import pytest
from sdk_fakes import Clock, FakeTransport, a_task, an_answer
from waiting import until

from connectors.departments.sdk import EventRefused, HubClient, Receipt
from connectors.departments.sdk.transport import NotNow, Refused

OTHER = "91120116MA00000029"


@pytest.fixture
def hub() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(hub, clock, tmp_path):
    with HubClient(hub, tmp_path / "outbox.db", clock=clock, draw=lambda: 0.0) as running:
        yield running


def taken(hub: FakeTransport) -> list[str]:
    return [event.id for event in hub.taken]


def test_an_event_is_sent_and_its_receipt_told(client, hub):
    assert client.publish(a_task(1)) == Receipt("R-E-1")
    assert taken(hub) == ["E-1"]
    assert client.waiting() == 0


def test_the_same_event_again_has_the_same_receipt_and_is_not_sent_again(client, hub):
    client.publish(a_task(1))

    assert client.publish(a_task(1)) == Receipt("R-E-1")
    assert taken(hub) == ["E-1"]


def test_while_the_hub_is_away_events_wait_and_leave_in_order_later(client, hub, clock):
    hub.away = True
    assert [client.publish(a_task(number)) for number in (1, 2, 3)] == [None] * 3
    hub.away = False

    assert client.pump() == 0, "its next try has not come"
    clock.now += 100
    assert client.pump() == 3
    assert taken(hub) == ["E-1", "E-2", "E-3"]


def test_flush_waits_for_the_next_try_and_says_whether_all_left(hub, tmp_path):
    hub.script = {"E-1": [NotNow("busy", 0.05)]}
    with HubClient(hub, tmp_path / "outbox.db", draw=lambda: 0.0) as client:
        client.publish(a_task(1))
        hub.away = True
        assert not client.flush(0.0)
        hub.away = False
        assert client.flush(30.0)

    assert taken(hub) == ["E-1"]


def test_what_the_hub_asks_for_is_obeyed(client, hub, clock):
    hub.script = {"E-1": [NotNow("busy", 30.0)]}
    client.publish(a_task(1))

    clock.now += 29
    assert client.pump() == 0
    clock.now += 1
    assert client.pump() == 1


def test_one_enterprise_that_must_wait_holds_up_no_other(client, hub):
    hub.script = {"E-1": [NotNow("busy", 30.0)]}
    client.publish(a_task(1))

    assert client.publish(a_task(2)) is None
    assert client.publish(a_task(3, OTHER)) == Receipt("R-E-3")


def test_a_refused_event_is_said_so_and_the_next_one_goes_on(client, hub):
    hub.script = {"E-1": [Refused("INVALID_FIELD", "items: required")]}

    with pytest.raises(EventRefused, match="INVALID_FIELD: items: required"):
        client.publish(a_task(1))

    assert client.publish(a_task(2)) == Receipt("R-E-2")
    assert [one.event_id for one in client.refused()] == ["E-1"]
    client.forget("E-1")
    assert client.refused() == []


def test_a_crash_between_sending_and_marking_sends_again(hub, clock, tmp_path):
    class Dies(FakeTransport):
        def send(self, events):
            super().send(events)
            raise KeyboardInterrupt

    dying = Dies(taken=hub.taken)
    with pytest.raises(KeyboardInterrupt), HubClient(dying, tmp_path / "o.db") as first:
        first.publish(a_task(1))

    with HubClient(hub, tmp_path / "o.db") as again:
        again.pump()

    assert taken(hub) == ["E-1", "E-1"]


def test_a_thread_sends_while_nobody_looks(hub, tmp_path):
    with HubClient(hub, tmp_path / "outbox.db") as client:
        client.start()
        assert client.publish(a_task(1)) is None

        until(lambda: taken(hub) == ["E-1"], "the thread sends")
        until(lambda: client.waiting() == 0, "and marks")
        assert client.publish(a_task(1)) == Receipt("R-E-1")


def test_an_answer_counts_as_handled_when_the_next_is_asked_for(client, hub):
    hub.answers = [an_answer("T-1", place=1), an_answer("T-2", place=2)]
    told = client.decisions()

    assert next(told).task_id == "T-1"
    assert next(told).task_id == "T-2"
    told.close()

    assert hub.committed == [1], "the one in hand was not handled"


def test_an_answer_that_was_handled_is_not_given_again(client, hub):
    hub.answers = [an_answer(place=1), an_answer(place=2), an_answer("T-9", place=3)]

    told = client.decisions()
    assert [next(told).mark, next(told).mark] == [1, 3]
    hub.answers = [an_answer(place=4), an_answer("T-1", "CONFLICT", place=5)]
    assert next(told).data["decision"] == "CONFLICT"
    told.close()

    assert hub.committed == [1, 2, 3, 4], "left out, but not read again either"


def test_who_wants_every_repetition_gets_it(client, hub):
    hub.answers = [an_answer(place=1), an_answer(place=2)]

    told = client.decisions(once=False)

    assert [next(told).mark, next(told).mark] == [1, 2]


def test_handled_answers_are_remembered_by_the_next_process(hub, tmp_path):
    with HubClient(hub, tmp_path / "outbox.db") as first:
        hub.answers = [an_answer()]
        rounds = iter([False, True])
        assert len(list(first.decisions(over=lambda: next(rounds)))) == 1
    with HubClient(hub, tmp_path / "outbox.db") as again:
        hub.answers = [an_answer()]
        rounds = iter([False, True])
        assert list(again.decisions(over=lambda: next(rounds))) == []


def test_waiting_events_are_sent_while_answers_are_awaited(client, hub, clock):
    hub.away = True
    client.publish(a_task(1))
    hub.away, clock.now = False, clock.now + 100
    rounds = iter([False, True])

    assert list(client.decisions(over=lambda: next(rounds), wait_s=0)) == []
    assert taken(hub) == ["E-1"]


def test_where_decisions_must_be_asked_for_they_are(clock, tmp_path):
    hub = FakeTransport(asks_by_receipt=True)
    with HubClient(hub, tmp_path / "outbox.db", clock=clock) as client:
        client.publish(a_task(1))
        hub.answers = [an_answer("T-1")]
        rounds = iter([False, False, True])
        assert len(list(client.decisions(over=lambda: next(rounds), wait_s=0))) == 1

    assert hub.asked == [["R-E-1"], []]
    assert hub.closed
