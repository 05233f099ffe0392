"""The OpenAPI document, and a page that shows it without a script or anything from elsewhere."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Response

from connectors.departments.gateway.openapi import describe
from connectors.departments.gateway.people.pages import Pages


def docs_router(app: FastAPI, pages: Pages) -> APIRouter:
    """`/openapi.json` and `/docs`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def document() -> Response:
        """The document."""
        return Response(orjson.dumps(describe(app)), media_type="application/json")

    @router.get("/docs")
    async def page() -> Response:
        """The document as a page."""
        return pages.page("docs.html", "en", document=describe(app), operations=_operations(app))

    return router


def _operations(app: FastAPI) -> list[dict[str, Any]]:
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, operations in describe(app)["paths"].items()
        for method, operation in operations.items()
    ]
