"""What is put on the sites' feeds for what was decided? A function of facts and forms alone.

Source: art. 13 (every system stops); docs/delivery.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from schemas.facts import Decided
from schemas.feed import Disclosure, Notice, Scalar
from schemas.public_facts import DisclosureFact
from streams.rules.built import builder
from streams.rules.wording import instant_text

Forms = Mapping[str, Callable[[Notice], Mapping[str, Scalar]]]
"""By the site's code: what makes its own columns of a notice."""

_disclosure, _notice = builder(Disclosure), builder(Notice)


def feed_records(decided: Decided, forms: Forms) -> Iterator[Disclosure]:
    """One record a site for every version that follows from the answer to one record.

    A result that was stopped before it was ever disclosed (version 0) is on no feed.

    Source: art. 13.
    """
    for fact in decided.facts:
        if isinstance(fact, DisclosureFact) and fact.version > 0:
            for site, form in forms.items():
                yield _record(site, decided, fact, form(notice_of(decided.key, fact)))


def notice_of(uscc: str, fact: DisclosureFact) -> Notice:
    """All that a site's form may use of one version."""
    return _notice(
        {
            "uscc": uscc,
            "result_id": fact.result_id,
            "version": fact.version,
            "state": fact.state,
            "cause": fact.cause,
            "content": fact.content,
            "stop_reason": fact.reason,
            "scope": fact.scope,
            "decision_no": fact.decision_no,
            "said_at": fact.said_at,
            "due_on": fact.due_on,
            "provisional": bool(fact.provisional),
        }
    )


def _record(
    site: str, decided: Decided, fact: DisclosureFact, body: Mapping[str, Scalar]
) -> Disclosure:
    return _disclosure(
        {
            "site": site,
            "result_id": fact.result_id,
            "uscc": decided.key,
            "dept": fact.content.dept,
            "version": fact.version,
            "state": fact.state,
            "cause": fact.cause,
            "stop_reason": fact.reason,
            "scope": fact.scope,
            "decision_no": fact.decision_no,
            "approved_at": None if fact.said_at is None else instant_text(fact.said_at),
            "due_at": None if fact.due_on is None else f"{fact.due_on}T23:59:59+08:00",
            "provisional": bool(fact.provisional),
            "entity_name": fact.content.entity_name,
            "body": dict(body),
            "source": decided.src,
        }
    )
