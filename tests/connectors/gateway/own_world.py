"""What the tests of the pages share: visits with results, people who are signed in, documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from browser import Browser, FakeLicence
from gateway_registry import DEPT, OTHER_USCC, USCC
from gateway_world import World, an_event

from connectors.departments.gateway.parts import SHANGHAI
from connectors.departments.gateway.ways_in.licence import Identified

ON_THE_DAY = datetime(2026, 3, 16, 15, 0, tzinfo=SHANGHAI)
PDF = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
REQUIRED = ("APPLICATION", "IDENTITY", "PLEDGE", "CORRECTION")
RESULT: dict[str, Any] = {
    "task_id": "T-1", "result_id": "R-1", "uscc": USCC, "inspected_on": "2026-03-16",
    "outcomes": ["PROBLEM_PENDING"], "found_problem": True, "negative": True, "publish": True,
    "items": [{"item": "1101-001", "points": [{"point": "P1", "ok": False, "note": "过期"}]}],
    "follow_up": "限期整改",
}  # fmt: skip
NAMES = {USCC: "天津甲有限公司", OTHER_USCC: "天津乙有限公司"}


async def a_visit(world: World, number: int = 1, dept: str = DEPT, **fields: Any) -> None:
    """A visit of a department, with its result."""
    ids = {"task_id": f"T-{number}", "uscc": fields.pop("uscc", USCC)}
    officers = ["TJ0001"] if dept == DEPT else ["TJ0101"]
    task = an_event(f"E-{number}", **{**ids, "officers": officers, **fields})
    result = {**RESULT, **ids, "result_id": f"R-{number}"}
    world.clock = ON_THE_DAY
    for event in (task, an_event(f"F-{number}", "inspection.result.recorded", data=result)):
        answer = await world.post({**event, "source": dept}, dept=dept)
        assert answer.status == 202, answer.text


async def enterprise(world: World, uscc: str = USCC) -> Browser:
    """An enterprise that is signed in to its own pages."""
    world.licence.who = Identified(uscc, NAMES[uscc])
    browser = Browser(world)
    page = await browser.get("/e")
    signed_in = await browser.verify(page, action="/e/sign-in")
    assert signed_in.status == 200
    return browser


async def officer(world: World, dept: str = DEPT, cert_no: str = "TJ0001") -> Browser:
    """An officer who is signed in."""
    # The file of tokens is looked at every second at most.
    world.clock += timedelta(seconds=2)
    browser = Browser(world)
    page = await browser.get("/o")
    token = world.issue(dept, officer=cert_no)
    await browser.follow(await browser.press(page, "/o/sign-in", token=token))
    return browser


def a_world(folder: Any, **overrides: Any) -> World:
    """A gateway with a licence service that vouches for whoever signs in."""
    return World(folder, overrides, licence=FakeLicence(Identified(USCC, NAMES[USCC])))


def multipart(fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str, bytes]]) -> bytes:
    """A form with files as a browser sends it."""
    parts = [
        f'--XX\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    for name, file, content in files:
        head = f'--XX\r\ncontent-disposition: form-data; name="{name}"; filename="{file}"\r\n'
        parts.append(head.encode() + b"content-type: text/plain\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + b"--XX--\r\n"


MULTIPART = "multipart/form-data; boundary=XX"


def where(path: str, **query: str) -> str:
    """An address with its query."""
    return f"{path}?{urlencode(query)}"
