"""A gateway in memory: the real application and rules; broker, Redis and clock are fakes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from aiokafka.errors import KafkaConnectionError
from documented import check_documented
from fake_feeds import FakeFeeds
from fake_redis import FakeRedis
from fakes import FakeKafka, FakeRecord
from gateway_registry import DEPT, OTHER, UNREGISTERED, USCC, a_registry

from connectors.dashboard.operations import Operations
from connectors.departments.gateway.assembly import Around, assemble
from connectors.departments.gateway.parts import SHANGHAI
from connectors.departments.gateway.ways_in.licence import LicenceVerifier
from connectors.departments.gateway.ways_in.token_file import (
    FILE_NAME,
    SITES_FILE_NAME,
    issue_token,
)
from connectors.redis_view import key as view_key
from connectors.signer import make_signer, make_verifier, public_key
from schemas.codec import decode_journal
from schemas.generations import UNGROWN
from schemas.journal import JournalEvent, Source
from schemas.settings import Settings
from schemas.signing import YearKey, code_key_id
from schemas.sites import SITES
from schemas.topics import CTL_REGISTRY, IN_PREFIX, JOURNAL
from streams.answer import answer
from streams.changes import Changes
from streams.desks.events import Desk
from streams.intake import judge
from streams.mint import KeyMint
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.rules.state import EMPTY, decode_state

BASE_URL = "https://hub.test"
START = datetime(2026, 3, 10, 9, 0, tzinfo=SHANGHAI)
SECRET = sha256(b"a test").digest()


class LevelControl:
    """Registries that are always level."""

    async def level(self, *, now: bool = False) -> None:
        """Nothing is ever on its way."""


@dataclass
class Answered:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class World:
    """Everything around one gateway, and the gateway."""

    folder: Path
    overrides: dict[str, Any] = field(default_factory=dict)
    clock: datetime = START
    deciding: bool = True
    licence: LicenceVerifier | None = None
    base_url: str = BASE_URL
    operations: Operations | None = None

    def __post_init__(self) -> None:
        self.kafka, self.redis = FakeKafka(), FakeRedis()
        self.registry = a_registry()
        self.signer = make_signer("ed25519", "S0", SECRET)
        verifier = make_verifier("ed25519", "S0", public_key("ed25519", "S0", SECRET))
        self.policies = PolicyBook(self.registry)
        self.desk = Desk(
            self.registry,
            self.policies,
            {"S0": verifier},
            UNGROWN,
        )
        self.mint = KeyMint(_year_key, self.signer, self.base_url)
        self.broker_gone = False
        self.stopping = asyncio.Event()
        self.settings = Settings(data_dir=self.folder, base_url=self.base_url, **self.overrides)
        self.tokens = {dept: self.issue(dept) for dept in (DEPT, OTHER, UNREGISTERED)}
        self.tokens |= {site: self.issue(site, file=SITES_FILE_NAME) for site in SITES}
        self.app = self.start()

    def start(self) -> Any:
        """Start a gateway anew, as after a crash: only broker, Redis and files remain."""
        self.app = assemble(
            self.settings,
            Around(
                desk=self.desk, control=LevelControl(), publisher=self, journal=self,
                feeds=FakeFeeds(self.kafka), stopping=self.stopping,
                redis=self.redis, now=lambda: self.clock,
                clock=lambda: self.clock.timestamp(), licence=self.licence,
                operations=self.operations,
            ),
        )  # fmt: skip
        return self.app

    def issue(
        self, dept: str, days: int = 30, file: str = FILE_NAME, officer: str = "", role: str = ""
    ) -> str:
        expires = int((self.clock + timedelta(days=days)).timestamp())
        return issue_token(self.settings.gateway / file, dept, expires, officer, role)[0]

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        """The broker: what departments send is taken in and decided at once if `deciding`."""
        if self.broker_gone:
            raise KafkaConnectionError("gone")
        self.kafka.now_ms = int(self.clock.timestamp() * 1000) - 1000
        ends = await self.kafka.publish(records)
        if self.deciding:
            self.decide()
        return ends

    async def value(self, partition: int, offset: int) -> tuple[bytes, str | None] | None:
        for record in self.kafka.logs[JOURNAL, partition]:
            if record.offset == offset and record.value is not None:
                return record.value, "application/avro"
        return None

    def decide(self) -> None:
        """Take in and decide all that lies on the topics."""
        for (topic, _), log in list(self.kafka.logs.items()):
            if topic.startswith(IN_PREFIX):
                for record in log[self._done[topic] :]:
                    for out in judge(record, self.registry):
                        self.kafka.append(out)
                        if out.topic == CTL_REGISTRY:
                            self.registry.take(out.key, out.value)
                self._done[topic] = len(log)
        for record in self.kafka.logs[JOURNAL, 0][self._done[JOURNAL] :]:
            self._fold(record)
        self._done[JOURNAL] = len(self.kafka.logs[JOURNAL, 0])

    _done: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def _fold(self, record: FakeRecord) -> None:
        journal = decode_journal(record.value)
        key = (record.key or b"").decode()
        at_ms = int(self.clock.timestamp() * 1000)
        event = JournalEvent(journal, Source(JOURNAL, 0, record.offset), at_ms, "", key)
        states = self.redis.hashes[view_key(0, "state")]
        before = decode_state(states[key]) if key in states else EMPTY
        policy = self.policies.at_once(journal.policy_version)
        after, decided = answer(before, event, policy, self.mint)
        changes = Changes(0)
        changes.decide(decided, after)
        batch = changes.view_batch(record.offset + 1, 0, [], 0)
        states.update(batch.states)
        self.redis.hashes[view_key(0, "position")]["pos"] = str(record.offset + 1).encode()
        self.redis.hashes[view_key(0, "task")].update(batch.decisions)
        codes = {code: name.encode() for code, name in batch.codes.items()}
        self.redis.hashes[view_key(0, "code")].update(codes)
        shown = self.redis.hashes[view_key(0, "public")]
        shown.update(batch.public)
        for name in batch.hidden:
            shown.pop(name, None)
        agenda = self.redis.sorted[view_key(0, "agenda")]
        agenda.update(member.encode() for member in batch.agenda)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        dept: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | AsyncIterator[bytes] = b"",
        client: str = "192.0.2.7",
    ) -> Answered:
        """Send a request to the application and read its answer."""
        sent = dict(headers or {})
        if dept is not None:
            sent["authorization"] = f"Bearer {self.tokens[dept]}"
        answer = await ask(self.app, method, path, sent, body, client)
        check_documented(self.app, method, path.partition("?")[0], answer)
        return answer

    async def post(
        self, event: dict[str, Any], *, dept: str = DEPT, query: str = "", **headers: str
    ) -> Answered:
        """Post one structured event."""
        sent = {"content-type": "application/cloudevents+json", **headers}
        path = f"/v1/events{query}"
        return await self.ask("POST", path, dept=dept, headers=sent, body=orjson.dumps(event))

    def produced(self, dept: str = DEPT) -> list[FakeRecord]:
        return self.kafka.all(f"{IN_PREFIX}{dept}")


async def ask(
    app: Any,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | AsyncIterator[bytes] = b"",
    client: str = "192.0.2.7",
) -> Answered:
    """Drive an ASGI application as a server would."""
    plain, _, query = path.partition("?")
    if isinstance(body, bytes) and body:
        headers = {"content-length": str(len(body)), **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "https", "path": plain, "raw_path": plain.encode(),
        "query_string": query.encode(), "root_path": "", "server": ("hub.test", 443),
        "client": (client, 4711),
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()],
    }  # fmt: skip
    parts = _parts(body)
    started: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        async for chunk, more in parts:
            return {"type": "http.request", "body": chunk, "more_body": more}
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    pairs = [(k.decode(), v.decode("latin-1")) for k, v in started["headers"]]
    cookies = [value for name, value in pairs if name == "set-cookie"]
    return Answered(started["status"], dict(pairs), b"".join(chunks), cookies)


async def _parts(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[tuple[bytes, bool]]:
    if isinstance(body, bytes):
        yield body, False
        return
    async for chunk in body:
        yield chunk, True
    yield b"", False


def an_event(event_id: str = "E-1", type_: str = "inspection.task.submitted", **data: Any) -> dict:
    """A structured event; a task of `DEPT` for `USCC` unless data says otherwise."""
    content = data.pop("data", None) or {**A_TASK, **data}
    return {
        "specversion": "1.0", "id": event_id, "source": DEPT, "type": type_,
        "time": "2026-03-10T08:59:00+08:00", "data": content,
    }  # fmt: skip


BINARY = {
    "ce-specversion": "1.0", "ce-id": "E-1", "ce-source": DEPT,
    "ce-type": "inspection.task.submitted", "ce-time": "2026-03-10T08:59:00+08:00",
    "content-type": "application/json",
}  # fmt: skip

A_TASK: dict[str, Any] = {
    "task_id": "T-1", "uscc": USCC, "entity_name": "天津测试有限公司", "mode": "ONSITE",
    "kind": "DAILY", "trigger": "PLAN", "items": ["1101-001"], "planned_on": "2026-03-16",
    "premises_region": "120116", "officers": ["TJ0001", "TJ0002"],
    "approval": {
        "no": "A-1", "by": "负责人", "at": "2026-03-01T09:00:00+08:00", "mode": "PRIOR",
    },
}  # fmt: skip


def _year_key(year: int) -> YearKey:
    return YearKey(year, code_key_id(year, 0), sha256(str(year).encode()).digest())
