"""Special inspections of a generated city: with a list or a survey, and nothing else changes."""

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


def test_everything_else_stays_as_it_was() -> None:
    others = [one for one in events(replace(CITY, specials=2)) if not one["id"].startswith("ZX")]

    assert others == events(CITY)


def test_equal_seeds_give_equal_ones() -> None:
    spec = replace(CITY, specials=3)

    assert events(spec) == events(spec)
    assert events(spec) != events(spec, 2)
