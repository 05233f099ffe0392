"""A bulk update never lets more wait than it may, and says so when nothing moves."""

import pytest

from connectors.console.context import CommandError
from connectors.console.registries import share
from connectors.console.registries.share import SharingSender
from connectors.console.traffic.event_lines import Posting
from connectors.console.traffic.sender import Sender
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.topics import JOURNAL, in_topic

OURS = in_topic("REGISTRY")
POSTING = Posting("REGISTRY", "subject.classified", "91120116MA0000003A", b"{}", [])


class FakeHub:
    """Positions as a broker tells them; each look lets the stages get on by `pace` records."""

    def __init__(self, pace: int) -> None:
        self.pace, self.sent, self.taken, self.decided, self.most = pace, 0, 0, 0, 0

    def partition_counts(self):
        return {OURS: 1, JOURNAL: 2}

    def end_offsets(self, there):
        ends = {(OURS, 0): self.sent, (JOURNAL, 0): self.taken, (JOURNAL, 1): 0}
        return {at: ends[at] for at in there}

    def committed(self, group):
        # Asked of intake first, then of decide: what one has taken in the other may decide.
        if group == INTAKE_GROUP:
            self.taken = min(self.sent, self.taken + self.pace)
            return {(OURS, 0): self.taken}
        assert group == DECIDE_GROUP
        self.decided = min(self.taken, self.decided + self.pace)
        return {(JOURNAL, 0): self.decided}

    def take(self):
        self.sent += 1
        self.most = max(self.most, self.sent - self.decided)


@pytest.fixture
def hub_of(monkeypatch):
    def made(pace):
        hub = FakeHub(pace)
        monkeypatch.setattr(Sender, "send", lambda self, _posting: _count(self, hub))
        monkeypatch.setattr(Sender, "flush", lambda _self: None)
        return hub

    return made


def _count(sender, hub):
    sender.sent += 1
    hub.take()


class Clock:
    """A clock that only waiting moves, and a look at it, a little."""

    def __init__(self):
        self.now_s = 0.0

    def monotonic(self):
        self.now_s += 0.005
        return self.now_s

    def sleep(self, seconds):
        self.now_s += seconds


def a_sender(hub, behind_max, patience_s=30.0):
    return SharingSender("x:1", hub, "REGISTRY", behind_max=behind_max, patience_s=patience_s)


@pytest.mark.parametrize("behind_max", [2, 10, 100])
def test_no_more_wait_than_may(hub_of, behind_max):
    hub = hub_of(pace=7)
    sender = a_sender(hub, behind_max)

    for _ in range(60):
        sender.send(POSTING)

    assert hub.sent == 60
    assert 0 < hub.most <= behind_max


def test_others_backlog_counts_too(hub_of):
    hub = hub_of(pace=5)
    hub.sent = 500
    sender = a_sender(hub, 100)

    sender.send(POSTING)

    assert hub.sent - hub.decided <= 100


def test_a_hub_that_stands_still_is_told(hub_of):
    hub = hub_of(pace=0)
    sender = a_sender(hub, 4, patience_s=0.0)

    for _ in range(4):
        sender.send(POSTING)
    with pytest.raises(CommandError, match="nothing has moved"):
        sender.send(POSTING)
    assert hub.sent == 4


@pytest.mark.parametrize(("per_s", "least", "most"), [(5_000, 1_500, 2_000), (200, 50, 450)])
def test_how_many_may_wait_follows_from_how_quick_the_hub_is(
    hub_of, monkeypatch, per_s, least, most
):
    """Two thousand records are a moment of a quick hub, and ten seconds of a slow one."""
    monkeypatch.setattr(share, "time", Clock())
    hub = hub_of(pace=int(per_s * 0.02))
    sender = a_sender(hub, 2_000)

    for _ in range(60_000):
        sender.send(POSTING)
    hub.most = 0
    for _ in range(4_000):
        sender.send(POSTING)

    assert least <= hub.most <= most
