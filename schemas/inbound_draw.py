"""What is published of a random draw before and after it is made (art. 3, 5)?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.base import DeptCode, Id, Inbound, Instant, Quarter, Text
from schemas.draw import Digest


class DrawCommitted(Inbound):
    """`draw.committed`: a department fixes what it will draw from, and the hash of its seed.

    It comes before the draw, and never changes.

    Attributes:
        frame_sha256: of the frame's canonical form (`schemas.draw`).
        seed_sha256: of the 32 bytes of the seed.
        public_source: the public value of a later moment that goes into the draw, in words.
        objects: how many may be drawn; take: how many are; officers: of how many officers.
        special_id: the special inspection that it is for, if it is for one (art. 5).
    """

    draw_id: Id
    dept: DeptCode
    quarter: Quarter
    frame_sha256: Digest
    seed_sha256: Digest
    public_source: Text | None = None
    objects: Annotated[int, Field(ge=0)]
    take: Annotated[int, Field(ge=0)]
    officers: Annotated[int, Field(ge=0)]
    committed_at: Instant
    special_id: Id | None = None


class DrawRevealed(Inbound):
    """`draw.revealed`: the seed that was committed to, and the public value that went with it.

    `chosen_sha256` is that of the canonical form of the outcome.
    """

    draw_id: Id
    dept: DeptCode
    seed: Digest
    public_value: Text = ""
    chosen_sha256: Digest
    revealed_at: Instant
