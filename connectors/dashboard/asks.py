"""What is looked up only when somebody asks? A case, and what would be if a site stayed away."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from connectors.console.due.outlook import WhatIf
from connectors.console.stories.case_view import Case
from connectors.console.terminal.moments import read_moment
from connectors.dashboard.board import what_if_block
from connectors.dashboard.desk import OPS, Desk
from connectors.dashboard.due import Due
from connectors.dashboard.sheets import Block, Sheet
from connectors.departments.gateway.problems import Problem, Why


def asks_router(desk: Desk) -> APIRouter:
    """The routes of pages that are made once."""
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    pages = AskPages(desk)
    router.add_api_route(f"{OPS}/case", pages.case)
    router.add_api_route(f"{OPS}/what-if", pages.what_if)
    return router


class AskPages:
    """Handles the requests of these pages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.operations = desk.board.operations

    async def case(self, request: Request) -> Response:
        """A case by one of its names, from the task to the stop seen at each system."""
        session, who = await self.desk.who(request)
        if who is None:
            return self.desk.way_in(request)
        asked = self.desk.asked(request, who)
        name, uscc = (asked.query.get(key, "").strip() for key in ("id", "uscc"))
        found: list[Case] = []

        def find() -> None:
            found.append(self.operations.case(name, uscc or None))

        fault = await self.desk.tried(find) if name else ""
        form = Block("find", lambda: {"id": name, "uscc": uscc}, live=False)
        sheet = Sheet("bare", [form, *map(_case_block, found)])
        return await self.desk.framed(
            request, session, asked, sheet, 404 if fault else 200, here="case", fault=fault
        )

    async def what_if(self, request: Request) -> Response:
        """What would be missed if a site stayed away?"""
        session, who = await self.desk.who(request)
        if who is None:
            return self.desk.way_in(request)
        asked, sites = self.desk.asked(request, who), self.desk.board.site_codes
        site, until = (asked.query.get(key, "") for key in ("down", "until"))
        if site not in sites:
            raise Problem(Why.PARAMETER, "a site expected", field="down")
        found: list[tuple[Due, WhatIf]] = []

        def reckon() -> None:
            down = WhatIf(site, read_moment(until, asked.now_ms))
            found.append((self.operations.what_if(down), down))

        fault = await self.desk.tried(reckon)
        sheet = Sheet("bare", [*map(_supposed_block, found), what_if_block(asked, sites)])
        return await self.desk.framed(
            request, session, asked, sheet, 422 if fault else 200, here="deadlines", fault=fault
        )


def _case_block(case: Case) -> Block:
    return Block("case", lambda: {"case": case}, live=False)


def _supposed_block(told: tuple[Due, WhatIf]) -> Block:
    return Block("supposed", lambda: {"told": told}, "outlook", live=False)
