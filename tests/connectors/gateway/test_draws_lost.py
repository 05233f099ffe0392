"""A draw over HTTP is never revealed otherwise than it was published, nor in another's place."""

from __future__ import annotations

from datetime import timedelta

from draw_requests import commit, reveal
from gateway_world import DEPT, OTHER, World

from schemas.draws_known import DrawsKnown
from schemas.inbound_draw import DrawCommitted


async def test_a_draw_whose_document_is_lost_is_made_again_as_it_was_published(drawing: World):
    await commit(drawing, public_source="上证综指收盘")
    drawn = await reveal(drawing, public_value="3204.56")
    (drawing.settings.draws / DEPT / "D-1" / "draw.json").unlink()
    drawing.clock += timedelta(hours=1)
    other = await reveal(drawing, public_value="3204.57")
    again = await reveal(drawing, public_value="3204.56")

    assert (other.status, other.json["reason"]) == (422, "DRAW_TAKEN")
    assert again.status == 200
    assert again.json["document"] == drawn.json["document"]


async def test_a_draw_that_another_department_published_first_is_not_revealed(drawing: World):
    first = DrawCommitted(
        draw_id="D-1", dept=OTHER, quarter="2026Q2", frame_sha256="ab" * 32,
        seed_sha256="cd" * 32, objects=1, take=1, officers=2, committed_at=drawing.clock,
    )  # fmt: skip
    held = drawing.registry.draws
    await commit(drawing)
    # Taken in by another worker in the same moment, and read from the topic before one's own.
    drawing.registry.draws = DrawsKnown()
    drawing.registry.draws.put(first)
    for entry in held.commitments.values():
        drawing.registry.draws.put(entry)

    answer = await reveal(drawing)

    assert (answer.status, answer.json["reason"]) == (422, "DRAW_TAKEN")
    assert OTHER in answer.json["detail"]
