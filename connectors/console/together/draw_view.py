"""How does a draw look? What is drawn from, and who was drawn."""

from __future__ import annotations

from collections import Counter

from rich.console import RenderableType

from connectors.console.terminal.screen import card, row, table
from schemas.draw import DrawDocument, DrawFrame
from schemas.inbound_draw import DrawCommitted


def frame_parts(frame: DrawFrame, known: DrawCommitted) -> list[RenderableType]:
    """What is drawn from: classes and layers, who is left out, and what was committed to."""
    strata = table("class", "layer", "#objects", "#to be drawn")
    for one in frame.strata:
        row(strata, one.class_, one.layer, len(one.objects), one.take)
    excluded = Counter(one.why for one in frame.excluded)
    told = card(
        f"Draw {frame.draw_id} of {frame.dept} for {frame.quarter}",
        [
            ("objects", f"{known.objects:,}, of which {known.take:,} are drawn"),
            ("left out", ", ".join(f"{why} {count:,}" for why, count in sorted(excluded.items()))),
            ("officers", f"{known.officers:,}, {frame.officers_each} for each object"),
            ("frame", known.frame_sha256),
            ("seed's hash", known.seed_sha256),
            ("public source", frame.public_source),
        ],
    )
    return [told, strata]


def chosen_table(draw: DrawDocument) -> RenderableType:
    """Who was drawn, and who is to go."""
    where = {uscc: one for one in draw.frame.strata for uscc in one.objects}
    shown = table("!credit code", "class", "layer", "officers")
    for one in draw.chosen:
        stratum = where[one.uscc]
        row(shown, one.uscc, stratum.class_, stratum.layer, ", ".join(one.officers))
    return shown
