"""What does the hub write to the front database, and what does it read there?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from connectors.sites.front_table import EXCHANGE, OK, RECEIPT
from connectors.sites.national import STATE_CODE
from schemas.delivery import SiteReceipt, Standing, Unavailable
from schemas.feed import Scalar

_STATE = {code: state for state, code in STATE_CODE.items()}


def add(
    connection: Connection,
    batch: Mapping[str, Scalar],
    rows: Mapping[str, Mapping[str, Scalar]],
) -> None:
    """Insert the rows, by key, that do not lie there yet."""
    lying = _lying(connection, rows)
    new = [{**batch, **row} for key, row in rows.items() if key not in lying]
    if new:
        connection.execute(insert(EXCHANGE), new)


def standing(connection: Connection, uscc: str, result_id: str) -> Standing | Unavailable | None:
    """The highest version of a result that the system has imported.

    Rows that only lie there do not count: adding them once more changes nothing anyway. A row in a
    state that the hub never writes tells nothing.
    """
    row, receipt = EXCHANGE.c, RECEIPT.c
    query = (
        select(row.HUB_VERSION, row.PUBSTATE, receipt.RECEIPT_ID)
        .join(RECEIPT, receipt.HUB_KEY == row.HUB_KEY)
        .where(row.UNISCID == uscc, row.RESULTNO == result_id, receipt.RESULT_CODE == OK)
        .order_by(row.HUB_VERSION.desc(), receipt.S_EXT_SEQUENCE)
        .limit(1)
    )
    found = connection.execute(query).first()
    if found is None:
        return None
    state = _STATE.get(found[1])
    if state is None:
        return Unavailable(f"the row of version {found[0]} has PUBSTATE {found[1]!a}")
    return Standing(found[0], state, found[2])


def receipts(connection: Connection, after: int, limit: int) -> list[tuple[int, SiteReceipt]]:
    """Receipts after a sequence number, with their numbers.

    One for a key that has no row names no result: whoever reads it will find it unasked.
    """
    number = RECEIPT.c.S_EXT_SEQUENCE
    query = select(RECEIPT).where(number > after).order_by(number).limit(limit)
    lines = connection.execute(query).all()
    row = EXCHANGE.c
    rows = select(
        row.HUB_KEY, row.UNISCID, row.RESULTNO, row.HUB_VERSION, row.HUB_BODY_SHA256
    ).where(row.HUB_KEY.in_({line.HUB_KEY for line in lines}))
    answered = {one.HUB_KEY: one for one in connection.execute(rows)}
    return [(line.S_EXT_SEQUENCE, _receipt(line, answered.get(line.HUB_KEY))) for line in lines]


def _receipt(line: Row[*tuple[Any, ...]], row: Row[*tuple[Any, ...]] | None) -> SiteReceipt:
    ok = line.RESULT_CODE == OK
    return SiteReceipt(
        key=line.HUB_KEY,
        uscc=row.UNISCID if row else "",
        result_id=row.RESULTNO if row else "",
        version=row.HUB_VERSION if row else 0,
        ok=ok,
        errors=() if ok else (f"{line.RESULT_CODE}: {line.RESULT_MSG or ''}",),
        site_receipt_id=line.RECEIPT_ID,
        body_sha256=row.HUB_BODY_SHA256 if row else "",
    )


def _lying(connection: Connection, keys: Collection[str]) -> set[str]:
    """Which keys have a row that the system has not refused. A refusal answers one row."""
    row, receipt = EXCHANGE.c.HUB_KEY, RECEIPT.c.HUB_KEY
    rows = _counted(connection, select(row, func.count()).where(row.in_(keys)).group_by(row))
    refused = receipt.in_(keys) & (RECEIPT.c.RESULT_CODE != OK)
    refusals = _counted(connection, select(receipt, func.count()).where(refused).group_by(receipt))
    return {key for key, lines in rows.items() if lines > refusals.get(key, 0)}


def _counted(connection: Connection, query: Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(query)}
