"""Would the auditor see it? Faults are planted in deliver workers, one a site, and must be found.

A sound hub goes through the same mishaps in `test_delivery`: pauses, lost answers, older records
behind newer ones. Here a third site is sound, and nothing must be found there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chaos_fleet import Fleet
from chaos_load import Load
from chaos_servers import Servers
from chaos_sites import Sites, a_day, by_site
from waiting import until

from schemas.sites import SITES

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]

ODD_WORKER = (str(Path(__file__).parent / "odd_worker.py"),)
CREDIT, NATIONAL, SUBJECTS = "CREDIT-TJ", "GSXT-TJ", "SUBJECTS-TJ"
TASKS = 60
SEED = 5
REST_S = 90.0


@pytest.fixture
def load(shared_servers: Servers) -> Load:
    """A small day whose registries are published."""
    load = Load(shared_servers.kafka.bootstrap, shared_servers.partitions, 0, SEED, a_day(TASKS))
    load.prepare()
    return load


@pytest.fixture
def sites(shared_servers: Servers) -> Sites:
    """Three sites that do not run yet."""
    return Sites(shared_servers)


@pytest.fixture
def fleet(sites: Sites, load: Load, shared_servers: Servers) -> Iterator[Fleet]:
    """A hub that has decided the day, and systems to deliver it to; nothing delivers yet."""
    with Fleet(shared_servers.folder / "logs", sites.env()) as fleet:
        sites.start_systems(fleet)
        for role in ("intake", "decide"):
            fleet.add(role, role)
        load.wait_until_registered()
        load.run(0.0, threading.Event())
        yield fleet


def deliver(fleet: Fleet, **odd: str) -> None:
    """A worker for each site, each as odd as named by its connector's name."""
    names = {"national": NATIONAL, "credit": CREDIT, "subjects": SUBJECTS}
    oddities = {names[name]: faults for name, faults in odd.items()}
    for site in SITES:
        env = {"ODD": oddities.get(site, "")}
        if site == NATIONAL:
            # Receipts come late, so that whoever heard no answer tries again first.
            env["HUB_DELIVER_POLL_S"] = "5"
        fleet.add(f"deliver-{site}-0", "deliver", "--site", site, entry=ODD_WORKER, **env)


def test_false_receipts_new_keys_and_stops_passed_over_are_found(
    fleet: Fleet, sites: Sites, say: Callable[[str], None]
):
    deliver(fleet, credit="receipt first", national="new key,lost answer", subjects="skip stops")
    sites.wait_until_at_rest(REST_S, but=[CREDIT, SUBJECTS])
    until(lambda: sites.taken_in(SUBJECTS) and sites.receipts(CREDIT), "faults bear fruit", REST_S)
    fleet.stop()

    found = by_site(sites.judge())

    say(str(found))
    assert "I8.journals" in found[CREDIT]
    assert found[NATIONAL] >= {"I9.journals", "I9.once"}
    assert "I7.receipts" in found[SUBJECTS]
    assert found.keys() == SITES.keys()


def test_what_is_dropped_by_a_pause_and_an_old_version_after_a_stop_are_found(
    fleet: Fleet, sites: Sites, say: Callable[[str], None]
):
    sites.pause(CREDIT)
    deliver(fleet, credit="drop when paused", national="last one wins")
    sites.wait_until_at_rest(REST_S, but=[CREDIT])
    sites.resume(CREDIT)
    assert sites.write_stale(NATIONAL) > 1
    assert sites.write_stale(SUBJECTS) > 1
    sites.wait_until_at_rest(REST_S, but=[CREDIT])
    fleet.stop()

    found = by_site(sites.judge())

    say(str(found))
    assert found[CREDIT] >= {"I7.receipts", "I7.journals"}
    assert found[NATIONAL] >= {"I7.journals", "I9.once"}
    assert found.keys() == {CREDIT, NATIONAL}
