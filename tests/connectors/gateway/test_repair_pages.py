"""An application for repair: documents by content, kept outside the journal, one event in all."""

from __future__ import annotations

import stat
from datetime import timedelta
from hashlib import sha256

import pytest
from browser import Browser, form_fields
from gateway_registry import DEPT, OTHER_USCC, USCC
from gateway_world import Answered, World, an_event
from own_world import MULTIPART, PDF, REQUIRED, a_visit, a_world, enterprise, multipart

from schemas.codec import decode_journal
from schemas.topics import JOURNAL

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 20 + b"\xff\xd9"
HTML = b"<html><script>alert(1)</script></html>"
ALL = [(kind, f"{kind}.pdf", PDF + kind.encode() + b"%%EOF") for kind in REQUIRED]


@pytest.fixture
def world(tmp_path) -> World:
    return a_world(tmp_path, upload_bytes_max=4096)


def applications(world: World) -> list:
    """The applications in the journal."""
    records = [decode_journal(r.value) for r in world.kafka.all(JOURNAL)]
    return [r for r in records if r.type == "repair.applied"]


async def apply(browser: Browser, files: list, *, results: tuple[str, ...] = ("R-1",)) -> Answered:
    """Open the form and send it with these documents."""
    page = await browser.get("/e/repairs/new?result=R-1")
    assert page.status == 200, page.text
    given = form_fields(page)
    fields = [("form", _form_to(page, "/e/repairs/new")), ("case", given["case"])]
    fields += [("result", one) for one in results]
    return await browser.hand_in("/e/repairs/new", multipart(fields, files), MULTIPART)


def _form_to(page: Answered, action: str) -> str:
    body = page.text.partition(f'action="{action}')[2]
    return body.partition('name="form" value="')[2].partition('"')[0]


async def test_an_application_is_one_event_and_its_documents_lie_on_the_disk(world: World):
    await a_visit(world)
    browser = await enterprise(world)

    answer = await apply(browser, ALL)
    page = await browser.follow(answer)

    (record,) = applications(world)
    assert (record.dept, record.data.dept, record.data.result_ids) == ("HUB", DEPT, ("R-1",))
    for document, (kind, name, content) in zip(record.data.documents, ALL, strict=True):
        digest = sha256(content).hexdigest()
        assert (document.kind, document.name, document.sha256) == (kind, name, digest)
        place = world.settings.uploads / digest[:2] / digest
        assert place.read_bytes() == content
        assert stat.S_IMODE(place.stat().st_mode) == 0o400
    assert not [r for r in world.kafka.all(JOURNAL) if PDF[:20] in (r.value or b"")]
    assert "已提交，待受理" in page.text


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.pdf", PDF, 303), ("a.txt", PNG, 303), ("a.exe", JPEG, 303),
        ("a.pdf", HTML, 415), ("a.png", b"MZ\x90", 415), ("a.pdf", b"%PDF-1.7 cut", 415),
        ("a.png", PNG[:-4] + HTML, 415), ("a.pdf", PDF + b"x" * 5000, 413),
    ],
)  # fmt: skip
async def test_a_document_is_judged_by_its_content_and_size(
    world: World, name: str, content: bytes, status: int
):
    await a_visit(world)
    browser = await enterprise(world)

    answer = await apply(browser, [*ALL, ("OTHER", name, content)])

    assert answer.status == status
    assert len(applications(world)) == (status == 303)
    if status != 303:
        assert not world.settings.uploads.exists(), "nothing half done"


async def test_a_missing_document_is_told_before_anything_is_stored(world: World):
    await a_visit(world)
    browser = await enterprise(world)

    answer = await apply(browser, ALL[:3])

    assert answer.status == 422
    assert "纠正违法行为的证明材料" in answer.text
    assert applications(world) == []


async def test_the_same_form_sent_twice_is_one_application(world: World):
    await a_visit(world)
    browser = await enterprise(world)
    page = await browser.get("/e/repairs/new?result=R-1")
    fields = [
        ("form", _form_to(page, "/e/repairs/new")),
        ("case", form_fields(page)["case"]),
        ("result", "R-1"),
    ]

    answers = [
        await browser.hand_in("/e/repairs/new", multipart(fields, ALL), MULTIPART) for _ in range(2)
    ]

    assert [one.status for one in answers] == [303, 303]
    assert len(applications(world)) == 1


@pytest.mark.parametrize("result", ["R-2", "R-unknown"])
async def test_a_result_of_another_enterprise_cannot_be_slipped_in(world: World, result: str):
    await a_visit(world, 1)
    await a_visit(world, 2, uscc=OTHER_USCC)
    browser = await enterprise(world)

    answer = await apply(browser, ALL, results=("R-1", result))

    assert answer.status == 404
    assert applications(world) == []


async def test_a_paths_tricks_in_a_name_lead_nowhere(world: World):
    await a_visit(world)
    browser = await enterprise(world)
    files = [(kind, "../../etc/passwd\u202e.pdf", content) for kind, _, content in ALL]

    await apply(browser, files)

    (record,) = applications(world)
    assert {one.name for one in record.data.documents} == {"passwd.pdf"}


async def test_a_supplement_that_is_asked_for_is_handed_in_on_the_page(world: World):
    await a_visit(world)
    browser = await enterprise(world)
    case = await browser.follow(await apply(browser, ALL))
    (record,) = applications(world)
    repair_id = record.data.repair_id
    steps = {
        "repair.accepted": {"accepted_at": "2026-03-17T09:00:00+08:00"},
        "repair.supplement.asked": {"at": "2026-03-18T09:00:00+08:00", "what": "整改前后照片"},
    }
    world.clock += timedelta(days=2)
    for number, (type_, fields) in enumerate(steps.items()):
        data = {"repair_id": repair_id, "uscc": USCC, **fields}
        await world.post(an_event(f"S-{number}", type_, data=data))
    browser = await enterprise(world)
    asked = await browser.get(f"/e/repair?id={repair_id}")
    fields = [("form", _form_to(asked, "/e/repair/supplement"))]
    body = multipart(fields, [("CORRECTION", "photo.jpg", JPEG)])

    answer = await browser.hand_in(f"/e/repair/supplement?id={repair_id}", body, MULTIPART)
    after = await browser.follow(answer)

    assert "已提交，待受理" in case.text
    assert "请补充材料" in asked.text
    assert "整改前后照片" in asked.text
    assert "已受理，审核中" in after.text


async def test_a_decided_case_takes_no_further_documents(world: World):
    await a_visit(world)
    browser = await enterprise(world)
    page = await browser.follow(await apply(browser, ALL))
    (record,) = applications(world)
    data = {"repair_id": record.data.repair_id, "uscc": USCC, "decision": "WITHDRAWN",
            "decided_at": "2026-03-17T09:00:00+08:00"}  # fmt: skip
    world.clock += timedelta(minutes=5)
    await world.post(an_event("D-1", "repair.decided", data=data))
    body = multipart([("form", _form_to(page, "/e/repair/supplement"))], [("OTHER", "a.pdf", PDF)])

    path = f"/e/repair/supplement?id={record.data.repair_id}"
    answer = await browser.hand_in(path, body, MULTIPART)

    assert answer.status == 409
    assert "申请已撤回" in (await browser.get(f"/e/repair?id={record.data.repair_id}")).text
