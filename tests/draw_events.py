"""What departments publish of a random draw: commitment and seed, valid unless fields say more."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from schemas.codec import JSON, encode_json
from schemas.envelope import Envelope, write_headers
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from streams.ports import Outgoing

DEPT, OTHER = "WJW-120116", "XFJ-120116"
SEED = "5e" * 32
AT = datetime(2026, 4, 1, 1, tzinfo=UTC)


def committed(**fields: Any) -> DrawCommitted:
    """A commitment."""
    plain = {
        "draw_id": "D-1", "dept": DEPT, "quarter": "2026Q2", "frame_sha256": "ab" * 32,
        "seed_sha256": hashlib.sha256(bytes.fromhex(SEED)).hexdigest(), "objects": 10, "take": 2,
        "officers": 5, "committed_at": AT,
    }  # fmt: skip
    return DrawCommitted(**{**plain, **fields})


def revealed(**fields: Any) -> DrawRevealed:
    """A seed."""
    plain = {
        "draw_id": "D-1", "dept": DEPT, "seed": SEED, "chosen_sha256": "cd" * 32, "revealed_at": AT,
    }  # fmt: skip
    return DrawRevealed(**{**plain, **fields})


def a_record(type_: str, entry: DrawCommitted | DrawRevealed, dept: str = DEPT) -> Outgoing:
    """It as it lies on the department's topic."""
    envelope = Envelope(id="E-1", source=dept, type=type_, time="2026-02-01T09:00:00+08:00")
    return Outgoing(f"insp.in.{dept}", 0, None, encode_json(entry), write_headers(envelope, JSON))
