"""`/e/repairs`: an enterprise applies for repair and follows it to the stop (art. 11-13)."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Request, Response

from connectors.departments.gateway.people.handed_in import FILES_MAX, HandedIn, read_handed_in
from connectors.departments.gateway.people.own_desk import OwnDesk
from connectors.departments.gateway.people.own_pages import DISCLOSED, REPAIRS, OwnShell
from connectors.departments.gateway.people.own_rows import disclosed_row, repair_row
from connectors.departments.gateway.people.page_docs import (
    SENT,
    SHOWN,
    IdAsked,
    LangAsked,
    Notice,
    form_of,
)
from connectors.departments.gateway.people.page_kit import first, go
from connectors.departments.gateway.people.page_shell import bound
from connectors.departments.gateway.people.scan_pages import OWN_PAGE
from connectors.departments.gateway.people.wording import Lang, pick
from connectors.departments.gateway.people.wording_enterprise import DOCUMENTS
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.sessions import Session
from schemas.enums import CaseStatus, DocumentKind

APPLY, REPAIR, SUPPLEMENT = f"{REPAIRS}/new", f"{OWN_PAGE}/repair", f"{OWN_PAGE}/repair/supplement"
_OPEN = frozenset({CaseStatus.APPLIED, CaseStatus.ACCEPTED, CaseStatus.SUPPLEMENT})
_MULTIPART = "multipart/form-data"


def repair_router(desk: OwnDesk) -> APIRouter:
    """The routes of applications for repair."""
    router = APIRouter(tags=["pages of enterprises"], default_response_class=Response)
    page = RepairPages(desk)
    sent: dict[str, Any] = {"methods": ["POST"], "status_code": 303, "responses": SENT}
    files = form_of("case", "result", *DocumentKind, media_type=_MULTIPART)
    router.add_api_route(REPAIRS, page.repairs, responses=SHOWN)
    router.add_api_route(APPLY, page.form, responses={**SHOWN, 409: SENT[409]})
    router.add_api_route(APPLY, page.apply, openapi_extra=files, **sent)
    router.add_api_route(REPAIR, page.repair, responses=SHOWN)
    router.add_api_route(
        SUPPLEMENT, page.supplement, openapi_extra=form_of(*DocumentKind, media_type=_MULTIPART),
        **sent,
    )  # fmt: skip
    return router


class RepairPages(OwnShell):
    """Handles the requests of these pages."""

    async def repairs(self, request: Request, lang: LangAsked = None) -> Response:
        """All applications of the enterprise."""
        visitor = await self.visitor(request, lang)
        own = await self.desk.own(visitor.who.uscc)
        rows = [repair_row(self.kit.parts.desk, one, visitor.lang) for one in own.shown.repairs]
        return self.page("own_repairs.html", visitor, rows=rows)

    async def form(self, request: Request, result: IdAsked, lang: LangAsked = None) -> Response:
        """The form of an application about a result, and about others of the same department."""
        visitor = await self.visitor(request, lang)
        own, desk = await self.desk.own(visitor.who.uscc), self.kit.parts.desk
        results = own.repairable(result)
        # The number is given with the form: the same form sent twice is one application.
        case = f"HUB-{self.kit.parts.today():%Y%m%d}-{secrets.token_hex(6)}"
        return self.page(
            "own_apply.html", visitor, case=case, chosen=result,
            dept=desk.department_name(results[0].dept),
            results=[await self._row(visitor.who.uscc, one, visitor.lang) for one in results],
            form=self.bind(visitor, bound(APPLY, case)), **self._documents(visitor.lang),
        )  # fmt: skip

    async def apply(self, request: Request, lang: LangAsked = None) -> Response:
        """Hand an application in."""
        visitor = await self.visitor(request, lang)
        handed = await read_handed_in(request, self.desk.uploads.size_max)
        case = first(handed.fields, "case")
        self._check(visitor.session, handed, bound(APPLY, case))
        results = handed.fields.get("result", [])
        if not results:
            raise Problem(Why.PARAMETER, "no result was chosen", field="result")
        own = await self.desk.own(visitor.who.uscc)
        seen = await self.desk.apply(own, case, results, handed.files)
        if not seen:
            return go(DISCLOSED, visitor.lang, notice="pending")
        return go(REPAIR, visitor.lang, id=case, notice="done_applied")

    async def repair(
        self, request: Request, id: IdAsked, lang: LangAsked = None, notice: Notice = ""
    ) -> Response:
        """One application: where it stands, until what day, and where the results stopped."""
        visitor = await self.visitor(request, lang)
        own = await self.desk.own(visitor.who.uscc)
        case = own.repair(id)
        results = [one for name in case.result_ids if (one := own.shown.result(name)) is not None]
        return self.page(
            "own_repair.html", visitor, notice=notice,
            row=repair_row(self.kit.parts.desk, case, visitor.lang),
            results=[await self._row(visitor.who.uscc, one, visitor.lang) for one in results],
            open=case.status in _OPEN,
            wanted=case.status is CaseStatus.SUPPLEMENT or bool(case.missing),
            form=self.bind(visitor, bound(SUPPLEMENT, id)),
            **self._documents(visitor.lang),
        )  # fmt: skip

    async def supplement(self, request: Request, id: IdAsked, lang: LangAsked = None) -> Response:
        """Hand further documents in."""
        visitor = await self.visitor(request, lang)
        handed = await read_handed_in(request, self.desk.uploads.size_max)
        self._check(visitor.session, handed, bound(SUPPLEMENT, id))
        own = await self.desk.own(visitor.who.uscc)
        seen = await self.desk.supplement(own, own.repair(id), handed.files)
        return go(REPAIR, visitor.lang, id=id, notice="done_supplement" if seen else "pending")

    async def _row(self, uscc: str, one: Any, lang: Lang) -> dict[str, Any]:  # noqa: ANN401
        parts = self.kit.parts
        now_ms = int(parts.now().timestamp() * 1000)
        places = await self.desk.sites.places(uscc, one.result_id, now_ms)
        return disclosed_row(parts.desk, one, places, lang)

    def _check(self, session: Session, handed: HandedIn, action: str) -> None:
        self.kit.sessions.check_form(session, action, first(handed.fields, "form"))

    def _documents(self, lang: Lang) -> dict[str, Any]:
        size = f"{self.desk.uploads.size_max // (1 << 20)} MB"
        kinds = [(kind.value, pick(words, lang)) for kind, words in DOCUMENTS.items()]
        return {"kinds": kinds, "size": size, "files_max": FILES_MAX}
