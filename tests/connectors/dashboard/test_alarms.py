"""One look says whether anything is wrong: each thing that can be wrong, and what is then said."""

from __future__ import annotations

from typing import Any

import pytest
from dashboard_world import A, B, C, a_picture
from ledger_world import real_now_ms

from connectors.console.dead_letters.letter_acts import LettersSeen
from connectors.console.dead_letters.letters import Letter
from connectors.console.due.ledgers import SiteLedger
from connectors.console.systems.receipts_tail import LastAnswers
from connectors.console.systems.site_acts import SitesSeen
from connectors.dashboard.alarms import LISTED_MAX, Alarm, Level, alarms_of, listed, worst
from connectors.dashboard.comparing import Compared
from connectors.dashboard.door import Operator
from connectors.dashboard.tools import tools
from connectors.dashboard.wording import LABELS, say
from schemas.compared import SiteCompared
from schemas.operator import OperatorRole
from schemas.watch import CanaryView, Departments, DepartmentView, Stage, StageView, Verdict

LANES = dict.fromkeys(("stop", "disclose", "prove", "seen", "rejected"), 0)
PAUSE = {"reason": "release night", "who": "ann", "since": 1}
ANN = Operator("ann", OperatorRole.VIEWER, "1")
NO_LETTERS = LettersSeen([], [])


def sites(**changes: Any) -> SitesSeen:
    """Three sites that are well, but for the first."""
    fields = {"feed_next": 0, "lanes": LANES, "pause": None, "breaker": None} | changes
    ledgers = {A: SiteLedger(A, **fields), **{
        site: SiteLedger(site, 0, LANES, None, None) for site in (B, C)
    }}  # fmt: skip
    return SitesSeen(1, ledgers, dict.fromkeys((A, B, C), LastAnswers()))


def a_stage(verdict: Verdict, **fields: Any) -> dict[str, Any]:
    return {"stages": (StageView(stage=Stage.DELIVER, site=A, verdict=verdict, **fields),)}


def a_canary(verdict: Verdict, fault: str) -> dict[str, Any]:
    return {"canary": CanaryView(verdict=verdict, task_id="T", sent_ms=1, fault=fault, failed=2)}


def told(
    picture: Any = None, seen: Any = None, letters: Any = NO_LETTERS, compared: Any = None,
    departments: Any = None,
):  # fmt: skip
    made = a_picture() if picture is None else picture, departments
    return alarms_of(made, seen or sites(), letters, [], compared or {}, real_now_ms())


def test_where_all_is_well_nothing_is_said():
    assert told() == []
    assert worst([]) is Level.FINE


@pytest.mark.parametrize(
    ("fields", "level", "key"),
    [
        (a_stage(Verdict.DOOMED, will_miss=7), Level.ACT, "alarm_will_miss"),
        (a_stage(Verdict.DOOMED), Level.ACT, "alarm_stage"),
        (a_stage(Verdict.STALL), Level.ACT, "alarm_stage"),
        (a_stage(Verdict.WARN), Level.LOOK, "alarm_stage"),
        (a_stage(Verdict.OK, overdue=1), Level.ACT, "alarm_overdue"),
        ({"calendar_ends": "2026-12-31"}, Level.LOOK, "alarm_calendar"),
        (a_canary(Verdict.STOP, "no answer"), Level.ACT, "alarm_canary"),
        ({"faults": ("no group",)}, Level.LOOK, "alarm_unmeasured"),
        ({"at_ms": 1, "every_s": 15.0}, Level.ACT, "alarm_stale_watch"),
    ],
)
def test_what_the_watch_sees_is_said(fields: dict[str, Any], level: Level, key: str):
    found = told(a_picture(**fields))

    assert (worst(found), found[0].level) == (level, level)
    assert key in {one.key for one in found}


@pytest.mark.parametrize("verdict", [Verdict.PAUSED_BY_BREAKER, Verdict.PAUSED_BY_OPERATOR])
def test_a_pause_is_told_once_and_by_the_site(verdict: Verdict):
    found = told(a_picture(**a_stage(verdict)), sites(pause=PAUSE))

    assert [one.key for one in found] == ["alarm_paused"]
    assert found[0].about == {"site": A, "why": "release night", "who": "ann"}


@pytest.mark.parametrize(
    ("changes", "level", "key"),
    [
        ({"breaker": {"state": "OPEN"}}, Level.ACT, "alarm_breaker"),
        ({"breaker": {"state": "HALF_OPEN"}}, Level.ACT, "alarm_breaker"),
        ({"pause": PAUSE}, Level.LOOK, "alarm_paused"),
        ({"lanes": LANES | {"rejected": 3}}, Level.ACT, "alarm_refused"),
        ({"feed_next": None, "feed_end": 5}, Level.ACT, "alarm_no_ledger"),
    ],
)
def test_what_is_wrong_with_a_site_is_said_and_leads_to_it(
    changes: dict[str, Any], level: Level, key: str
):
    (found,) = told(seen=sites(**changes))

    assert (found.level, found.key, found.href) == (level, key, f"/ops/sites/{A}")


def test_a_site_that_nothing_was_ever_fed_to_needs_no_ledger():
    assert told(seen=sites(feed_next=None, feed_end=0)) == []


def test_what_cannot_be_seen_is_never_taken_for_well():
    unwatched = alarms_of((None, None), sites(), NO_LETTERS, [], {}, real_now_ms())
    unseen = alarms_of(
        (a_picture(), None), None, None, ["Redis does not answer"], {}, real_now_ms()
    )

    assert [(one.key, one.level) for one in unwatched] == [("alarm_no_watch", Level.ACT)]
    assert [(one.key, one.level) for one in unseen] == [("alarm_unseen", Level.ACT)]


def test_departments_are_told_by_verdict_with_how_many_and_which():
    verdicts = [Verdict.OK, Verdict.SILENT, Verdict.WARN, Verdict.SILENT, Verdict.SILENT,
                Verdict.SILENT]  # fmt: skip
    some = (DepartmentView(dept=f"D-{at}", verdict=one) for at, one in enumerate(verdicts))
    found = told(departments=Departments(at_ms=1, departments=tuple(some)))
    words = {lang: tools(ANN, lang, 1)["words"] for lang in ("zh", "en")}
    said = [say(one.key, lang, **words[lang](one.about)) for lang in ("zh", "en") for one in found]

    assert {(one.level, one.href) for one in found} == {(Level.LOOK, "/ops/departments")}
    assert said == [
        "部门数据有问题 1 个：D-2", "部门静默 4 个：D-1、D-3、D-4等",
        "Departments with poor data (1): D-2", "Departments silent (4): D-1, D-3, D-4 …",
    ]  # fmt: skip


def test_departments_stand_on_the_strip_however_much_else_is_wrong():
    many = [Alarm(Level.ACT, "alarm_stage", f"/ops/{at}") for at in range(LISTED_MAX + 3)]
    silent = Alarm(Level.LOOK, "alarm_departments", "/ops/departments")
    letters = Alarm(Level.LOOK, "alarm_letters", "/ops/letters")

    assert listed([*many, silent, letters]) == [*many[:LISTED_MAX], silent]
    assert listed([silent, letters]) == [silent, letters]


def test_dead_letters_that_wait_are_said_those_nobody_can_read_too():
    strange = Letter("insp.dlq.intake/0/0", 1, None, None, (), None, "no headers")

    (found,) = told(letters=LettersSeen([], [strange]))

    assert (found.key, found.level, found.about) == ("alarm_letters", Level.LOOK, {"n": 1})


@pytest.mark.parametrize(("differences", "keys"), [(0, []), (2, ["alarm_differ"])])
def test_what_a_system_shows_and_must_not_is_said(differences: int, keys: list[str]):
    compared = {A: Compared(1, SiteCompared(compared=5, differing=differences))}

    assert [one.key for one in told(compared=compared)] == keys


def test_a_difference_is_said_until_all_was_read_again():
    tonight = SiteCompared(fault="HTTP 503").after(SiteCompared(compared=5, differing=2))

    (found,) = told(compared={A: Compared(1, tonight, nightly=True)})

    assert (found.key, found.about["n"]) == ("alarm_differ", 2)


@pytest.mark.parametrize(
    "one", [Compared(1, SiteCompared(fault="HTTP 503")), Compared(1, fault="HTTP 503")]
)
def test_a_public_list_that_could_not_be_read_is_said(one: Compared):
    (found,) = told(compared={A: one})

    assert (found.key, found.level) == ("alarm_not_compared", Level.LOOK)
    assert found.about == {"site": A, "fault": "HTTP 503"}


def test_the_worst_comes_first():
    found = told(a_picture(**a_stage(Verdict.STALL)), sites(pause=PAUSE))

    assert [one.level for one in found] == [Level.ACT, Level.LOOK]
    assert {one.key for one in found} <= LABELS.keys()
