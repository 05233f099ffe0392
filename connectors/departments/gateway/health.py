"""Is the gateway alive, can it work, and what has it done? Nothing in here asks for credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import orjson
from aiokafka.errors import KafkaError
from fastapi import APIRouter, Request, Response
from redis.exceptions import RedisError

from connectors.departments.gateway.answers import Ready
from connectors.departments.gateway.parts import Parts

_CHECK_WAIT_S = 2.0


def health_router(parts: Parts) -> APIRouter:
    """The routes for those who watch over the gateway."""
    router = APIRouter(tags=["health"])
    text = {"content": {"text/plain": {"schema": {"type": "string"}}}}

    @router.get("/healthz", response_class=Response, responses={200: text})
    async def healthz() -> Response:
        """The process answers."""
        return Response("ok\n", media_type="text/plain")

    @router.get(
        "/readyz",
        response_model=Ready,
        responses={503: {"model": Ready, "description": "It cannot do its work now."}},
    )
    async def readyz() -> Response:
        """Broker and Redis answer, and the registries are followed."""
        # The registries' follower asks the broker, so its answer is the broker's too.
        broker, redis = await asyncio.gather(
            _answers(parts.control.level()), _answers(parts.view.ping())
        )
        ready = {
            "ready": broker and redis, "broker": broker, "redis": redis, "registry": broker,
        }  # fmt: skip
        status = 200 if ready["ready"] else 503
        return Response(orjson.dumps(ready), status, media_type="application/json")

    both = {"content": {**text["content"], "application/openmetrics-text": {}}}

    @router.get("/metrics", response_class=Response, responses={200: both})
    async def metrics(request: Request) -> Response:
        """Figures of this process, in the form that the asker accepts."""
        page, content_type = parts.counts.meter.page(request.headers.get("accept", ""))
        return Response(page, headers={"content-type": content_type})

    return router


async def _answers(question: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(_CHECK_WAIT_S):
            await question
    except (KafkaError, RedisError, TimeoutError, OSError):
        return False
    return True
