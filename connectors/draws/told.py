"""What is told of a draw, and when? Commitment, seed, outcome: each follows from the one before."""

from __future__ import annotations

import hashlib
from datetime import datetime

from schemas.draw import DrawClaim, DrawDocument, DrawFrame, canonical, drawn
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.inbound_joint import OBJECTS_MAX, DrawSubmitted


def commitment(frame: DrawFrame, seed: str, now: datetime) -> DrawCommitted:
    """What is fixed before the draw: the hashes of frame and seed, and how many are drawn."""
    return DrawCommitted(
        draw_id=frame.draw_id,
        dept=frame.dept,
        quarter=frame.quarter,
        frame_sha256=frame.digest(),
        seed_sha256=hashlib.sha256(bytes.fromhex(seed)).hexdigest(),
        public_source=frame.public_source,
        objects=sum(len(one.objects) for one in frame.strata),
        take=sum(one.take for one in frame.strata),
        officers=len(frame.officers),
        committed_at=now.replace(microsecond=0),
        special_id=frame.special_id,
    )


def document_of(
    frame: DrawFrame, committed: DrawCommitted, seed: str, public_value: str, now: datetime
) -> DrawDocument:
    """The whole draw, as the seed chooses.

    Raises:
        ValueError: frame or seed are not what was committed to.
    """
    return DrawDocument(
        frame=frame,
        frame_sha256=committed.frame_sha256,
        seed_sha256=committed.seed_sha256,
        committed_at=committed.committed_at.isoformat(),
        seed=seed,
        public_value=public_value,
        revealed_at=now.replace(microsecond=0).isoformat(),
        chosen=drawn(frame, seed, public_value),
    )


def revealed(draw: DrawDocument) -> DrawRevealed:
    """What is published of a draw once it is made."""
    return DrawRevealed(
        draw_id=draw.frame.draw_id,
        dept=draw.frame.dept,
        seed=draw.seed,
        public_value=draw.public_value,
        chosen_sha256=outcome_sha256(draw),
        revealed_at=datetime.fromisoformat(draw.revealed_at),
    )


def outcome_sha256(draw: DrawClaim) -> str:
    """SHA-256 of who was drawn, in hex."""
    chosen = [one.model_dump(mode="json") for one in draw.chosen]
    return hashlib.sha256(canonical(chosen)).hexdigest()


def document_again(
    frame: DrawFrame, committed: DrawCommitted, seed: str, known: DrawRevealed
) -> DrawDocument:
    """The document of a draw that was published, made once more from its frame: the same again.

    Raises:
        ValueError: frame or seed choose something else than was published.
    """
    draw = document_of(frame, committed, seed, known.public_value, known.revealed_at)
    faults = differences(draw, committed, known)
    if faults:
        raise ValueError("; ".join(faults))
    return draw


def submitted(draw: DrawDocument) -> list[DrawSubmitted]:
    """The draw as `draw.submitted`: in several parts, numbered, if one does not hold it."""
    frame = draw.frame
    codes = sorted(one.uscc for one in draw.chosen)
    parts = [codes[at : at + OBJECTS_MAX] for at in range(0, len(codes), OBJECTS_MAX)]
    return [
        DrawSubmitted(
            draw_id=frame.draw_id if len(parts) == 1 else f"{frame.draw_id}-{number}",
            quarter=frame.quarter,
            plan_code=frame.plan_code,
            drawn_at=datetime.fromisoformat(draw.revealed_at),
            items=frame.items,
            objects=tuple(part),
            special_id=frame.special_id,
        )
        for number, part in enumerate(parts, 1)
    ]


def differences(
    draw: DrawClaim, committed: DrawCommitted | None, seed: DrawRevealed | None
) -> list[str]:
    """In what a document differs from what was published of the draw; empty: in nothing."""
    if committed is None:
        return ["nobody committed to it"]
    told = [
        ("department", committed.dept, draw.frame.dept),
        ("frame", committed.frame_sha256, draw.frame_sha256),
        ("seed's hash", committed.seed_sha256, draw.seed_sha256),
    ]
    if seed is not None:
        told += [
            ("seed", seed.seed, draw.seed), ("public value", seed.public_value, draw.public_value),
            ("outcome", seed.chosen_sha256, outcome_sha256(draw)),
        ]  # fmt: skip
    faults = [f"another {name} than was published" for name, one, other in told if one != other]
    return faults if seed is not None else [*faults, "its seed was not published"]
