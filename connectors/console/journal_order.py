"""How are lines sent so that the journal has each enterprise's events in the file's order?

Departments publish to topics of their own, which intake reads side by side: what two departments
say of one enterprise may reach the journal in either order. For a rehearsal that must come out as
`hub replay` does, an event waits until what another department said before it is taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.console.event_lines import Posting

WINDOW_LINES = 20_000


def rounds(postings: Iterable[Posting], window: int = WINDOW_LINES) -> Iterator[list[Posting]]:
    """Split postings into rounds: whoever sends them waits after each until it is taken in.

    Within a round every enterprise is spoken of by one department only. What the administrators
    publish stands in rounds of its own, in its place: it holds for all that follows, and for
    nothing before.
    At most `window` postings are held in memory.
    """
    held: list[Posting] = []
    control: list[Posting] = []
    for posting in postings:
        if posting.from_registry:
            while held:
                now, held = _split(held)
                yield now
            control.append(posting)
            continue
        if control:
            yield control
            control = []
        held.append(posting)
        if len(held) >= window:
            now, held = _split(held)
            yield now
    if control:
        yield control
    while held:
        now, held = _split(held)
        yield now


def _split(held: list[Posting]) -> tuple[list[Posting], list[Posting]]:
    """What may be sent now, and what must wait for it."""
    speaker: dict[str, str] = {}
    now, later = [], []
    waiting: set[str] = set()
    for posting in held:
        subject = posting.subject
        if subject is None:
            now.append(posting)
        elif subject in waiting or speaker.setdefault(subject, posting.dept) != posting.dept:
            waiting.add(subject)
            later.append(posting)
        else:
            now.append(posting)
    return now, later
