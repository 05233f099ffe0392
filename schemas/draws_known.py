"""Which commitment, and which seed, stands for a draw? Of two that differ, the first on the topic.

Two intake workers may each take another department's commitment to the same draw in the same
moment: neither can have read the other's. Both lie on the registry topic then, under keys of their
own so that compaction leaves both where they are, and everybody who reads it keeps the first.
"""

from __future__ import annotations

from hashlib import sha256

from schemas.inbound_draw import DrawCommitted, DrawRevealed

Published = DrawCommitted | DrawRevealed


class DrawsKnown:
    """What was published of random draws, by draw_id."""

    def __init__(self) -> None:
        self.commitments: dict[str, DrawCommitted] = {}
        self.seeds: dict[str, DrawRevealed] = {}

    def put(self, entry: Published) -> None:
        """Take in what was published, in the topic's order. What stands is never replaced.

        A seed of a commitment that does not stand is none.
        """
        if isinstance(entry, DrawCommitted):
            self.commitments.setdefault(entry.draw_id, entry)
            return
        known = self.commitments.get(entry.draw_id)
        if known is not None and is_seed_of(known, entry):
            self.seeds.setdefault(entry.draw_id, entry)

    def standing(self, entry: Published) -> Published | None:
        """What stands in the place of this entry; None: nothing was published there yet."""
        there = self.commitments if isinstance(entry, DrawCommitted) else self.seeds
        return there.get(entry.draw_id)


def is_seed_of(known: DrawCommitted, entry: DrawRevealed) -> bool:
    """Whether a seed is the one that was committed to, by whom it was."""
    return (
        entry.dept == known.dept
        and sha256(bytes.fromhex(entry.seed)).hexdigest() == known.seed_sha256
    )
