"""What do all pages with forms do alike? Limits, forms of our own only, and the way back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from connectors.departments.gateway.intake.acceptance import PUBLISH_WAIT_S
from connectors.departments.gateway.intake.reading import read_body
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.people.pages import Pages, link
from connectors.departments.gateway.people.wording import Lang
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.quota import address_of
from connectors.departments.gateway.ways_in.sessions import Session, Sessions

FORM_BYTES_MAX = 64 * 1024
FORM_FIELDS_MAX = 500
FORM_WAIT_S = 5.0
SEEN_WAIT_S = 3.0
_LOOK_EVERY_S = 0.05

Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Kit:
    """What pages are made with."""

    parts: Parts
    pages: Pages
    sessions: Sessions

    def limit(self, request: Request) -> None:
        """Count a request against its address.

        Raises:
            Problem: there were too many.
        """
        self.parts.lookups_rate.take(address_of(request))

    async def form(self, request: Request, action: str, session: Session) -> Fields:
        """The fields of a form that our own page gave to this browser for this action.

        Raises:
            Problem: it is another's, too large, too slow, or no form.
        """
        fields = await read_form(request)
        self.sessions.check_form(session, action, first(fields, "form"))
        return fields

    async def publish(self, *records: Any) -> None:  # noqa: ANN401 - as the desk made them
        """Return once the records lie in the journal.

        Raises:
            Problem: the broker does not answer.
        """
        try:
            async with asyncio.timeout(PUBLISH_WAIT_S):
                await self.parts.publisher.publish(records)
        except TimeoutError:
            raise Problem(Why.BROKER_AWAY) from None

    async def seen(self, uscc: str, before: bytes | None) -> bool:
        """Whether the enterprise's state changed soon after; a page shown before would be old."""
        at = self.parts.desk.partition(uscc)
        loop = asyncio.get_running_loop()
        ends = loop.time() + SEEN_WAIT_S
        while await self.parts.view.state(at, uscc) == before:
            if loop.time() >= ends:
                return False
            await asyncio.sleep(_LOOK_EVERY_S)
        return True


async def read_form(request: Request) -> Fields:
    """The fields of a form in the body.

    Raises:
        Problem: it is too large, too slow, or no form.
    """
    body = await read_body(request, FORM_BYTES_MAX, FORM_WAIT_S)
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=FORM_FIELDS_MAX)
    except ValueError:
        raise Problem(Why.PARAMETER, "no form can be read from the body") from None


def first(fields: Fields, name: str) -> str:
    """The first value of a field; empty if there is none."""
    return fields.get(name, [""])[0]


def go(path: str, lang: Lang, **query: str) -> Response:
    """Go on there; a reload does not send the form again."""
    return RedirectResponse(link(path, lang, **query), 303)
