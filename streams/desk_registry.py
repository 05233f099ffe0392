"""What do pages show of the registries that rules do not need? Titles and check points of items."""

from __future__ import annotations

from pydantic import BaseModel

from schemas.registry import RegistryItem
from schemas.visits import PointShown
from streams.registry import Registry


class DeskRegistry(Registry):
    """The registries, with the words that pages show."""

    def __init__(self) -> None:
        super().__init__()
        self.item_titles: dict[str, str] = {}
        self.item_points: dict[str, tuple[PointShown, ...]] = {}

    def put(self, type_: str, entry: BaseModel) -> None:
        """Take in one entry of a control topic."""
        if isinstance(entry, RegistryItem):
            self.item_titles[entry.item] = entry.title
            self.item_points[entry.item] = tuple(
                PointShown(one.point, one.title) for one in entry.points
            )
        super().put(type_, entry)
