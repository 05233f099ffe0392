"""What the guide for departments says of draws is so: its example is sent as it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

from draw_requests import IN_THE_WINDOW, send
from gateway_world import World

from connectors.departments.gateway.openapi import describe

GUIDE = (Path(__file__).parents[3] / "docs" / "integration.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)
    return found


async def test_the_guides_draw_is_a_draw(world: World):
    world.clock = IN_THE_WINDOW
    asked = json.loads(block("json draw"))
    asked["plan"]["percent"] = {"UNRATED": 100}  # the test's policy suggests none
    asked["plan"]["officers_each"] = 1  # and one of two officers must not go

    tried = await send(world, "/v1/draws?dry_run=true", asked)

    assert (tried.status, tried.json["take"]) == (200, 1)


async def test_the_guides_addresses_are_there(world: World):
    documented = describe(world.app)["paths"]
    for line in block("http draws").splitlines():
        method, path = line.split()
        name = re.sub(r"/D-1", "/{draw_id}", path)
        assert method.lower() in documented[name], line
    said = re.findall(r"`(GET|POST) (/draws[^`]*)`", GUIDE)
    assert len(said) >= 3
    assert all(method.lower() in documented[path] for method, path in said)
