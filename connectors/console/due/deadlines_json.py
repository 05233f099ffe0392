"""How do deadlines look to a script? The same as the tables, with stable keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from connectors.console.due.outlook import Findings, Outlook
from connectors.console.due.repairs import CaseGroup
from connectors.console.due.stops import PUBLIC, Stop, StopGroup
from connectors.console.terminal.screen import instant_json
from schemas.oversight import CaseView

LISTED_MAX = 1000


def document(
    found: Findings,
    stops: Sequence[StopGroup],
    cases: Sequence[CaseGroup],
    held: Sequence[CaseView],
) -> dict[str, Any]:
    """All that was found. `open_stops` lists the most urgent ones, at most 1,000."""
    open_stops = [stop for stop in found.stops if stop.waits_on]
    return {
        "at": instant_json(found.now_ms),
        "by": found.by,
        "stops": [_stops(one, [*found.outlooks, PUBLIC]) for one in stops],
        "open_stops": [_stop(one, found.now_ms) for one in open_stops[:LISTED_MAX]],
        "sites": outlooks_document(found.outlooks),
        "cases": [_cases(one) for one in cases],
        "held": [
            {
                "uscc": case.uscc,
                "repair_id": case.repair_id,
                **{k: v for k, v in asdict(one).items() if k != "at_ms"},
                "at": instant_json(one.at_ms),
            }
            for case in held
            for one in case.held
        ],
    }


def outlooks_document(outlooks: Mapping[str, Outlook]) -> dict[str, Any]:
    """Every site's backlog, and what becomes of it."""
    return {site: _outlook(one) for site, one in outlooks.items()}


def _stops(one: StopGroup, places: Sequence[str]) -> dict[str, Any]:
    return {
        "group": one.name,
        "due_on": one.due_on,
        "provisional": one.provisional,
        "stops": one.stops,
        "open": one.open,
        "done": {place: one.done[place] for place in places},
        "waiting_on": dict(sorted(one.waits_on.items())),
        "at_risk": one.at_risk,
        "missed": one.missed,
    }


def _stop(stop: Stop, now_ms: int) -> dict[str, Any]:
    newest = stop.newest
    return {
        "result_id": newest.result_id,
        "uscc": newest.uscc,
        "version": newest.version,
        "due_on": newest.due_on,
        "provisional": newest.provisional,
        "at": dict(stop.at),
        "at_risk": stop.at_risk(now_ms),
        "missed": stop.missed(now_ms),
    }


def _outlook(one: Outlook) -> dict[str, Any]:
    told = one.forecast
    return {
        "owed": told.owed,
        "overdue": told.overdue,
        "required_per_hour": None if told.required_per_s is None else told.required_per_s * 3600,
        "rate_per_hour": None if one.rate is None else one.rate * 3600,
        "headroom": None if one.rate is None else told.headroom,
        "will_miss": None if one.rate is None and told.owed > told.overdue else told.will_miss,
        "latest_recovery": None if one.rate is None else instant_json(told.latest_ms),
        "down_until": instant_json(one.down_until_ms or None),
        "paused": one.ledger.pause,
        "breaker": one.ledger.breaker_state,
        "feed_behind": one.ledger.behind,
        "has_ledger": one.ledger.feed_next is not None,
    }


def _cases(one: CaseGroup) -> dict[str, Any]:
    return {
        "group": one.name,
        "due_on": one.due_on,
        "provisional": one.provisional,
        "open": one.running + one.paused + one.applied,
        "paused": one.paused,
        "not_accepted": one.applied,
        "overdue": one.overdue,
        "departments": dict(one.owners),
    }
