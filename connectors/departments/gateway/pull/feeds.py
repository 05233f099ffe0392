"""`/v1/feeds/{site}`: how a publicity system that runs no Kafka client is served (art. 13)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from connectors.departments.gateway.openapi import body_of, json_body, plain_schema, problems
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.pull.answers import (
    RECEIPTS_MAX,
    Compared,
    FeedDigest,
    FeedPage,
    OwnList,
    ReceiptOutcomes,
    ToldReceipt,
)
from connectors.departments.gateway.pull.cursor import LENGTH_MAX
from connectors.departments.gateway.pull.desk import WAIT_MAX_S, FeedDesk

PAGE_MAX = 500
SiteCode = Annotated[
    str, Path(min_length=1, max_length=64, description="Its code, such as GSXT-TJ.")
]
After = Annotated[
    str | None,
    Query(max_length=LENGTH_MAX, description="The last page's cursor; left out: from the start."),
]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="Records at most.")]
Bound = Annotated[str, Query(max_length=128, description="A result id; empty: no bound.")]

_PREFER = {
    "name": "Prefer", "in": "header", "required": False, "schema": {"type": "string"},
    "description": f"`wait=N`: wait for more for N (<= {WAIT_MAX_S:g}) seconds.",
}  # fmt: skip
_DENIED = problems(401, 404, 422, 429, 500, 503)
_REFUSED = problems(401, 404, 408, 413, 415, 422, 429, 500, 503)


def feeds_router(parts: Parts) -> APIRouter:
    """The routes of sites that pull."""
    router = APIRouter(prefix="/v1/feeds", tags=["feeds"])
    desk = FeedDesk(parts)

    @router.get(
        "/{site}",
        response_model=FeedPage,
        responses={**_DENIED, **problems(410)},
        openapi_extra={"parameters": [_PREFER]},
    )
    async def get_feed(
        request: Request, site: SiteCode, after: After = None, limit: Limit = 100
    ) -> Response:
        """More of your feed, in order; an empty page with a cursor if there is no more in time."""
        return await desk.page(request, site, after, limit)

    @router.post(
        "/{site}/receipts",
        status_code=207,
        response_model=ReceiptOutcomes,
        responses=_REFUSED,
        openapi_extra=body_of(_list_of(ToldReceipt, "receipts", RECEIPTS_MAX)),
    )
    async def post_receipts(request: Request, site: SiteCode) -> Response:
        """Say what you have done. What is answered with 202 or 200 is stored durably."""
        return await desk.receipts(request, site)

    @router.get("/{site}/digest", response_model=FeedDigest, responses=_DENIED)
    async def get_digest(
        request: Request, site: SiteCode, first: Bound = "", before: Bound = ""
    ) -> Response:
        """What you should disclose by now: how many results, and their hash."""
        return await desk.digest(request, site, first, before)

    @router.post(
        "/{site}/digest",
        response_model=Compared,
        responses=_REFUSED,
        openapi_extra=json_body(OwnList),
    )
    async def post_digest(request: Request, site: SiteCode) -> Response:
        """Say what you disclose in a stretch of result ids; learn what differs."""
        return await desk.compare(request, site)

    return router


def _list_of(model: type[ToldReceipt], name: str, most: int) -> dict[str, Any]:
    listed = {"type": "array", "minItems": 1, "maxItems": most, "items": plain_schema(model)}
    return {"type": "object", "required": [name], "properties": {name: listed}}
