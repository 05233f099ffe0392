"""What each system is told of a result in each state: golden columns."""

from typing import Any

import pytest
from deliveries import disclosed, stopped
from structlog.testing import capture_logs

from connectors.sites import credit_tianjin, national, tianjin_subjects
from connectors.sites.table import FORMS
from schemas.feed import Notice, StopReason, StopScope
from schemas.sites import SITES

NATIONAL = {
    "OPT_FLAG": "I",
    "S_EXT_VALIDFLAG": "1",
    "UNISCID": "91120116MA0000003U",
    "ENTNAME": "天津海河试剂有限公司",
    "REGNO": None,
    "RESULTNO": "R-1",
    "TASKNO": "WJW-2026-000123",
    "INSAUTH": "WJW-120116",
    "INSTYPE": "2",
    "INSDATE": "2026-03-16",
    "INSRES": "A",
    "INSRES_CN": "发现问题待后续处理",
    "ISPROBLEM": "1",
    "FOLLOWUP": "责令十日内改正",
    "PUBSTATE": "0",
    "STOPTYPE": None,
    "STOPSCOPE": None,
    "STOPNO": None,
    "STOPDATE": None,
}
NATIONAL_STOPPED = {
    **NATIONAL,
    "OPT_FLAG": "U",
    "S_EXT_VALIDFLAG": "0",
    "PUBSTATE": "1",
    "STOPTYPE": "3",
    "STOPSCOPE": "2",
    "STOPNO": "津卫信修〔2026〕7号",
    "STOPDATE": "2026-09-30",
}
CREDIT = {
    "CF_WSH": "R-1",
    "CF_AJBH": "WJW-2026-000123",
    "CF_XDR_MC": "天津海河试剂有限公司",
    "CF_XDR_SHXYM": "91120116MA0000003U",
    "CF_CFLB1": "03",
    "CF_CFMC": "发现问题待后续处理",
    "CF_JG": "责令十日内改正",
    "CF_FXWT": "1",
    "CF_JDRQ": "2026-03-16",
    "CF_XZJG": "WJW-120116",
    "CF_ZT": "0",
    "CF_XXSYFW": "0",
    "CF_GSJZQ": None,
    "CF_JCWSH": None,
    "DFBM": "120000",
    "SJC": "2026-03-16",
    "BZ": None,
}
CREDIT_STOPPED = {
    **CREDIT,
    "CF_ZT": "3",
    "CF_XXSYFW": "2",
    "CF_GSJZQ": "2026-09-30",
    "CF_JCWSH": "津卫信修〔2026〕7号",
    "SJC": "2026-09-30",
    "BZ": "信用修复",
}
SUBJECTS = {
    "subject_code": "91120116MA0000003U",
    "subject_name": "天津海河试剂有限公司",
    "result_no": "R-1",
    "task_no": "WJW-2026-000123",
    "authority": "WJW-120116",
    "checked_on": "2026-03-16",
    "result_codes": "DC",
    "result_text": "发现问题待后续处理",
    "found_problem": True,
    "follow_up": "责令十日内改正",
    "status": "公示",
    "stop_reason": None,
    "stop_scope": None,
    "stop_no": None,
    "stop_on": None,
}
SUBJECTS_STOPPED = {
    **SUBJECTS,
    "status": "停止公示",
    "stop_reason": "信用修复",
    "stop_scope": "PUBLIC_AND_SHARING",
    "stop_no": "津卫信修〔2026〕7号",
    "stop_on": "2026-09-30",
}


@pytest.mark.parametrize(
    ("site", "notice", "columns"),
    [
        pytest.param("GSXT-TJ", disclosed(), NATIONAL, id="national, disclosed"),
        pytest.param("GSXT-TJ", stopped(), NATIONAL_STOPPED, id="national, repaired"),
        pytest.param("CREDIT-TJ", disclosed(), CREDIT, id="credit, disclosed"),
        pytest.param("CREDIT-TJ", stopped(), CREDIT_STOPPED, id="credit, repaired"),
        pytest.param("SUBJECTS-TJ", disclosed(), SUBJECTS, id="subjects, disclosed"),
        pytest.param("SUBJECTS-TJ", stopped(), SUBJECTS_STOPPED, id="subjects, repaired"),
    ],
)
def test_columns(site: str, notice: Notice, columns: dict[str, Any]):
    assert FORMS[site](notice) == columns


def test_every_site_has_a_form():
    assert set(FORMS) == set(SITES)


@pytest.mark.parametrize(
    ("reason", "national_words", "credit_words", "subjects_words"),
    [
        ("RESULT_WITHDRAWN", ("0", "2", "1"), ("1", "结果撤回"), ("撤回", "结果撤回")),
        ("ENTITY_ERROR", ("0", "2", "2"), ("1", "主体错误"), ("撤回", "主体错误")),
        ("REPAIR_APPROVED", ("0", "1", "3"), ("3", "信用修复"), ("停止公示", "信用修复")),
        ("OBJECTION_UPHELD", ("0", "1", "4"), ("2", "异议成立"), ("停止公示", "异议成立")),
        ("CASCADE", ("0", "1", "5"), ("3", "关联信息停止公示"), ("停止公示", "关联信息停止公示")),
        ("EXPIRED", ("0", "1", "6"), ("3", "公示期满"), ("停止公示", "公示期满")),
        ("BANKRUPTCY_TEMP_MASK", ("0", "1", "7"), ("3", "破产重整暂时屏蔽"),
         ("停止公示", "破产重整暂时屏蔽")),
    ],
)  # fmt: skip
def test_why_it_is_stopped(
    reason: str,
    national_words: tuple[str, ...],
    credit_words: tuple[str, ...],
    subjects_words: tuple[str, ...],
):
    notice = stopped(reason=StopReason(reason))
    row, push, feed = (FORMS[site](notice) for site in ("GSXT-TJ", "CREDIT-TJ", "SUBJECTS-TJ"))

    assert (row["S_EXT_VALIDFLAG"], row["PUBSTATE"], row["STOPTYPE"]) == national_words
    assert (push["CF_ZT"], push["BZ"]) == credit_words
    assert (feed["status"], feed["stop_reason"]) == subjects_words


@pytest.mark.parametrize(
    ("scope", "row", "push", "feed"),
    [
        (StopScope.PUBLIC_ONLY, "1", "1", "PUBLIC_ONLY"),
        (StopScope.PUBLIC_AND_SHARING, "2", "2", "PUBLIC_AND_SHARING"),
    ],
    ids=["public only", "sharing too"],
)
def test_how_far_it_is_stopped(scope: StopScope, row: str, push: str, feed: str):
    notice = stopped(scope=scope)

    assert national.form(notice)["STOPSCOPE"] == row
    assert credit_tianjin.form(notice)["CF_XXSYFW"] == push
    assert tianjin_subjects.form(notice)["stop_scope"] == feed


@pytest.mark.parametrize(
    ("outcomes", "categories"),
    [
        (("NO_PROBLEM",), "1"),
        (("LICENCE_REVOKED",), "10"),
        (("LICENCE_REVOKED", "NO_PROBLEM"), "1,10"),
        (("MOVED_OUT", "PROBLEM_PENDING"), "A,12"),
        (("PROBLEM_PENDING", "UNQUALIFIED"), "A"),
        (("UNCOOPERATIVE", "NOT_FOUND_AT_ADDRESS", "CORRECTED_ON_ORDER"), "6,E,8"),
    ],
    ids=["1", "10 is not 1", "both", "in the table's order", "each once", "three"],
)
def test_outcomes_are_a_set(outcomes: tuple[str, ...], categories: str):
    assert national.form(disclosed(outcomes=outcomes))["INSRES"] == categories


@pytest.mark.parametrize(
    ("site", "column", "other"),
    [("GSXT-TJ", "INSRES", "A,99"), ("CREDIT-TJ", "CF_CFLB1", "03,99"),
     ("SUBJECTS-TJ", "result_codes", "DC,QT")],
)  # fmt: skip
def test_an_outcome_without_a_category_is_other_and_named_once(site: str, column: str, other: str):
    notice = disclosed(outcomes=(f"NEW-{site}", "PROBLEM_PENDING"))

    with capture_logs() as logs:
        columns = [FORMS[site](notice) for _ in range(3)]

    assert {one[column] for one in columns} == {other}
    assert [(one["log_level"], one["site"], one["outcome"]) for one in logs] == [
        ("warning", site, f"NEW-{site}")
    ]
