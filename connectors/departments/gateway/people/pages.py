"""How are pages made? Templates without scripts, one small style sheet, every value escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from connectors.departments.gateway.intake.cases import Case
from connectors.departments.gateway.people import wording
from connectors.departments.gateway.people.wording import Lang
from connectors.departments.gateway.ports import Desk
from connectors.qr import qr_png

HERE = Path(__file__).parents[1]
STATIC = HERE / "static"


class Pages:
    """Fills templates in. `label` is the table of what they say."""

    def __init__(
        self, templates: Path = HERE / "templates", label: Callable[..., str] = wording.label
    ) -> None:
        self._label = label
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, name: str, lang: Lang, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
        """A template with its values, in a language."""
        return HTMLResponse(self.text(name, lang, **values), status)

    def text(self, name: str, lang: Lang, **values: Any) -> str:  # noqa: ANN401
        """The same, or a part of a page."""
        say: Callable[..., str] = partial(self._label, lang=lang)
        return self._environment.get_template(name).render(
            say=say, lang=lang, link=partial(link, lang=lang), **values
        )


def link(path: str, lang: Lang, **query: str) -> str:
    """An address on this site, in the language of the page."""
    given = {**query, **({"lang": "en"} if lang == "en" else {})}
    return f"{path}?{urlencode(given)}" if given else path


def lang_of(text: str | None) -> Lang:
    """The language asked for; Chinese unless it is English."""
    return "en" if text == "en" else "zh"


def code_page(pages: Pages, desk: Desk, case: Case, lang: Lang = "zh") -> HTMLResponse:
    """A page with a code's symbol, to be shown on a telephone or printed (art. 7)."""
    made = case.made
    picture = b64encode(qr_png(cast("str", made.qr_text))).decode()
    return pages.page("print.html", lang, picture=picture, facts=facts_of(desk, case, lang),
                      code=made.code)  # fmt: skip


def _of_member(desk: Desk, case: Case, lang: Lang) -> list[tuple[str, str]]:
    """Who inspects what: each member of a joint visit for itself (art. 7)."""
    items = (case.submitted.items if case.submitted is not None else ()) or case.standing.items
    return [
        (wording.label("department", lang), desk.department_name(case.made.dept)),
        (wording.label("items", lang), "；".join(desk.item_title(item) for item in items)),
    ]


def facts_of(desk: Desk, case: Case, lang: Lang) -> list[tuple[str, str]]:
    """What anybody may read of a code, as labels and values: no personal names."""
    made, standing = case.made, case.standing
    name = desk.subject_name(case.uscc)
    if not name and case.submitted is not None:
        name = case.submitted.entity_name
    visit = made.used if made.used is not None else standing.visits
    count = (
        wording.label("count_no_cap", lang, n=visit)
        if made.cap is None
        else wording.label("count", lang, n=visit, m=made.cap)
    )
    valid_until = made.valid_until.isoformat() if made.valid_until else ""
    return [
        (wording.label("enterprise", lang), f"{name} {case.uscc}".strip()),
        *(row for one in case.everyone for row in _of_member(desk, one, lang)),
        (wording.label("day", lang), standing.day.isoformat() if standing.day else ""),
        (wording.label("valid_until", lang), valid_until),
        (wording.label("state", lang), wording.state_text(standing.code_state, lang)),
        ("", count),
    ]
