"""What does the watch see of departments? Values that it measures, and that every screen shows.

Instants are Unix milliseconds, 0 for never; days are ISO text.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from schemas.verdicts import Verdict


class DepartmentView(msgspec.Struct, frozen=True, kw_only=True):
    """What one department publishes, and how well. Counts are of the last seven days.

    Attributes:
        notes: what is wrong, in words of `QualityNote`.
        last_ms: when its last event came.
        expected_by_ms: by when the next one must come, by its own rhythm; 0: it has none yet.
        usual_per_day: events a working day, as usual; None: not known.
        top_reason: why most of what was refused was.
        answered: how many answers were looked at; `duplicates` of them said the same again.
        skew_ms: how far its clock is ahead of the broker's (behind: below 0), at its last event.
        schema: the schema version of its last Avro event, as `type v1`; empty: it sends JSON.
        quota_peak: the most events of today that a gateway had let in at once (`quota_at_once` may
            be, at `quota_per_s` they are forgotten; 0: no gateway told of a quota).
        quota_used: the one as a share of the other.
        turned_away: events of today that were told to come again later.
        credentials_until: the day on which its last bearer token ends; None: not known.
        certificate_until: the same of the client certificates it was seen with.
    """

    dept: str
    verdict: Verdict
    notes: tuple[str, ...] = ()
    last_ms: int = 0
    expected_by_ms: int = 0
    today: int = 0
    usual_per_day: float | None = None
    events: int = 0
    refused: int = 0
    top_reason: str = ""
    answered: int = 0
    duplicates: int = 0
    skew_ms: int | None = None
    schema: str = ""
    schema_behind: bool = False
    quota_peak: int = 0
    quota_at_once: int = 0
    quota_per_s: float = 0.0
    quota_used: float = 0.0
    turned_away: int = 0
    credentials_until: str | None = None
    certificate_until: str | None = None


class QualityNote(StrEnum):
    """What is wrong with what a department publishes."""

    SILENT = "SILENT"
    REFUSED = "REFUSED"
    DUPLICATES = "DUPLICATES"
    CLOCK = "CLOCK"
    SCHEMA_BEHIND = "SCHEMA_BEHIND"
    QUOTA = "QUOTA"
    CREDENTIALS = "CREDENTIALS"
    CERTIFICATE = "CERTIFICATE"


class Departments(msgspec.Struct, frozen=True, kw_only=True):
    """All departments at a moment; looked at less often than the stages."""

    at_ms: int
    departments: tuple[DepartmentView, ...] = ()


encode_departments = msgspec.json.Encoder().encode
decode_departments = msgspec.json.Decoder(Departments).decode
