"""What goes through a stage is counted, and nothing about it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from connectors.metrics.meter import Meter
from connectors.metrics.stages import (
    REASON_HEADER,
    MeasuredHandler,
    MeasuredPublisher,
    MeasuredSystem,
    family_of,
)
from schemas.dead_letter import header_names
from schemas.delivery import Accepted, Delivery, Observed, Refused, Standing, Unavailable
from schemas.feed import DisclosureState
from schemas.topics import Sizing, plan

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01".encode()


class Rec(NamedTuple):
    topic: str = "insp.journal"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    value: bytes | None = b""
    headers: Sequence[tuple[str, bytes | None]] = ()


class Inner:
    eager = True

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def open(self, tp: Any, committed: int | None) -> int | None:
        self.seen.append(("open", tp, committed))
        return 17

    async def handle(self, tp: Any, records: Sequence[Any]) -> None:
        self.seen.append(("handle", tp, list(records)))

    async def idle(self, tp: Any) -> None:
        self.seen.append(("idle", tp))

    async def close(self, tp: Any) -> None:
        self.seen.append(("close", tp))


async def test_a_handler_is_measured_and_gets_what_it_would_have_got():
    inner, meter = Inner(), Meter()
    handler = MeasuredHandler(inner, "decide", meter, now_ms=lambda: 5000.0)
    batch = [Rec(timestamp=2000), Rec(offset=1, timestamp=4000, headers=[("traceparent", PARENT)])]

    assert handler.eager
    assert await handler.open("p0", 3) == 17
    await handler.open("p1", None)
    assert meter.value("hub_partitions_owned", stage="decide") == 2
    await handler.handle("p0", batch)
    await handler.idle("p0")
    await handler.close("p0")

    assert inner.seen == [
        ("open", "p0", 3), ("open", "p1", None), ("handle", "p0", batch), ("idle", "p0"),
        ("close", "p0"),
    ]  # fmt: skip
    assert meter.value("hub_partitions_owned", stage="decide") == 1
    assert meter.value("hub_records_total", stage="decide") == 2
    assert meter.value("hub_record_age_seconds_sum", stage="decide") == 3.0, "the oldest's age"
    assert meter.value("hub_recovery_seconds_count", stage="decide") == 2
    assert TRACE in meter.page("application/openmetrics-text")[0].decode()


async def test_a_batch_that_fails_is_not_counted():
    class Failing(Inner):
        async def handle(self, tp: Any, records: Sequence[Any]) -> None:
            raise OSError("the disk is gone")

    meter = Meter()
    with pytest.raises(OSError, match="disk"):
        await MeasuredHandler(Failing(), "decide", meter).handle("p0", [Rec()])

    assert meter.value("hub_records_total", stage="decide") == 0


class Broker:
    def __init__(self) -> None:
        self.got: list[Any] = []

    async def publish(self, records: Sequence[Any]) -> Mapping[tuple[str, int], int]:
        self.got += records
        return {("insp.decided", 0): 9}


def told(decision: str, type_: str = "decision.made") -> Rec:
    value = f'{{"task_id":"T","decision":"{decision}"}}'.encode()
    return Rec("insp.out.WJW-120116", value=value, headers=[("ce_type", type_.encode())])


async def test_what_is_published_is_counted_by_family_reason_and_decision():
    meter, broker = Meter(), Broker()
    records = [
        Rec("insp.decided"), Rec("insp.decided"), Rec("insp.feed.GSXT-TJ"),
        Rec("insp.dlq.decide", headers=[(REASON_HEADER, b"FAULTED")]),
        told("ISSUED"), told("ISSUED"), told("INTERCEPTED_OVER_CAP"),
        told("ISSUED", "task.updated"),
    ]  # fmt: skip

    assert await MeasuredPublisher(broker, "decide", meter).publish(records) == {
        ("insp.decided", 0): 9
    }

    assert broker.got == records
    counted = {
        family: meter.value("hub_published_total", stage="decide", family=family)
        for family in ("decided", "feed", "dlq", "out")
    }
    assert counted == {"decided": 2, "feed": 1, "dlq": 1, "out": 4}
    assert meter.value("hub_dead_letters_total", stage="decide", reason="FAULTED") == 1
    assert meter.value("hub_decisions_total", decision="ISSUED") == 2
    assert meter.value("hub_decisions_total", decision="INTERCEPTED_OVER_CAP") == 1


async def test_what_the_broker_did_not_take_is_not_counted():
    class Away(Broker):
        async def publish(self, records: Sequence[Any]) -> Mapping[tuple[str, int], int]:
            raise OSError("no broker")

    meter = Meter()
    with pytest.raises(OSError, match="no broker"):
        await MeasuredPublisher(Away(), "decide", meter).publish([Rec("insp.decided")])

    assert meter.value("hub_published_total", stage="decide", family="decided") == 0


def test_the_reason_is_in_a_header_that_dead_letters_have():
    assert REASON_HEADER in header_names()


def test_every_planned_topic_has_its_family():
    for topic in plan(["WJW-120116"], ["GSXT-TJ"], Sizing(legal_retention_days=3650)):
        assert family_of(topic.name) == topic.spec.family

    assert family_of("somebody.elses") == "other"


def delivery(result_id: str) -> Delivery:
    return Delivery(
        f"k-{result_id}", "91120116MA0000003A", result_id, 1, DisclosureState.STOPPED, b"{}",
        "0" * 64, 1, None,
    )  # fmt: skip


class System:
    site, pushes, batch_max, key_memory_s = "GSXT-TJ", True, 10, 60.0

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        return [Accepted("200"), Refused("422", ("E1",)), Unavailable("timeout")]

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        return [Standing(1, DisclosureState.STOPPED), None, None]

    async def poll_receipts(self, cursor: str) -> Any:
        return Unavailable("timeout") if cursor else ([], "1")

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        return [Observed(shown=True, version=1), Observed(shown=False), Unavailable("timeout")]

    async def close(self) -> None:
        self.site = "closed"


async def test_calls_to_a_system_are_counted_by_what_came_of_them():
    meter, inner = Meter(), System()
    system = MeasuredSystem(inner, meter)
    three = [delivery("R1"), delivery("R2"), delivery("R3")]

    assert (system.site, system.pushes, system.batch_max) == ("GSXT-TJ", True, 10)
    assert len(await system.send(three)) == len(await system.ask(three)) == 3
    assert await system.poll_receipts("") == ([], "1")
    await system.poll_receipts("1")
    await system.observe(three)
    await system.close()

    counted = {
        (call, outcome): meter.value(
            "hub_site_calls_total", site="GSXT-TJ", call=call, outcome=outcome
        )
        for call in ("send", "ask", "poll", "observe")
        for outcome in ("ok", "refused", "unavailable", "unknown", "shown", "not_shown")
    }
    assert {key: count for key, count in counted.items() if count} == {
        ("send", "ok"): 1, ("send", "refused"): 1, ("send", "unavailable"): 1,
        ("ask", "ok"): 1, ("ask", "unknown"): 2,
        ("poll", "ok"): 1, ("poll", "unavailable"): 1,
        ("observe", "shown"): 1, ("observe", "not_shown"): 1, ("observe", "unavailable"): 1,
    }  # fmt: skip
    assert meter.value("hub_site_call_seconds_count", site="GSXT-TJ", call="send") == 1
    assert inner.site == "closed"
