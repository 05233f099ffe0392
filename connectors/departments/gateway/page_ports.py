"""What do the pages of enterprises and officers ask of the rules? Pure answers, never waiting."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from schemas.oversight import DeliveryView
from schemas.visits import Applied, PointShown, RatingShown, SubjectShown, VisitShown


class EnterpriseDesk(Protocol):
    """Answers about one enterprise, and makes its acts into records for `publish`."""

    def subject(self, state: bytes | None) -> SubjectShown:
        """All that an enterprise may see of itself."""

    @property
    def partitions(self) -> int:
        """How many partitions the journal has."""

    def department_region(self, dept: str) -> str:
        """Where a department is at home; empty while the registry has none."""

    def item_points(self, item: str) -> tuple[PointShown, ...]:
        """The points to check of an item."""

    def delivery(self, entry: bytes, attempt: bytes | None, now_ms: int) -> DeliveryView:
        """How far a site is with a result, from its ledger."""

    def rating(self, uscc: str, visit: VisitShown, given: RatingShown, at: datetime) -> Any:  # noqa: ANN401
        """The record of a rating."""

    def repair_applied(self, uscc: str, applied: Applied, at: datetime) -> Any:  # noqa: ANN401
        """The record of an application for repair."""

    def supplement(self, uscc: str, applied: Applied, at: datetime) -> Any:  # noqa: ANN401
        """The record of documents handed in later."""
