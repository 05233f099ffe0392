"""Which routes do machines use besides those for events and look-ups? One router a part."""

from __future__ import annotations

from fastapi import APIRouter, Request

from connectors.departments.gateway.feeds import feeds_router
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.quota import address_of
from connectors.departments.registry_api import registry_router


def machine_routers(parts: Parts) -> list[APIRouter]:
    """The routers, in the order in which addresses are looked up."""

    def often_enough(request: Request) -> None:
        # Schemas are no secret: nobody shows credentials, so who asks is counted by address.
        parts.lookups_rate.take(address_of(request))

    return [feeds_router(parts), registry_router(before=[often_enough])]
