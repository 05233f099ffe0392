"""How does 天津市市场主体信用信息公示系统 learn of a disclosure? It reads its feed (art. 13).

It answers on its receipt topic, which deliver reads; here is only its form, and the read-back of
its public page. What such a system has to do is shown whole in `examples/site_consumer.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.sites.columns import categories, day_said, titles
from connectors.sites.http import Http
from connectors.sites.public_page import PublicPage
from schemas.delivery import Delivery, Observed, Refused, SiteReceipt, Standing, Unavailable
from schemas.feed import DisclosureState, Notice, Scalar
from schemas.site_tables import site_table
from schemas.sites import TIANJIN_SUBJECTS

TABLE = site_table("tianjin_subjects")
KEY_MEMORY_S = 365 * 86_400.0
"""It keeps the highest version of each result for good."""

_STATE_WORD = {
    DisclosureState.DISCLOSED: "公示",
    DisclosureState.STOPPED: "停止公示",
    DisclosureState.WITHDRAWN: "撤回",
}


def form(notice: Notice) -> dict[str, Scalar]:
    """The columns of one version of a result's disclosure."""
    content, reason = notice.content, notice.stop_reason
    found = categories(TABLE, notice)
    stopped = notice.state is not DisclosureState.DISCLOSED
    return {
        "subject_code": notice.uscc,
        "subject_name": content.entity_name,
        "result_no": notice.result_id,
        "task_no": content.task_id,
        "authority": content.dept,
        "checked_on": content.inspected_on.isoformat(),
        "result_codes": ",".join(found),
        "result_text": titles(TABLE, found),
        "found_problem": content.found_problem,
        "follow_up": content.follow_up,
        "status": _STATE_WORD[notice.state],
        "stop_reason": TABLE.stop_reasons[reason] if stopped and reason else None,
        "stop_scope": notice.scope.value if stopped and notice.scope else None,
        "stop_no": notice.decision_no,
        "stop_on": day_said(notice),
    }


class TianjinSubjects:
    """The system as deliver sees it (fits streams.ports.PublicitySystem)."""

    site = TIANJIN_SUBJECTS.code
    pushes = False
    batch_max = 200
    key_memory_s = KEY_MEMORY_S

    def __init__(self, page: str, *, http: Http | None = None) -> None:
        self._http = http or Http()
        self._page = PublicPage(self._http, page)

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Refused | Unavailable]:
        """Nothing can be sent to it: it takes from the feed."""
        return [Unavailable("takes from its feed itself")] * len(deliveries)

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Standing | Unavailable | None]:
        """How each result stands there, as far as its public page tells: only what is shown."""
        seen = await self._page.observe(deliveries)
        return [_standing(one) for one in seen]

    async def poll_receipts(self, cursor: str) -> tuple[Sequence[SiteReceipt], str]:
        """None here: its receipts come by its receipt topic."""
        return [], cursor

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """What the public page shows of each result."""
        return await self._page.observe(deliveries)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()


def _standing(seen: Observed | Unavailable) -> Standing | Unavailable | None:
    if isinstance(seen, Unavailable):
        return seen
    if seen.shown and seen.version is not None:
        return Standing(seen.version, DisclosureState.DISCLOSED)
    return None
