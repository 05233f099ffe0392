"""On a node that asks who is there: departments and sites may use their own two topics, no more."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import admin as kafka_admin
from waiting import until

from connectors.kafka_access import AccessReport, KafkaAccess
from connectors.kafka_admin import KafkaAdmin
from connectors.kafka_login import KafkaLogin, read_password
from connectors.local_kafka import KafkaNode
from connectors.watch.positions import GroupAdmin
from schemas.access import ROLES, Grant, Kind, Operation, grants, role_user
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import DECIDED, JOURNAL, REGISTRY, in_topic, out_topic, plan

pytestmark = pytest.mark.kafka

DEPTS = ("WJW-120116", "XFJ-120116")
ROLE_USERS = tuple(role_user(role) for role in ROLES)
USERS = (*DEPTS, *SITES, *ROLE_USERS)
HUB = KafkaLogin("SASL_PLAINTEXT", "SCRAM-SHA-512", "hub", "a-password-of-the-tests")
TOPICS = [topic.name for topic in plan([REGISTRY, *DEPTS], SITES, Settings().sizing())]
PLANNED = grants(DEPTS, SITES)
NO_GROUP = {KafkaError.GROUP_AUTHORIZATION_FAILED}
PASSWORD = "not the one"  # noqa: S105 - a wrong one
DENIED = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED,
          KafkaError.CLUSTER_AUTHORIZATION_FAILED}  # fmt: skip


@dataclass
class Secured:
    """A node with all topics, and what `topics apply` did there."""

    bootstrap: str
    passwords: Path
    first: AccessReport

    def settings(self, user: str) -> dict[str, Any]:
        login = HUB if user == HUB.user else self.login(user)
        servers = {"bootstrap.servers": self.bootstrap, "log_level": 0}
        return {**servers, **login.librdkafka_options()}

    def login(self, user: str) -> KafkaLogin:
        password = read_password(self.passwords / user)
        return KafkaLogin("SASL_PLAINTEXT", "SCRAM-SHA-512", user, password)


@pytest.fixture(scope="module")
def secured(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A node of its own: the other tests' lets everybody do everything."""
    home = tmp_path_factory.mktemp("secured")
    with KafkaNode(home / "node", jars=kafka_jars, login=HUB, heap_mb=384) as node:
        with KafkaAdmin(node.bootstrap, login=HUB) as admin:
            admin.apply(plan([REGISTRY, *DEPTS], SITES, Settings().sizing()))
        access, passwords = KafkaAccess(node.bootstrap, HUB), home / "kafka-users"
        assert access.asks_who_is_there()
        yield Secured(node.bootstrap, passwords, access.apply(PLANNED, passwords))


def writes(secured: Secured, user: str, topics: list[str]) -> dict[str, int]:
    """The broker's answer to a record for each topic: 0 or why not."""
    answers: dict[str, int] = {}
    # Who may write nothing at all is told so before the first record, if it asks for idempotence.
    may_write = any((one.user, one.operation) == (user, Operation.WRITE) for one in PLANNED)
    producer = Producer({**secured.settings(user), "acks": "all", "message.timeout.ms": 10_000,
                         "enable.idempotence": may_write or user == HUB.user})  # fmt: skip

    def told(error: KafkaError | None, message: Any) -> None:
        answers[message.topic()] = error.code() if error else 0

    for topic in topics:
        try:
            producer.produce(topic, b"{}", b"key", on_delivery=told)
        except KafkaException as cause:
            answers[topic] = cause.args[0].code()
    producer.flush(20)
    return answers


def reads(secured: Secured, user: str, topics: list[str]) -> dict[str, int]:
    """The broker's answer to who reads each topic from its start."""
    answers: dict[str, int] = {}
    # Its own group: the answer to a strange one would be taken for one about a topic.
    own = (one.name for one in PLANNED if (one.user, one.kind) == (user, Kind.GROUP))
    group = next(own, "none")
    settings = {**secured.settings(user), "group.id": group, "auto.offset.reset": "earliest",
                "enable.auto.commit": False, "enable.partition.eof": True}  # fmt: skip
    with closing(Consumer(settings)) as consumer:
        for topic in topics:
            # Of a topic that may not even be seen the client never says that it may not be read.
            seen = consumer.list_topics(topic, 10).topics[topic].error
            if seen is not None:
                answers[topic] = seen.code()
                continue
            consumer.assign([TopicPartition(topic, 0, 0)])
            ends = time.monotonic() + 20
            while topic not in answers and time.monotonic() < ends:
                message = consumer.poll(0.5)
                if message is None or message.topic() not in (None, topic):
                    continue
                error = message.error()
                if group == "none" and error and error.code() in NO_GROUP:
                    continue  # it reads in no group, and may not
                code = error.code() if error else 0
                answers[topic] = 0 if code == KafkaError._PARTITION_EOF else code
    return answers


def test_the_watch_alone_may_see_how_long_topics_keep_what_waits_in_them(secured: Secured):
    waited_in = [in_topic(DEPTS[0]), JOURNAL, DECIDED]

    def seen(user: str) -> set[str]:
        admin = GroupAdmin(secured.bootstrap, login=secured.login(user))
        try:
            return set(admin.retentions(waited_in))
        finally:
            admin.close()

    assert seen(role_user("watch")) == set(waited_in)
    assert seen(role_user("gateway")) == set(), "it is told nothing, and that is no failure"


@pytest.mark.parametrize("user", USERS)
def test_everybody_may_use_what_is_granted_and_is_denied_all_else(secured: Secured, user: str):
    may = {(one.operation, one.name) for one in PLANNED if one.user == user}
    written, read = writes(secured, user, TOPICS), reads(secured, user, TOPICS)

    assert set(written) == set(read) == set(TOPICS)
    for topic, (operation, answers) in itertools.product(
        TOPICS, ((Operation.WRITE, written), (Operation.READ, read))
    ):
        denied = answers[topic] in DENIED
        allowed = (operation, topic) in may
        assert (answers[topic] == 0, denied) == (allowed, not allowed), (topic, operation)
    if user not in ROLE_USERS:
        assert len(may) == 3  # writes one topic, reads one, and remembers where


def test_a_permission_too_many_would_be_seen(secured: Secured):
    """The matrix above is no formality: one binding more, and a topic answers that must not."""
    dept, other = DEPTS
    admin: Any = kafka_admin
    client = admin.AdminClient(secured.settings(HUB.user))
    much = admin.AclBinding(
        admin.ResourceType.TOPIC, in_topic(other), admin.ResourcePatternType.LITERAL,
        f"User:{dept}", "*", admin.AclOperation.WRITE, admin.AclPermissionType.ALLOW,
    )  # fmt: skip
    _done(client.create_acls([much]))
    try:
        until(lambda: writes(secured, dept, [in_topic(other)])[in_topic(other)] == 0, "it is so")
        found = KafkaAccess(secured.bootstrap, HUB).check(PLANNED).unplanned
    finally:
        exactly = admin.AclBindingFilter(
            much.restype, much.name, much.resource_pattern_type, much.principal, much.host,
            much.operation, much.permission_type,
        )  # fmt: skip
        _done(client.delete_acls([exactly]))
    until(lambda: writes(secured, dept, [in_topic(other)])[in_topic(other)] in DENIED, "taken away")

    assert found == (f"{dept} WRITE TOPIC {in_topic(other)}",)


def _done(futures: Any) -> None:
    for future in futures.values():
        future.result(20)


@pytest.mark.parametrize("user", [DEPTS[0], "GSXT-TJ", "hub-decide"])
def test_nobody_but_the_hub_arranges_anything(secured: Secured, user: str):
    admin: Any = kafka_admin
    client = admin.AdminClient(secured.settings(user))
    own = next(one.name for one in PLANNED if one.user == user and one.operation == "WRITE")
    every = admin.AclBinding(
        admin.ResourceType.TOPIC, "*", admin.ResourcePatternType.LITERAL, f"User:{user}", "*",
        admin.AclOperation.ALL, admin.AclPermissionType.ALLOW,
    )  # fmt: skip
    change = admin.ConfigEntry(
        "retention.ms", "1", incremental_operation=admin.AlterConfigOpType.SET
    )
    config = admin.ConfigResource(admin.ResourceType.TOPIC, own, incremental_configs=[change])
    info = admin.ScramCredentialInfo(admin.ScramMechanism.SCRAM_SHA_512, 8192)
    tried = (
        client.create_topics([admin.NewTopic("insp.in.NEW", 1, 1)]),
        client.delete_topics([own]),
        client.create_acls([every]),
        client.incremental_alter_configs([config]),
        client.alter_user_scram_credentials(
            [admin.UserScramCredentialUpsertion(DEPTS[1], info, b"mine now")]
        ),
    )
    for future in (one for futures in tried for one in futures.values()):
        with pytest.raises(KafkaException) as refused:
            future.result(20)
        assert refused.value.args[0].code() in DENIED


def test_nobody_reads_in_anothers_group(secured: Secured):
    settings = {**secured.settings(DEPTS[0]), "group.id": f"insp-sdk.{DEPTS[1]}"}
    with closing(Consumer(settings)) as consumer:
        consumer.subscribe([out_topic(DEPTS[0])])
        message = consumer.poll(20)

    assert message.error().code() == KafkaError.GROUP_AUTHORIZATION_FAILED


@pytest.mark.parametrize(
    "login",
    [
        pytest.param(KafkaLogin("SASL_PLAINTEXT", user=DEPTS[0], password=PASSWORD), id="guessed"),
        pytest.param(KafkaLogin("SASL_PLAINTEXT", user="nobody", password=PASSWORD), id="unknown"),
        pytest.param(KafkaLogin(), id="none"),
    ],
)
def test_without_the_right_password_nobody_gets_in(secured: Secured, login: KafkaLogin):
    servers = {"bootstrap.servers": secured.bootstrap, "log_level": 0}
    client = kafka_admin.AdminClient({**servers, **login.librdkafka_options()})

    with pytest.raises(KafkaException):
        client.list_topics(timeout=3)


def test_what_was_granted_is_told_and_a_second_time_nothing_is(secured: Secured):
    again = KafkaAccess(secured.bootstrap, HUB).apply(PLANNED, secured.passwords)

    assert len(secured.first.granted) == len(PLANNED)
    assert set(secured.first.new_users) == set(USERS)
    assert (again.granted, again.new_users, again.ok) == ((), (), True)
    kept = list(secured.passwords.iterdir())
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o400}


def test_what_is_missing_or_too_much_is_reported(secured: Secured):
    access = KafkaAccess(secured.bootstrap, HUB)
    other = Grant("NEW-1", Operation.READ, Kind.TOPIC, in_topic("NEW-1"))

    more, less = access.check([*PLANNED, other]), access.check(PLANNED[1:])

    assert more.missing == ("NEW-1 READ TOPIC insp.in.NEW-1",)
    assert more.no_password == ("NEW-1",)
    assert len(less.unplanned) == 1
    assert not more.ok
    assert not less.ok


def test_a_broker_that_asks_nobody_has_no_permissions(clean_kafka: KafkaNode):
    assert not KafkaAccess(clean_kafka.bootstrap).asks_who_is_there()


def test_no_code_names_a_department_and_a_system():
    for taken in ("GSXT-TJ", "hub-decide"):
        with pytest.raises(ValueError, match=taken):
            grants([taken], SITES)
    assert json.dumps(PLANNED)
