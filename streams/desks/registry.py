"""What do pages show of the registries that rules do not need? The wording of items' standards."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from schemas.registry import RegistryItem, RegistrySpecial
from schemas.visits import PointShown, StandardShown
from streams.registry import Registry


class DeskRegistry(Registry):
    """The registries, with the words that pages show."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[str, dict[int, StandardShown]] = {}
        self.special_filed: dict[str, int] = {}
        """Where each special inspection was filed: its first version is that record's rank."""

    def put(self, type_: str, entry: BaseModel) -> None:
        """Take in one entry of a control topic."""
        if isinstance(entry, RegistryItem):
            points = tuple(PointShown(one.point, one.title) for one in entry.points)
            shown = StandardShown(entry.version, entry.title, points)
            self._shown.setdefault(entry.item, {})[entry.version] = shown
        elif isinstance(entry, RegistrySpecial):
            first = self.special_filed.get(entry.special_id, entry.version)
            self.special_filed[entry.special_id] = min(first, entry.version)
        super().put(type_, entry)

    def item_title(self, item: str) -> str:
        """An item's title by its newest version; its code while there is none."""
        versions = self._shown.get(item)
        return versions[max(versions)].title if versions else item

    def item_standard(self, item: str, day: date, version: int | None) -> StandardShown | None:
        """That version of an item's standard; without one, what is in force on the day (art. 16).

        None: there is no such version, or none has begun.
        """
        if version is None:
            begun = self.standards.on(item, day)
            if begun is None:
                return None
            version = begun.version
        return self._shown.get(item, {}).get(version)
