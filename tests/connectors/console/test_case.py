"""A case is told from the task to the stop seen at each place, however one names it."""

from datetime import UTC, date, datetime

import pytest
import redis
from builders import DEPT
from console_fakes import write
from ledger_world import A, B, C, Ledgers, an_entry, at, drawn, golden
from public_builders import Desk
from told_history import a_code_in

from connectors.console import oversight
from connectors.console.context import Exit
from connectors.console.due.ledgers import SiteLedger
from connectors.console.stories.case_story import site_events, tell_case
from connectors.console.stories.case_view import Case, case_json, case_parts
from connectors.console.stories.find import History, Place
from connectors.redis_view import key as view_key
from schemas.calendar_file import NO_OVERRIDES
from schemas.feed import Receipt, Stage
from schemas.topics import DECIDED, JOURNAL, receipt_topic
from streams.answer import encode_decided
from streams.delivery.receipts import Draft, encode_receipt
from streams.desks import oversight as rules
from streams.rules.delivery.attempts import Attempt, encode_attempt
from streams.rules.delivery.ledger import encode_entry
from streams.rules.state import encode_state

PARTITION = 1
USCC = a_code_in(PARTITION)
LANES = dict.fromkeys(("stop", "disclose", "prove", "seen", "rejected"), 0)
NOON = int(at(date(2026, 9, 30), 12).timestamp() * 1000)
READER = rules.Deliveries(NO_OVERRIDES)
SAID = datetime(2026, 9, 30, 1, tzinfo=UTC)
MINUTE = 60_000


def a_story():
    """Two results of one enterprise; one of them repaired, the other's repair is held."""
    desk = Desk(uscc=USCC)
    desk.submit("T-R-1")
    desk.publish("R-1")
    desk.submit("T-R-2", planned_on="2026-03-18")
    desk.publish("R-2")
    desk.apply_for("R-1")
    desk.accept()
    desk.decide()
    desk.apply_for("R-2", repair_id="C-2", documents=["APPLICATION"])
    desk.decide(repair_id="C-2", number="D-2")
    return desk


def history(desk):
    answers = [desk.decided(number) for number in range(len(desk.events))]
    return History(Place(USCC, PARTITION), answers=answers)


def a_receipt(site, stage, minute, *, version=2, state="STOPPED", **fields):
    entry, _ = an_entry(site, "R-1", version, state, uscc=USCC, said=SAID)
    draft = Draft(entry, Stage(stage), **fields)
    return Receipt.model_validate_json(
        encode_receipt(site, draft, 0, "", NOON + minute * MINUTE)[0]
    )


@pytest.mark.parametrize(
    ("asked", "tasks", "results", "repairs"),
    [
        pytest.param("R-1", ["T-R-1"], ["R-1"], ["C-1"], id="a result"),
        pytest.param("T-R-1", ["T-R-1"], ["R-1"], ["C-1"], id="its task"),
        pytest.param("C-1", ["T-R-1"], ["R-1"], ["C-1"], id="its repair"),
        pytest.param("C-2", ["T-R-2"], ["R-2"], ["C-2"], id="a repair with a held step"),
        pytest.param(None, ["T-R-1", "T-R-2"], ["R-1", "R-2"], ["C-1", "C-2"], id="everything"),
        pytest.param("X", [], [], [], id="nothing"),
    ],
)
def test_what_hangs_together_is_told_together(asked, tasks, results, repairs):
    story = tell_case(history(a_story()), asked)

    assert (list(story.tasks), list(story.results), list(story.repairs)) == (
        tasks,
        results,
        repairs,
    )
    assert story.known is bool(tasks)


def test_a_held_step_alone_is_a_story():
    desk = Desk(uscc=USCC)
    desk.decide(repair_id="C-9")

    story = tell_case(history(desk), "C-9")

    assert (list(story.repairs.items()), story.results) == ([("C-9", None)], {})
    assert [one.step for one in story.events] == ["HELD"]


def test_a_receipt_says_whether_it_came_in_time():
    receipts = {A: [a_receipt(A, "PROCESSED", 0), a_receipt(A, "PROCESSED", 2)]}

    first, late = site_events(receipts, {"R-1": NOON + MINUTE})

    assert first.what.endswith("in time")
    assert late.what.endswith("TOO LATE")


def a_case(asked="R-1", now=NOON + 3_600_000):
    story = tell_case(history(a_story()), asked)
    proven = {A: ("ACCEPTED", "PROCESSED", "OBSERVED"), B: ("REJECTED",), C: ("ACCEPTED",)}
    attempt = Attempt(2, count=3, last_ms=NOON, next_ms=NOON + 90 * MINUTE, error="HTTP 503")
    ledgers = {}
    for site, stages in proven.items():
        pause = {"reason": "release night", "who": "ann", "since": NOON} if site == C else None
        ledgers[site] = SiteLedger(site, 5, LANES, pause, None)
        entry, _ = an_entry(site, "R-1", 2, "STOPPED", *stages, uscc=USCC, said=SAID, at_ms=NOON,
                            errors=("ENTNAME: 102 of 100 bytes",))  # fmt: skip
        view = READER.read(encode_entry(entry), encode_attempt(attempt), now)
        ledgers[site].entries[entry.name] = view
    receipts = {
        A: [
            a_receipt(A, "ACCEPTED", 0, attempt=1, status="202", site_receipt_id="S-77"),
            a_receipt(A, "PROCESSED", 1, status="processed"),
            a_receipt(A, "OBSERVED", 2, status="not shown"),
        ],
        B: [a_receipt(B, "REJECTED", 1, attempt=2, status="422", errors=("ENTNAME: too long",))],
    }
    due_ms = ledgers[A].entries[f"{USCC}\x1fR-1"].due_ms
    story.add(site_events(receipts, {"R-1": due_ms}))
    return Case(now, Place(USCC, PARTITION), story, ledgers, {"R-2"})


def test_the_case_looks_like_this():
    assert drawn(case_parts(a_case())) == golden("case").replace("USCC", USCC)


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "left, waits on CREDIT-TJ, SUBJECTS-TJ"), (40, "OVERDUE by"), (1, "9 d")],
    ids=["in time", "overdue", "over the holidays"],
)
def test_what_is_left_is_said(days, said):
    case = a_case(now=NOON + days * 24 * 3_600_000)

    assert said in drawn(case_parts(case), width=200)


def test_a_stop_that_is_done_everywhere_is_said_so():
    case = a_case()
    for ledger in case.ledgers.values():
        ledger.entries |= {f"{USCC}\x1fR-1": case.ledgers[A].entries[f"{USCC}\x1fR-1"]}

    assert "stopped everywhere" in drawn(case_parts(case))
    on_the_list = Case(case.now_ms, case.place, case.story, case.ledgers, {"R-1"})
    assert "waits on PUBLIC" in drawn(case_parts(on_the_list))
    older, _ = an_entry(B, "R-1", 1, "DISCLOSED", "PROCESSED", uscc=USCC)
    view = READER.read(encode_entry(older), None, case.now_ms)
    case.ledgers[B].entries[older.name] = view
    assert f"waits on {B}" in drawn(case_parts(case))
    case.ledgers[B].entries.clear()
    assert f"waits on {B}" in drawn(case_parts(case))


def test_scripts_are_told_the_same():
    told = case_json(a_case())

    (result,) = told["results"]
    assert result["disclosure"]["state"] == "STOPPED"
    assert result["places"][B]["standing"] == "REJECTED"
    assert result["places"][A]["observed_ms"].startswith("2026-09-30T12:00")
    assert [one["status"] for one in told["repairs"]] == ["APPROVED"]
    assert [one["site"] for one in told["timeline"]][-4:] == [A, A, B, A]


@pytest.fixture
def hub(console, broker, redis_url):
    """The story as it lies on the broker, in the view and in one ledger."""
    oversight.register(console.app, rules)
    console.set(HUB_REDIS_URL=redis_url, COLUMNS="120")
    console("topics", "apply")
    desk = a_story()
    answers = [desk.decided(number) for number in range(len(desk.events))]
    own = {"key": USCC.encode(), "partition": PARTITION}
    write(broker, DECIDED, [{**own, "value": encode_decided(one)} for one in answers])
    write(broker, JOURNAL, [{**own, "value": b"x"}])
    receipt = a_receipt(A, "PROCESSED", 0).model_dump_json().encode()
    write(
        broker,
        receipt_topic(A),
        [{"value": receipt, "partition": 0}, {"value": b"?", "partition": 0}],
    )
    Ledgers(redis_url).put(A, an_entry(A, "R-1", 2, "STOPPED", "PROCESSED", uscc=USCC, said=SAID))
    with redis.Redis.from_url(redis_url) as client:
        client.hset(view_key(PARTITION, "result"), mapping={"R-1": USCC, "R-2": USCC})
        client.hset(view_key(PARTITION, "case"), "C-1", f"{USCC}\x1fC-1")
        client.hset(view_key(PARTITION, "task"), f"{USCC}\x1fT-R-1", b"{}")
        client.hset(view_key(PARTITION, "state"), USCC, encode_state(desk.state))
        client.hset(view_key(PARTITION, "public"), f"{USCC}\x1fR-2", b"{}")
    return console


@pytest.mark.parametrize("name", ["R-1", "C-1", "T-R-1"])
def test_a_case_is_found_by_any_of_its_names(hub, name):
    told = hub("case", name, "--json").json

    assert [one["result_id"] for one in told["results"]] == ["R-1"]
    assert told["results"][0]["places"][A]["standing"] == "PROCESSED"
    assert told["results"][0]["places"][B] is None
    assert told["results"][0]["public"] is False
    assert told["timeline"][-1]["step"] == "PROCESSED v2 STOPPED"


def test_a_credit_code_tells_everything(hub):
    answer = hub("case", USCC)

    assert answer.status == Exit.DONE
    assert answer.fits(120)
    for said in ("R-1", "R-2", "C-1", "C-2", DEPT, "REPAIR_APPROVED", "NOT_ACCEPTED_YET"):
        assert said in answer.said


def test_a_case_that_only_the_state_knows_is_found(hub):
    assert hub("case", "C-2", "--json").json["results"][0]["result_id"] == "R-2"


def test_a_name_nobody_knows_is_said_so(hub):
    for words in (("R-99",), ("R-99", "--uscc", USCC)):
        answer = hub("case", *words)

        assert answer.status == Exit.FOUND
        assert "R-99" in answer.said


def test_one_name_of_two_enterprises_asks_which(hub, redis_url):
    other = a_code_in(3)
    with redis.Redis.from_url(redis_url) as client:
        client.hset(view_key(3, "result"), "R-1", other)

    answer = hub("case", "R-1")

    assert answer.status == Exit.USAGE
    assert other in answer.said
    assert hub("case", "R-1", "--uscc", USCC).status == Exit.DONE
