"""Whatever watch, console, facts and receipts say is told in Chinese on a Chinese screen."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from chinese import english_in
from golden import decide_golden
from markupsafe import Markup

from connectors import kafka_admin
from connectors.console import context
from connectors.console.dead_letters import letter_acts, replay_plan
from connectors.console.due import ledgers
from connectors.console.due.ledgers import SiteLedger
from connectors.console.stories import case, find, story
from connectors.console.systems import operator_log, probe, reconcile_look, site_acts
from connectors.console.terminal import moments
from connectors.dashboard.retelling import in_chinese, original, phrases, retold, retold_fact
from connectors.dashboard.retelling import retold_step as step_told
from connectors.dashboard.said_codes import SAID_CODES
from connectors.dashboard.wording import word
from connectors.sites import credit_tianjin, front_database, http, public_list, public_page, table
from connectors.statistics import view
from connectors.watch import canary
from connectors.watch.rows import flow_row, proof_row, site_row
from connectors.watch.sites import SiteFound
from connectors.watch.windows import Tally
from schemas.enums import (
    CaseStatus,
    CodeState,
    Decision,
    DocumentKind,
    JointChange,
    LeadGround,
    RepairDecision,
    RepairStep,
)
from schemas.feed import Cause, DisclosureState, StopReason
from schemas.oversight import Forecast
from schemas.special_words import ObjectStage, Platform, SpecialStep, SurveyStep
from schemas.watch import PartitionView, Stage, Verdict
from streams.delivery import exchange

SITE = "GSXT-TJ"
RAISED = {"CommandError", "BrokerUnreachable", "AdminRefused", "Unavailable", "NoStatisticsError",
          "NotConnectedError", "KeyRingError", "hold"}  # fmt: skip
SAY_THEM: tuple[ModuleType, ...] = (
    case, context, find, ledgers, letter_acts, moments, operator_log, probe, reconcile_look,
    replay_plan, site_acts, kafka_admin, view, credit_tianjin, front_database, http, public_list,
    public_page, table, exchange,
)  # fmt: skip
ELSEWHERE = re.compile(r"is no dead letter's id|says it stands|is fixed at|holds records")
"""Refusals of commands that no page of the dashboard carries out."""


def sentences(module: ModuleType) -> Iterator[str]:
    """What a module says when something is not so; a number or a code stands for each value."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) in RAISED
        ):
            for one in node.args[:2]:
                if text := _sample(one):
                    yield text


def _sample(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and " " in node.value else ""
    return "".join(
        part.value if isinstance(part, ast.Constant) else _stand_in(part)
        for part in (node.values if isinstance(node, ast.JoinedStr) else ())
    )


def _stand_in(part: ast.expr) -> str:
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.IfExp):
        return ""
    return "STOPPED" if isinstance(value, ast.Attribute) and value.attr == "state" else "7"


@pytest.mark.parametrize("module", SAY_THEM, ids=lambda module: module.__name__)
def test_what_a_module_answers_when_something_is_not_so_is_in_the_book(module: ModuleType):
    for text in sentences(module):
        told = in_chinese(text)
        if not ELSEWHERE.search(text):
            assert told is not None, text
            assert not english_in(told), told


def test_the_modules_do_say_something():
    assert sum(1 for module in SAY_THEM for _ in sentences(module)) > 40


def details() -> Iterator[str]:
    """All that a row of the watch can say beside its verdict."""
    part = PartitionView(stage=Stage.DECIDE, group="g", topic="insp.journal", partition=2,
                         committed=1, end=9, lag=8, verdict=Verdict.STALL,
                         members=False)  # fmt: skip
    other = PartitionView(stage=Stage.DECIDE, group="g", topic="insp.journal", partition=3,
                          committed=1, end=9, lag=8, verdict=Verdict.WARN)  # fmt: skip
    for tally, parts in (
        (Tally(), ()), (Tally(partitions=4), ()), (Tally(partitions=1200), (part, other)),
    ):  # fmt: skip
        yield flow_row(Stage.DECIDE, Verdict.STALL, tally, parts, None).detail
    pause = {"reason": "停机维护, 升级; 测试", "who": "ann", "since": 1}
    lanes = {"rejected": 1234}
    bad = SiteLedger(SITE, None, lanes, pause, {"state": "OPEN"}, feed_end=9)
    one = SiteFound(bad, unseen_overdue=2, unseen=3)
    told = Forecast(
        owed=3, overdue=2, rate_per_s=0, required_per_s=None, will_miss=1, latest_ms=None
    )
    yield site_row(one, Verdict.STOP, told, None, [part], 0, attended=False).detail
    yield site_row(SiteFound(SiteLedger(SITE, 1, {}, None, {"state": "HALF_OPEN"})), Verdict.STOP,
                   told, None, [], 0, attended=True).detail  # fmt: skip
    yield proof_row(one, Verdict.NO_DATA).detail
    yield proof_row(one, Verdict.AT_RISK).detail
    for steps in range(len(canary._STEPS) + 1):
        trail = canary._Trail("T", seen=list(range(steps)))
        yield canary._fault_of(trail, 30.0)
    refused = canary._Trail("T", answer={"reason": "INVALID_FIELD", "message": "task_id is empty"},
                            kind=canary.EVENT_REFUSED)  # fmt: skip
    yield canary._fault_of(refused, 30.0)


def test_every_detail_of_the_watch_is_told_in_chinese():
    some = [text for text in details() if text]
    assert len(some) > 10
    for text in some:
        told = in_chinese(text)
        assert told is not None, text
        assert not english_in(told), told


def test_what_an_operator_wrote_stays_as_he_wrote_it():
    told = in_chinese("2 overdue; paused by ann: their release, tonight; breaker OPEN")

    assert told is not None
    assert told.startswith("2 件已逾期；由 ann 暂停：their release, tonight")


def test_every_fact_of_the_golden_log_is_told_in_chinese():
    facts = [fact for decided, _ in decide_golden() for fact in decided.facts]
    for fact in facts:
        told = retold_fact(fact.fact, story.said(fact), "zh")
        # An exception's own words are nobody's to translate.
        assert not english_in(told.replace(getattr(fact, "error", "\0"), "")), (fact, told)
    assert len({type(fact) for fact in facts}) > 12


def test_each_step_of_a_timeline_is_told_in_chinese():
    for step in ("DECIDED", "PROCESSED v2 STOPPED", "DECIDED APPROVED", "SUPPLEMENT_ASKED"):
        assert not english_in(step_told(step, "zh", lambda group, code: word(group, code, "zh")))


GROUPS: dict[str, Any] = {
    "verdict": Verdict, "decision": Decision, "code_state": CodeState, "status": CaseStatus,
    "state": DisclosureState, "stop_reason": StopReason, "cause": Cause, "document": DocumentKind,
    "repair_move": [*RepairStep, *RepairDecision], "special_step": SpecialStep,
    "platform": Platform, "object_stage": ObjectStage, "survey_step": SurveyStep,
    "lead_ground": LeadGround, "joint_change": JointChange,
}  # fmt: skip


@pytest.mark.parametrize(("group", "codes"), GROUPS.items())
def test_every_code_that_stands_in_a_sentence_has_its_words(group: str, codes: Any):
    for code in codes:
        assert re.search(r"[\u4e00-\u9fff]", SAID_CODES[group].get(str(code), "")), code


def test_both_sides_of_a_phrase_take_the_same_values():
    for english, chinese in phrases():
        fields = set(re.findall(r"\{(\w+)\}", chinese))
        assert fields <= set(re.findall(r"\{(\w+)\}", english)), english
        assert re.search(r"[\u4e00-\u9fff{]", chinese), english


def test_what_is_not_in_the_book_is_shown_as_it_was_written_and_marked_as_english():
    odd = retold("something <b>new</b> happened", "zh")

    assert odd == Markup('<span lang="en">something &lt;b&gt;new&lt;/b&gt; happened</span>')
    assert retold("something new", "en") == "something new"
    assert original("税务 OK", "zh") == "税务 OK"
    assert in_chinese("x" * 5000) is None
