"""How does 信用中国（天津） learn of a disclosure? Pushed over HTTP, signed (art. 13).

The technical answer (202 with a serial) comes at once, the business receipt later by poll. Columns
and status words are those of the penalty uploads, by analogy: docs/assumptions.md.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec

from connectors.sites.columns import categories, day_said, titles
from connectors.sites.http import TOO_LONG, Answer, Http, fitting, unusable
from connectors.sites.public_page import PublicPage
from connectors.sites.webhooks import signed_headers
from schemas.delivery import (
    Accepted,
    Delivery,
    Observed,
    Refused,
    SiteReceipt,
    Standing,
    Unavailable,
)
from schemas.feed import DisclosureState, Notice, Scalar, StopScope
from schemas.signing import Signer
from schemas.site_tables import site_table
from schemas.sites import CREDIT_TIANJIN

TABLE = site_table("credit_tianjin")
REGION = "120000"
KEY_MEMORY_S = 30 * 86_400.0
RECEIPTS_PAGE = 100
"""500 are allowed, but 64 KiB hold no more than about 200."""

_TAKEN = (200, 201, 202)
# Statuses by which the content is refused. 401 or 404 say that we are set up wrongly, not that.
_REFUSING = (400, 409, 413, 415, 422)
_CURSOR_MAX = 2**63 - 1


def form(notice: Notice) -> dict[str, Scalar]:
    """The columns of one version of a result's disclosure."""
    content, reason = notice.content, notice.stop_reason
    found = categories(TABLE, notice)
    stopped = notice.state is not DisclosureState.DISCLOSED
    return {
        "CF_WSH": notice.result_id,
        "CF_AJBH": content.task_id,
        "CF_XDR_MC": content.entity_name,
        "CF_XDR_SHXYM": notice.uscc,
        "CF_CFLB1": ",".join(found),
        "CF_CFMC": titles(TABLE, found),
        "CF_JG": content.follow_up,
        "CF_FXWT": "1" if content.found_problem else "0",
        "CF_JDRQ": content.inspected_on.isoformat(),
        "CF_XZJG": content.dept,
        "CF_ZT": TABLE.stop_reasons[reason] if stopped and reason else "3" if stopped else "0",
        "CF_XXSYFW": _use(notice),
        "CF_GSJZQ": day_said(notice),
        "CF_JCWSH": notice.decision_no,
        "DFBM": REGION,
        "SJC": day_said(notice) or content.inspected_on.isoformat(),
        "BZ": TABLE.remarks[reason] if stopped and reason else None,
    }


def _use(notice: Notice) -> str:
    """信息使用范围: 0 公示, 1 仅政府部门内部共享, 2 仅可授权查询."""
    if notice.state is DisclosureState.DISCLOSED:
        return "0"
    return "1" if notice.scope is StopScope.PUBLIC_ONLY else "2"


class _Taken(msgspec.Struct):
    key: str
    serial: str


class _Errors(msgspec.Struct):
    errors: tuple[str, ...]


class _Receipt(msgspec.Struct):
    n: int
    key: str
    result_id: str
    uscc: str
    version: int
    ok: bool
    errors: tuple[str, ...]
    serial: str
    body_sha256: str


class _Receipts(msgspec.Struct):
    receipts: tuple[_Receipt, ...]
    next: int


class _Record(msgspec.Struct):
    version: int
    state: DisclosureState
    serial: str | None = None


class CreditTianjin:
    """The system as deliver sees it (fits streams.ports.PublicitySystem)."""

    site = CREDIT_TIANJIN.code
    pushes = True
    batch_max = 64
    key_memory_s = KEY_MEMORY_S

    def __init__(
        self,
        address: str,
        page: str,
        signers: Sequence[Signer],
        *,
        http: Http | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._address = address.rstrip("/")
        self._http = http or Http(now=now)
        self._page = PublicPage(self._http, page)
        self._signers = tuple(signers)
        self._now = now
        self._limit = RECEIPTS_PAGE

    async def send(
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Accepted | Refused | Unavailable]:
        """Push each; the same key and bytes on every attempt."""
        return await asyncio.gather(*(self._send(delivery) for delivery in deliveries))

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Standing | Unavailable | None]:
        """How each result stands there."""
        return await asyncio.gather(*(self._ask(delivery) for delivery in deliveries))

    async def poll_receipts(self, cursor: str) -> tuple[Sequence[SiteReceipt], str] | Unavailable:
        """Business receipts after a number."""
        after = int(cursor) if cursor else 0
        query = {"after": str(after), "limit": str(self._limit)}
        answer = await self._http.ask("GET", f"{self._address}/receipts", query=query)
        if isinstance(answer, Unavailable):
            # A page of long texts must not hold up the receipts for ever.
            short = answer.reason == TOO_LONG
            self._limit = max(1, self._limit // 4) if short else self._limit
            return answer
        self._limit = RECEIPTS_PAGE
        if answer.status != _TAKEN[0]:
            return unusable(answer)
        page = fitting(answer, _Receipts)
        if isinstance(page, Unavailable):
            return page
        numbers = [one.n for one in page.receipts]
        last = numbers[-1] if numbers else after
        rising = all(one < following for one, following in pairwise([after, *numbers]))
        if not (rising and last <= page.next <= _CURSOR_MAX):
            return Unavailable(f"receipts after {after} are out of order")
        return [_site_receipt(one) for one in page.receipts], str(page.next)

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """What the public page shows of each result."""
        return await self._page.observe(deliveries)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _send(self, delivery: Delivery) -> Accepted | Refused | Unavailable:
        stamp = int(self._now())
        headers = signed_headers(delivery.key, stamp, delivery.value, self._signers)
        headers["Content-Type"] = "application/json"
        url = f"{self._address}/inspection"
        answer = await self._http.ask("POST", url, body=delivery.value, headers=headers)
        return answer if isinstance(answer, Unavailable) else _understood(answer, delivery.key)

    async def _ask(self, delivery: Delivery) -> Standing | Unavailable | None:
        query = {"uscc": delivery.uscc, "result_id": delivery.result_id}
        answer = await self._http.ask("GET", f"{self._address}/records", query=query)
        if isinstance(answer, Unavailable):
            return answer
        if answer.status == 404:
            # Somebody else's error page does not say that the record is unknown.
            unknown = fitting(answer, _Errors)
            return unknown if isinstance(unknown, Unavailable) else None
        if answer.status != _TAKEN[0]:
            return unusable(answer)
        record = fitting(answer, _Record)
        if isinstance(record, Unavailable):
            return record
        return Standing(record.version, record.state, record.serial)


def _understood(answer: Answer, key: str) -> Accepted | Refused | Unavailable:
    if answer.status in _TAKEN:
        taken = fitting(answer, _Taken)
        if isinstance(taken, Unavailable):
            return taken
        if taken.key != key:
            return Unavailable("the answer names another key")
        return Accepted(str(answer.status), taken.serial)
    if answer.status in _REFUSING:
        refusal = fitting(answer, _Errors)
        if isinstance(refusal, Unavailable):
            return refusal
        return Refused(str(answer.status), refusal.errors)
    return unusable(answer)


def _site_receipt(one: _Receipt) -> SiteReceipt:
    return SiteReceipt(
        key=one.key,
        uscc=one.uscc,
        result_id=one.result_id,
        version=one.version,
        ok=one.ok,
        errors=one.errors,
        site_receipt_id=one.serial,
        body_sha256=one.body_sha256,
    )
