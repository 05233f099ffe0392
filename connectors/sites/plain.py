"""Which columns does a site get that asks for none of its own? The notice's, flat.

Contract: docs/delivery.md (a form is pure and never fails).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemas.feed import DisclosureState, Notice, Scalar
from schemas.sites import SITES


def plain(notice: Notice) -> dict[str, Scalar]:
    """The columns of one version; `valid` says whether anything may be shown."""
    content = notice.content
    return {
        "result_id": notice.result_id,
        "uscc": notice.uscc,
        "entity_name": content.entity_name,
        "task_id": content.task_id,
        "dept": content.dept,
        "inspected_on": content.inspected_on.isoformat(),
        "outcomes": ",".join(content.outcomes),
        "found_problem": content.found_problem,
        "negative": content.negative,
        "follow_up": content.follow_up,
        "valid": notice.state is DisclosureState.DISCLOSED,
    }


FORMS: Mapping[str, Callable[[Notice], Mapping[str, Scalar]]] = dict.fromkeys(SITES, plain)
"""The form of each site, by its code."""
