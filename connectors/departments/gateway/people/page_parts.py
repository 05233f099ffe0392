"""How are the pages of people put together? One router for each kind of reader."""

from __future__ import annotations

import redis.asyncio as aioredis
from fastapi import APIRouter

from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.people.officer_desk import OfficerDesk
from connectors.departments.gateway.people.officer_pages import officer_router
from connectors.departments.gateway.people.officer_session import OfficerDoor
from connectors.departments.gateway.people.own_desk import OwnDesk
from connectors.departments.gateway.people.own_pages import own_router
from connectors.departments.gateway.people.page_kit import Kit
from connectors.departments.gateway.people.repair_pages import repair_router
from connectors.departments.gateway.people.result_pages import result_router
from connectors.departments.gateway.people.sites_view import SitesView
from connectors.departments.gateway.people.uploads import Uploads
from connectors.departments.gateway.ways_in.licence import LicenceVerifier
from connectors.departments.gateway.ways_in.token_file import FILE_NAME
from connectors.departments.gateway.ways_in.tokens import BearerTokens
from schemas.settings import Settings


def people_routers(
    settings: Settings,
    kit: Kit,
    client: aioredis.Redis,
    licence: LicenceVerifier | None,
    reads: PersonalReads,
) -> list[APIRouter]:
    """The pages of enterprises and of officers."""
    sites = SitesView(client, kit.parts.desk, settings.site_codes)
    own = OwnDesk(kit, Uploads(settings.uploads, settings.upload_bytes_max), sites)
    tokens = BearerTokens(settings.gateway / FILE_NAME, lambda: kit.parts.now().timestamp())
    door = OfficerDoor(kit.sessions, tokens, kit.parts.desk, kit.parts.today)
    officer = OfficerDesk(kit, reads)
    return [
        own_router(own, licence, settings.base_url),
        repair_router(own),
        officer_router(officer, door),
        result_router(officer, door),
    ]
