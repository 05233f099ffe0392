"""What did this scan find, and how is what followed put on record? No HTML in here (art. 8)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.intake.acceptance import PUBLISH_WAIT_S
from connectors.departments.gateway.intake.cases import Case
from connectors.departments.gateway.intake.lookups import officers_of
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.licence import Identified
from schemas.desk import OfficerShown, ScanVerdict
from schemas.enums import EntryHow
from schemas.special_words import SURVEY_PREFIX

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    Attributes:
        verdict: None: a good code, but of another enterprise than the one verified.
        case: None where nothing may be told: forged, unknown, or another enterprise's.
        verified: the verified enterprise is the one the code is for.
        officers: with names only if verified.
    """

    verdict: ScanVerdict | None
    case: Case | None
    verified: bool
    officers: tuple[OfficerShown, ...]


class ScanDesk:
    """Answers scans and records what followed."""

    def __init__(self, parts: Parts, reads: PersonalReads) -> None:
        self._parts = parts
        self._reads = reads

    async def look(self, token: str, who: Identified | None) -> Scan:
        """What a scan of this token finds, for an enterprise that was verified or for nobody."""
        parts = self._parts
        read = parts.desk.read_token(token)
        case = None
        if read is not None:
            case = await parts.cases.by_code(read)
            places = parts.desk.partitions_of(read)
            if case is None and not all(await asyncio.gather(*map(parts.view.knows, places))):
                # A view that was wiped knows no code: that makes none of them a forgery.
                raise Problem(Why.VIEW_AWAY)
        task_id, state = (case.made.task_id, case.state) if case else ("", None)
        verdict = parts.desk.scan(token, task_id, state, parts.today())
        parts.counts.add("scans", verdict.value)
        if case is None:
            return Scan(verdict, None, verified=False, officers=())
        if who is not None and who.uscc != case.uscc and not _is_survey(case):
            parts.counts.add("scans", "FOREIGN")
            return Scan(None, None, verified=False, officers=())
        return self._found(verdict, case, who)

    def _found(self, verdict: ScanVerdict, case: Case, who: Identified | None) -> Scan:
        officers = officers_of(self._parts, case, everyone=True)
        if who is None:
            hidden = tuple(OfficerShown("", "", one.standing, one.valid_to) for one in officers)
            return Scan(verdict, case, verified=False, officers=hidden)
        self._reads.record(
            field="officer.name", reader=who.uscc, about=case.made.task_id, count=len(officers)
        )
        return Scan(verdict, case, verified=True, officers=officers)

    async def record(self, scan: Scan, how: EntryHow) -> bool:
        """Put on record how officers entered; whether there was anything to record.

        A code that is void, or was scanned already, is not touched: nothing that is pressed here
        brings it back, and nothing stops the inspection.
        """
        if scan.verdict is not ScanVerdict.GOOD or scan.case is None:
            return False
        if how is EntryHow.SCANNED and not scan.verified:
            return False
        if _is_survey(scan.case):
            # One code for whatever the survey comes upon: a scan of one object is not one of all.
            return False
        case, parts = scan.case, self._parts
        # One code was shown for all members of a joint visit: it is on record for each of them.
        entries = [
            parts.desk.entry(case.uscc, one.made.task_id, how, parts.now()) for one in case.everyone
        ]
        try:
            async with asyncio.timeout(PUBLISH_WAIT_S):
                await parts.publisher.publish(entries)
        except TimeoutError:
            raise Problem(Why.BROKER_AWAY) from None
        parts.counts.add("entries", how.value)
        log.info(
            "entry recorded by the page", how=how.value, task=self._reads.hashed(case.made.task_id)
        )
        return True


def _is_survey(case: Case) -> bool:
    """Whether the code is a survey's, which names no enterprise: any may verify it (art. 7)."""
    return case.uscc.startswith(SURVEY_PREFIX)
