"""What does the public see of a result? The read-back that closes a delivery (art. 13).

`GET <page>/<result_id>?uscc=` of the system's public page. Only an answer that names the result is
believed: an error page does not prove that a result is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from connectors.sites.http import Http, fitting, unusable
from schemas.delivery import Delivery, Observed, Unavailable

_OK = 200


class Shown(msgspec.Struct):
    """The page's answer about one result."""

    result_id: str
    uscc: str
    shown: bool
    version: int | None = None


class PublicPage:
    """One system's public page."""

    def __init__(self, http: Http, address: str) -> None:
        self._http = http
        self._address = address.rstrip("/")

    async def observe(self, deliveries: Sequence[Delivery]) -> list[Observed | Unavailable]:
        """What is shown of these results; one answer each, in the same order."""
        return await asyncio.gather(*(self._one(delivery) for delivery in deliveries))

    async def _one(self, delivery: Delivery) -> Observed | Unavailable:
        # Whole: a query given apart is put together anew for each page, a quarter of a look's cost.
        named = (delivery.result_id, delivery.uscc)
        result_id, uscc = (quote(one, safe="", errors="replace") for one in named)
        url = f"{self._address}/{result_id}?uscc={uscc}"
        answer = await self._http.ask("GET", url, proof=True)
        if isinstance(answer, Unavailable):
            return answer
        if answer.status != _OK:
            return unusable(answer)
        page = fitting(answer, Shown)
        if isinstance(page, Unavailable):
            return page
        if (page.result_id, page.uscc) != (delivery.result_id, delivery.uscc):
            return Unavailable("the page answered about another result")
        return Observed(page.shown, page.version if page.shown else None)
