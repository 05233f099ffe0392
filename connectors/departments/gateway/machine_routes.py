"""Which routes do machines use besides those for events and look-ups? One router a part."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, Request

from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.planning.draw_desk import DrawDesk
from connectors.departments.gateway.planning.draws import draws_router
from connectors.departments.gateway.planning.special_desk import SpecialTasksDesk
from connectors.departments.gateway.planning.steps import specials_router
from connectors.departments.gateway.pull.feeds import feeds_router
from connectors.departments.gateway.ways_in.quota import address_of
from connectors.departments.registry_api import registry_router


def machine_routers(parts: Parts, reads: PersonalReads, draws: Path) -> list[APIRouter]:
    """The routers, in the order in which addresses are looked up.

    Args:
        parts: What they work with.
        reads: Records reads of personal fields.
        draws: The folder of random draws.
    """

    def often_enough(request: Request) -> None:
        # Schemas and draws are no secret: nobody shows credentials. Who asks is counted by address.
        parts.lookups_rate.take(address_of(request))

    public = registry_router(before=[often_enough])
    desk = DrawDesk(parts, draws)
    return [
        feeds_router(parts), public, draws_router(parts, desk, reads, [Depends(often_enough)]),
        specials_router(parts, SpecialTasksDesk(parts)),
    ]  # fmt: skip
