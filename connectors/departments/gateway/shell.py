"""What stands around every answer? Security headers, a count, and no trace to any stranger."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.departments.gateway.counts import Counts
from connectors.departments.gateway.problems import Problem, Why

log = structlog.get_logger()

_METHODS = frozenset({"GET", "HEAD", "POST"})
"""Anybody can invent a method; each would be a series of its own."""


def security_headers(*, form_targets: Sequence[str], https: bool) -> dict[str, str]:
    """Headers for every answer.

    Args:
        form_targets: Where forms may lead besides here: the licence service.
        https: Whether the public address is a secure one.
    """
    targets = " ".join(["'self'", *form_targets])
    headers = {
        "content-security-policy": (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; "
            f"form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # The address of a scan page is the code itself.
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "cache-control": "no-store",
    }
    if https:
        headers["strict-transport-security"] = "max-age=31536000"
    return headers


class Shell:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, headers: dict[str, str], counts: Counts) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, began = False, time.monotonic()
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"

        async def send_on(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                found = message["headers"]
                names = {name for name, _ in found}
                message["headers"] = [*found, *(h for h in self._headers if h[0] not in names)]
                self._counts.add("answers", str(message["status"]))
                took = time.monotonic() - began
                self._counts.meter.seen("hub_gateway_answer_seconds", took, method=method)
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception:
            incident = secrets.token_hex(6)
            # The route's own path may hold a code; its method says enough beside the trace.
            log.exception("request failed", incident=incident, method=scope["method"])
            if started:
                raise
            answer = Problem(Why.FAULT, f"incident {incident}").response()
            await answer(scope, receive, send_on)
