"""How is a gateway put together from settings and the parts that talk to the world?"""

from __future__ import annotations

import asyncio
import os
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import redis.asyncio as aioredis
from fastapi import FastAPI, Request, Response
from nacl.signing import VerifyKey
from starlette.staticfiles import StaticFiles

from connectors.dashboard.assembly import Dashboard
from connectors.dashboard.operations import Operations
from connectors.departments.gateway.app import build_app
from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.counts import Counts
from connectors.departments.gateway.intake.acceptance import Acceptance
from connectors.departments.gateway.intake.cases import Cases
from connectors.departments.gateway.intake.reading import BodyLimits
from connectors.departments.gateway.intake.receipts import Receipts
from connectors.departments.gateway.intake.view import ViewReader
from connectors.departments.gateway.intake.waiting import Waiting
from connectors.departments.gateway.machine_routes import machine_routers
from connectors.departments.gateway.parts import SHANGHAI, Parts
from connectors.departments.gateway.people.page_kit import Kit
from connectors.departments.gateway.people.page_parts import people_routers
from connectors.departments.gateway.people.pages import Pages
from connectors.departments.gateway.people.scan_desk import ScanDesk
from connectors.departments.gateway.people.scan_pages import problem_page, scan_router
from connectors.departments.gateway.ports import Control, Desk, Feeds, Journal, Publisher
from connectors.departments.gateway.problems import Problem
from connectors.departments.gateway.pull.ledger import FeedLedger
from connectors.departments.gateway.ways_in import signer_file, token_file
from connectors.departments.gateway.ways_in.auth import Doorkeeper
from connectors.departments.gateway.ways_in.certificates import (
    DEPT_PREFIX,
    SITE_PREFIX,
    ClientCertificates,
)
from connectors.departments.gateway.ways_in.licence import KEY_FILE, LicenceVerifier, OidcLicence
from connectors.departments.gateway.ways_in.quota import InHand, Rate, RememberedRate
from connectors.departments.gateway.ways_in.quota_report import QuotaReport
from connectors.departments.gateway.ways_in.revoked import Revocations
from connectors.departments.gateway.ways_in.seen_certificates import SeenCertificates
from connectors.departments.gateway.ways_in.sessions import Sessions
from connectors.departments.gateway.ways_in.signatures import SeenInRedis, SignedRequests
from connectors.departments.gateway.ways_in.tokens import BearerTokens
from connectors.departments.gateway.ways_in.tokens_told import TokensTold
from connectors.metrics.meter import Meter
from schemas.settings import Settings
from schemas.topics import IN_RETENTION_DAYS

SECRET_FILE = "forms.secret"  # noqa: S105 - a name, not a secret
_SECRET_BYTES = 32
_IN_HAND_BYTES_MAX = 128 << 20
_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the gateway is given.

    Attributes:
        redis: the view, receipts and sessions; must give up after seconds, not wait for ever.
        licence: proves enterprises; None: the one that the settings name.
        operations: the hub as operators see it; None: there is no dashboard.
        now: the instant, in Asia/Shanghai.
        clock: seconds that only go up.
        stopping: set when the process is about to end.
        meter: where its figures are.
    """

    desk: Desk
    control: Control
    publisher: Publisher
    journal: Journal
    feeds: Feeds
    redis: aioredis.Redis
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    licence: LicenceVerifier | None = None
    meter: Meter = field(default_factory=Meter)
    operations: Operations | None = None
    now: Callable[[], datetime] = lambda: datetime.now(SHANGHAI)
    clock: Callable[[], float] = time.monotonic


def assemble(settings: Settings, around: Around) -> FastAPI:
    """The application, ready to be served."""
    parts, pages = _parts(settings, around), Pages()
    secret = read_secret(settings.gateway / SECRET_FILE)
    reads = PersonalReads(secret, parts.counts)
    https = settings.base_url.startswith("https://")
    sessions = Sessions(around.redis, secret, https=https)
    licence = around.licence or _licence(settings, around)
    scan = scan_router(parts, pages, sessions, ScanDesk(parts, reads), licence, settings.base_url)
    kit = Kit(parts, pages, sessions)
    people = people_routers(settings, kit, around.redis, licence, reads)
    ops = None
    if around.operations is not None:
        ops = Dashboard(kit, settings.gateway, around.operations, around.clock)

    def on_page(request: Request, problem: Problem) -> Response | None:
        of_operators = None if ops is None else ops.problem(request, problem)
        return of_operators or problem_page(pages, request, problem)

    app = build_app(
        parts,
        pages,
        reads,
        more=[
            scan,
            *people,
            *machine_routers(parts, reads, settings.draws),
            *(ops.routers if ops else ()),
        ],
        form_targets=[licence.origin] if licence is not None else [],
        https=https,
        on_page=on_page,
    )
    rate = parts.events_rate
    app.state.telling = (
        QuotaReport(around.redis, rate.limits, rate.uses, parts.today),
        TokensTold(around.redis, settings.gateway / token_file.FILE_NAME),
    )
    if ops is not None:
        app.state.dashboard = ops
        path, folder = ops.static
        app.mount(path, StaticFiles(directory=folder), name="dashboard")
    return app


def _licence(settings: Settings, around: Around) -> LicenceVerifier | None:
    """The licence service that the settings name; None if they name none."""
    if not settings.licence_url:
        return None
    text = (settings.gateway / KEY_FILE).read_text(encoding="ascii")
    key = VerifyKey(bytes.fromhex(text))
    return OidcLicence(
        settings.licence_url, settings.licence_client, key, lambda: around.now().timestamp()
    )


def _parts(settings: Settings, around: Around) -> Parts:
    counts, view = Counts(around.meter), ViewReader(around.redis)
    receipts = Receipts(around.redis, IN_RETENTION_DAYS * _DAY_S)

    def now_s() -> float:
        return around.now().timestamp()

    revocations = _revocations(settings, now_s)
    scheme = "https" if settings.gateway_tls_cert else "http"
    origins = (
        _origin(settings.base_url),
        f"{scheme}://{settings.gateway_host}:{settings.gateway_port}",
    )

    seen_of = {DEPT_PREFIX: SeenCertificates(around.redis, now_s)}

    def doorkeeper(tokens: str, signers: str, certificates: str) -> Doorkeeper:
        folder, seen = settings.gateway, SeenInRedis(around.redis)
        ways = (
            BearerTokens(folder / tokens, now_s),
            SignedRequests(folder / signers, origins, seen, now_s),
            ClientCertificates(certificates, now_s, revocations, seen_of.get(certificates)),
        )
        return Doorkeeper(ways, counts)

    return Parts(
        desk=around.desk,
        control=around.control,
        publisher=around.publisher,
        view=view,
        cases=Cases(around.desk, view, around.journal),
        receipts=receipts,
        acceptance=Acceptance(
            desk=around.desk,
            control=around.control,
            receipts=receipts,
            publisher=around.publisher,
            counts=counts,
        ),
        waiting=Waiting(view),
        doorkeeper=doorkeeper(token_file.FILE_NAME, signer_file.FILE_NAME, DEPT_PREFIX),
        site_doorkeeper=doorkeeper(
            token_file.SITES_FILE_NAME, signer_file.SITES_FILE_NAME, SITE_PREFIX
        ),
        feeds=around.feeds,
        feed_ledger=FeedLedger(around.redis),
        stopping=around.stopping,
        counts=counts,
        events_rate=RememberedRate(
            settings.gateway_events_per_s, settings.gateway_events_burst, around.clock
        ),
        lookups_rate=Rate(
            settings.gateway_lookups_per_s, settings.gateway_lookups_burst, around.clock
        ),
        in_hand=InHand(settings.gateway_in_hand_max, _IN_HAND_BYTES_MAX, around.clock),
        now=around.now,
        limits=BodyLimits(seconds_max=settings.gateway_body_wait_s),
    )


def read_secret(path: Path) -> bytes:
    """The secret that forms and audit lines are keyed with; made when there is none.

    Raises:
        ValueError: others may read it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_SECRET_BYTES) + "\n")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode != 0o400:
        raise ValueError(f"{path} has mode {mode:04o}, 0400 expected: run: chmod 0400 {path}")
    return bytes.fromhex(path.read_text(encoding="ascii"))


def _revocations(settings: Settings, now_s: Callable[[], float]) -> Revocations | None:
    crl, authorities = settings.gateway_tls_client_crl, settings.gateway_tls_client_ca
    return Revocations(crl, authorities, now_s) if crl and authorities else None


def _origin(base_url: str) -> str:
    scheme, _, rest = base_url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
