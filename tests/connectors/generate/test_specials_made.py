"""Special inspections of a generated city: with a list or a survey, and nothing else changes."""

import hashlib
from collections import Counter
from dataclasses import replace

import orjson

from connectors.generate import CitySpec, generate
from schemas.messages import INBOUND

CITY = CitySpec(districts=3, systems=8, subjects=600, officers=400, tasks=60)


def events(spec: CitySpec, seed: int = 1) -> list[dict]:
    lines = (orjson.loads(line) for line in generate(spec, seed))
    return [line for line in lines if line.get("source") != "REGISTRY"]


def test_a_list_and_a_survey_go_from_the_filing_to_the_end() -> None:
    made = [one for one in events(replace(CITY, specials=2)) if one["id"].startswith("ZX")]
    types = Counter(one["type"] for one in made)

    assert types["special.filed"] == 4
    assert types["special.dispatched"] == 4
    assert (types["special.claimed"], types["special.refused"], types["special.closed"]) == (
        2,
        2,
        2,
    )
    assert types["survey.object.found"] == 5
    assert types["survey.closed"] == 1
    for one in made:
        INBOUND[one["type"]].model.model_validate_json(orjson.dumps(one["data"]))


def test_a_list_is_drawn_from_by_who_may_and_by_who_may_not() -> None:
    made = [one for one in events(replace(CITY, specials=2)) if one["id"].startswith("ZX")]
    order = [(one["type"], one["data"].get("draw_id", "")) for one in made]
    draws = {one["data"]["draw_id"]: one for one in made if one["type"] == "draw.submitted"}
    claimed, closed = (next(at for at, (kind, _) in enumerate(order) if kind == name)
                       for name in ("special.claimed", "special.closed"))  # fmt: skip
    at = {name: order.index(("draw.submitted", name)) for name in draws}
    listed = "ZX-2026-S00"

    assert {name.rpartition("-")[2] for name in draws if name.startswith(listed)} == {
        "EARLY", "CQ", "UNKNOWN", "OTHER", "LATE",
    }  # fmt: skip
    assert at[f"{listed}-EARLY"] < claimed < at[f"{listed}-CQ"] < closed < at[f"{listed}-LATE"]
    assert draws[f"{listed}-CQ"]["data"]["special_id"] == listed
    assert draws[f"{listed}-OTHER"]["source"] != draws[f"{listed}-CQ"]["source"]
    committed, seed = (next(one["data"] for one in made if one["type"] == kind)
                       for kind in ("draw.committed", "draw.revealed"))  # fmt: skip
    assert hashlib.sha256(bytes.fromhex(seed["seed"])).hexdigest() == committed["seed_sha256"]
    assert committed["special_id"] == listed


def test_everything_else_stays_as_it_was() -> None:
    others = [one for one in events(replace(CITY, specials=2)) if not one["id"].startswith("ZX")]

    assert others == events(CITY)


def test_equal_seeds_give_equal_ones() -> None:
    spec = replace(CITY, specials=3)

    assert events(spec) == events(spec)
    assert events(spec) != events(spec, 2)
