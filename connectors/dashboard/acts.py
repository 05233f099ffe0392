"""What can be done from the dashboard? Each act asks for a role and a reason, and is on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from connectors.console.dead_letters.letters import LetterGroup
from connectors.console.dead_letters.replay_plan import ReplayPlan
from connectors.dashboard.desk import OPS, Desk
from connectors.dashboard.door import Operator
from connectors.dashboard.sheets import Block, Sheet
from connectors.departments.gateway.people.page_kit import Fields, first, go
from connectors.departments.gateway.people.pages import lang_of
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.sessions import Session
from schemas.operator import OperatorRole
from schemas.sites import SITES

REASON_MAX = 500
_Site = Annotated[str, Path(max_length=64)]
_Cause = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
_ACTS = ("pause", "resume", "requeue", "compare")


def acts_router(desk: Desk) -> APIRouter:
    """The routes of pages with forms, and of what the forms do."""
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    pages = ActPages(desk)
    router.add_api_route(f"{OPS}/sites/{{site}}", pages.site)
    for act in _ACTS:
        where = f"{OPS}/sites/{{site}}/{act}"
        router.add_api_route(where, pages.act_on_site(act), methods=["POST"], name=act)
    router.add_api_route(f"{OPS}/letters/{{cause}}", pages.cause)
    router.add_api_route(f"{OPS}/letters/{{cause}}/replay", pages.replay, methods=["POST"])
    return router


class ActPages:
    """Handles the requests of these pages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kit = desk.kit
        self.operations = desk.board.operations

    async def site(self, request: Request, site: _Site) -> Response:
        """One publicity system, and what may be done to it."""
        session, who = await self.desk.who(request)
        if who is None:
            return self.desk.way_in(request)
        return await self._site(request, session, who, site)

    async def _site(
        self, request: Request, session: Session, who: Operator, site: str, fault: str = ""
    ) -> Response:
        if site not in self.desk.board.site_codes:
            raise Problem(Why.NOT_FOUND, field="site")
        asked = self.desk.asked(request, who, site=site)
        sheet = await self.desk.board.site_page(asked)
        seen = await self.desk.board.sites.get()
        ledger = seen.value.ledgers.get(site) if seen.value else None
        tokens = {
            act: self.kit.sessions.form_token(session, f"{OPS}/sites/{site}/{act}") for act in _ACTS
        }
        acts = Block(
            "acts", lambda: {"site": site, "ledger": ledger, "tokens": tokens,
                             "may": who.may(OperatorRole.OPERATOR)}, "acts", live=False,
        )  # fmt: skip
        blocks = [sheet.blocks[0], acts, *sheet.blocks[1:]]
        whole = Sheet(sheet.view, blocks, sheet.stamp, sheet.query)
        status = 409 if fault else 200
        return await self.desk.framed(
            request, session, asked, whole, status, here="sites", fault=fault
        )

    def act_on_site(self, act: str) -> Callable[..., object]:
        """The handler of what one button on a site's page does."""

        async def handle(request: Request, site: _Site) -> Response:
            who, session, fields = await self._form(request, f"{OPS}/sites/{site}/{act}")
            if site not in SITES:
                raise Problem(Why.NOT_FOUND, field="site")
            carry_out = getattr(self.operations, act)
            reason = _reason(fields)
            fault = await self._done(lambda: carry_out(site, reason, who.name))
            if fault:
                return await self._site(request, session, who, site, fault)
            lang = lang_of(request.query_params.get("lang"))
            return go(f"{OPS}/sites/{site}", lang, notice=f"done_{act}")

        return handle

    async def cause(self, request: Request, cause: _Cause) -> Response:
        """Dead letters of one cause: the latest, and what a replay would do."""
        session, who = await self.desk.who(request)
        if who is None:
            return self.desk.way_in(request)
        return await self._cause(request, session, who, cause)

    async def _cause(
        self, request: Request, session: Session, who: Operator, cause: str, fault: str = ""
    ) -> Response:
        force = request.query_params.get("force") == "yes" and who.may(OperatorRole.SUPERVISOR)
        asked = self.desk.asked(request, who, cause=cause)
        seen = await self.desk.board.letters.get()
        groups = [one for one in (seen.value.groups if seen.value else ())
                  if one.fingerprint == cause]  # fmt: skip
        if not groups:
            raise Problem(Why.NOT_FOUND, field="cause")
        plan = await self.desk.in_thread(lambda: self.operations.plan(cause, force=force))
        token = self.kit.sessions.form_token(session, f"{OPS}/letters/{cause}/replay")
        sheet = Sheet("bare", [
            _letter_block(groups, may=who.may(OperatorRole.OPERATOR)),
            _plan_block(plan, cause, token, who, force=force),
        ])  # fmt: skip
        status = 409 if fault else 200
        return await self.desk.framed(
            request, session, asked, sheet, status, here="letters", fault=fault
        )

    async def replay(self, request: Request, cause: _Cause) -> Response:
        """Send all letters of a cause again, once it was confirmed."""
        who, session, fields = await self._form(request, f"{OPS}/letters/{cause}/replay")
        force = first(fields, "force") == "yes"
        if force and not who.may(OperatorRole.SUPERVISOR):
            raise Problem(Why.ROLE)
        if first(fields, "confirm") != "yes":
            raise Problem(Why.PARAMETER, "the dry run was not confirmed", field="confirm")
        reason = _reason(fields)
        fault = await self._done(
            lambda: self.operations.replay(cause, reason, who.name, force=force)
        )
        if fault:
            return await self._cause(request, session, who, cause, fault)
        lang = lang_of(request.query_params.get("lang"))
        return go(f"{OPS}/letters", lang, notice="done_replay")

    async def _form(self, request: Request, action: str) -> tuple[Operator, Session, Fields]:
        """Who sent a form of ours that changes something.

        Raises:
            Problem: it is no form of ours, or his role may not.
        """
        session, who = await self.desk.who(request)
        fields = await self.kit.form(request, action, session)
        if who is None or not who.may(OperatorRole.OPERATOR):
            raise Problem(Why.ROLE)
        return who, session, fields

    async def _done(self, work: Callable[[], object]) -> str:
        """Change something; why it was not done, if it was not."""
        fault = await self.desk.tried(work)
        self.desk.board.changed()
        return fault


def _reason(fields: Fields) -> str:
    """Why it is done.

    Raises:
        Problem: nothing is said.
    """
    reason = " ".join(first(fields, "reason").split())
    if not reason or len(reason) > REASON_MAX:
        raise Problem(Why.PARAMETER, "say why, in at most 500 signs", field="reason")
    return reason


def _letter_block(groups: list[LetterGroup], *, may: bool) -> Block:
    letter = max((one for group in groups for one in group.letters), key=lambda one: one.at_ms)
    return Block("letter", lambda: {"groups": groups, "letter": letter, "may": may}, live=False)


def _plan_block(plan: ReplayPlan, cause: str, token: str, who: Operator, *, force: bool) -> Block:
    values = {
        "plan": plan, "cause": cause, "token": token, "may": who.may(OperatorRole.OPERATOR),
        "may_force": who.may(OperatorRole.SUPERVISOR), "force": force,
    }  # fmt: skip
    return Block("plan", lambda: values, "dry_run", live=False)
