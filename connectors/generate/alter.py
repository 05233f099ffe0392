"""What makes a task the case it is? One function a case; each changes one thing about a draft."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from connectors.generate.cases import Case
from connectors.generate.city import (
    BAD_EARLY,
    BAD_EXPIRED,
    BAD_REVOKED,
    BAD_SUSPENDED,
    City,
)
from connectors.generate.draft import Draft
from connectors.generate.envelope import Clock
from connectors.generate.spec import DAY_MS
from connectors.generate.subjects import ODD_A_DISTRICT, Oddity
from connectors.generate.words import DISTRICTS

_ELSEWHERE = "130181"
"""A place outside the city, where not even a department of the city may go on its own."""
_TOO_LATE_DAYS = 22
_BACKFILL_DAYS = range(1, 7)
_LATE_BACKFILL_DAYS = range(12, 17)
_FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in "0123456789ABCDEFGHJKLMNPQRTUWXY"}
_MINUTE_MS = 60_000


class Alterations:
    """Makes a draft the case that was drawn for it."""

    def __init__(self, city: City, rng: Random, clock: Clock, whitelisted: tuple[int, ...]) -> None:
        self._city = city
        self._rng = rng
        self._clock = clock
        self._whitelisted = whitelisted
        self._table: dict[Case, Callable[[Draft], None]] = {
            Case.OFFICER_UNREGISTERED: lambda draft: _officer(draft, f"TJX{draft.number:06d}"),
            Case.OFFICER_EXPIRED: lambda draft: _bad_officer(draft, BAD_EXPIRED),
            Case.OFFICER_SUSPENDED: lambda draft: _bad_officer(draft, BAD_SUSPENDED),
            Case.OFFICER_REVOKED: lambda draft: _bad_officer(draft, BAD_REVOKED),
            Case.OFFICER_NOT_YET_VALID: lambda draft: _bad_officer(draft, BAD_EARLY),
            Case.OFFICER_FOREIGN: self._foreign_officer,
            Case.NO_OFFICERS: lambda draft: _set(draft, mode="ONSITE", officers=()),
            Case.NO_APPROVAL: lambda draft: _set(draft, approval=None),
            Case.APPROVAL_INCOMPLETE: lambda draft: _approval(draft, no=None),
            Case.APPROVED_AFTERWARDS: self._approved_afterwards,
            Case.RETROACTIVE_NOT_URGENT: self._retroactive_not_urgent,
            Case.URGENT_APPROVED_LATER: self._urgent,
            Case.URGENT_APPROVAL_OUTSTANDING: self._outstanding,
            Case.URGENT_APPROVED_TOO_LATE: self._too_late,
            Case.OUT_OF_TERRITORY: _abroad,
            Case.ASSISTED: self._assisted,
            Case.DEREGISTERED: lambda draft: self._odd(draft, Oddity.DEREGISTERED),
            Case.MOVED_OUT: lambda draft: self._odd(draft, Oddity.MOVED_OUT),
            Case.OUT_OF_SCOPE: self._out_of_scope,
            Case.WHITELISTED: self._visit_whitelisted,
            Case.NO_EVIDENCE: lambda draft: _set(draft, trigger="COMPLAINT", clue_no=None),
            Case.UNKNOWN_FIELDS: lambda draft: _set(draft, platform_build="7.3", risk_note="无"),
            Case.NORMALISED_CODE: self._oddly_written,
            Case.SURVEY: lambda draft: _set(draft, survey=True, kind="SPECIAL"),
            Case.BACKFILL: lambda draft: self._backfill(draft, _BACKFILL_DAYS),
            Case.LATE_BACKFILL: lambda draft: self._backfill(draft, _LATE_BACKFILL_DAYS),
        }

    def apply(self, draft: Draft) -> None:
        """Make the draft its case; most cases leave the content alone."""
        alter = self._table.get(draft.case)
        if alter is not None:
            alter(draft)

    def plan(self, draft: Draft, planned: int) -> None:
        """Move the planned day, and with it an approval given beforehand."""
        draft.planned = planned
        draft.content["planned_on"] = self._clock.day(planned)
        latest = min(planned, draft.at_ms // DAY_MS) - 1
        _approval(draft, at=self._clock.instant(latest * DAY_MS + 9 * 60 * _MINUTE_MS))

    def _foreign_officer(self, draft: Draft) -> None:
        departments = self._city.departments
        other = departments[(draft.department.index + 1) % len(departments)]
        _officer(draft, other.crews[0][0])

    def _approved_afterwards(self, draft: Draft) -> None:
        """Approval on the day after the inspection, which is reported three days late."""
        self.plan(draft, draft.at_ms // DAY_MS - 3)
        _approval(draft, at=self._clock.instant(draft.at_ms - 2 * DAY_MS))

    def _retroactive_not_urgent(self, draft: Draft) -> None:
        _set(draft, trigger="PLAN", kind="DAILY", clue_no=None)
        _approval(draft, mode="RETROACTIVE_URGENT")

    def _urgent(self, draft: Draft) -> None:
        """An urgent visit on the day itself, approved minutes before it is reported."""
        self.plan(draft, draft.at_ms // DAY_MS)
        clue = f"JJ-{self._city.spec.year}-{draft.number:08d}"
        _set(draft, trigger="URGENT", kind="CASE", clue_no=clue)
        at = self._clock.instant(draft.at_ms - 3 * _MINUTE_MS)
        _approval(draft, at=at, mode="RETROACTIVE_URGENT")

    def _outstanding(self, draft: Draft) -> None:
        self._urgent(draft)
        _approval(draft, no=None, by=None, at=None)

    def _too_late(self, draft: Draft) -> None:
        self._urgent(draft)
        self.plan(draft, draft.planned - _TOO_LATE_DAYS)
        _approval(draft, at=self._clock.instant(draft.at_ms - 3 * _MINUTE_MS))

    def _assisted(self, draft: Draft) -> None:
        _abroad(draft)
        letter = f"XZ-{self._city.spec.year}-{draft.department.index:03d}{draft.number:06d}"
        _set(draft, assist_letter_no=letter)

    def _odd(self, draft: Draft, oddity: Oddity) -> None:
        district = self._city.subjects.district(draft.subject)
        candidates = self._city.subjects.odd(district, oddity)
        self._visit(draft, candidates[draft.number % ODD_A_DISTRICT])

    def _out_of_scope(self, draft: Draft) -> None:
        kinds = (Oddity.GOVERNMENT_BODY, Oddity.SOCIAL_ORGANISATION)
        self._odd(draft, kinds[int(self._rng.random() * len(kinds))])

    def _visit_whitelisted(self, draft: Draft) -> None:
        """A proactive visit to one of the district's whitelisted enterprises (art. 3)."""
        subjects = self._city.subjects
        district = subjects.district(draft.subject)
        own = [number for number in self._whitelisted if subjects.district(number) == district]
        self._visit(draft, own[draft.number % len(own)])
        _set(draft, mode="ONSITE", trigger="PLAN", kind="DAILY", clue_no=None)

    def _visit(self, draft: Draft, subject: int) -> None:
        """Turn the draft to another enterprise of the same district."""
        subjects = self._city.subjects
        draft.subject = subject
        name, region = subjects.name(subject), subjects.region(subject)
        _set(draft, uscc=subjects.codes[subject], entity_name=name, premises_region=region)

    def _oddly_written(self, draft: Draft) -> None:
        """A credit code as people type it: lower case, full width, or in groups."""
        code = draft.content["uscc"]
        forms = (code.lower(), code.translate(_FULL_WIDTH), f"{code[:6]} {code[6:12]}-{code[12:]}")
        _set(draft, uscc=forms[draft.number % len(forms)])

    def _backfill(self, draft: Draft, days_ago: range) -> None:
        self.plan(draft, draft.at_ms // DAY_MS - days_ago[draft.number % len(days_ago)])
        _set(draft, backfill=True, mode="ONSITE")


def _set(draft: Draft, **fields: Any) -> None:  # noqa: ANN401 - JSON of the event
    draft.content.update(fields)


def _approval(draft: Draft, **fields: Any) -> None:  # noqa: ANN401 - JSON of the event
    draft.content["approval"].update(fields)


def _abroad(draft: Draft) -> None:
    """Premises outside the department's territory: the next district, or another province."""
    district = draft.department.district
    region = _ELSEWHERE if district is None else DISTRICTS[(district + 1) % len(DISTRICTS)][0]
    _set(draft, premises_region=region)


def _officer(draft: Draft, cert_no: str) -> None:
    first = draft.content["officers"][0]
    _set(draft, officers=(first, cert_no))


def _bad_officer(draft: Draft, officer: int) -> None:
    _officer(draft, draft.department.cert_no(officer))
