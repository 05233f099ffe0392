"""What changes about enterprises within a year? Classes every month, whitelist, registries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import orjson

from connectors.generate.agenda import Agenda
from connectors.generate.city import BAD_OFFICERS, ITEMS_A_SYSTEM, City, item_code
from connectors.generate.envelope import Clock, Line
from connectors.generate.ledger import Ledger
from connectors.generate.policy import COAL, COAL_SCHEME, CREDIT_SCHEME
from connectors.generate.registry import officer_entry, policy_line, subject_entry
from connectors.generate.spec import DAY_MS
from schemas.messages import (
    REGISTRY_OFFICER,
    REGISTRY_SUBJECT,
    SUBJECT_CLASSIFIED,
    WHITELIST_CHANGED,
)
from schemas.registry import REGISTRY_SOURCE

GENERAL_SCHEME = "GENERAL_RISK"
_GRADES = "A" * 12 + "B" * 43 + "C" * 30 + "D" * 15
_OPENING_SHARE = 0.05
"""Enterprises classified on the first day, and in each month, as shares of the year's tasks."""
_MONTH_SHARE = 0.006
_OLD_SHARE = 0.03
_WHITELISTED_EVERY = 400
_WHITELISTED_MIN = 3
_ITEMS_WHITELISTED_EVERY = 8
_DELISTED_EVERY = 5
_CHANGES = 5
_PICKS_MAX = 20
"""How often an enterprise not yet classed that day is looked for; small cities run out of them."""


class Standing:
    """Sends what other departments find out about enterprises.

    Attributes:
        whitelisted: Numbers of the enterprises on the whitelist: the last of every district.
    """

    def __init__(
        self, city: City, agenda: Agenda, rng: Random, clock: Clock, ledger: Ledger
    ) -> None:
        self._city = city
        self._agenda = agenda
        self._random = rng.random
        self._clock = clock
        self._ledger = ledger
        self._sent = 0
        self._classified_on: dict[int, int] = {}
        spec = city.spec
        self._night_ms = max(1, int(spec.opens_s * 1000))
        self._first = spec.first_day.toordinal()
        each = max(_WHITELISTED_MIN, spec.subjects // spec.districts // _WHITELISTED_EVERY)
        self.whitelisted = [
            number
            for district in range(spec.districts)
            for number in city.subjects.of_district(district)[-each:]
        ]

    def open_day(self, ordinal: int) -> None:
        """Send what becomes known in the night before a day's work."""
        tasks = self._city.spec.tasks
        if ordinal == self._first:
            self._open_year()
        elif self._clock.day(ordinal).endswith("-01"):
            for _ in range(round(tasks * _MONTH_SHARE)):
                self._agenda.put(self._at_night(ordinal), self.classified(ordinal))
        middle = self._city.spec.day_count // 2
        if middle and ordinal == self._first + middle:
            self._turn_year(ordinal)

    def classified(self, ordinal: int) -> Line:
        """Classify some enterprise that departments visit (art. 3)."""
        departments = self._city.departments
        for _ in range(_PICKS_MAX):
            portfolio = departments[int(self._random() * len(departments))].portfolio
            subject = portfolio[int(len(portfolio) * self._random() ** 2)]
            if self._classified_on.get(subject) != ordinal:
                break
        self._classified_on[subject] = ordinal
        return self._classified(subject, CREDIT_SCHEME, "FGW", ordinal)

    def _open_year(self) -> None:
        first = self._first
        for _ in range(round(self._city.spec.tasks * _OPENING_SHARE)):
            self._agenda.put(self._at_night(first), self.classified(first))
        for line in (*self._coal(first), *self._whitelists(first)):
            self._agenda.put(self._at_night(first), line)

    def _coal(self, ordinal: int) -> Iterator[Line]:
        """Class every colliery that departments look after by its own industry's scheme."""
        visited = {number for one in self._city.departments for number in one.portfolio[:60]}
        for number in sorted(visited):
            if self._city.subjects.industry(number).startswith(COAL):
                yield self._classified(number, COAL_SCHEME, "GXJ", ordinal)
            elif number % 50 == 0:
                yield self._classified(number, GENERAL_SCHEME, "SCJ", ordinal)

    def _whitelists(self, ordinal: int) -> Iterator[Line]:
        for number in self.whitelisted:
            yield self._whitelist_line(ordinal, uscc=self._city.subjects.codes[number])
        for system in range(0, self._city.spec.systems, _ITEMS_WHITELISTED_EVERY):
            yield self._whitelist_line(ordinal, item=item_code(system, ITEMS_A_SYSTEM))

    def _turn_year(self, ordinal: int) -> None:
        """In the middle of the window some leave the whitelist, and the registries change."""
        for number in self.whitelisted[::_DELISTED_EVERY]:
            code = self._city.subjects.codes[number]
            line = self._whitelist_line(ordinal, uscc=code, listed=False)
            self._agenda.put(self._at_night(ordinal), line)
        if self._city.spec.control_changes:
            for line in self._control_changes(ordinal):
                self._agenda.put(self._at_night(ordinal), line)

    def _control_changes(self, _ordinal: int) -> Iterator[Line]:
        city = self._city
        yield policy_line(city, relaxed=True)
        for department in city.departments[:_CHANGES]:
            entry = {**officer_entry(city, department, BAD_OFFICERS), "status": "SUSPENDED"}
            yield self._registry_line(REGISTRY_OFFICER, entry)
            gone = subject_entry(city, department.portfolio[-1], status="DEREGISTERED")
            yield self._registry_line(REGISTRY_SUBJECT, gone)

    def _registry_line(self, event_type: str, entry: dict[str, Any]) -> Line:
        self._sent += 1
        event_id = f"reg-change-{self._sent:05d}"
        return Line(event_id, REGISTRY_SOURCE, event_type, orjson.dumps(entry))

    def _classified(self, subject: int, scheme: str, system: str, ordinal: int) -> Line:
        grade = _GRADES[int(self._random() * len(_GRADES))]
        is_old = self._random() < _OLD_SHARE
        if scheme == CREDIT_SCHEME and not is_old:
            self._ledger.classify(subject, grade)
        content = {
            "uscc": self._city.subjects.codes[subject],
            "scheme": scheme,
            "class": grade,
            "as_of": self._clock.day(max(self._first, ordinal - 40) if is_old else ordinal),
        }
        return self._line(self._city.agency(system), SUBJECT_CLASSIFIED, content)

    def _whitelist_line(
        self, ordinal: int, *, uscc: str | None = None, item: str | None = None, listed: bool = True
    ) -> Line:
        days = timedelta(days=90 + 30 * (self._sent % 4))
        until = str(self._city.spec.first_day + days) if self._sent % 3 == 1 else None
        content = {
            "uscc": uscc,
            "item": item,
            "listed": listed,
            "from": self._clock.day(ordinal),
            "until": until if listed else None,
            "ground": "守法记录良好" if listed else "期限届满前移出",
        }
        return self._line(self._city.agency("SCJ"), WHITELIST_CHANGED, content)

    def _line(self, source: str, event_type: str, content: dict[str, Any]) -> Line:
        self._sent += 1
        event_id = f"{source}-S-{self._sent:07d}"
        return Line(event_id, source, event_type, orjson.dumps(content))

    def _at_night(self, ordinal: int) -> int:
        return ordinal * DAY_MS + int(self._random() * self._night_ms)
