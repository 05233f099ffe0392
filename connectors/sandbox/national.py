"""A stand-in of 国家企业信用信息公示系统: imports rows of its front database at its own hours.

It judges by its own columns: a record is shown if S_EXT_VALIDFLAG is 1.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from connectors.sandbox import ledger
from connectors.sandbox.front_gate import gate_of
from connectors.sandbox.hours import SHANGHAI, Hours
from connectors.sandbox.ledger import Answered, Item, Told
from connectors.sandbox.server import TICK_S, Sandbox, log
from connectors.sites.front_database import open_engine
from connectors.sites.front_table import EXCHANGE, OK, RECEIPT, metadata
from schemas.feed import DisclosureState
from schemas.sites import NATIONAL

FILE = "front.db"
IMPORT_EVERY_S = 1.0
ROWS_MAX = 1000

_MARK = "imported"
_UNKNOWN = "E404"
_WITHDRAWN = "2"
_Line = tuple[Item, str | None]


def front_address(folder: Path) -> str:
    """The address of the front database in a sandbox's folder."""
    return f"sqlite:///{folder / FILE}"


class NationalSandbox(Sandbox):
    """The system behind the front database."""

    site = NATIONAL

    def __init__(
        self,
        folder: Path,
        *,
        address: str = "",
        import_every_s: float = IMPORT_EVERY_S,
        delay_s: float = 0.0,
        hours: Hours | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Open it. `address`: of its front database; empty: a file in the folder."""
        super().__init__(folder, delay_s=delay_s, hours=hours, now=now)
        self._every_s = import_every_s
        address = address or front_address(folder)
        self._engine = open_engine(address)
        metadata.create_all(self._engine)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="front-database")
        self._gate = gate_of(address, folder / FILE)
        self._is_shut = False

    def works(self) -> list[Callable[[], Coroutine[None, None, None]]]:
        """Importing, and keeping the front database shut during an outage."""
        return [*super().works(), self._import_for_ever, self._shut_when_out]

    async def stop(self) -> None:
        """Stop importing; the front database is open again."""
        await super().stop()
        self._thread.submit(self._open)
        self._thread.submit(self._engine.dispose)
        self._thread.shutdown(wait=True)

    async def fault_asked(self) -> None:
        """Clear the front table of what was imported: nobody knows those keys any more."""
        if self.faults.take("forget_keys"):
            last = await self.journal.run(lambda c: ledger.mark(c, _MARK))
            old = last >= EXCHANGE.c.S_EXT_SEQUENCE
            await self._front(lambda front: front.execute(delete(EXCHANGE).where(old)))

    async def _import_for_ever(self) -> None:
        while True:
            if self.is_working() and not self.faults.take("hang"):
                try:
                    await self._import()
                except SQLAlchemyError as cause:
                    log.warning("import postponed", cause=type(cause).__name__)
            await asyncio.sleep(self._every_s)

    async def _import(self) -> None:
        """Take new rows in, then write receipts of what has taken effect since."""
        last = await self.journal.run(lambda c: ledger.mark(c, _MARK))
        number = EXCHANGE.c.S_EXT_SEQUENCE
        query = select(EXCHANGE).where(number > last).order_by(number).limit(ROWS_MAX)
        rows = await self._front(lambda front: front.execute(query).all())
        lines = [
            (_item(row), self.faults.first_of("lost", "unknown_record", "wrong_receipt"))
            for row in rows
        ]
        if rows:
            await self.journal.run(lambda c: self._take(c, lines, rows[-1].S_EXT_SEQUENCE))
            self.something_waits()
        lost = [item.key for item, mode in lines if mode == "lost"]
        if lost:
            gone = EXCHANGE.c.HUB_KEY.in_(lost)
            await self._front(lambda front: front.execute(delete(EXCHANGE).where(gone)))
        told = await self.journal.run(lambda c: ledger.untold(c, ROWS_MAX))
        if told:
            await self._front(lambda front: _write_receipts(front, told))
            await self.journal.run(lambda c: ledger.mark_told(c, [one.n for one in told]))

    def _take(self, c: sqlite3.Connection, lines: list[_Line], last: int) -> None:
        at_ms = self.now_ms()
        for item, mode in lines:
            lost = mode == "lost"
            told = Answered.LOST if lost else Answered.TAKEN
            number = ledger.note_arrival(c, item, at_ms, told)
            if not lost:
                ledger.keep(
                    c,
                    item,
                    received_ms=at_ms,
                    due_ms=self.due_ms(),
                    receipt_id=f"GS{number:012d}",
                    errors=["unknown record"] if mode == "unknown_record" else (),
                    misnamed=mode == "wrong_receipt",
                )
        ledger.set_mark(c, _MARK, last)

    async def _front(self, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401
        def transaction() -> Any:  # noqa: ANN401
            with self._engine.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)

    async def _shut_when_out(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            out = self.faults.lasts("out")
            if out and not self._is_shut:
                self._is_shut = await loop.run_in_executor(self._thread, self._gate.shut)
            elif not out and self._is_shut:
                await loop.run_in_executor(self._thread, self._open)
            await asyncio.sleep(TICK_S)

    def _open(self) -> None:
        if self._is_shut:
            self._gate.open()
            self._is_shut = False


def _item(row: Row[*tuple[Any, ...]]) -> Item:
    shown = row.S_EXT_VALIDFLAG == "1"
    withdrawn = row.PUBSTATE == _WITHDRAWN
    state = (
        DisclosureState.DISCLOSED
        if shown
        else DisclosureState.WITHDRAWN
        if withdrawn
        else DisclosureState.STOPPED
    )
    page = {
        "entity": row.ENTNAME or "",
        "authority": row.INSAUTH or "",
        "day": row.INSDATE or "",
        "text": row.INSRES_CN or "",
    }
    return Item(
        row.HUB_KEY, row.UNISCID, row.RESULTNO, row.HUB_VERSION, state.value, row.HUB_BODY_SHA256,
        page,
    )  # fmt: skip


def _write_receipts(front: Connection, told: list[Told]) -> None:
    """Add those that are not there: after a crash some may be."""
    keys = RECEIPT.c.RECEIPT_ID.in_({one.receipt_id for one in told})
    query = select(RECEIPT.c.RECEIPT_ID, RECEIPT.c.HUB_KEY).where(keys)
    there = {(row[0], row[1]) for row in front.execute(query)}
    rows = [
        {
            "HUB_KEY": one.key,
            "RESULT_CODE": _UNKNOWN if one.errors else OK,
            "RESULT_MSG": "；".join(one.errors),
            "RECEIPT_ID": one.receipt_id,
            "RECEIVED_AT": f"{datetime.fromtimestamp(one.at_ms / 1000, SHANGHAI):%F %T}",
        }
        for one in told
        if (one.receipt_id, one.key) not in there
    ]
    if rows:
        front.execute(insert(RECEIPT), rows)
