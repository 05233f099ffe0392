"""Which officers are registered, and who of a department has no valid certificate on a day?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from schemas.enums import Standing
from schemas.journal import LapsedFinding
from schemas.registry import RegistryOfficer
from streams.rules.entry.rejudge import mark_of
from streams.rules.entry.standing import officer_standing

LAPSED_MAX = 200
"""So many officers without a certificate are told of at an entry that names nobody."""
_DAYS_KEPT = 64
_LAPSED_FOR = timedelta(days=366)

Lapsed = tuple[tuple[LapsedFinding, ...], int]
"""Officers without a certificate, and how many more there are."""


class Officers(Mapping[str, RegistryOfficer]):
    """The registered officers by certificate. Later entries replace earlier ones."""

    def __init__(self) -> None:
        """Nobody is registered."""
        self._known: dict[str, RegistryOfficer] = {}
        self._of_dept: dict[str, set[str]] = {}
        self._lapsed: dict[str, dict[date, Lapsed]] = {}

    def __len__(self) -> int:
        """How many are registered."""
        return len(self._known)

    def __iter__(self) -> Iterator[str]:
        """All certificates."""
        return iter(self._known)

    def __getitem__(self, cert_no: str) -> RegistryOfficer:
        """The holder of a certificate.

        Raises:
            KeyError: nobody registered it.
        """
        return self._known[cert_no]

    def put(self, entry: RegistryOfficer) -> None:
        """Take in what the registry says of one officer."""
        before = self._known.get(entry.cert_no)
        for dept in {entry.dept} if before is None else {before.dept, entry.dept}:
            self._lapsed.pop(dept, None)
        if before is not None:
            self._of_dept[before.dept].discard(entry.cert_no)
        self._known[entry.cert_no] = entry
        self._of_dept.setdefault(entry.dept, set()).add(entry.cert_no)

    def lapsed(self, dept: str, day: date) -> Lapsed:
        """Marks of a department's certificates that are not valid on a day, and how many more.

        Who was registered anew with another department is that one's, and not among them. Nor is
        whose certificate ended more than a year before: no task that is visited now can name him.

        Source: art. 14.
        """
        days = self._lapsed.setdefault(dept, {})
        found = days.get(day)
        if found is None:
            if len(days) >= _DAYS_KEPT:
                days.clear()
            found = days[day] = self._found_lapsed(dept, day)
        return found

    def _found_lapsed(self, dept: str, day: date) -> Lapsed:
        """Those that ended by themselves give way to those that were ended, older ones first."""
        found = []
        for number in self._of_dept.get(dept, ()):
            officer = self._known[number]
            standing, ended = officer_standing(officer, dept, day), date.max
            if standing is Standing.EXPIRED and officer.valid_to is not None:
                ended = officer.valid_to
            if standing is not Standing.VALID and day - ended <= _LAPSED_FOR:
                found.append((-ended.toordinal(), number, standing))
        kept = sorted(found)[:LAPSED_MAX]
        marks = sorted((mark_of(number), standing) for _, number, standing in kept)
        told = tuple(LapsedFinding(mark=mark, standing=standing) for mark, standing in marks)
        return told, len(found) - len(told)
