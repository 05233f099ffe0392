"""A draw's commitment and seed are there for anybody; nothing else is."""

import hashlib
from datetime import UTC, datetime

from gateway_world import DEPT, World

from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.messages import DRAW_COMMITTED, DRAW_REVEALED

SEED = "5e" * 32
AT = datetime(2026, 4, 1, 1, tzinfo=UTC)
COMMITTED = DrawCommitted(
    draw_id="D-1", dept=DEPT, quarter="2026Q2", frame_sha256="ab" * 32, objects=10, take=2,
    seed_sha256=hashlib.sha256(bytes.fromhex(SEED)).hexdigest(), officers=5, committed_at=AT,
)  # fmt: skip
REVEALED = DrawRevealed(
    draw_id="D-1", dept=DEPT, seed=SEED, chosen_sha256="cd" * 32, revealed_at=AT
)


async def test_anybody_sees_what_was_committed_to_and_later_the_seed(world: World):
    world.registry.put(DRAW_COMMITTED, COMMITTED)
    before = await world.ask("GET", "/draws/D-1")
    world.registry.put(DRAW_REVEALED, REVEALED)
    after = await world.ask("GET", "/draws/D-1")

    assert (before.status, after.status) == (200, 200)
    assert before.json["revealed"] is None
    assert before.json["committed"]["seed_sha256"] == COMMITTED.seed_sha256
    assert SEED not in before.text
    assert after.json["revealed"]["seed"] == SEED


async def test_a_draw_that_nobody_committed_to_is_not_found(world: World):
    answer = await world.ask("GET", "/draws/D-2")

    assert answer.status == 404
    assert answer.json["field"] == "draw_id"
