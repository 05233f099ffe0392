"""What lies between the hub and the national system? Two tables of a front database (前置库).

The hub only inserts into `insp_exchange`; the system only inserts into `insp_receipt`. Columns and
their lengths come from `schemas/data/sites/national.toml`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table

from schemas.site_tables import site_table

OK = "0"
"""RESULT_CODE of a row that was imported; any other code is a refusal."""

_TABLE = site_table("national")
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

EXCHANGE = Table(
    "insp_exchange",
    metadata,
    Column("S_EXT_SEQUENCE", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("S_EXT_BATCH", String(32), nullable=False),
    Column("S_EXT_TIMESTAMP", String(19), nullable=False),
    *(Column(name, String(limit)) for name, limit in _TABLE.columns.items()),
    Column("HUB_KEY", String(32), nullable=False),
    Column("HUB_BODY_SHA256", String(64), nullable=False),
    Column("HUB_VERSION", Integer, nullable=False),
    Index("insp_exchange_key", "HUB_KEY"),
    Index("insp_exchange_result", "UNISCID", "RESULTNO"),
    # Without it SQLite would give the number of a deleted last row once more.
    sqlite_autoincrement=True,
)

RECEIPT = Table(
    "insp_receipt",
    metadata,
    Column("S_EXT_SEQUENCE", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("HUB_KEY", String(32), nullable=False),
    Column("RESULT_CODE", String(16), nullable=False),
    Column("RESULT_MSG", String(1000)),
    Column("RECEIPT_ID", String(64), nullable=False),
    Column("RECEIVED_AT", String(19), nullable=False),
    Index("insp_receipt_key", "HUB_KEY"),
    sqlite_autoincrement=True,
)
