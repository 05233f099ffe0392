"""Who is signed in, and what do all pages for whoever is signed in do alike?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Set
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request, Response

from connectors.departments.gateway.people.page_kit import Fields, Kit
from connectors.departments.gateway.people.pages import lang_of
from connectors.departments.gateway.people.wording import Lang
from connectors.departments.gateway.ways_in.sessions import Session

Who = TypeVar("Who")


@dataclass(frozen=True, slots=True)
class Visitor(Generic[Who]):
    """Who is signed in, in which browser, and the language of the page that was asked for."""

    who: Who
    session: Session
    lang: Lang


class SignedOut(Exception):  # noqa: N818 - nothing went wrong
    """Nobody is signed in: the browser is sent to the page with the way in."""

    def __init__(self, page: str, lang: Lang) -> None:
        super().__init__(page)
        self.page, self.lang = page, lang


class SignedInPages(ABC, Generic[Who]):
    """Pages of one kind of visitors.

    Attributes:
        home: The page with the way in.
        sign_in_page: Its template for whoever is not signed in.
        notices: What such a page may say at its top.
    """

    home: str
    sign_in_page: str
    notices: Set[str]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    @property
    def sign_in_to(self) -> str:
        """Where the form of the way in goes."""
        return f"{self.home}/sign-in"

    @property
    def sign_out_to(self) -> str:
        """Where the form of the way out goes."""
        return f"{self.home}/sign-out"

    @abstractmethod
    async def who_is(self, session: Session) -> Who | None:
        """Who is signed in; None if nobody is, or is no longer allowed to be."""

    @abstractmethod
    def frame(self, who: Who) -> dict[str, Any]:
        """What every page says of who is signed in."""

    async def visitor(self, request: Request, lang: str | None) -> Visitor[Who]:
        """Who asks.

        Raises:
            Problem: there were too many requests.
            SignedOut: nobody is signed in.
        """
        session, who = await self.browser(request)
        if who is None:
            raise SignedOut(self.home, lang_of(lang))
        return Visitor(who, session, lang_of(lang))

    async def browser(self, request: Request) -> tuple[Session, Who | None]:
        """The browser that asks, and who is signed in there."""
        self.kit.limit(request)
        session = self.kit.sessions.of(request)
        return session, await self.who_is(session)

    def page(self, name: str, visitor: Visitor[Who], notice: str = "", **values: Any) -> Response:  # noqa: ANN401
        """A page in the frame of who is signed in."""
        sign_out = self.kit.sessions.form_token(visitor.session, self.sign_out_to)
        return self.kit.pages.page(
            name, visitor.lang, notice=self._said(notice), sign_out=sign_out,
            **self.frame(visitor.who), **values,
        )  # fmt: skip

    def way_in(self, session: Session, lang: Lang, notice: str) -> Response:
        """The page for whoever is not signed in."""
        form = self.kit.sessions.form_token(session, self.sign_in_to)
        response = self.kit.pages.page(
            self.sign_in_page, lang, form=form, action=self.sign_in_to, notice=self._said(notice)
        )
        self.kit.sessions.remember(session, response)
        return response

    def bind(self, visitor: Visitor[Who], action: str) -> str:
        """What a form on a page carries, bound to one action on one thing (`bound`)."""
        return self.kit.sessions.form_token(visitor.session, action)

    async def fields(self, request: Request, visitor: Visitor[Who], action: str) -> Fields:
        """The fields of such a form that came back.

        Raises:
            Problem: it is not ours, or not about this.
        """
        return await self.kit.form(request, action, visitor.session)

    def _said(self, notice: str) -> str:
        return notice if notice in self.notices else ""


def bound(action: str, *ids: str) -> str:
    """What a form is bound to: this action on this very thing."""
    return "\x1f".join((action, *ids))
