"""How is a system asked over HTTP so that no answer can harm us?

Read to 64 KiB within 10 s, redirects not followed, nothing unpacked; whatever goes wrong is a
value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from connectors.sites.retry_after import retry_after_s
from connectors.sites.turns import Turns
from schemas.delivery import Unavailable

if TYPE_CHECKING:
    import aiohttp

ANSWER_BYTES_MAX = 64 * 1024
ANSWER_WAIT_S = 10.0
CONNECT_WAIT_S = 2.0
TOO_LONG = "answer longer than 64 KiB"

T = TypeVar("T")

_CHUNK_BYTES = 8 * 1024
_REASON_MAX = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system answered, neither trusted nor understood yet."""

    status: int
    content_type: str
    body: bytes
    retry_after_s: float | None = None


class Http:
    """One system's connections. Opens none before it is asked."""

    def __init__(
        self,
        *,
        connections_max: int = 32,
        wait_s: float = ANSWER_WAIT_S,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
        now: Callable[[], float] = time.time,
    ) -> None:
        # Here, not above: decide needs the systems' forms and asks none of them.
        import aiohttp

        self._connections_max = connections_max
        self._timeout = aiohttp.ClientTimeout(
            total=wait_s, sock_connect=min(CONNECT_WAIT_S, wait_s)
        )
        self._answer_bytes_max = answer_bytes_max
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._turns = Turns(connections_max)
        self._closed = False

    async def ask(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        proof: bool = False,
    ) -> Answer | Unavailable:
        """Send one request and read its answer. Never raises for what the other side does.

        `proof`: nothing leaves by it; while connections are short, what is owed goes first.
        """
        from aiohttp import ClientError
        from aiohttp.http_exceptions import HttpProcessingError

        await self._turns.take(proof=proof)
        try:
            if self._closed:
                return Unavailable("closed")
            try:
                return await self._exchange(method, url, query, body, headers)
            except TimeoutError:
                return Unavailable(f"no answer within {self._timeout.total} s")
            except (ClientError, HttpProcessingError, OSError, ValueError) as cause:
                return Unavailable(f"{type(cause).__name__}: {cause}"[:_REASON_MAX])
        finally:
            self._turns.give_back()

    async def close(self) -> None:
        """Let go of all connections. Whoever asks afterwards gets `Unavailable`."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(
        self,
        method: str,
        url: str,
        query: Mapping[str, str] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> Answer | Unavailable:
        async with self._open().request(
            method, url, params=query, data=body, headers=headers, allow_redirects=False
        ) as response:
            wait_s = retry_after_s(response.headers.get("Retry-After"), self._now())
            taken = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                taken += chunk
                if len(taken) > self._answer_bytes_max:
                    response.close()
                    return Unavailable(TOO_LONG)
            return Answer(response.status, response.content_type, bytes(taken), wait_s)

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=self._connections_max),
                cookie_jar=aiohttp.DummyCookieJar(),
                # A few bytes can unpack to gigabytes: take them as they are.
                auto_decompress=False,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            )
        return self._session


def fitting(answer: Answer, kind: type[T]) -> T | Unavailable:
    """The content of an answer, if it is JSON and fits its schema."""
    if answer.content_type != "application/json":
        return Unavailable(f"HTTP {answer.status} with content that is not JSON")
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as cause:
        return Unavailable(f"HTTP {answer.status} with other content: {cause}"[:_REASON_MAX])


def unusable(answer: Answer) -> Unavailable:
    """The outcome of a status that says nothing about the content of what was sent."""
    return Unavailable(f"HTTP {answer.status}", answer.retry_after_s)
