"""Which department is this? Several ways to prove it, behind one protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol

from starlette.requests import Request

from connectors.departments.gateway.counts import Counts
from connectors.departments.gateway.problems import Problem, Why


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a department, proven by one of its credentials.

    Attributes:
        body_sha256: what the body must hash to, if the credentials vouch for it.
    """

    dept: str
    key_id: str
    body_sha256: bytes | None = None

    def check_body(self, body: bytes) -> None:
        """Compare the body with what was vouched for, once it has been read.

        Raises:
            Problem: it is another one.
        """
        if self.body_sha256 is not None and not compare_digest(
            sha256(body).digest(), self.body_sha256
        ):
            raise Problem(Why.SIGNATURE, "the body is not the one that content-digest names")


class Authenticator(Protocol):
    """One way to prove who is asking. Told from the head of a request: no body is read before."""

    def applies(self, request: Request) -> bool:
        """Whether the request brings this kind of credentials."""

    async def identify(self, request: Request) -> Principal:
        """Who is asking.

        Raises:
            Problem: the credentials are not good.
        """


class Doorkeeper:
    """Asks every authenticator whose kind of credentials a request brings: all must agree."""

    def __init__(self, ways: Sequence[Authenticator], counts: Counts) -> None:
        self._ways = tuple(ways)
        self._counts = counts

    async def identify(self, request: Request) -> Principal:
        """Who is asking.

        Raises:
            Problem: nobody we know, or two of them.
        """
        try:
            return _agreed([await w.identify(request) for w in self._ways if w.applies(request)])
        except Problem as problem:
            self._counts.add("denied", problem.reason.value)
            raise


def _agreed(found: Sequence[Principal]) -> Principal:
    if not found:
        raise Problem(Why.UNAUTHENTICATED, "the request carries no credentials")
    if len({one.dept for one in found}) > 1:
        raise Problem(Why.UNAUTHENTICATED, "its credentials are of different owners")
    # One that vouches for the body is the stronger.
    return next((one for one in found if one.body_sha256 is not None), found[0])
