"""A whole hub and the systems' stand-ins: a repair is applied for and followed to the stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from gateway_registry import DEPT, USCC
from gateway_world import A_TASK
from own_world import PDF, REQUIRED, RESULT
from people import enter, use_token
from telephone import Telephone
from whole_hub import Running, an_enterprise, an_event, started

from connectors.child import free_port
from connectors.console.terminal.screen import SHANGHAI
from connectors.departments.gateway.ways_in.token_file import FILE_NAME, issue_token
from connectors.stand_ins import StandIns
from schemas.settings import Settings


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hub with everything registered, stand-ins of the systems and of the licence service."""
    home: Path = tmp_path_factory.mktemp("hub")
    port = free_port()
    settings = Settings(data_dir=home, gateway_port=port, base_url=f"http://127.0.0.1:{port}")
    with started(settings, StandIns(home / "stand-ins", licence=True)) as running:
        yield running


def tell(hub: Running, event_id: str, type_: str, **data: Any) -> None:
    """Send an event of the department."""
    hub.deliver(an_event(event_id, type_, {"uscc": USCC, **data}))


def now() -> str:
    return datetime.now(UTC).isoformat()


def test_a_repair_is_applied_for_and_followed_to_the_stop(
    hub: Running, telephone_at: Callable[[str], Telephone], tmp_path: Path
):
    today = datetime.now(SHANGHAI).date().isoformat()
    task = {**A_TASK, "planned_on": today, "officers": ["TJ0001"]}
    tell(hub, "E-1", "inspection.task.submitted", **task)
    tell(hub, "E-2", "inspection.result.recorded", **{**RESULT, "inspected_on": today})
    phone = telephone_at(hub.address)
    enter(phone, USCC)
    phone.until("/e/disclosed", lambda text: text.count("公示中") == 5, "disclosed at all places")
    phone.look("disclosed")

    phone.press("申请信用修复")
    for kind in REQUIRED:
        file = tmp_path / f"{kind}.pdf"
        file.write_bytes(PDF + f"% {kind}\n%%EOF\n".encode())
        phone.find(f"#{kind}").send_keys(str(file))
    phone.look("application")
    phone.press("提交申请")
    phone.look("handed in")
    assert "已提交，待受理" in phone.text
    repair_id = phone.query("id")

    tell(hub, "E-3", "repair.accepted", repair_id=repair_id, accepted_at=now())
    case = phone.path
    phone.until(case, lambda text: "已受理，审核中" in text, "accepted")
    phone.look("accepted")
    assert "应作出决定的期限" in phone.text
    tell(hub, "E-4", "repair.decided", repair_id=repair_id, decision="APPROVED",
         decision_no="津卫修〔2026〕1号", decided_at=now())  # fmt: skip
    phone.until(case, lambda text: text.count("已停止，已核实") == 4, "stopped at all places", 120)
    phone.look("stopped everywhere")
    assert "准予修复" in phone.text

    phone.open("/e/disclosed")
    phone.look("nothing disclosed any more")
    assert "公示中" not in phone.text.replace("应于", "")


def test_a_refusal_is_told_with_its_reason(
    hub: Running, telephone_at: Callable[[str], Telephone], tmp_path: Path
):
    today = datetime.now(SHANGHAI).date().isoformat()
    task = {**A_TASK, "task_id": "T-2", "planned_on": today, "officers": ["TJ0001"]}
    result = {**RESULT, "task_id": "T-2", "result_id": "R-2", "inspected_on": today}
    tell(hub, "F-1", "inspection.task.submitted", **task)
    tell(hub, "F-2", "inspection.result.recorded", **result)
    phone = telephone_at(hub.address)
    enter(phone, USCC)
    phone.until("/e/repairs/new?result=R-2", lambda text: "申请信用修复" in text, "can be applied")
    for kind in REQUIRED:
        file = tmp_path / f"{kind}.pdf"
        file.write_bytes(PDF + f"% {kind} 2\n%%EOF\n".encode())
        phone.find(f"#{kind}").send_keys(str(file))
    phone.press("提交申请")
    repair_id, case = phone.query("id"), phone.path
    tell(hub, "F-3", "repair.accepted", repair_id=repair_id, accepted_at=now())
    tell(hub, "F-4", "repair.decided", repair_id=repair_id, decision="REFUSED",
         reason="整改未完成", decided_at=now())  # fmt: skip

    phone.until(case, lambda text: "不予修复" in text, "refused")
    phone.look("refused")

    assert "整改未完成" in phone.text


def test_an_officer_finds_the_task_of_the_day_by_the_agenda_of_a_real_view(
    hub: Running, telephone_at: Callable[[str], Telephone]
):
    today = datetime.now(SHANGHAI).date().isoformat()
    uscc = an_enterprise(7)
    task = {**A_TASK, "task_id": "T-7", "planned_on": today, "officers": ["TJ0001"], "uscc": uscc}
    tell(hub, "G-1", "inspection.task.submitted", **task)
    phone = telephone_at(hub.address)
    phone.open("/o")
    token, _ = issue_token(hub.settings.gateway / FILE_NAME, DEPT, int(time.time()) + 600, "TJ0001")
    use_token(phone, token)

    phone.until("/o", lambda text: uscc in text, "the task stands on the agenda")
    phone.press(uscc)
    phone.look("task of a whole hub")

    assert phone.code_on_screen().startswith(f"{hub.address}/c/")
