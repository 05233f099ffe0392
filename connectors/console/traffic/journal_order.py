"""When may a line be sent so that the journal has each enterprise's events in the file's order?

Departments publish to topics of their own, which intake reads side by side: what two departments
say of one enterprise may reach the journal in either order. For a rehearsal that must come out as
`hub replay` does, an event waits until what another department said before is taken in. What one
department says needs no waiting: its topic keeps the order.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from connectors.console.traffic.event_lines import Posting


@dataclass(slots=True)
class _Enterprise:
    """Who speaks of it now, which of those events are under way, and who waits for them."""

    dept: str
    under_way: Counter[str] = field(default_factory=Counter)
    waiting: deque[Posting] = field(default_factory=deque)


class JournalOrder:
    """Holds events back until what came before them is taken in. Pure: it sends nothing itself."""

    def __init__(self) -> None:
        self._enterprises: dict[str, _Enterprise] = {}
        self._held = 0
        self._under_way = 0

    def __len__(self) -> int:
        """How many events are held back or under way."""
        return self._held + self._under_way

    def put(self, posting: Posting) -> list[Posting]:
        """Take the next event of the file; returns what may be sent now."""
        subject = posting.subject
        if subject is None:
            return [posting]
        known = self._enterprises.setdefault(subject, _Enterprise(posting.dept))
        if known.waiting or known.dept != posting.dept:
            known.waiting.append(posting)
            self._held += 1
            return []
        known.under_way[posting.id] += 1
        self._under_way += 1
        return [posting]

    def taken_in(self, subject: str, dept: str, event_id: str) -> list[Posting]:
        """Learn that intake took an event in; returns what may be sent now."""
        known = self._enterprises.get(subject)
        if known is None or known.dept != dept or event_id not in known.under_way:
            return []
        self._under_way -= 1
        known.under_way[event_id] -= 1
        if not known.under_way[event_id]:
            del known.under_way[event_id]
        return [] if known.under_way else self._next(subject, known)

    def all_taken_in(self) -> list[Posting]:
        """Learn that intake took in everything under way; returns what may be sent now."""
        self._under_way = 0
        return [
            posting
            for subject, known in list(self._enterprises.items())
            for posting in self._next(subject, known)
        ]

    def departments(self) -> set[str]:
        """Whose events are under way."""
        return {known.dept for known in self._enterprises.values()}

    def _next(self, subject: str, known: _Enterprise) -> list[Posting]:
        """The events of the department that waited longest, up to the first of another one."""
        if not known.waiting:
            del self._enterprises[subject]
            return []
        known.dept = known.waiting[0].dept
        known.under_way.clear()
        released = []
        while known.waiting and known.waiting[0].dept == known.dept:
            posting = known.waiting.popleft()
            known.under_way[posting.id] += 1
            released.append(posting)
        self._held -= len(released)
        self._under_way += len(released)
        return released
