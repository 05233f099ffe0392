"""Whose turn is it? Stops go before disclosures, and still no disclosure waits for ever.

Source: art. 13; docs/delivery.md (stops have at least 3/4 of a site's rate when both wait).
"""

from __future__ import annotations

STOPS_OF_FOUR = 3


def share(room: int, stops: int, others: int, turn: int) -> tuple[int, int]:
    """How many stops and how many others may leave now.

    Args:
        room: how many may leave in all.
        stops: how many stops wait.
        others: how many others wait.
        turn: what has left while both waited, so that small rooms are shared fairly over time.
    """
    if stops + others <= room:
        return stops, others
    fair = sum((turn + number) % 4 == STOPS_OF_FOUR for number in range(room))
    few_stops = max(room - stops, 0)
    taken = min(others, max(fair, few_stops))
    return min(stops, room - taken), taken
