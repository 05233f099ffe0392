"""A stand-in of 信用中国（天津）: takes signed pushes, answers at once, receipts later.

It judges by its own columns: a record is shown if CF_ZT and CF_XXSYFW are both 0.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web
from pydantic import ValidationError

from connectors.sandbox import ledger
from connectors.sandbox.hours import Hours
from connectors.sandbox.ledger import Answered, Item
from connectors.sandbox.server import HANG_S, Sandbox, answer
from connectors.sites import webhooks
from schemas.feed import Disclosure, DisclosureState, delivery_key
from schemas.signing import Verifier
from schemas.sites import CREDIT_TIANJIN

RECEIPTS_MAX = 500
RECEIPTS_BYTES_MAX = 56 * 1024

_STATUS = {
    "0": DisclosureState.DISCLOSED,
    "1": DisclosureState.WITHDRAWN,
    "2": DisclosureState.STOPPED,
    "3": DisclosureState.STOPPED,
}
_USES = ("0", "1", "2")
_DIGITS_MAX = 18
_Reply = tuple[int, dict[str, object]]


class CreditTianjinSandbox(Sandbox):
    """The HTTP system. `verifiers` are the keys by which it knows the hub."""

    site = CREDIT_TIANJIN

    def __init__(
        self,
        folder: Path,
        verifiers: Sequence[Verifier],
        *,
        delay_s: float = 0.0,
        hours: Hours | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(folder, delay_s=delay_s, hours=hours, now=now)
        self._verifiers = tuple(verifiers)

    def add_routes(self, app: web.Application) -> None:
        """Its three exchange addresses."""
        app.router.add_post("/exchange/inspection", self._arrive)
        app.router.add_get("/exchange/receipts", self._receipts)
        app.router.add_get("/exchange/records", self._record)

    async def fault_asked(self) -> None:
        """Forget the keys at once."""
        if self.faults.take("forget_keys"):
            await self.journal.run(lambda c: c.execute("DELETE FROM known_key"))

    async def _arrive(self, request: web.Request) -> web.StreamResponse:
        closed_s = self.hours.closed_for_s(self._now())
        if closed_s is not None:
            return answer(503, {"errors": ["maintenance"]}, retry_after_s=int(closed_s) + 1)
        body = await request.read()
        wrong = webhooks.fault(request.headers, body, self._verifiers, self._now())
        if wrong is not None:
            return answer(401, {"errors": [wrong]})
        item, errors = _understood(request.headers[webhooks.ID], body)
        mode = self.faults.first_of("500", "429", "lost", "hang", "unknown_record", "wrong_receipt")
        if mode == "unknown_record":
            errors = (*errors, "UNKNOWN_RECORD")
        status, content = await self.journal.run(lambda c: self._take(c, item, errors, mode))
        self.something_waits()
        if mode == "hang":
            await asyncio.sleep(HANG_S)
        if mode == "wrong_receipt":
            content = {**content, "key": item.key[::-1]}
        wait = self.faults.retry_after_s("429") if mode == "429" else None
        return answer(status, content, retry_after_s=wait)

    def _take(
        self, c: sqlite3.Connection, item: Item, errors: tuple[str, ...], mode: str | None
    ) -> _Reply:
        at_ms = self.now_ms()
        if mode in {"500", "429"}:
            told = Answered.FAILED if mode == "500" else Answered.LIMITED
            ledger.note_arrival(c, item, at_ms, told)
            return int(mode), {"errors": ["try again"]}
        if errors:
            ledger.note_arrival(c, item, at_ms, Answered.REFUSED)
            return 422, {"errors": errors}
        known = c.execute(
            "SELECT body_sha256, serial FROM known_key WHERE key = ?", (item.key,)
        ).fetchone()
        if known is not None and known[0] != item.body_sha256:
            ledger.note_arrival(c, item, at_ms, Answered.CONFLICT)
            return 409, {"errors": ["KEY_KNOWN: with another body"]}
        if known is not None:
            ledger.note_arrival(c, item, at_ms, Answered.REPEATED)
            return 202, {"key": item.key, "serial": known[1]}
        number = ledger.note_arrival(c, item, at_ms, _TOLD.get(mode or "", Answered.TAKEN))
        serial = f"CT{number:012d}"
        if mode != "lost":
            row = (item.key, item.body_sha256, serial)
            c.execute("INSERT INTO known_key VALUES (?, ?, ?)", row)
            ledger.keep(c, item, received_ms=at_ms, due_ms=self.due_ms(), receipt_id=serial)
        return 202, {"key": item.key, "serial": serial}

    async def _receipts(self, request: web.Request) -> web.StreamResponse:
        after, limit = _number(request, "after", 0), _number(request, "limit", RECEIPTS_MAX)
        if after is None or limit is None:
            return answer(400, {"errors": ["after and limit are numbers"]})
        limit = min(limit, RECEIPTS_MAX)
        told = await self.journal.run(lambda c: ledger.receipts(c, after, limit))
        lines: list[dict[str, object]] = []
        size = 0
        for one in told:
            line = {
                "n": one.n, "key": one.key, "result_id": one.result_id, "uscc": one.uscc,
                "version": one.version, "ok": not one.errors, "errors": one.errors,
                "serial": one.receipt_id, "body_sha256": one.body_sha256,
            }  # fmt: skip
            size += len(json.dumps(line, ensure_ascii=False).encode())
            if size > RECEIPTS_BYTES_MAX and lines:
                break
            lines.append(line)
        return answer(200, {"receipts": lines, "next": lines[-1]["n"] if lines else after})

    async def _record(self, request: web.Request) -> web.StreamResponse:
        uscc, result_id = (request.query.get(name, "") for name in ("uscc", "result_id"))
        held = await self.journal.run(lambda c: ledger.held(c, uscc, result_id))
        if held is None:
            return answer(404, {"errors": ["UNKNOWN_RECORD"]})
        content = {"version": held.version, "state": held.state, "serial": held.receipt_id}
        return answer(200, content)


_TOLD = {"lost": Answered.LOST, "hang": Answered.HUNG, "wrong_receipt": Answered.MISNAMED}


def _understood(key: str, body: bytes) -> tuple[Item, tuple[str, ...]]:
    """What a body says, and what is wrong with it."""
    sha = hashlib.sha256(body).hexdigest()
    try:
        record = Disclosure.model_validate_json(body)
    except ValidationError as cause:
        return Item(key, "", "", 0, "", sha), (f"BODY: {cause.error_count()} errors",)
    columns, wrong = record.body, []
    status, use = columns.get("CF_ZT"), columns.get("CF_XXSYFW")
    if status not in _STATUS or use not in _USES:
        wrong.append("CF_ZT or CF_XXSYFW: unknown word")
    if columns.get("CF_XDR_SHXYM") != record.uscc:
        wrong.append("CF_XDR_SHXYM: another credit code")
    if record.site != CREDIT_TIANJIN.code:
        wrong.append("site: another one")
    if key != delivery_key(record.site, record.uscc, record.result_id, record.version):
        wrong.append(f"{webhooks.ID}: does not belong to this record")
    state = _STATUS.get(str(status), DisclosureState.STOPPED)
    if state is DisclosureState.DISCLOSED and use != "0":
        state = DisclosureState.STOPPED
    page = {
        "entity": str(columns.get("CF_XDR_MC") or ""),
        "authority": str(columns.get("CF_XZJG") or ""),
        "day": str(columns.get("CF_JDRQ") or ""),
        "text": str(columns.get("CF_CFMC") or ""),
    }
    item = Item(key, record.uscc, record.result_id, record.version, state.value, sha, page)
    return item, tuple(wrong)


def _number(request: web.Request, name: str, default: int) -> int | None:
    text = request.query.get(name, str(default))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else None
