"""Will a topic's retention delete records before they are processed? Or has it done so already?

Kafka deletes by age, read or not. The hub's topics keep their records far longer than anything may
wait (schemas/topics.py), so this is said of a reader that has stood still for weeks, and of a topic
whose retention somebody shortened.

Source: docs/watching.md (retention); schemas/topics.py (how long each topic keeps its records).
"""

from __future__ import annotations

RISKY_SHARE = 0.5
"""With less than this of its retention left, a record that waits is in danger whatever the rate."""
HEADROOM_RISKY = 1.5
"""As with deadlines: one bad hour is enough."""


def expires_ms(oldest_ms: int, retention_ms: int) -> int:
    """From when on a record may be deleted, Unix milliseconds; 0: never, or that is not known.

    Kafka deletes whole segments, by their newest record, so a record often lives longer.

    Args:
        oldest_ms: when the oldest record that waits was appended; 0: nothing waits, or not known.
        retention_ms: of its topic; 0 or less: for ever, or not known.

    Source: docs/watching.md (retention).
    """
    return oldest_ms + retention_ms if oldest_ms > 0 and retention_ms > 0 else 0


def is_expiring(
    *,
    oldest_ms: int,
    retention_ms: int,
    lost: int,
    waiting: int,
    rate_per_s: float | None,
    now_ms: int,
) -> bool:
    """Whether records are deleted unread, or will be if nothing is done.

    Args:
        oldest_ms: as above.
        retention_ms: as above.
        lost: records between the reader's position and the oldest one there is.
        waiting: records of its stage that are not processed.
        rate_per_s: how many a second the stage works off while it has work; None: not known.
        now_ms: when it is judged.

    Source: docs/watching.md (retention).
    """
    if lost:
        return True
    ends_ms = expires_ms(oldest_ms, retention_ms)
    if not ends_ms:
        return False
    needed_ms = 1000 * waiting / rate_per_s if rate_per_s else 0.0
    return ends_ms - now_ms < max(RISKY_SHARE * retention_ms, HEADROOM_RISKY * needed_ms)
