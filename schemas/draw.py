"""What does a seed choose? The random draw of objects and officers, as anyone can recompute it.

Two steps, so that nobody can look for a seed that pleases him. First the *frame* (who may be drawn,
by which ratios, by which officers) and the hash of a secret seed are published. Then the seed is,
and with it a public value that nobody knew before. Everything else follows by SHA-256:
`examples/recompute_draw.py` does it in ten lines.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from schemas.base import DeptCode, Id, Message, Quarter, Text

OFFICERS_EACH = 2
"""双随机: two officers are drawn for each object, in the plan's words and by law."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Stratum(Message):
    """Objects of one class and one layer, and how many of them are to be drawn."""

    class_: Annotated[str, Field(alias="class")]
    layer: str
    take: Annotated[int, Field(ge=0)]
    objects: tuple[str, ...]


class Excluded(Message):
    """An object that is not drawn from, and why (art. 3)."""

    uscc: str
    why: str


class DrawFrame(Message):
    """What is drawn from, by which numbers: fixed and published before the seed is known.

    Attributes:
        strata: classes and layers with their objects (credit codes, sorted).
        officers: certificate numbers, sorted.
        avoid: officers who must not be sent to an object: the last ones who were, and others.
        public_source: the public value of a later moment that goes into the draw, in words; None:
            the seed alone decides, and whoever committed to it could have tried several.
        special_id: the special inspection that it is for; not written where it is for none.
    """

    draw_id: Id
    dept: DeptCode
    quarter: Quarter
    plan_code: Id
    items: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)]
    scheme: str
    policy_version: str
    officers_each: Annotated[int, Field(ge=1)] = OFFICERS_EACH
    strata: tuple[Stratum, ...]
    officers: tuple[Id, ...]
    avoid: Mapping[str, tuple[str, ...]] = {}
    excluded: tuple[Excluded, ...] = ()
    public_source: Text | None = None
    special_id: Annotated[Id | None, Field(exclude_if=lambda name: name is None)] = None

    def digest(self) -> str:
        """SHA-256 of the canonical form, in hex: what is committed to."""
        return hashlib.sha256(canonical(self.model_dump(mode="json", by_alias=True))).hexdigest()


class Chosen(Message):
    """One object drawn, and the officers drawn for it."""

    uscc: str
    officers: tuple[str, ...]


class DrawClaim(Message):
    """A whole draw as somebody shows it: whether it is true is not known yet."""

    frame: DrawFrame
    frame_sha256: Digest
    seed_sha256: Digest
    committed_at: str
    seed: Digest
    public_value: Text = ""
    revealed_at: str
    chosen: tuple[Chosen, ...]


class DrawDocument(DrawClaim):
    """A whole draw, for publishing: frame, commitment, what was revealed, and the outcome."""

    @model_validator(mode="after")
    def _true(self) -> DrawDocument:
        fault = fault_of(self)
        if fault is not None:
            raise ValueError(fault)
        return self


def canonical(document: Any) -> bytes:  # noqa: ANN401 - any JSON
    """A document as JSON bytes: sorted keys, no blanks, UTF-8. Equal documents, equal bytes."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def ticket(*words: str) -> str:
    """The lot of a thing: SHA-256 of the words joined by `|`, in hex. The smallest are drawn."""
    return hashlib.sha256("|".join(words).encode()).hexdigest()


def drawn(frame: DrawFrame, seed: str, public_value: str) -> tuple[Chosen, ...]:
    """What a seed chooses from a frame.

    Of each stratum the objects with the smallest lots; for each object, in the order of the lots,
    the officers who have fewest objects so far, of equal ones those with the smallest lots, but
    none of those to be avoided.

    Args:
        frame: What is drawn from.
        seed: The secret that was committed to, 64 hex digits.
        public_value: The public value of the source that the frame names, else empty.

    Raises:
        ValueError: An object has too few officers.

    Source: art. 3, 5 (双随机).
    """
    root = ticket(seed, public_value)
    objects = [
        uscc
        for one in frame.strata
        for uscc in sorted(one.objects, key=lambda name: ticket(root, name))[: one.take]
    ]
    load: Counter[str] = Counter()
    chosen = []
    for uscc in sorted(objects, key=lambda name: ticket(root, name)):
        lots = sorted((load[one], ticket(root, uscc, one), one) for one in eligible(frame, uscc))
        officers = tuple(one for _, _, one in lots[: frame.officers_each])
        if len(officers) < frame.officers_each:
            raise ValueError(f"{uscc}: {len(officers)} officers may go, {frame.officers_each} must")
        load.update(officers)
        chosen.append(Chosen(uscc=uscc, officers=officers))
    return tuple(chosen)


def eligible(frame: DrawFrame, uscc: str) -> Sequence[str]:
    """The officers who may be sent to an object."""
    avoided = frame.avoid.get(uscc, ())
    return [officer for officer in frame.officers if officer not in avoided]


def work_of(frame: DrawFrame) -> int:
    """About how many lots and comparisons it takes to draw from a frame."""
    officers, avoided = len(frame.officers), sum(map(len, frame.avoid.values()))
    taken = sum(min(one.take, len(one.objects)) for one in frame.strata)
    return sum(len(one.objects) for one in frame.strata) + officers * (taken + avoided)


def fault_of(document: DrawClaim) -> str | None:
    """What of a published draw is not as it must be; None: it is true in every part."""
    frame = document.frame
    if frame.digest() != document.frame_sha256:
        return "the frame is not the one that was committed to"
    if hashlib.sha256(bytes.fromhex(document.seed)).hexdigest() != document.seed_sha256:
        return "the seed is not the one that was committed to"
    if bool(document.public_value) != (frame.public_source is not None):
        return "a public value without a source named before, or a source without its value"
    try:
        chosen = drawn(frame, document.seed, document.public_value)
    except ValueError as cause:
        return str(cause)
    return None if chosen == document.chosen else "the seed chooses others than these"
