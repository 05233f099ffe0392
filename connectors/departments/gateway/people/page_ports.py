"""What do pages, and draws over HTTP, ask of the rules? Pure answers, never waiting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Protocol

from schemas.desk import JointToPlan, SpecialHere, SubjectHere
from schemas.draw_frame import Drawable, DrawSources
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.oversight import DeliveryView
from schemas.visits import Applied, RatingShown, StandardShown, SubjectShown, VisitShown


class EnterpriseDesk(Protocol):
    """Answers about one enterprise, and makes its acts into records for `publish`."""

    def subject(self, state: bytes | None) -> SubjectShown:
        """All that an enterprise may see of itself."""

    @property
    def partitions(self) -> int:
        """How many partitions the journal has."""

    def department_region(self, dept: str) -> str:
        """Where a department is at home; empty while the registry has none."""

    def item_standard(self, item: str, day: date, version: int | None) -> StandardShown | None:
        """That version of an item's standard; without one, what is in force on the day."""

    def delivery(self, entry: bytes, attempt: bytes | None, now_ms: int) -> DeliveryView:
        """How far a site is with a result, from its ledger."""

    def rating(self, uscc: str, visit: VisitShown, given: RatingShown, at: datetime) -> Any:  # noqa: ANN401
        """The record of a rating."""

    def repair_applied(self, uscc: str, applied: Applied, at: datetime) -> Any:  # noqa: ANN401
        """The record of an application for repair."""

    def supplement(self, uscc: str, applied: Applied, at: datetime) -> Any:  # noqa: ANN401
        """The record of documents handed in later."""


class SpecialDesk(Protocol):
    """Answers about special inspections."""

    def special(self, special_id: str, state: bytes | None) -> SpecialHere:
        """A special inspection, from the registry topic and the state of its log in the view."""

    def subjects(self, uscc: Iterable[str]) -> dict[str, SubjectHere]:
        """Those of these enterprises that the object list has, by credit code."""


class DrawDesk(Protocol):
    """Answers about random draws, and joint tasks that come of them."""

    def quarter(self, day: date) -> str:
        """The quarter of a day, as `2026Q2`."""

    def joint_to_plan(self, joint_id: str, dept: str, state: bytes | None) -> JointToPlan | None:
        """A joint task for which this department has still to plan its part; None: it has not."""

    def draw(self, draw_id: str) -> tuple[DrawCommitted | None, DrawRevealed | None]:
        """What was published of a random draw: the commitment, and the seed."""

    def draw_sources(self, dept: str, uscc: Iterable[str]) -> DrawSources:
        """What the registries say of these enterprises, and of the department's officers."""

    def drawable(self, state: bytes | None, *, dept: str, scheme: str, on: date) -> Drawable:
        """What an enterprise's state says of drawing it."""
