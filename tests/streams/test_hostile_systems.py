"""Receipts that nobody asked for and answers without end, against a real fold and delivery."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from delivery_world import SITE, until
from stops_world import NEIGHBOUR, USCC, Hub, stop
from virtual_time import run_virtual

from schemas.dead_letter import from_headers
from schemas.delivery import Refused, SiteReceipt, Unavailable
from schemas.feed import Receipt, Stage, delivery_key
from schemas.plain_json import encode_plain
from schemas.reasons import Refusal
from schemas.topics import feed_topic
from streams.rules.delivery.attempts import decode_attempt
from streams.rules.delivery.ledger import Standing


def a_receipt(hub: Hub, uscc: str = USCC, **changes: Any) -> Receipt:
    entry = hub.site.entry("R-1", USCC)
    usual = {
        "site": SITE, "uscc": uscc, "result_id": "R-1", "version": 1, "state": entry.state,
        "stage": Stage.PROCESSED, "by": "SITE", "key": delivery_key(SITE, uscc, "R-1", 1),
        "body_sha256": entry.body_sha256, "status": "x", "site_receipt_id": "S", "at": 1,
    }  # fmt: skip
    return Receipt(**{**usual, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"version": 7}, id="of a version nobody asked for"),
        pytest.param({"result_id": "R-none"}, id="of a result nobody has"),
        pytest.param({"uscc": "91350211M0000XUF46"}, id="of an enterprise without it"),
        pytest.param({"key": "0" * 32}, id="with another key"),
        pytest.param({"body_sha256": "0" * 64}, id="of other bytes"),
    ],
)
@pytest.mark.parametrize("polled", [False, True], ids=["on the topic", "polled"])
def test_a_receipt_nobody_asked_for_is_parked_and_changes_nothing(
    changes: dict[str, Any], polled: bool
):
    async def main() -> None:
        hub = Hub()
        await hub.begin()
        before = hub.remains()
        said = a_receipt(hub, **changes)
        if polled:
            answer = SiteReceipt(
                said.key, said.result_id, said.uscc, said.version, ok=True, errors=(),
                site_receipt_id="S", body_sha256=said.body_sha256,
            )  # fmt: skip
            hub.site.system.receipts.append((0, answer))
        else:
            hub.site.say(said)
        await until(lambda: hub.site.letters())
        await asyncio.sleep(3600)

        (letter,) = hub.site.letters()
        assert from_headers(letter.headers, letter.value).reason is Refusal.UNASKED
        assert hub.remains() == before
        assert not hub.process.causes

    run_virtual(main())


HUGE = "\udc80" + "长" * 100_000


async def _too_few(_: Any) -> list[Any]:
    return []


async def _never(_: Any) -> list[Any]:
    await asyncio.sleep(10**9)
    return []


async def _refuses_at_length(deliveries: Any) -> list[Any]:
    return [Refused(HUGE, (HUGE,) * 1000) for _ in deliveries]


async def _gone_at_length(deliveries: Any) -> list[Any]:
    return [Unavailable(HUGE) for _ in deliveries]


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        pytest.param(_too_few, Standing.SENT, id="too few answers"),
        pytest.param(_never, Standing.SENT, id="no answer for ever"),
        pytest.param(_gone_at_length, Standing.SENT, id="away, in a hundred thousand words"),
        pytest.param(_refuses_at_length, Standing.REJECTED, id="refused, in a million"),
    ],
)
def test_a_hostile_answer_is_bounded_and_holds_up_nobody(answer: Any, at: Standing):
    async def main() -> None:
        hub = Hub()
        await hub.begin()
        send, victims = hub.site.system.send, {f"{USCC}\x1fR-1"}

        async def some_hostile(deliveries: Any) -> Any:
            hostile = [one for one in deliveries if f"{one.uscc}\x1f{one.result_id}" in victims]
            return await (answer(hostile) if hostile else send(deliveries))

        hub.site.system.batch_max = 1
        hub.site.system.send = some_hostile
        for uscc in (USCC, NEIGHBOUR):
            stop(hub, "R-1", uscc=uscc)
        await hub.work()
        await until(lambda: hub.is_stopped(NEIGHBOUR), 48)
        await asyncio.sleep(7200)

        entry = hub.site.entry("R-1", USCC)
        tried = hub.site.ledger.content.attempts.get(f"{USCC}\x1fR-1", b"")
        assert entry.stops
        assert (entry.rejected > 0) is (at is Standing.REJECTED), "and it is owed all the same"
        assert len(tried) < 2_000
        again = decode_attempt(tried).count > 1
        assert again is (at is Standing.SENT), "what brings no answer is tried again, for ever"
        assert all(len(one.value or b"") < 64_000 for one in hub.site.kafka.all(feed_topic(SITE)))
        assert all(len(encode_plain(one)) < 64_000 for one in hub.site.receipts())
        assert not hub.process.causes

    run_virtual(main())
