"""What does a system's own journal say? Read-only, as the system left it.

Source: docs/delivery.md, sandbox systems.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from connectors.audit.wire import SITES

_EFFECTS = (
    "SELECT id, key, uscc, result_id, version, state, body_sha256, effective_ms, receipt_id,"
    " changed FROM effect ORDER BY id"
)
_ARRIVALS = "SELECT key, result_id, version, body_sha256 FROM arrival ORDER BY id"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a system made of a delivery. `changed` 1: what the public sees changed by it."""

    id: int
    key: str
    uscc: str
    result_id: str
    version: int
    state: str
    body_sha256: str
    effective_ms: int | None
    receipt_id: str | None
    changed: int

    @property
    def name(self) -> tuple[str, str]:
        """Credit code and result id."""
        return self.uscc, self.result_id


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery as it came in, whatever was answered."""

    key: str
    result_id: str
    version: int
    body_sha256: str


@dataclass(slots=True)
class SiteJournal:
    """The journal of one system."""

    effects: list[Effect] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)


SiteJournals = Mapping[str, SiteJournal]


def read_site_journals(options: Iterable[str]) -> dict[str, SiteJournal]:
    """The journals named by options `CODE=PATH`.

    Raises:
        ValueError: An option names no site or no journal; the text says what to do.
    """
    found = {}
    for option in options:
        site, separator, path = option.partition("=")
        if not separator or site not in SITES:
            known = ", ".join(SITES)
            raise ValueError(f"site journal {option!r}: CODE=PATH expected, CODE one of {known}")
        found[site] = read_site_journal(Path(path))
    return found


def read_site_journal(path: Path) -> SiteJournal:
    """One journal file.

    Raises:
        ValueError: It is none; the text names it.
    """
    if not path.is_file():
        raise ValueError(f"site journal {path} does not exist: name the journal.db of the system")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            effects = [Effect(*row) for row in db.execute(_EFFECTS)]
            arrivals = [Arrival(*row) for row in db.execute(_ARRIVALS)]
    except sqlite3.Error as cause:
        raise ValueError(f"site journal {path} cannot be read: {cause}") from cause
    return SiteJournal(effects, arrivals)
