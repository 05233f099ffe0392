"""Would the auditor see it? Faults are planted in workers, one by one, and must not get by.

Where the occasion itself is made up (a stale fetch, a frozen worker) the sound hub is put through
it too: then the auditor must find nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from chaos_fleet import Fleet
from chaos_load import Load
from chaos_run import env_of
from chaos_servers import Servers
from chaos_verdict import HEAL_S, Verdict, judge, level, wait_until_level
from waiting import until

from connectors.kafka_admin import KafkaAdmin
from connectors.keys import create_demo_keys
from schemas.topics import DECIDED

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]

ODD_WORKER = (str(Path(__file__).parent / "odd_worker.py"),)
EVENTS = 600
SETTLE_S = 15.0
"""For a hub that may never come level; a sound one has as long as after a campaign."""


@pytest.fixture
def load(shared_servers: Servers) -> Load:
    """A small city whose registries are published."""
    load = Load(shared_servers.kafka.bootstrap, shared_servers.partitions, EVENTS, 1)
    load.prepare()
    return load


@pytest.fixture
def fleet(shared_servers: Servers, tmp_path: Path) -> Iterator[Fleet]:
    """No workers yet."""
    env = {**env_of(shared_servers), "ODD_ONCE": str(tmp_path / "once")}
    with Fleet(tmp_path / "logs", env) as fleet:
        yield fleet


def run(
    servers: Servers, fleet: Fleet, load: Load, settle_s: float = SETTLE_S, **odd: str
) -> Verdict:
    """Everything through a hub in which the roles' workers are as odd as named.

    Then the verdict. Decide comes last, so that its first fetch is a large one. A hub with a fault
    in it may never come level; a sound one does before the audit.
    """
    fleet.add("intake", "intake", entry=ODD_WORKER, ODD=odd.get("intake", ""))
    load.wait_until_registered()
    load.run(0.0, threading.Event())
    with contextlib.suppress(AssertionError):
        until(lambda: "insp-intake" not in level(servers), "all is taken in", HEAL_S)
    fleet.add("decide", "decide", entry=ODD_WORKER, ODD=odd.get("decide", ""))
    with contextlib.suppress(AssertionError):
        wait_until_level(servers, settle_s)
    fleet.stop()
    return judge(servers)


def test_a_sound_hub_goes_through_a_stale_fetch_unharmed(
    shared_servers: Servers, fleet: Fleet, load: Load
):
    odd = {"decide": "stale fetch", "intake": "stale fetch"}

    verdict = run(shared_servers, fleet, load, HEAL_S, **odd)

    assert fleet.said()["stale batch dropped"] > 4
    assert verdict.broken == {}


def test_without_the_guard_a_stale_fetch_loses_decisions(
    shared_servers: Servers, fleet: Fleet, load: Load, say: Callable[[str], None]
):
    verdict = run(shared_servers, fleet, load, decide="stale fetch,no guard")

    say(str(verdict.broken))
    assert verdict.broken["I4.journal"] > 10


def test_without_the_guard_a_stale_fetch_loses_inputs(
    shared_servers: Servers, fleet: Fleet, load: Load, say: Callable[[str], None]
):
    verdict = run(shared_servers, fleet, load, intake="stale fetch,no guard")

    say(str(verdict.broken))
    assert verdict.broken["I4.inputs"] > 10


def test_a_watermark_before_the_publication_loses_decisions(
    shared_servers: Servers, fleet: Fleet, load: Load, say: Callable[[str], None]
):
    verdict = run(shared_servers, fleet, load, decide="early watermark,die publishing")

    say(str(verdict.broken))
    assert verdict.broken["I4.journal"] > 5


def test_committing_what_faust_acknowledges_loses_inputs(
    shared_servers: Servers, fleet: Fleet, load: Load, say: Callable[[str], None]
):
    verdict = run(shared_servers, fleet, load, intake="faust acks,die publishing")

    say(str(verdict.broken))
    assert verdict.broken["I4.inputs"] > 5


@pytest.mark.parametrize("faults", ["stop at", "stop at,no fence"], ids=["fence", "no fence"])
def test_a_frozen_worker_with_other_keys_goes_on(
    shared_servers: Servers, fleet: Fleet, load: Load, faults: str, tmp_path: Path
):
    """Two decide the same batch; without the fence both answers go out, and they differ."""
    create_demo_keys(tmp_path / "old-keys", years=range(2024, 2028))
    fleet.add("intake", "intake")
    load.wait_until_registered()
    load.run(0.0, threading.Event())
    until(lambda: "insp-decide" in level(shared_servers), "all is taken in")

    def start(name: str, keys: Path) -> int:
        env = {"ODD": faults, "ODD_ONCE": str(tmp_path / name), "HUB_KEYS_DIR": str(keys)}
        env["HUB_CRASH_AT"] = "before script"
        fleet.add(name, "decide", entry=ODD_WORKER, **env)
        pid = fleet.pid(name)
        until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED, f"{name} stands still")
        return pid

    frozen = start("frozen", tmp_path / "old-keys")
    fleet.let_die("frozen")
    successor = start("successor", shared_servers.keys)
    os.kill(frozen, signal.SIGCONT)
    until(lambda: is_gone(frozen) or decided(shared_servers), "the frozen one has gone on")
    if not is_gone(frozen):
        fleet.kill("frozen")
    os.kill(successor, signal.SIGCONT)
    with contextlib.suppress(AssertionError):
        wait_until_level(shared_servers, SETTLE_S if "no fence" in faults else HEAL_S)
    fleet.stop()
    verdict = judge(shared_servers)

    if "no fence" in faults:
        assert verdict.broken["I3"] > 10
    else:
        assert verdict.broken == {}


def decided(servers: Servers) -> bool:
    """Whether anything stands in `insp.decided`."""
    with KafkaAdmin(servers.kafka.bootstrap) as admin:
        return admin.end_offsets([(DECIDED, 0)])[DECIDED, 0] > 0


def is_gone(pid: int) -> bool:
    """Whether the process has ended."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
