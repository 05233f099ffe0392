"""Whatever a system answers, nothing crosses the border but a value, and no success is invented."""

import gzip
import json
from typing import Any

import pytest
from deliveries import USCC, delivery, disclosed
from hostile_servers import Handler, cutting, dripping, endless, saying, serving
from worlds import SIGNER

from schemas.delivery import Accepted, Observed, Refused, SiteReceipt, Unavailable

SITE = "CREDIT-TJ"
OWED = delivery(SITE, disclosed("R-1"))
GOOD = json.dumps({"key": OWED.key, "serial": "CT1"})
PAGE = {"result_id": "R-1", "uscc": USCC, "shown": True, "version": 1}
RECEIPT = {
    "n": 5, "key": OWED.key, "result_id": "R-1", "uscc": USCC, "version": 1, "ok": True,
    "errors": [], "serial": "CT1", "body_sha256": OWED.body_sha256,
}  # fmt: skip


async def sent(handler: Handler) -> Any:
    async with serving(handler) as served:
        system = served.credit(SIGNER)
        try:
            (answer,) = await system.send([OWED])
        finally:
            await system.close()
        return answer


async def test_what_names_our_key_is_accepted():
    assert await sent(saying(202, GOOD)) == Accepted("202", "CT1")


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        pytest.param(endless, "longer than 64 KiB", id="endless body"),
        pytest.param(dripping, "no answer within 0.5 s", id="byte by byte"),
        pytest.param(cutting, "Disconnected", id="cut"),
        pytest.param(saying(202, GOOD.replace(OWED.key, "0" * 32)), "another key", id="wrong key"),
        pytest.param(saying(200, "<html>OK</html>", "text/html"), "not JSON", id="HTML"),
        pytest.param(saying(200, GOOD, "text/html"), "not JSON", id="JSON that says it is HTML"),
        pytest.param(saying(200, "\x00\xff garbage"), "other content", id="garbage"),
        pytest.param(saying(200, "[" * 60_000), "other content", id="too deep"),
        pytest.param(saying(200, "{}"), "other content", id="no key"),
        pytest.param(saying(200, '{"key":1,"serial":"x"}'), "other content", id="wrong type"),
        pytest.param(saying(204, ""), "HTTP 204", id="no content"),
        pytest.param(
            saying(200, gzip.compress(GOOD.encode()), Content_Encoding="gzip"),
            "other content", id="packed though not asked for",
        ),
        pytest.param(saying(401, '{"errors":["key"]}'), "HTTP 401", id="does not know us"),
        pytest.param(saying(404, "<html>", "text/html"), "HTTP 404", id="not there"),
        pytest.param(saying(422, "<html>no", "text/html"), "not JSON", id="refusal in HTML"),
        pytest.param(saying(500, "{}"), "HTTP 500", id="500"),
    ],
)  # fmt: skip
async def test_anything_else_leaves_it_unknown(handler: Handler, said: str):
    answer = await sent(handler)

    assert isinstance(answer, Unavailable)
    assert said in answer.reason


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int):
    async with serving(saying(status, GOOD, Location="/elsewhere")) as served:
        system = served.credit(SIGNER)
        (answer,) = await system.send([OWED])
        await system.close()

        assert answer == Unavailable(f"HTTP {status}")
        assert served.paths == ["/exchange/inspection"]


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
async def test_a_refusal_says_why(status: int):
    answer = await sent(saying(status, '{"errors":["CF_ZT: unknown word"]}'))

    assert answer == Refused(str(status), ("CF_ZT: unknown word",))


@pytest.mark.parametrize("status", [429, 503])
async def test_a_wish_to_wait_is_handed_on(status: int):
    answer = await sent(saying(status, "{}", Retry_After="120"))

    assert answer == Unavailable(f"HTTP {status}", 120.0)


async def test_nobody_listens():
    async with serving(cutting) as served:
        system = served.credit(SIGNER)
    (answer,) = await system.send([OWED])
    await system.close()

    assert isinstance(answer, Unavailable)


@pytest.mark.parametrize(
    ("handler", "seen"),
    [
        (saying(200, json.dumps(PAGE)), Observed(shown=True, version=1)),
        (saying(200, json.dumps({**PAGE, "shown": False})), Observed(shown=False)),
        (saying(200, json.dumps({**PAGE, "result_id": "R-2"})), "another result"),
        (saying(200, json.dumps({**PAGE, "uscc": "x"})), "another result"),
        (saying(200, '{"shown":false}'), "other content"),
        (saying(404, "<html>", "text/html"), "HTTP 404"),
        (saying(200, "<html>nothing</html>", "text/html"), "not JSON"),
        (endless, "64 KiB"),
    ],
    ids=["shown", "not shown", "other result", "other subject", "names none", "404", "HTML",
         "endless"],
)  # fmt: skip
async def test_only_a_page_that_names_the_result_proves_anything(
    handler: Handler, seen: Observed | str
):
    async with serving(handler) as served:
        system = served.subjects()
        (answer,) = await system.observe([OWED])
        await system.close()

    if isinstance(seen, str):
        assert isinstance(answer, Unavailable)
        assert seen in answer.reason
    else:
        assert answer == seen


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"receipts": [RECEIPT], "next": 4}, "out of order"),
        ({"receipts": [{**RECEIPT, "n": 3}], "next": 5}, "out of order"),
        ({"receipts": [RECEIPT, RECEIPT], "next": 5}, "out of order"),
        ({"receipts": [RECEIPT], "next": 2**70}, ""),
        ({"receipts": [{**RECEIPT, "ok": "yes"}], "next": 5}, "other content"),
        ({"receipts": 1}, "other content"),
    ],
    ids=["back", "before the cursor", "twice", "too far", "not a verdict", "no list"],
)
async def test_receipts_that_make_no_sense_move_no_cursor(page: dict[str, Any], said: str):
    async with serving(saying(200, json.dumps(page))) as served:
        system = served.credit(SIGNER)
        answer = await system.poll_receipts("3")
        await system.close()

    assert isinstance(answer, Unavailable)
    assert said in answer.reason


async def test_receipts_are_read_from_the_cursor_on():
    async with serving(saying(200, json.dumps({"receipts": [RECEIPT], "next": 5}))) as served:
        system = served.credit(SIGNER)
        answer = await system.poll_receipts("3")
        await system.close()

    receipt = SiteReceipt(OWED.key, USCC, "R-1", 1, True, (), "CT1", OWED.body_sha256)
    assert answer == ([receipt], "5")


async def test_a_page_of_receipts_that_is_too_long_is_asked_for_in_smaller_pieces():
    limits: list[int] = []

    async def long(request: Any) -> Any:
        limits.append(int(request.query["limit"]))
        line = {**RECEIPT, "errors": ["x" * 5000]}
        lines = [{**line, "n": number} for number in range(1, limits[-1] + 1)]
        body = json.dumps({"receipts": lines, "next": limits[-1]})
        return await saying(200, body)(request)

    async with serving(long) as served:
        system = served.credit(SIGNER)
        first = await system.poll_receipts("")
        second = await system.poll_receipts("")
        third = await system.poll_receipts("")
        await system.close()

    assert isinstance(first, Unavailable)
    assert isinstance(second, Unavailable)
    assert not isinstance(third, Unavailable)
    assert limits == [100, 25, 6]


async def test_an_error_page_does_not_say_that_a_record_is_unknown():
    async with serving(saying(404, "<html>", "text/html")) as served:
        system = served.credit(SIGNER)
        (answer,) = await system.ask([OWED])
        await system.close()

    assert isinstance(answer, Unavailable)
