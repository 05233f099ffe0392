"""May this commitment to a draw, or this seed, be published? What was published never changes."""

from __future__ import annotations

from schemas.draws_known import Published, is_seed_of
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.malformed import Malformed, shown
from schemas.reasons import Refusal
from schemas.special_words import SpecialStanding
from streams.registry import Registry
from streams.rules.special.standing import special_standing


def check_draw(dept: str, data: DrawCommitted | DrawRevealed, registry: Registry) -> None:
    """Return if it may be published. The same content again changes nothing, and may.

    Args:
        dept: The department whose topic it came from.
        data: What it says.
        registry: What was published before.

    Raises:
        Malformed: It speaks for another department, changes what was published, or reveals a seed
            that nobody committed to, or it is for a special inspection that does not stand, is
            not this department's, or is confidential.

    Source: art. 3, 5 (a random draw that can be checked; special inspections are drawn too).
    """
    if data.dept != dept:
        raise Malformed(
            Refusal.FOREIGN_SOURCE, "dept", f"{shown(data.dept)} found: {dept} expected here"
        )
    known = registry.draws.commitments.get(data.draw_id)
    if isinstance(data, DrawCommitted):
        _same(known, data)
        if known is None and data.special_id is not None:
            _check_special(dept, data.special_id, registry)
        return
    if known is None or known.dept != dept:
        raise Malformed(
            Refusal.DRAW_NOT_COMMITTED,
            "draw_id",
            f"{shown(data.draw_id)} found: {dept} committed to no such draw",
        )
    if not is_seed_of(known, data):
        raise Malformed(Refusal.DRAW_SEED, "seed", "its SHA-256 is another than was committed to")
    if bool(data.public_value) != (known.public_source is not None):
        expected = known.public_source or "nothing: the commitment names no public source"
        raise Malformed(
            Refusal.DRAW_SEED,
            "public_value",
            f"{shown(data.public_value)} found: {expected} expected",
        )
    _same(registry.draws.seeds.get(data.draw_id), data)


def _check_special(dept: str, special_id: str, registry: Registry) -> None:
    """Compare the special inspection that is drawn for with its entry, as for a task under it."""
    special = registry.specials.get(special_id)
    standing = special_standing(special, dept)
    if standing is not SpecialStanding.VALID:
        found = f"{shown(special_id)} found: SPECIAL_{standing} for {dept}"
        raise Malformed(Refusal.DRAW_SPECIAL, "special_id", found)
    if special is not None and special.confidential:
        found = f"{shown(special_id)} found: it is confidential, and a draw is public"
        raise Malformed(Refusal.DRAW_SPECIAL, "special_id", found)


def _same(known: Published | None, data: Published) -> None:
    if known is not None and known != data:
        raise Malformed(
            Refusal.DRAW_TAKEN,
            "draw_id",
            f"{shown(data.draw_id)} found: it was published with other content before",
        )
