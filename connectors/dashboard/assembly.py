"""How is the dashboard put together? From the gateway's parts, and the hub as operators see it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fastapi import APIRouter, Request, Response

from connectors.dashboard.acts import acts_router
from connectors.dashboard.asks import asks_router
from connectors.dashboard.board import Board
from connectors.dashboard.desk import Desk
from connectors.dashboard.door import OperatorDoor
from connectors.dashboard.operations import Operations
from connectors.dashboard.routes import dashboard_router
from connectors.dashboard.sheets import STATIC, sheets_of
from connectors.departments.gateway.people.page_kit import Kit
from connectors.departments.gateway.problems import Problem
from connectors.departments.gateway.ways_in.token_file import OPERATORS_FILE_NAME
from connectors.departments.gateway.ways_in.tokens import BearerTokens

LOOKS_AT_ONCE = 4
STATIC_AT = "/ops/static"


class Dashboard:
    """The dashboard of one gateway."""

    def __init__(
        self, kit: Kit, folder: Path, operations: Operations, clock: Callable[[], float]
    ) -> None:
        """Put it together; nothing is looked at yet.

        Args:
            kit: What pages of the gateway are made with.
            folder: Where its credentials lie.
            operations: The hub as operators see it and act on it.
            clock: Seconds that only go up.
        """
        self._threads = ThreadPoolExecutor(LOOKS_AT_ONCE, "dashboard")
        tokens = BearerTokens(folder / OPERATORS_FILE_NAME, lambda: kit.parts.now().timestamp())
        board = Board(operations, self._threads, clock, kit.parts.desk.department_name)
        door = OperatorDoor(kit.sessions, tokens)
        self.desk = Desk(kit, sheets_of(), door, board, self._threads)

    @property
    def routers(self) -> list[APIRouter]:
        """Its routes."""
        return [dashboard_router(self.desk), acts_router(self.desk), asks_router(self.desk)]

    @property
    def static(self) -> tuple[str, Path]:
        """Where its style sheet and scripts are served, and where they lie."""
        return STATIC_AT, STATIC

    def problem(self, request: Request, problem: Problem) -> Response | None:
        """A problem as operators read it; None where the page is none of theirs."""
        return self.desk.problem(request, problem)
