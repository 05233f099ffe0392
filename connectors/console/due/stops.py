"""Which stops are not proven everywhere yet, and on whom do they wait? From all ledgers together.

A stop is carried out at a system when the system has said so (its business receipt), on the hub's
own public list when the row is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.console.due.ledgers import SiteLedger
from connectors.partitioner import partition_of
from connectors.redis_view import key as view_key
from schemas.oversight import DeliveryView

PUBLIC = "PUBLIC"
"""The hub's own public list among the places that must stop."""
DONE = frozenset({"PROCESSED", "OBSERVED", "HIDDEN"})
ABSENT = "NOT_TAKEN_IN"
"""The site's ledger does not know of the stop: its worker has not read the feed so far."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One result that must be shown nowhere.

    Attributes:
        at: by place (a site's code, or PUBLIC) how far it is there.
        dept: whose result it is; empty where nobody asked for it.
    """

    newest: DeliveryView
    at: Mapping[str, str]
    dept: str = ""

    @property
    def waits_on(self) -> list[str]:
        """Places where it is not carried out."""
        return [place for place, standing in self.at.items() if standing not in DONE]

    def missed(self, now_ms: int) -> bool:
        """It is not carried out everywhere, and its day is over."""
        return bool(self.waits_on) and 0 < self.newest.due_ms < now_ms

    def at_risk(self, now_ms: int) -> bool:
        """Its last working day has begun, or a system refuses it; not missed yet."""
        if not self.waits_on or self.missed(now_ms):
            return False
        return self.newest.last_day or "REJECTED" in self.at.values()


@dataclass(slots=True)
class StopGroup:
    """Stops that have a due day, a department or a place in common.

    Attributes:
        stops: how many are not seen stopped everywhere.
        open: how many of them are not carried out somewhere.
        done: by place, how many are carried out there.
        waits_on: by place, how many are not; and why, where that is not plain owing.
    """

    name: str
    due_on: date | None
    due_ms: int
    provisional: bool
    stops: int = 0
    open: int = 0
    done: Counter[str] = field(default_factory=Counter)
    waits_on: Counter[str] = field(default_factory=Counter)
    at_risk: int = 0
    missed: int = 0

    def add(self, stop: Stop, now_ms: int) -> None:
        """Count one more; the group's day is that of its first open one."""
        newest = stop.newest
        if stop.waits_on and not self.open:
            self.due_on, self.due_ms = newest.due_on, newest.due_ms
            self.provisional = newest.provisional
        self.stops += 1
        self.open += bool(stop.waits_on)
        self.done.update(place for place, standing in stop.at.items() if standing in DONE)
        self.waits_on.update(_why(place, stop.at[place]) for place in stop.waits_on)
        self.at_risk += stop.at_risk(now_ms)
        self.missed += stop.missed(now_ms)


def stops_of(
    ledgers: Mapping[str, SiteLedger],
    shown: Collection[str],
    depts: Mapping[str, str] | None = None,
) -> list[Stop]:
    """Every stop among the entries that were read, the most urgent first.

    `shown` names what the public list shows.
    """
    names = {name for ledger in ledgers.values() for name in ledger.entries}
    found = []
    for name in names:
        views = {site: one.entries.get(name) for site, one in ledgers.items()}
        newest = max((one for one in views.values() if one), key=lambda one: one.version)
        if newest.stops:
            at = {site: _standing(one, newest) for site, one in views.items()}
            at[PUBLIC] = "SHOWN" if name in shown else "HIDDEN"
            if any(standing not in ("OBSERVED", "HIDDEN") for standing in at.values()):
                found.append(Stop(newest, at, (depts or {}).get(name, "")))
    return sorted(found, key=lambda one: (one.newest.due_ms, one.newest.result_id))


def group_stops(stops: Iterable[Stop], by: str, now_ms: int) -> list[StopGroup]:
    """Stops by due day, by department or by place; the earliest day first."""
    groups: dict[str, StopGroup] = {}
    for stop in stops:
        for name in _names(stop, by):
            newest = stop.newest
            if name not in groups:
                groups[name] = StopGroup(name, newest.due_on, newest.due_ms, newest.provisional)
            groups[name].add(stop, now_ms)
    return sorted(groups.values(), key=lambda one: (one.due_ms, one.name))


def owed_at(stops: Iterable[Stop], site: str) -> list[tuple[int, int]]:
    """What is owed at a site, by due moment; a stop without a day is never late."""
    counts = Counter(
        stop.newest.due_ms for stop in stops if stop.newest.due_ms and site in stop.waits_on
    )
    return sorted(counts.items())


def public_places(names: Collection[str], partitions: int) -> dict[str, list[str]]:
    """In which hash of the view each result would stand, if it were on the public list."""
    places: dict[str, list[str]] = {}
    for name in sorted(names):
        partition = partition_of(name.partition("\x1f")[0], partitions)
        places.setdefault(view_key(partition, "public"), []).append(name)
    return places


def _standing(view: DeliveryView | None, newest: DeliveryView) -> str:
    if view is None or view.version < newest.version:
        return ABSENT
    return view.standing


def _why(place: str, standing: str) -> str:
    words = {ABSENT: " unread", "REJECTED": " refused", "ACCEPTED": " unconfirmed"}
    return place + words.get(standing, "")


def _names(stop: Stop, by: str) -> Sequence[str]:
    if by == "site":
        return stop.waits_on or ()
    if by == "dept":
        return [stop.dept or "unknown"]
    return [str(stop.newest.due_on or "no day")]
