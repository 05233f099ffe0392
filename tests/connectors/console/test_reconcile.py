"""Ledger and system are compared both ways; what moves meanwhile is no difference."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from console_fakes import read_all
from delivery_fakes import FakeLedger
from ledger_world import USCC, C, Ledgers, an_entry
from site_in_thread import SiteInThread

from connectors.console import oversight
from connectors.console.context import Exit
from connectors.console.systems.reconcile_look import Reconciler
from connectors.stack import Stack
from connectors.stand_ins import StandIns
from schemas.calendar_file import NO_OVERRIDES
from schemas.delivery import Observed, Unavailable
from schemas.feed import Disclosure, Receipt, Stage
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import feed_topic, receipt_topic
from streams.desks import oversight as rules
from streams.rules.delivery.ledger import encode_entry, prove

OTHER = "91110000600037341L"
SHOWN, HIDDEN = Observed(shown=True, version=2), Observed(shown=False)
AWAY = Unavailable("away")
DONE = ("PROCESSED",)


class Pages:
    """Public pages, by result; `meanwhile` runs before the first is read."""

    def __init__(self, pages, meanwhile=lambda: None):
        self.pages, self.meanwhile, self.asked = pages, meanwhile, 0

    async def observe(self, deliveries):
        self.meanwhile()
        self.asked += len(deliveries)
        return [self.pages.get(one.result_id, HIDDEN) for one in deliveries]


def compare(entries, listed, pages, *, each=False, meanwhile=lambda _: None):
    """Compare a ledger of these entries with a list and pages; lines `KIND result`."""
    ledger = FakeLedger()
    for entry, _ in entries:
        ledger.content.entries[entry.name] = encode_entry(entry)
    system = Pages(pages, lambda: meanwhile(ledger))
    all_ = SimpleNamespace(of={C: ledger})
    look = Reconciler(all_, C, system, rules, each=each, calendar=NO_OVERRIDES)
    names = listed if isinstance(listed, Unavailable) else {(USCC, one) for one in listed}
    found = asyncio.run(look.compare(names))
    return found, [f"{one.kind} {one.result_id}" for one in found.differences], system


@pytest.mark.parametrize(
    ("state", "stages", "listed", "page", "told"),
    [
        pytest.param("STOPPED", DONE, [], HIDDEN, [], id="stopped and gone"),
        pytest.param("STOPPED", DONE, ["R"], SHOWN, ["MISSING_STOP R"], id="stopped but shown"),
        pytest.param("STOPPED", DONE, ["R"], HIDDEN, [], id="gone since the list was read"),
        pytest.param("STOPPED", (), ["R"], SHOWN, [], id="the stop is on its way"),
        pytest.param("STOPPED", ("REJECTED",), ["R"], SHOWN, [], id="refused: owed anyway"),
        pytest.param("DISCLOSED", DONE, ["R"], SHOWN, [], id="disclosed and shown"),
        pytest.param("DISCLOSED", DONE, [], HIDDEN, ["MISSING_DISCLOSURE R"], id="not shown"),
        pytest.param("DISCLOSED", DONE, [], SHOWN, [], id="between two pages of the list"),
        pytest.param("DISCLOSED", (), [], HIDDEN, [], id="the disclosure is on its way"),
    ],
)
def test_one_result(state, stages, listed, page, told):
    found, lines, _ = compare([an_entry(C, "R", 2, state, *stages)], listed, {"R": page})

    assert lines == told
    assert found.compared + found.owed == 1


def test_only_differences_are_looked_at_twice():
    entries = [an_entry(C, f"R-{n}", 2, "DISCLOSED", *DONE) for n in range(9)]

    _, lines, system = compare(entries, [f"R-{n}" for n in range(8)], {"R-8": HIDDEN})

    assert (lines, system.asked) == (["MISSING_DISCLOSURE R-8"], 1)


def test_a_wrong_version_is_found_page_by_page():
    entries = [an_entry(C, "R", 2, "DISCLOSED", *DONE)]
    old = {"R": Observed(shown=True, version=1)}

    assert compare(entries, ["R"], old)[1] == []
    assert compare(entries, ["R"], old, each=True)[1] == ["WRONG_VERSION R"]


def test_what_the_ledger_does_not_know_is_found_and_looked_at_again():
    pages = {"GHOST": SHOWN, "GONE": HIDDEN, "SILENT": AWAY}

    found, lines, _ = compare([], ["GHOST", "GONE", "SILENT"], pages)

    assert lines == ["UNKNOWN GHOST"]
    assert found.unclear == 1


def test_a_result_that_became_known_meanwhile_is_not_unknown():
    entry, _ = an_entry(C, "NEW", 1, "DISCLOSED")

    def learn(ledger):
        ledger.content.entries[entry.name] = encode_entry(entry)

    assert compare([], ["NEW"], {"NEW": SHOWN}, meanwhile=learn)[1] == []


def test_an_entry_that_moved_on_meanwhile_is_no_difference():
    old, _ = an_entry(C, "R", 2, "STOPPED", *DONE)
    newer, _ = an_entry(C, "R", 3, "DISCLOSED", *DONE)

    def move(ledger):
        ledger.content.entries[old.name] = encode_entry(newer)

    assert compare([(old, b"")], ["R"], {"R": SHOWN}, meanwhile=move)[1] == []


def test_a_list_that_cannot_be_read_is_replaced_by_pages_and_said():
    entries = [an_entry(C, "R-1", 2, "STOPPED", *DONE), an_entry(C, "R-2", 2, "STOPPED", *DONE)]

    found, lines, _ = compare(entries, AWAY, {"R-1": SHOWN, "R-2": HIDDEN})

    assert (lines, found.list_fault) == (["MISSING_STOP R-1"], "away")


def test_a_system_that_is_away_is_not_asked_for_every_page():
    entries = [an_entry(C, f"R-{n}", 2, "STOPPED", *DONE) for n in range(9)]

    found, lines, system = compare(entries, AWAY, {f"R-{n}": AWAY for n in range(9)})

    assert (lines, found.unclear) == ([], 9)
    assert system.asked == 3, "one lot, as the ledger handed it out"


@pytest.fixture
def site():
    """A system that runs."""
    with SiteInThread() as running:
        yield running


@pytest.fixture
def hub(console, broker, redis_url, site):
    oversight.register(console.app, rules)
    page = f"{site.address}/public"
    console.set(HUB_REDIS_URL=redis_url, HUB_SITE_SUBJECTS_PAGE=page, COLUMNS="120")
    console("topics", "apply")
    return console


def test_a_running_system_is_compared_and_put_right(hub, site, redis_url, broker):
    ledgers = Ledgers(redis_url)
    stopped, value = an_entry(C, "R-1", 2, "STOPPED", *DONE)
    ledgers.put(C, (stopped, value), an_entry(C, "R-2", 1, "DISCLOSED", *DONE))
    site.show(USCC, "R-1", 1)
    site.show(OTHER, "GHOST <1>", 4)
    many = [f"S-{number}" for number in range(450)]
    for name in many:
        site.show(USCC, name, 1)
    ledgers.put(C, *(an_entry(C, name, 1, "DISCLOSED", *DONE) for name in many[3:]))

    table = hub("reconcile", C)
    told = hub("reconcile", C, "--json")
    without_reason = hub("reconcile", C, "--repair")
    repaired = hub("reconcile", C, "--repair", "--reason", "restored an old copy", "--by", "ann")

    kinds = [one["kind"] for one in told.json["differences"]]
    assert (table.status, told.status, without_reason.status) == (1, 1, Exit.USAGE)
    assert "shown at version 1" in table.said
    assert kinds.count("UNKNOWN") == 3 + 1
    assert kinds[:2] == ["MISSING_STOP", "MISSING_DISCLOSURE"]
    assert "GHOST <1>" in [one["result_id"] for one in told.json["differences"]]
    assert "2 are owed anew and stand on its feed again" in repaired.said
    receipts = [
        Receipt.model_validate_json(one.value()) for one in read_all(broker, receipt_topic(C))
    ]
    assert [(one.result_id, one.status, one.by) for one in receipts] == [
        ("R-1", "REAPPEARED", "HUB"), ("R-2", "REAPPEARED", "HUB"),
    ]  # fmt: skip
    assert receipts[0].errors == ("shown at version 1", "ann: restored an old copy")
    assert receipts[1].prev == receipts[0].hash
    again = [Disclosure.model_validate_json(one.value()) for one in read_all(broker, feed_topic(C))]
    assert [one.result_id for one in again] == ["R-1", "R-2"]
    owed = prove(stopped, Stage.REJECTED, receipts[0].at, status=receipts[0].status)
    assert owed.reappeared > stopped.processed
    (action,) = hub("sites", "log", "--json").json["actions"]
    assert (action["action"], action["by"]) == ("RECONCILE", "ann")


def test_on_a_narrow_terminal_names_stay_whole(hub, site, redis_url):
    long = "TJWJ-120116-2026-000123-R01"
    Ledgers(redis_url).put(C, an_entry(C, long, 1, "DISCLOSED", *DONE))
    hub.set(COLUMNS="80")

    answer = hub("reconcile", C)

    assert all(len(line) <= 80 for line in answer.out.splitlines())
    for name in ("MISSING_DISCLOSURE", long, USCC, "v1 DISCLOSED", "not shown"):
        assert name in answer.out


def test_when_both_agree_it_ends_well(hub, site, redis_url):
    Ledgers(redis_url).put(C, an_entry(C, "R-1", 1, "DISCLOSED", *DONE), an_entry(C, "R-2"))
    site.show(USCC, "R-1", 1)
    site.show(USCC, "R-2", 1)

    answer = hub("reconcile", C)

    assert answer.status == Exit.DONE
    assert "1 compared, 0 differ; 1 on their way, of which 1 stops are still shown" in answer.said


def test_the_stand_ins_that_run_beside_it_are_found_without_any_setting(console, tmp_path):
    oversight.register(console.app, rules)
    systems = StandIns(tmp_path / "stand-ins")
    run = tmp_path / "run"

    with Stack(Settings(data_dir=run), lambda _: None, roles=(), stand_ins=systems):
        compared = {site: console("reconcile", site, "--json") for site in SITES}
        probed = {site: console("sites", "probe", site) for site in SITES}
        systems.fault(C, "out", drop=True)
        away = console("reconcile", C)

    assert {site: answer.status for site, answer in compared.items()} == dict.fromkeys(SITES, 0)
    assert all(answer.json["list_fault"] == "" for answer in compared.values())
    assert {site: answer.status for site, answer in probed.items()} == dict.fromkeys(SITES, 0)
    assert away.status == Exit.FOUND
    assert "could not be read" in away.said
    assert not (run / "stand-ins.json").exists()


def test_a_system_that_is_set_is_not_taken_for_a_stand_in(hub, site, tmp_path, redis_url):
    page = {"site_subjects_page": "http://127.0.0.1:9/public"}
    (tmp_path / "run").mkdir(exist_ok=True)
    (tmp_path / "run" / "stand-ins.json").write_text(json.dumps(page))
    Ledgers(redis_url).put(C, an_entry(C, "R-1", 1, "DISCLOSED", *DONE))
    site.show(USCC, "R-1", 1)

    assert hub("reconcile", C).status == Exit.DONE
    hub.set(HUB_SITE_SUBJECTS_PAGE="")
    assert "could not be read" in hub("reconcile", C).said
