"""A journal on a real broker is given more partitions in the middle of a year."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from aiokafka import AIOKafkaConsumer, TopicPartition
from typer.testing import CliRunner
from watched_hub import Reader

import hub
from connectors.audit import Options, read_keys, render, run_audit
from connectors.audit.readers import read_redis, read_topics
from connectors.console.context import Context, load_settings
from connectors.console.root import new_app
from connectors.console.stories.find import history_of, place_of
from connectors.console.traffic.event_lines import LineFault, LineReader
from connectors.control_topics import ControlFollower
from connectors.generate import CitySpec, generate
from connectors.generations import JournalGrowsError, follow_generations, read_generations
from connectors.kafka_log import KafkaLog
from connectors.keys import create_demo_keys, open_key_ring
from connectors.publisher import KafkaPublisher
from connectors.redis_view import RedisView, connect
from connectors.redis_view import key as view_key
from connectors.sites.table import FORMS
from connectors.view_digest import view_digest
from schemas.access import DECIDE_GROUP
from schemas.topics import CTL_POLICY, CTL_REGISTRY, IN_PREFIX, JOURNAL, REGISTRY, in_topic
from streams.carrying import CarryOver
from streams.decide import DecideHandler
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.mint import KeyMint
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.registry import Registry

SPEC = CitySpec(year=2025, districts=1, systems=8, subjects=20, officers=30, tasks=70, specials=2)
LINES = list(generate(SPEC, 1))
GROW = ("journal", "grow", "--partitions", "5")


class KilledError(Exception):
    """The command is gone."""


class RealCity:
    """Intake and decide, each stretch by parts that have just been started, and a command line."""

    def __init__(self, bootstrap: str, redis_url: str, folder: Path) -> None:
        self.bootstrap, self.redis_url, self.keys = bootstrap, redis_url, folder / "keys"
        create_demo_keys(self.keys, years=range(2023, 2029))
        self.log, self.taken = KafkaLog(bootstrap), dict[tuple[str, int], int]()

    def __call__(self, *words: str) -> tuple[int, str]:
        """Type a command; whatever it does not catch is raised."""
        done = CliRunner().invoke(new_app(hub.oversight, hub.COMMANDS, words), words)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, " ".join(done.output.split())

    async def live(self, lines: list[bytes], *, decided: bool = True) -> None:
        """Take in these lines; then decide until no log has anything more to tell another."""
        async with AsyncExitStack() as stack:
            publisher, registry = KafkaPublisher(self.bootstrap), Registry()
            await publisher.start()
            stack.push_async_callback(publisher.stop)
            topics = [CTL_REGISTRY, CTL_POLICY]
            control = ControlFollower(self.bootstrap, topics, registry.take)
            await control.start()
            stack.push_async_callback(control.stop)
            await self._take_in(lines, publisher, IntakeHandler(
                registry=registry, control=control, publisher=publisher
            ))  # fmt: skip
            await control.level(now=True)
            while decided and await self._decide(stack, publisher, PolicyBook(registry, control)):
                pass

    async def _take_in(
        self, lines: list[bytes], publisher: KafkaPublisher, intake: IntakeHandler
    ) -> None:
        reader, messages = LineReader(), []
        for line in lines:
            try:
                one = reader.read(line)
            except LineFault:
                continue
            to = f"{IN_PREFIX}{one.dept}"
            messages.append(Outgoing(to, 0, one.key, one.value, one.headers))
        ends = await publisher.publish(messages) if messages else {}
        # What administrators publish comes first in the file, too.
        for topic, number in sorted(ends, key=lambda at: at[0] != in_topic(REGISTRY)):
            start = self.taken.get((topic, number), 0)
            async for records in self.log.scan(topic, number, start, ends[topic, number]):
                await intake.handle(Partition(topic, number), records)
            self.taken[topic, number] = ends[topic, number]

    async def _decide(
        self, stack: AsyncExitStack, publisher: KafkaPublisher, policies: PolicyBook
    ) -> int:
        """Decide every partition to its end, and commit; returns how many records there were."""
        ring, redis_client = open_key_ring(self.keys), connect(self.redis_url)
        stack.push_async_callback(redis_client.aclose)
        generations = await follow_generations(stack, self.bootstrap, asyncio.Event(), pytest.fail)
        handler = DecideHandler(
            view=RedisView(redis_client, self.redis_url), logs=self.log, publisher=publisher,
            policies=policies, mint=KeyMint(ring.year_key, ring.signer(), "https://hub.example"),
            states_cached_max=100, forms=FORMS, generations=generations,
        )  # fmt: skip
        count, committed = 0, await self.log.committed(DECIDE_GROUP, JOURNAL)
        async with AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=DECIDE_GROUP, enable_auto_commit=False
        ) as group:
            group.assign([TopicPartition(JOURNAL, number) for number in committed])
            for number, at in committed.items():
                there = Partition(JOURNAL, number)
                start = await handler.open(there, at)
                _, end = await self.log.span(JOURNAL, number)
                async for records in self.log.scan(JOURNAL, number, start, end):
                    await handler.handle(there, records)
                    count += len(records)
                await group.commit({TopicPartition(JOURNAL, number): end})
        return count

    def audit(self) -> str:
        """What is wrong, as the auditor tells it; empty for nothing."""

        async def read() -> str:
            dump = await read_topics(self.bootstrap)
            view = await read_redis(self.redis_url, sorted(dump.records[JOURNAL]))
            may_be = frozenset({"I2.joint", "I7.public"})
            report = run_audit(dump, view, read_keys(self.keys), Options(may_be_empty=may_be))
            return "" if report.ok else render(report)

        return asyncio.run(read())

    def journalled(self, key: str) -> list[int]:
        """When each record of an enterprise was appended, in the order of its log."""
        dump = asyncio.run(read_topics(self.bootstrap))
        rows = [row for _, _, rows in dump.walk(JOURNAL) for row in rows]
        return sorted(row.timestamp_ms for row in rows if row.key_text() == key)

    def a_key(self) -> str:
        """An enterprise that the view knows."""
        with redis.Redis.from_url(self.redis_url) as client:
            return min(
                key for key in client.hkeys(view_key(0, "state")) if b":" not in key
            ).decode()

    def lose_a_state(self) -> None:
        """As no code of ours does."""
        with redis.Redis.from_url(self.redis_url) as client:
            assert client.hdel(view_key(0, "state"), self.a_key()) == 1

    def digest(self) -> str:
        """All that the view holds."""
        with redis.Redis.from_url(self.redis_url) as client:
            return view_digest(client, range(5))


def dying_at(point: str) -> Callable[[], Callable[[str], None]]:
    """A rehearsal that ends at a point."""

    def at(name: str) -> None:
        if name == point:
            raise KilledError

    return lambda: at


def all_but_one(left_behind: str) -> Callable[..., Any]:
    """A planted fault: what was decided on one enterprise is not carried over."""
    take = CarryOver._take

    async def some(self: CarryOver, target: Any, answers: list[Any]) -> None:
        await take(self, target, [one for one in answers if one.key != left_behind])

    return some


@pytest.fixture
def city(clean_kafka, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RealCity:
    """A hub of two partitions, and a command line of it."""
    # It would write into the runner's output, which is closed when a command is done.
    monkeypatch.setattr("connectors.logs.set_up_logs", lambda *_, **__: None)
    made = RealCity(clean_kafka.bootstrap, redis_url, tmp_path)
    for name, value in {
        "BROKER": made.bootstrap, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path),
        "KEYS_DIR": str(made.keys), "JOURNAL_PARTITIONS": "2", "IN_PARTITIONS": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"HUB_{name}", value)
    (tmp_path / "lines").write_bytes(b"\n".join(LINES))
    assert made("topics", "apply", "--dept-file", str(tmp_path / "lines"))[0] == 0
    return made


def refused_unless_all_is_quiet_and_right(city: RealCity) -> None:
    """The command, while something stands against it; a third of the year is not decided yet."""
    status, said = city(*GROW)
    assert (status, "are not decided" in said) == (1, True), said
    asyncio.run(city.live([]))
    member = Reader(city.bootstrap, DECIDE_GROUP, JOURNAL)
    status, said = city(*GROW)
    assert (status, "workers are running" in said) == (1, True), said
    member.leave()
    assert city("journal", "grow", "--partitions", "2")[0] == 0, "that many it has"
    assert city(*GROW, "--dry-run")[0] == 0
    assert asyncio.run(read_generations(city.bootstrap)) is None, "nothing is begun"
    city.lose_a_state()
    status, said = city(*GROW)
    assert (status, "not what the recorded facts say: state: " in said) == (1, True), said
    assert asyncio.run(read_generations(city.bootstrap)) is None, "still nothing is begun"


def killed_at(point: str, city: RealCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, which gets no further; until it is done nobody may work."""
    with monkeypatch.context() as killed:
        killed.setattr("connectors.console.installation.journal.rehearsed", dying_at(point))
        killed.setattr("connectors.role_parts.rehearsed", dying_at(point))
        with pytest.raises(KilledError):
            city(*GROW)
    with pytest.raises(JournalGrowsError, match="finishes it"):
        asyncio.run(city.live([]))


@pytest.mark.kafka
def test_a_year_goes_on_in_more_partitions(city: RealCity, monkeypatch: pytest.MonkeyPatch):
    half = len(LINES) * 2 // 3
    asyncio.run(city.live(LINES[:half], decided=False))
    refused_unless_all_is_quiet_and_right(city)

    killed_at("growing is written", city, monkeypatch)
    asyncio.run(city.live(LINES[half : half + 5], decided=False))  # by one who did not ask
    status, said = city(*GROW)
    assert (status, "has been taken back" in said) == (1, True), said
    asyncio.run(city.live([]))
    before = city.digest()
    for point in ("growing is written", "partitions are made", "in carrying over", "view is made"):
        killed_at(point, city, monkeypatch)
    assert city("journal", "grow", "--partitions", "6")[0] == 1, "another number was begun"
    with monkeypatch.context() as forgetful:
        forgetful.setattr(CarryOver, "_take", all_but_one(city.a_key()))
        status, said = city(*GROW)
    assert (status, "is not what it was: state: " in said) == (1, True), said
    status, said = city(*GROW)

    assert (status, "holds what it held before" in said) == (0, True), said
    assert city.digest() == before
    assert city(*GROW)[0] == 0, "again it is no fault"
    monkeypatch.setenv("HUB_JOURNAL_PARTITIONS", "5")
    asyncio.run(city.live(LINES[half + 5 :]))
    assert city.audit() == ""
    key = city.a_key()
    told = history_of(Context(load_settings()), place_of(key, 5), with_journal=True)
    assert [entry.at_ms for entry in told.entries] == city.journalled(key), "of all generations"
    assert [answer.at for answer in told.answers] == city.journalled(key)
    level = city.digest()
    assert city("rebuild")[0] == 0
    assert city.digest() == level
    assert city("topics", "check")[0] == 0
