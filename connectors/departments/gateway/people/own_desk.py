"""What does an enterprise see and do on its own pages? No HTML in here (art. 9, 11-13).

Everything is read from its own state under its own credit code: an id of anybody else's is not
found, whatever is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from connectors.departments.gateway.people.handed_in import HandedFile
from connectors.departments.gateway.people.page_kit import Kit
from connectors.departments.gateway.people.sites_view import SitesView
from connectors.departments.gateway.people.uploads import Uploads, kind_of
from connectors.departments.gateway.problems import Problem, Why
from schemas.enums import CaseStatus, DocumentKind
from schemas.feed import DisclosureState
from schemas.inbound import ResultRecorded
from schemas.visits import (
    Applied,
    DisclosedShown,
    RatingShown,
    RepairShown,
    SubjectShown,
    VisitShown,
)

Documents = tuple[tuple[DocumentKind, str, str], ...]
_OPEN = frozenset({CaseStatus.APPLIED, CaseStatus.ACCEPTED, CaseStatus.SUPPLEMENT})
_NAME_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Own:
    """An enterprise as it stands, and the bytes it was read from."""

    uscc: str
    shown: SubjectShown
    state: bytes | None

    def visit(self, task_id: str) -> VisitShown:
        """One of its visits.

        Raises:
            Problem: it has none of this id.
        """
        found = self.shown.visit(task_id)
        if found is None:
            raise Problem(Why.NOT_FOUND, field="task")
        return found

    def repair(self, repair_id: str) -> RepairShown:
        """One of its applications.

        Raises:
            Problem: it has none of this id.
        """
        found = self.shown.repair(repair_id)
        if found is None:
            raise Problem(Why.NOT_FOUND, field="id")
        return found

    def repairable(self, result_id: str) -> list[DisclosedShown]:
        """The results that one application may cover: those of one department still disclosed.

        Raises:
            Problem: the result is not its own, or nothing about it can be repaired.
        """
        found = self.shown.result(result_id)
        if found is None:
            raise Problem(Why.NOT_FOUND, field="result")
        if not can_be_repaired(found, self.shown):
            raise Problem(Why.NOT_NOW, "nothing is disclosed that could be repaired, or it waits")
        same = [
            one
            for one in self.shown.disclosed
            if one.dept == found.dept and can_be_repaired(one, self.shown)
        ]
        return [found, *(one for one in same if one is not found)]


def can_be_repaired(result: DisclosedShown, shown: SubjectShown) -> bool:
    """Whether it speaks against the enterprise, is shown, and no application is open for it."""
    waits = any(result.result_id in one.result_ids for one in shown.repairs if one.status in _OPEN)
    return result.negative and result.state is DisclosureState.DISCLOSED and not waits


class OwnDesk:
    """Answers an enterprise and carries out what it presses."""

    def __init__(self, kit: Kit, uploads: Uploads, sites: SitesView) -> None:
        self.kit = kit
        self.uploads = uploads
        self.sites = sites

    async def own(self, uscc: str) -> Own:
        """The enterprise as it stands.

        Raises:
            Problem: the view is being made again.
        """
        view, at = self.kit.parts.view, self.kit.parts.desk.partition(uscc)
        state = await view.state(at, uscc)
        if state is None and not await view.knows(at):
            raise Problem(Why.VIEW_AWAY)
        return Own(uscc, self.kit.parts.desk.subject(state), state)

    async def result(self, uscc: str, visit: VisitShown) -> ResultRecorded | None:
        """What was recorded of a visit; None if the journal cannot tell now."""
        if visit.result_at is None:
            return None
        at = self.kit.parts.desk.partition(uscc)
        return await self.kit.parts.cases.result(at, visit.result_at, visit.task_id)

    async def rate(self, own: Own, visit: VisitShown, stars: int, comment: str) -> bool:
        """Put a rating on record; whether it could be seen to have arrived.

        Raises:
            Problem: it is too early or too late, or no rating.
        """
        parts = self.kit.parts
        if visit.rate_until is None or parts.today() > visit.rate_until:
            raise Problem(Why.NOT_NOW, "there is no result yet, or the days for rating are over")
        given = RatingShown(stars, comment.replace("\r\n", "\n").strip(), 0)
        before = visit.rating
        if before is not None and (before.stars, before.comment) == (given.stars, given.comment):
            return True
        try:
            record = parts.desk.rating(own.uscc, visit, given, parts.now())
        except ValidationError as fault:
            raise _wrong(fault) from None
        await self.kit.publish(record)
        parts.counts.add("ratings", str(stars))
        return await self.kit.seen(own.uscc, own.state)

    async def apply(
        self, own: Own, repair_id: str, results: list[str], files: tuple[HandedFile, ...]
    ) -> bool:
        """Hand an application in: documents to the disk, then the event; whether it was seen.

        Raises:
            Problem: the results are not of one department of its own, or a document is missing.
        """
        if own.shown.repair(repair_id) is not None:
            return True
        chosen = [one for name in results if (one := own.shown.result(name)) is not None]
        allowed = {one.result_id for one in own.repairable(results[0])} if results else set()
        if not chosen or len(chosen) != len(results) or not allowed.issuperset(results):
            raise Problem(Why.NOT_FOUND, field="result")
        documents = await self._kept(files)
        missing = set(DocumentKind) - {DocumentKind.OTHER} - {kind for kind, _, _ in documents}
        if missing:
            raise Problem(Why.UPLOAD_MISSING, ", ".join(sorted(missing)), field="file")
        applied = Applied(
            repair_id=repair_id, dept=chosen[0].dept, result_ids=tuple(dict.fromkeys(results)),
            documents=documents,
        )  # fmt: skip
        parts = self.kit.parts
        await self.kit.publish(parts.desk.repair_applied(own.uscc, applied, parts.now()))
        parts.counts.add("repairs", "APPLIED")
        return await self.kit.seen(own.uscc, own.state)

    async def supplement(self, own: Own, case: RepairShown, files: tuple[HandedFile, ...]) -> bool:
        """Hand further documents in; whether it was seen.

        Raises:
            Problem: the case is over, or nothing was handed in.
        """
        if case.status not in _OPEN:
            raise Problem(Why.NOT_NOW, "the case is decided")
        documents = await self._kept(files)
        if not documents:
            raise Problem(Why.UPLOAD_MISSING, field="file")
        applied = Applied(
            repair_id=case.repair_id, dept=case.dept, result_ids=(), documents=documents
        )
        parts = self.kit.parts
        await self.kit.publish(parts.desk.supplement(own.uscc, applied, parts.now()))
        return await self.kit.seen(own.uscc, own.state)

    async def _kept(self, files: Sequence[HandedFile]) -> Documents:
        """The documents, each on the disk for good; all are judged before the first is kept."""
        for one in files:
            if one.field not in DocumentKind.__members__:
                raise Problem(Why.PARAMETER, "no such kind of document", field="file")
            if kind_of(one.content) is None:
                raise Problem(Why.UPLOAD_KIND, field=one.field)
        kept = []
        for one in files:
            digest = await asyncio.to_thread(self.uploads.keep, one.content)
            kept.append((DocumentKind(one.field), plain_name(one.name), digest))
        return tuple(kept)


def plain_name(name: str) -> str:
    """A file's name as it may stand in an event: no path, nothing that cannot be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if char.isprintable()).strip()
    return shown[-_NAME_LENGTH_MAX:] or "document"


def _wrong(fault: ValidationError) -> Problem:
    error = fault.errors(include_input=False, include_url=False)[0]
    return Problem(Why.PARAMETER, error["msg"], field=".".join(map(str, error["loc"])))
