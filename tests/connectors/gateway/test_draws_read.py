"""Anybody reads a draw that was revealed, and has it checked; that is on record."""

from __future__ import annotations

import pytest
from draw_requests import commit, reveal, send
from gateway_world import World

DAMAGE = {
    "chosen": [],
    "seed": "00" * 32,
    "committed_at": "2026-04-01T09:00:00+08:00",
}


async def test_anybody_has_a_draw_checked(drawing: World):
    await commit(drawing)
    drawn = (await reveal(drawing)).json["document"]
    good = await send(drawing, "/draws:verify", drawn, dept=None)
    verdicts = {
        name: (await send(drawing, "/draws:verify", {**drawn, name: value}, dept=None)).json
        for name, value in DAMAGE.items()
    }
    unknown = {**drawn, "frame": {**drawn["frame"], "draw_id": "D-7"}}
    other = await send(drawing, "/draws:verify", unknown, dept=None)

    assert (good.status, good.json) == (200, {"draw_id": "D-1", "true": True, "faults": []})
    assert [one["true"] for one in verdicts.values()] == [False, False, True]
    assert verdicts["chosen"]["faults"][0] == "the seed chooses others than these"
    assert "another seed than was published" in verdicts["seed"]["faults"]
    assert "nobody committed to it" in other.json["faults"]


async def test_what_takes_too_long_to_draw_is_not_drawn_for_strangers(drawing: World):
    await commit(drawing)
    drawn = (await reveal(drawing)).json["document"]
    stratum = {"class": "A", "layer": "", "take": 9_000, "objects": [f"O{n}" for n in range(9_000)]}
    drawn["frame"] |= {"strata": [stratum], "officers": [f"TJ{n}" for n in range(200)]}

    answer = await send(drawing, "/draws:verify", drawn, dept=None)

    assert (answer.status, answer.json["field"]) == (413, "frame")


async def test_an_address_has_few_draws_checked_at_once(drawing: World):
    statuses = [(await send(drawing, "/draws:verify", {}, dept=None)).status for _ in range(12)]

    assert statuses[0] == 422
    assert statuses[-1] == 429


async def test_that_certificates_were_shown_is_on_record(
    drawing: World, capsys: pytest.CaptureFixture[str]
):
    await commit(drawing)
    await reveal(drawing)
    capsys.readouterr()
    await drawing.ask("GET", "/draws/D-1/document")

    assert "officer.cert_no" in capsys.readouterr().out


async def test_a_draw_that_nobody_committed_to_is_not_found(world: World):
    for path in ("/draws/D-2", "/draws/D-2/document"):
        answer = await world.ask("GET", path)
        assert (answer.status, answer.json["field"]) == (404, "draw_id")
