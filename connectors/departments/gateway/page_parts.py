"""How are the pages of people put together? One router for each kind of reader."""

from __future__ import annotations

import redis.asyncio as aioredis
from fastapi import APIRouter

from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.licence import LicenceVerifier
from connectors.departments.gateway.officer_desk import OfficerDesk
from connectors.departments.gateway.officer_pages import officer_router
from connectors.departments.gateway.officer_session import OfficerDoor
from connectors.departments.gateway.own_desk import OwnDesk
from connectors.departments.gateway.own_pages import own_router
from connectors.departments.gateway.page_kit import Kit
from connectors.departments.gateway.repair_pages import repair_router
from connectors.departments.gateway.result_pages import result_router
from connectors.departments.gateway.sites_view import SitesView
from connectors.departments.gateway.token_file import FILE_NAME
from connectors.departments.gateway.tokens import BearerTokens
from connectors.departments.gateway.uploads import Uploads
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
