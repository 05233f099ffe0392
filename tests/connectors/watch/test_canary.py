"""The canary goes the way of a department's event, and touches nobody's caps."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from connectors.kafka_log import KafkaLog
from connectors.publisher import KafkaPublisher, OutRecord
from connectors.stack import Stack
from connectors.watch.canary import SLOW_MS, Canary
from schemas.canary import CANARY_DEPT, CANARY_USCC
from schemas.codec import JSON
from schemas.envelope import Envelope, write_headers
from schemas.facts import Decided
from schemas.messages import POLICY_PUBLISHED
from schemas.settings import Settings
from schemas.topics import CTL_POLICY, DECIDED, JOURNAL, REGISTRY, dlq_topic, in_topic, out_topic
from schemas.watch import CanaryView, Verdict

DAY_MS = 86_400_000
POLICY: dict[str, Any] = {
    "policy": {"version": "test"},
    "cap": [{
        "id": "R", "version": 1, "source": "a test", "from": "2000-01-01", "max": 1,
        "scope": {"kind": "EACH_AGENCY"},
    }],
}  # fmt: skip


class Perch:
    """A hub of some roles, and canaries that sing to it."""

    def __init__(self, stack: Stack) -> None:
        self.bootstrap = stack.bootstrap
        self.now_ms = time.time_ns() // 1_000_000 - 3 * DAY_MS

    def sing(self, last: CanaryView | None = None, patience_s: float = 30.0) -> CanaryView | None:
        """One probe of a canary that has just been started."""

        async def run() -> CanaryView | None:
            publisher = KafkaPublisher(self.bootstrap)
            await publisher.start()
            try:
                canary = Canary(
                    self.bootstrap, publisher, Settings().sizing(), lambda: self.now_ms, last
                )
                return await canary.sing(patience_s)
            finally:
                await publisher.stop()

        self.now_ms += 1_000
        return asyncio.run(run())

    def heard(self, last: CanaryView | None = None, patience_s: float = 30.0) -> CanaryView:
        """The same where there is a policy."""
        found = self.sing(last, patience_s)
        assert found is not None
        return found

    def publish_policy(self) -> None:
        """A cap of one visit a year for each department."""
        envelope = Envelope(
            id="P-1", source=REGISTRY, type=POLICY_PUBLISHED, time="2026-01-01T09:00:00+08:00"
        )
        value = json.dumps(POLICY).encode()
        record = OutRecord(in_topic(REGISTRY), None, b"P", value, write_headers(envelope, JSON))

        async def run() -> None:
            publisher = KafkaPublisher(self.bootstrap)
            await publisher.start()
            await publisher.publish([record])
            await publisher.stop()

        asyncio.run(run())
        until(lambda: self.all_of(CTL_POLICY), "intake takes the policy in", 60)

    def all_of(self, topic: str) -> list[Any]:
        """Every record of a topic."""

        async def run() -> list[Any]:
            log, found = KafkaLog(self.bootstrap), []
            for number in range(await log.partitions(topic)):
                async for some in log.scan(topic, number, *await log.span(topic, number)):
                    found += some
            return found

        return asyncio.run(run())


@pytest.fixture
def perch(tmp_path: Path) -> Iterator[Callable[..., Perch]]:
    """Starts a hub of these roles, by itself."""
    with ExitStack() as stack:

        def start(*roles: str) -> Perch:
            settings = Settings(data_dir=tmp_path / "run")
            return Perch(stack.enter_context(Stack(settings, lambda _: None, roles=roles)))

        yield start


def test_it_is_silent_until_there_is_a_policy(perch):
    hub = perch("intake")

    assert hub.sing() is None
    assert hub.all_of(dlq_topic("intake")) == []


def test_days_of_songs_are_answered_and_use_up_no_cap(perch):
    hub = perch("intake", "decide")
    hub.publish_policy()
    songs: list[CanaryView] = []
    for _ in range(3):
        for _ in range(2):
            songs.append(hub.heard(songs[-1] if songs else None))
        hub.now_ms += DAY_MS

    assert [(one.decision, one.fault) for one in songs] == [("ISSUED", "")] * 6
    for one in songs:
        assert one.total_ms is not None
        assert None not in (one.intake_ms, one.decide_ms, one.answer_ms)
        assert one.verdict is (Verdict.WARN if one.total_ms > SLOW_MS else Verdict.OK)
    assert len({one.task_id for one in songs}) == 3
    answered = [Decided.model_validate_json(one.value) for one in hub.all_of(DECIDED)]
    kinds = [fact.fact for one in answered for fact in one.facts]
    assert kinds.count("DECIDED") == 3, "a task a day, however many songs"
    assert kinds.count("REPEATED") == 4, "the first of all is sung before the pace is taken"
    assert {(one.dept, one.key) for one in answered} == {(CANARY_DEPT, CANARY_USCC)}
    assert hub.all_of(dlq_topic("intake")) == []


def test_where_decide_does_not_run_it_comes_as_far_as_the_journal(perch):
    hub = perch("intake")
    hub.publish_policy()
    # Intake runs: the registration is taken in, the probe lies in the journal.
    first = hub.heard(patience_s=15.0)
    second = hub.heard(first, patience_s=3.0)

    assert (first.verdict, first.failed, second.failed) == (Verdict.STOP, 1, 2)
    assert "as far as the journal" in first.fault
    assert first.intake_ms is not None
    assert first.decide_ms is None
    assert len(hub.all_of(JOURNAL)) == 4, "each that believes to be new sings once before"


def test_what_it_asks_for_is_refused_where_its_registration_was_lost(perch):
    """It believes to be registered: its last song of before was answered."""
    hub = perch("intake", "decide")
    hub.publish_policy()
    before = CanaryView(
        verdict=Verdict.OK, task_id="CANARY-2026-01-01", sent_ms=0, decision="ISSUED"
    )

    refused = hub.heard(before)
    again = hub.heard(refused)

    assert refused.verdict is Verdict.WARN
    assert "UNKNOWN_DEPARTMENT" in refused.fault
    assert (again.decision, again.failed) == ("ISSUED", 0)
    assert len(hub.all_of(out_topic(CANARY_DEPT))) >= 2
