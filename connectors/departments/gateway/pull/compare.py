"""On which results do a site and its feed not agree? A merge of two sorted lists.

Source: art. 13 (a stop that was missed must be found); decision 0008 (what tells results apart).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from connectors.departments.gateway.pull.answers import Fault, Shown

DIFFERENCES_MAX = 1000


class Found(NamedTuple):
    """One result on which they differ; version or found None: not disclosed there.

    `uscc` None: the site shows it and did not say whose it is.
    """

    result_id: str
    uscc: str | None
    fault: Fault
    version: int | None
    found: int | None


class Comparison:
    """Compares what should be disclosed, added in order, with what a site discloses.

    A result that a site shows without its enterprise stands for that of any enterprise.
    """

    def __init__(self, own: Iterable[Shown]) -> None:
        self._own: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
        for one in own:
            self._own[one.result_id, one.uscc].append(one.version)
        self.differences: list[Found] = []
        self.more = False

    def add(self, result_id: str, version: int, uscc: str) -> None:
        """One that should be disclosed."""
        versions = self._own.get((result_id, uscc)) or self._own.get((result_id, None))
        if not versions:
            self._note(Found(result_id, uscc, Fault.MISSING, version, None))
        elif version in versions:
            versions.remove(version)
        else:
            self._note(Found(result_id, uscc, Fault.OTHER_VERSION, version, versions.pop(0)))

    def finish(self) -> list[Found]:
        """All of it, what must not be shown first: that is what the law is about."""
        rest = [
            Found(result_id, uscc, Fault.MUST_NOT_BE_SHOWN, None, version)
            for (result_id, uscc), versions in self._own.items()
            for version in versions
        ]
        return rest + self.differences

    def _note(self, difference: Found) -> None:
        if len(self.differences) >= DIFFERENCES_MAX:
            self.more = True
        else:
            self.differences.append(difference)
