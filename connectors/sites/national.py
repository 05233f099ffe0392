"""How does 国家企业信用信息公示系统 learn of a disclosure? By rows in a front database (art. 13).

Rows are only ever added. A stop is a newer row of the same result with `S_EXT_VALIDFLAG` 0, never a
deletion. The system imports at its own hours and writes receipts into a second table. Columns and
categories are read out of public code: docs/assumptions.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count

import msgspec

from connectors.sites.columns import SHANGHAI, categories, day_said, titles, too_long
from connectors.sites.holes import Holes
from connectors.sites.http import Http
from connectors.sites.public_page import PublicPage
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
from schemas.site_tables import site_table
from schemas.sites import NATIONAL

TABLE = site_table("national")
KEY_MEMORY_S = 365 * 86_400.0
"""Rows stay in the front table for at least a year."""
RECEIPTS_PAGE = 500

STATE_CODE = {
    DisclosureState.DISCLOSED: "0",
    DisclosureState.STOPPED: "1",
    DisclosureState.WITHDRAWN: "2",
}
"""PUBSTATE."""

_INSPECTION = "2"
_SEPARATOR = ","


def form(notice: Notice) -> dict[str, Scalar]:
    """The columns of one version of a result's disclosure."""
    content = notice.content
    found = categories(TABLE, notice)
    stopped = notice.state is not DisclosureState.DISCLOSED
    reason = TABLE.stop_reasons[notice.stop_reason] if stopped and notice.stop_reason else None
    return {
        "OPT_FLAG": "I" if notice.version == 1 else "U",
        "S_EXT_VALIDFLAG": "0" if stopped else "1",
        "UNISCID": notice.uscc,
        "ENTNAME": content.entity_name,
        "REGNO": None,
        "RESULTNO": notice.result_id,
        "TASKNO": content.task_id,
        "INSAUTH": content.dept,
        "INSTYPE": _INSPECTION,
        "INSDATE": content.inspected_on.isoformat(),
        "INSRES": _SEPARATOR.join(found),
        "INSRES_CN": titles(TABLE, found),
        "ISPROBLEM": "1" if content.found_problem else "0",
        "FOLLOWUP": content.follow_up,
        "PUBSTATE": STATE_CODE[notice.state],
        "STOPTYPE": reason,
        "STOPSCOPE": _scope(notice) if stopped else None,
        "STOPNO": notice.decision_no,
        "STOPDATE": day_said(notice),
    }


def _scope(notice: Notice) -> str:
    return "1" if notice.scope is StopScope.PUBLIC_ONLY else "2"


class _Columns(msgspec.Struct):
    """Of a feed record, which deliver has checked by now, what goes into the row."""

    body: dict[str, Scalar]


_read = msgspec.json.Decoder(_Columns).decode


class NationalSystem:
    """The system as deliver sees it (fits streams.ports.PublicitySystem)."""

    site = NATIONAL.code
    pushes = True
    batch_max = 200
    key_memory_s = KEY_MEMORY_S

    def __init__(
        self,
        database: str,
        page: str,
        *,
        http: Http | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        # Here, not above: decide needs the form, and no database.
        from connectors.sites import front_queries
        from connectors.sites.front_database import FrontDatabase

        self._database, self._queries = FrontDatabase(database), front_queries
        self._http = http or Http(now=now)
        self._page = PublicPage(self._http, page)
        self._now = now
        self._batches = count(1)
        self._holes = Holes()

    async def send(
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Accepted | Refused | Unavailable]:
        """Add a row each, in one batch. A row that lies there already is not added again."""
        rows = {one.key: _row(one) for one in deliveries}
        fit = {key: row for key, row in rows.items() if not isinstance(row, Refused)}
        add = self._queries.add
        failure = await self._database.run(lambda c: add(c, self._batch(), fit)) if fit else None
        if failure is not None:
            return [row if isinstance(row, Refused) else failure for row in _each(deliveries, rows)]
        return [
            row if isinstance(row, Refused) else Accepted("in the front table")
            for row in _each(deliveries, rows)
        ]

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Standing | Unavailable | None]:
        """How each result stands there: the highest version it has imported."""
        standing = self._queries.standing
        found = await self._database.run(
            lambda c: [standing(c, one.uscc, one.result_id) for one in deliveries]
        )
        return [found] * len(deliveries) if isinstance(found, Unavailable) else found

    async def poll_receipts(self, cursor: str) -> tuple[Sequence[SiteReceipt], str] | Unavailable:
        """Business receipts after a sequence number."""
        after = int(cursor) if cursor else 0
        receipts = self._queries.receipts
        read = await self._database.run(lambda c: receipts(c, after, RECEIPTS_PAGE))
        if isinstance(read, Unavailable):
            return read
        seen = self._holes.before(after, [number for number, _ in read])
        return [receipt for _, receipt in read[:seen]], str(read[seen - 1][0] if seen else after)

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """What the public page shows of each result."""
        return await self._page.observe(deliveries)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()
        await self._database.close()

    def _batch(self) -> dict[str, Scalar]:
        at = datetime.fromtimestamp(self._now(), SHANGHAI)
        number = f"{at:%Y%m%d%H%M%S}-{next(self._batches):06d}"
        return {"S_EXT_BATCH": number, "S_EXT_TIMESTAMP": f"{at:%Y-%m-%d %H:%M:%S}"}


def _each(
    deliveries: Sequence[Delivery], rows: dict[str, dict[str, Scalar] | Refused]
) -> list[dict[str, Scalar] | Refused]:
    return [rows[one.key] for one in deliveries]


def _row(delivery: Delivery) -> dict[str, Scalar] | Refused:
    """The row of a delivery, or why the table cannot take it."""
    try:
        body = _read(delivery.value).body
    except msgspec.MsgspecError as cause:
        return Refused("unreadable", (f"not a feed record: {cause}",), asked=False)
    wrong = [f"{name}: not a column" for name in body if name not in TABLE.columns]
    wrong += too_long(body, TABLE.columns)
    if wrong:
        return Refused("does not fit", tuple(wrong), asked=False)
    columns = {name: body.get(name) for name in TABLE.columns}
    return {
        **columns,
        "HUB_KEY": delivery.key,
        "HUB_BODY_SHA256": delivery.body_sha256,
        "HUB_VERSION": delivery.version,
    }
