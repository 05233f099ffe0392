"""What does the watch measure, look by look, for the rules to judge?"""

from __future__ import annotations

from datetime import date

import msgspec


class Look(msgspec.Struct, frozen=True, array_like=True):
    """What one look at one partition of one group found.

    Attributes:
        offset: where the group goes on.
        end: where the log ends.
        alive: a running process owns the partition; None: the broker cannot say.
        oldest_ms: when the oldest unprocessed record was appended; 0: there is none, or unknown.
    """

    at_ms: int
    offset: int
    end: int
    alive: bool | None = None
    oldest_ms: int = 0

    @property
    def lag(self) -> int:
        """Records that are not processed."""
        return max(0, self.end - self.offset)


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """How much was owed at a moment, and how much had been done by then since the first look.

    `held`: an operator had parked it, so that what was done says nothing of how fast it is.
    """

    at_ms: int
    owed: int
    done: int
    held: bool = False


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of a department's events in the last seven days.

    Attributes:
        answered: how many answers were looked at for `duplicates`.
        ahead_ms: how far its clock is ahead of the broker's; None: not known.
        quota_used: most that was gone today of what it may send at once, as a share.
        turned_away: events of today that were told to come again later.
        expires_on: when its last bearer token ends; None: not known.
        certificate_until: when the last client certificate ends that it was seen with.
    """

    events: int
    refused: int = 0
    answered: int = 0
    duplicates: int = 0
    ahead_ms: int | None = None
    schema_behind: bool = False
    quota_used: float = 0.0
    turned_away: int = 0
    expires_on: date | None = None
    certificate_until: date | None = None
