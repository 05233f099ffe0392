"""May an enterprise be drawn, and in which class? Its state, read for a draw (art. 3)."""

from __future__ import annotations

from datetime import date

from schemas.draw_frame import Drawable
from streams.rules.calendar import day_at
from streams.rules.entry.whitelist import is_listed
from streams.rules.letters import is_onsite
from streams.rules.state import EMPTY, UNRATED, decode_state, is_live


def drawable(state: bytes | None, *, dept: str, scheme: str, on: date) -> Drawable:
    """What an enterprise's state says of drawing it.

    Args:
        state: Its bytes in the view; None: nothing was ever said of it.
        dept: Who draws.
        scheme: By whose classes.
        on: On which day the whitelist must let it be drawn.

    Source: art. 3; docs/semantics.md §4 (an enterprise without a class is UNRATED).
    """
    known = EMPTY if state is None else decode_state(state)
    rated = known.classes.get(scheme)
    visits = sorted(
        task.day
        for task in known.tasks.values()
        if task.dept == dept and task.day and is_live(task) and is_onsite(task.nature)
    )
    return Drawable(
        UNRATED if rated is None else rated.class_,
        None if rated is None else day_at(rated.as_of),
        is_listed(known.whitelist, on.toordinal()),
        tuple(day_at(day) for day in visits),
    )
