"""How are the busiest requests answered without the framework's share of the cost?

Routing, dependencies and middleware of FastAPI take longer than judging an event. So a request that
is exactly one of a few is handed straight to what the route calls; the routes stay, for the
document and for every request that is unusual in any way, such as one with a query.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

Answerer = Callable[[Request], Awaitable[Response]]


class Application(FastAPI):
    """An application that answers some POST requests directly, failures like any other's."""

    def answer_directly(
        self, answerers: Mapping[str, Answerer], around: Callable[[ASGIApp], ASGIApp]
    ) -> None:
        """Answer POST requests for these paths directly, within what stands around every answer."""
        self._answerers = answerers
        self._around = around(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer directly, or as any request."""
        is_direct = (
            scope["type"] == "http"
            and scope["path"] in self._answerers
            and scope["method"] == "POST"
            and not scope["query_string"]
            and not scope.get("root_path")
        )
        await (self._around if is_direct else super().__call__)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self._answerers[scope["path"]](request)
        except Exception as cause:
            handler = self._handler_of(cause)
            if handler is None:
                raise
            response = await handler(request, cause)
        await response(scope, receive, send)

    def _handler_of(self, cause: Exception) -> Any:  # noqa: ANN401 - as the framework has it
        """What answers such a failure, chosen as the framework does: by its nearest class."""
        handlers = self.exception_handlers
        return next((handlers[one] for one in type(cause).__mro__ if one in handlers), None)
