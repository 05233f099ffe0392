"""Each fault that is planted in an environment is named, with what to do; a fit one passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka_access import AccessReport
from connectors.keys import create_demo_keys
from connectors.preflight.cluster import ClusterFacts, PartitionFacts, judge_cluster
from connectors.preflight.finding import Check, Finding, Level, worst
from connectors.preflight.planned import judge_access, judge_topics
from connectors.preflight.surroundings import (
    Clocks,
    judge_calendar,
    judge_clocks,
    judge_code_keys,
    judge_redis,
    judge_secret_file,
)
from connectors.redis_server import judge_settings
from connectors.topic_drift import Drift, TopicReport
from schemas.settings import Settings
from schemas.topics import BROKER_BYTES_MAX

NODE = {
    "unclean.leader.election.enable": "false",
    "auto.create.topics.enable": "false",
    "message.max.bytes": str(BROKER_BYTES_MAX),
    "offsets.retention.minutes": "10080",
    "offsets.topic.replication.factor": "3",
}
GOOD = ClusterFacts(
    {1: NODE, 2: NODE, 3: NODE}, [PartitionFacts("insp.journal", 0, copies=3, in_sync=3, leader=1)]
)
CLUSTER = Settings(broker="a:1", replication_factor=3, min_insync_replicas=2)


def partition(**changes: Any) -> ClusterFacts:
    return replace(GOOD, partitions=[GOOD.partitions[0]._replace(**changes)])


def node(**changes: str) -> ClusterFacts:
    told = {name.replace("_", "."): value for name, value in changes.items()}
    return replace(GOOD, settings={1: NODE, 2: {**NODE, **told}, 3: NODE})


def faults(findings: Iterable[Finding]) -> list[tuple[Level, str, str]]:
    return [(one.level, one.about, one.found) for one in findings if one.level is not Level.OK]


def test_a_good_cluster_is_fit():
    findings = list(judge_cluster(GOOD, CLUSTER))

    assert worst(findings) is Level.OK
    assert {one.about for one in findings} == {"copies", "node 1", "node 2", "node 3", "partitions"}


@pytest.mark.parametrize(
    ("facts", "settings", "level", "about", "says"),
    [
        (node(unclean_leader_election_enable="true"), CLUSTER, Level.FAIL, "node 2", "lacks"),
        (node(auto_create_topics_enable="true"), CLUSTER, Level.WARN, "node 2", "any topic"),
        (node(message_max_bytes="1048588"), CLUSTER, Level.FAIL, "node 2", "1,048,588 bytes"),
        (node(offsets_retention_minutes="1440"), CLUSTER, Level.WARN, "node 2", "1,440 minutes"),
        (node(offsets_topic_replication_factor="1"), CLUSTER, Level.WARN, "node 2", "1 copies"),
        (partition(leader=-1), CLUSTER, Level.FAIL, "partitions", "no leader"),
        (partition(in_sync=1), CLUSTER, Level.FAIL, "partitions", "fewer copies in sync than 2"),
        (partition(in_sync=2), CLUSTER, Level.WARN, "partitions", "copies that are behind"),
        (GOOD, Settings(replication_factor=5, min_insync_replicas=2), Level.FAIL, "copies",
         "there are 3 nodes"),
        (GOOD, Settings(replication_factor=1), Level.WARN, "copies", "1 of each record"),
        (GOOD, Settings(replication_factor=3, min_insync_replicas=1), Level.FAIL, "copies",
         "when 1 node has it"),
        (GOOD, Settings(replication_factor=3, min_insync_replicas=3), Level.WARN, "copies",
         "every node"),
    ],
)  # fmt: skip
def test_a_fault_of_the_cluster_is_named(facts, settings, level, about, says):
    (fault,) = [one for one in judge_cluster(facts, settings) if one.level is not Level.OK]

    assert (fault.level, fault.about) == (level, about)
    assert says in fault.found
    assert fault.todo


def test_partitions_of_others_are_none_of_our_business():
    facts = partition(topic="somebody.elses", in_sync=0, leader=-1)

    assert worst(judge_cluster(facts, CLUSTER)) is Level.OK


REDIS = {
    "maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
}  # fmt: skip
INFO = {"redis_version": "7.2.11", "role": "master", "used_memory": 10, "maxmemory": 0}


def redis_faults(settings: dict[str, str], info: dict[str, object]) -> list[tuple[Level, str, str]]:
    return faults(judge_redis(judge_settings(settings, info), info))


def test_a_good_redis_is_fit():
    assert redis_faults(REDIS, INFO) == []


@pytest.mark.parametrize(
    ("settings", "info", "about"),
    [
        ({"maxmemory-policy": "allkeys-lru"}, {}, "evicts"),
        ({"appendonly": "no"}, {}, "no_append_only_file"),
        ({"appendfsync": "no"}, {}, "no_fsync"),
        ({"no-appendfsync-on-rewrite": "yes"}, {}, "no_fsync_while_rewriting"),
        ({}, {"aof_last_write_status": "err"}, "last_write_failed"),
        ({}, {"role": "slave"}, "is_replica"),
        ({}, {"redis_version": "5.0.14"}, "version"),
        ({}, {"used_memory": 90, "maxmemory": 100}, "memory"),
    ],
)
def test_a_fault_of_redis_is_named(settings, info, about):
    ((level, named, _),) = redis_faults(REDIS | settings, INFO | info)

    assert named == about
    assert level is (Level.WARN if about == "memory" else Level.FAIL)


@pytest.mark.parametrize(
    ("clocks", "level", "about"),
    [
        (Clocks(100.0, 100.4, 99.0), Level.OK, "clocks"),
        (Clocks(100.0, None, None), Level.OK, "clocks"),
        (Clocks(100.0, 102.0, None), Level.WARN, "Redis"),
        (Clocks(100.0, 94.0, None), Level.FAIL, "Redis"),
        (Clocks(100.0, 100.0, 103.0), Level.FAIL, "broker"),
        (Clocks(100.0, 100.0, 10.0), Level.OK, "clocks"),
    ],
)
def test_clocks_that_disagree_are_named(clocks, level, about):
    ((found),) = judge_clocks(clocks)

    assert (found.level, found.about) == (level, about)


@pytest.mark.parametrize(
    ("ends", "level"),
    [(None, Level.OK), (date(2026, 12, 31), Level.WARN), (date(2026, 12, 10), Level.FAIL)],
)
def test_a_calendar_that_ends_is_named(ends, level):
    (found,) = judge_calendar(date(2026, 11, 26), ends)

    assert found.level is level
    assert (found.todo == "") == (level is Level.OK)


TODAY = date(2026, 11, 26)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    create_demo_keys(folder, years=(2026, 2027))
    return folder


def _readable_by_others(folder: Path) -> None:
    next(folder.glob("code-2026-*.key")).chmod(0o440)


def _open_folder(folder: Path) -> None:
    folder.chmod(0o755)


def _no_next_year(folder: Path) -> None:
    next(folder.glob("code-2027-*.key")).unlink()


def _no_this_year(folder: Path) -> None:
    next(folder.glob("code-2026-*.key")).unlink()


def _no_signer(folder: Path) -> None:
    next(folder.glob("sign-*.key")).unlink()


def _broken(folder: Path) -> None:
    path = next(folder.glob("code-2026-*.key"))
    path.chmod(0o600)
    path.write_text("not a key\n")
    path.chmod(0o400)


def test_good_keys_are_fit(keys: Path):
    assert worst(judge_code_keys(keys, TODAY)) is Level.OK


@pytest.mark.parametrize(
    ("plant", "level", "says"),
    [
        (_readable_by_others, Level.FAIL, "mode 0440"),
        (_open_folder, Level.WARN, "mode 0755"),
        (_no_next_year, Level.WARN, "codes of 2027"),
        (_no_this_year, Level.FAIL, "codes of 2026"),
        (_no_signer, Level.FAIL, "signs QR codes"),
        (_broken, Level.FAIL, "other than hexadecimal digits"),
    ],
)
def test_a_fault_of_the_keys_is_named(keys: Path, plant: Callable[[Path], None], level, says):
    plant(keys)

    (fault,) = [one for one in judge_code_keys(keys, TODAY) if one.level is not Level.OK]
    assert fault.level is level
    assert says in fault.found
    assert fault.todo


def test_in_december_the_next_years_key_is_due(keys: Path):
    _no_next_year(keys)

    assert worst(judge_code_keys(keys, date(2026, 12, 1))) is Level.FAIL


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    (fault,) = judge_code_keys(tmp_path / "nothing", TODAY)

    assert (fault.check, fault.level) == (Check.KEYS, Level.FAIL)


@pytest.mark.parametrize(
    ("mode", "level"),
    [(0o400, Level.OK), (0o600, Level.FAIL), (0o440, Level.FAIL), (0o404, Level.FAIL)],
)
def test_a_secret_is_its_owners_alone(tmp_path: Path, mode: int, level: Level):
    path = tmp_path / "tokens.jsonl"
    path.write_text("")
    path.chmod(mode)

    (found,) = judge_secret_file(path)
    assert found.level is level


GOOD_TOPICS = TopicReport(as_planned=9)


@pytest.mark.parametrize(
    ("report", "level", "says"),
    [
        (GOOD_TOPICS, Level.OK, "9 are as planned"),
        (TopicReport(missing=("insp.journal",)), Level.FAIL, "1 topics are missing"),
        (TopicReport(drift=(Drift("insp.journal", "partitions", "4", "8", fatal=True),)),
         Level.FAIL, "partitions is 8, not 4"),
        (TopicReport(drift=(Drift("insp.decided", "min.insync.replicas", "2", "1"),)),
         Level.FAIL, "min.insync.replicas is 1, not 2"),
        (TopicReport(drift=(Drift("insp.decided", "cleanup.policy", "delete", "compact"),)),
         Level.FAIL, "cleanup.policy is compact"),
        (TopicReport(drift=(Drift("insp.out.A", "retention.ms", "2", "1"),)),
         Level.WARN, "retention.ms is 1"),
    ],
)  # fmt: skip
def test_a_topic_that_is_not_as_planned_is_named(report, level, says):
    (found,) = judge_topics(report)

    assert found.level is level
    assert says in found.found


@pytest.mark.parametrize(
    ("report", "level", "says"),
    [
        (AccessReport(), Level.OK, "as planned"),
        (None, Level.WARN, "lets everybody do everything"),
        (
            AccessReport(missing=("hub-decide READ TOPIC insp.journal",)),
            Level.FAIL,
            "1 permissions",
        ),
        (AccessReport(no_password=("WJW-120116",)), Level.FAIL, "have no password"),
        (AccessReport(unplanned=("X WRITE TOPIC insp.journal",)), Level.WARN, "more than planned"),
    ],
)
def test_a_permission_that_is_not_as_planned_is_named(report, level, says):
    (found,) = judge_access(report)

    assert found.level is level
    assert says in found.found
