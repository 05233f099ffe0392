"""Which officers are registered, and who of a department has no valid certificate on a day?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from schemas.enums import Standing
from schemas.registry import RegistryOfficer
from streams.rules.standing import officer_standing

_DAYS_KEPT = 64


class Officers(Mapping[str, RegistryOfficer]):
    """The registered officers by certificate. Later entries replace earlier ones."""

    def __init__(self) -> None:
        """Nobody is registered."""
        self._known: dict[str, RegistryOfficer] = {}
        self._of_dept: dict[str, set[str]] = {}
        self._without: dict[str, dict[date, tuple[str, ...]]] = {}

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
            self._without.pop(dept, None)
        if before is not None:
            self._of_dept[before.dept].discard(entry.cert_no)
        self._known[entry.cert_no] = entry
        self._of_dept.setdefault(entry.dept, set()).add(entry.cert_no)

    def without_certificate(self, dept: str, day: date) -> tuple[str, ...]:
        """Numbers of a department's certificates that are not valid on a day, sorted.

        Who was registered anew with another department is that one's, and not among them.

        Source: art. 14.
        """
        days = self._without.setdefault(dept, {})
        found = days.get(day)
        if found is None:
            if len(days) >= _DAYS_KEPT:
                days.clear()
            found = days[day] = tuple(
                number
                for number in sorted(self._of_dept.get(dept, ()))
                if officer_standing(self._known[number], dept, day) is not Standing.VALID
            )
        return found
