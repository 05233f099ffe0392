"""How is a site that pulls served? Its own feed and no other; what it says is stored durably.

Its credentials stand in files of their own: no department ever gets to a feed, and no site further.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict, deque
from typing import Any

import orjson
import structlog
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from connectors.departments.gateway.intake.acceptance import Taken
from connectors.departments.gateway.intake.reading import media_type_of, read_body, wait_s_of
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.pull.answers import FeedKind, OwnList
from connectors.departments.gateway.pull.compare import Comparison
from connectors.departments.gateway.pull.cursor import read_cursor, write_cursor
from connectors.departments.gateway.pull.receipts import (
    BODY_BYTES_MAX,
    admit_receipt,
    split_receipts,
)
from connectors.departments.gateway.ways_in.auth import Principal
from schemas.border import check_depth
from schemas.codec import JSON
from schemas.desk import Admitted, Posted
from schemas.feed import DIGEST_KEY_PREFIX, Digest, Disclosure, delivery_key
from schemas.feed_digest import DigestSum
from schemas.malformed import from_validation
from schemas.sites import SITES

log = structlog.get_logger()

WAIT_MAX_S = 30.0
POLLS_MAX = 4
"""Requests of one site that wait at the same time. A further one lets the oldest go."""


class FeedDesk:
    """Handles requests of sites."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._polls: dict[str, deque[asyncio.Event]] = defaultdict(deque)

    async def page(self, request: Request, site: str, after: str | None, limit: int) -> Response:
        """The answer to who asks for more of a feed."""
        await self._who(request, site)
        start = read_cursor(site, after)
        wait_s = wait_s_of(request.headers.get("prefer"), WAIT_MAX_S)
        polls, let_go = self._polls[site], asyncio.Event()
        polls.append(let_go)
        if len(polls) > POLLS_MAX:
            # A client that lost its connection comes again; nobody reads what the old one finds.
            polls.popleft().set()
        try:
            found = await self._parts.feeds.read(
                site, start, limit, wait_s,
                lambda: let_go.is_set() or self._parts.stopping.is_set(),
            )  # fmt: skip
        finally:
            if let_go in polls:
                polls.remove(let_go)
        if start > found.end:
            raise Problem(Why.CURSOR_GONE, f"the feed of {site} ends before it", field="after")
        content = {
            "site": site,
            "records": [_record(site, record) for record in found.records],
            "cursor": write_cursor(site, found.next_offset),
            "more": found.next_offset < found.end,
        }
        headers = {"preference-applied": f"wait={wait_s:g}"} if wait_s else {}
        return _json(200, content, headers)

    async def receipts(self, request: Request, site: str) -> Response:
        """The answer to who reports what was done."""
        parts = self._parts
        principal = await self._who(request, site)
        with parts.in_hand.hold(f"site {site}", 1, BODY_BYTES_MAX):
            told = split_receipts(await self._body(request, principal, BODY_BYTES_MAX))
            parts.events_rate.take(f"site {site}", len(told))
            now = parts.now()
            time, at_ms = now.isoformat(timespec="milliseconds"), int(now.timestamp() * 1000)
            judged = [_judged(site, one, at_ms, time) for one in told]
            good = [one for one in judged if not isinstance(one, Problem)]
            taken = iter(await parts.acceptance.take(good))
            outcomes = [one if isinstance(one, Problem) else next(taken) for one in judged]
        return _json(207, {"outcomes": [_outcome(one) for one in outcomes]})

    async def digest(self, request: Request, site: str, first: str, before: str) -> Response:
        """The answer to who asks what should be disclosed."""
        await self._who(request, site)
        total, at = await self._parts.feed_ledger.disclosed(site, first, before, DigestSum)
        digest = total.digest(site, at)
        content = {
            "site": site, "count": digest.count, "sha256": digest.sha256,
            "keyed_sha256": digest.keyed_sha256, "cursor": write_cursor(site, at),
        }  # fmt: skip
        return _json(200, content)

    async def compare(self, request: Request, site: str) -> Response:
        """The answer to who says what it discloses."""
        principal = await self._who(request, site)
        body = await self._body(request, principal, BODY_BYTES_MAX)
        check_depth(body)
        try:
            own = OwnList.model_validate_json(body)
        except ValidationError as error:
            raise from_validation(error) from None
        read_upto = read_cursor(site, own.after)
        for number, one in enumerate(own.results):
            if one.result_id < own.first or (own.before and one.result_id >= own.before):
                where = f"results[{number}].result_id"
                raise Problem(Why.PARAMETER, "outside of first … before", field=where)
        comparison, at = await self._parts.feed_ledger.disclosed(
            site, own.first, own.before, lambda: Comparison(own.results)
        )
        content = {
            "level": read_upto == at,
            "cursor": write_cursor(site, at),
            "differences": [one._asdict() for one in comparison.finish()],
            "more": comparison.more,
        }
        return _json(200, content)

    async def _who(self, request: Request, site: str) -> Principal:
        """The site itself; of others' feeds not even that they exist is said."""
        principal = await self._parts.site_doorkeeper.identify(request)
        self._parts.lookups_rate.take(f"site {principal.dept}")
        if principal.dept != site or site not in SITES:
            self._parts.counts.add("denied", "FOREIGN_FEED")
            log.warning("a site asked for another's feed", principal=principal.dept, site=site)
            raise Problem(Why.NOT_FOUND, field="site")
        return principal

    async def _body(self, request: Request, principal: Principal, size_max: int) -> bytes:
        if media_type_of(request.headers) != JSON:
            raise Problem(Why.MEDIA_TYPE, f"{JSON} expected")
        body = await read_body(request, size_max, self._parts.limits.seconds_max)
        principal.check_body(body)
        return body


def _record(site: str, record: Any) -> dict[str, Any]:  # noqa: ANN401 - any port's record
    key = (record.key or b"").decode(errors="replace")
    if record.value is None:
        return {"kind": FeedKind.FORGOTTEN, "key": key}
    shown = {"key": key, "data": orjson.Fragment(record.value)}
    try:
        if key.startswith(DIGEST_KEY_PREFIX):
            Digest.model_validate_json(record.value)
            return {"kind": FeedKind.DIGEST, **shown}
        said = Disclosure.model_validate_json(record.value)
    except ValidationError:
        # Only the hub writes feeds. One bad record must not keep a site from all that follow.
        log.exception("unreadable feed record", site=site, offset=record.offset)
        return {"kind": FeedKind.UNREADABLE, "key": key}
    return {
        "kind": FeedKind.DISCLOSURE,
        "delivery_key": delivery_key(site, said.uscc, said.result_id, said.version),
        "body_sha256": hashlib.sha256(record.value).hexdigest(),
        **shown,
    }


def _judged(site: str, value: bytes, at_ms: int, time: str) -> tuple[Posted, Admitted] | Problem:
    try:
        return admit_receipt(site, value, at_ms, time)
    except Problem as problem:
        return problem


def _outcome(outcome: Taken | Problem) -> dict[str, Any]:
    if isinstance(outcome, Problem):
        return {"status": outcome.status, "problem": outcome.body()}
    status = 200 if outcome.duplicate else 202
    receipt = outcome.claim.event_id
    return {"status": status, "site_receipt_id": receipt, "duplicate": outcome.duplicate}


def _json(status: int, content: object, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, JSON)
