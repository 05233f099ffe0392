"""Tasks, receipts and codes: whole for their department, not found for any other."""

from __future__ import annotations

from datetime import timedelta

import pytest
import structlog.testing
import zxingcpp
from gateway_world import DEPT, OTHER, USCC, World, an_event
from PIL import Image

from schemas.generations import Cut, Generation, Generations, JournalGenerations
from streams.desks.events import Desk


async def issued(world: World, **fields) -> dict:
    return (await world.post(an_event(**fields), prefer="wait=1")).json


async def test_a_task_tells_decision_and_standing(world: World):
    made = (await issued(world))["decision"]

    answer = await world.ask("GET", f"/v1/tasks/T-1?uscc={USCC}", dept=DEPT)

    assert answer.status == 200
    assert answer.json["decision"] == made
    assert (answer.json["code_state"], answer.json["day"]) == ("ISSUED", "2026-03-16")


async def test_a_receipt_tells_the_decision_once_it_is_made(world: World):
    world.deciding = False
    receipt = (await issued(world))["receipt_id"]
    early = await world.ask("GET", f"/v1/receipts/{receipt}", dept=DEPT)
    world.decide()

    late = await world.ask("GET", f"/v1/receipts/{receipt}", dept=DEPT)

    assert (early.status, early.json["decision"]) == (200, None)
    assert late.json["decision"]["decision"] == "ISSUED"


async def test_a_code_tells_officers_standing_and_which_visit_it_is(world: World):
    code = (await issued(world))["decision"]["code"]

    answer = (await world.ask("GET", f"/v1/codes/{code}", dept=DEPT)).json

    assert (answer["state"], answer["verdict"]) == ("ISSUED", "GOOD")
    assert (answer["visit"], answer["cap"], answer["year"]) == (1, 2, 2026)
    assert answer["entity_name"] == "天津甲有限公司"
    assert answer["officers"] == [
        {"cert_no": "TJ0001", "standing": "VALID"}, {"cert_no": "TJ0002", "standing": "VALID"},
    ]  # fmt: skip


async def test_a_code_is_found_wherever_its_enterprise_went_when_the_journal_grew(world: World):
    code = (await issued(world))["decision"]["code"]
    assert code.startswith("00-")
    for name in [name for name in world.redis.hashes if name.startswith("insp:{0}:")]:
        world.redis.hashes[name.replace("{0}", "{4}")] = world.redis.hashes.pop(name)
    cut = Cut(journal=1, decided=1)
    told = JournalGenerations(first=1, later=(Generation(cuts=(cut,) * 5),))
    spread = Generations(told, lambda _key, count: count - 1)
    world.desk = Desk(world.registry, world.policies, {}, spread)
    world.start()

    answer = await world.ask("GET", f"/v1/codes/{code}", dept=DEPT)

    assert (answer.status, answer.json["state"]) == (200, "ISSUED")


async def test_a_certificate_that_ran_out_since_is_told(world: World):
    code = (await issued(world))["decision"]["code"]
    world.clock += timedelta(days=400)
    world.tokens[DEPT] = world.issue(DEPT)

    answer = (await world.ask("GET", f"/v1/codes/{code}", dept=DEPT)).json

    assert [one["standing"] for one in answer["officers"]] == ["VALID", "EXPIRED"]
    assert answer["verdict"] == "LAST_YEAR"


async def test_a_code_is_found_as_people_write_it(world: World):
    code = (await issued(world))["decision"]["code"]
    written = code.replace("-", "").lower()

    assert (await world.ask("GET", f"/v1/codes/{written}", dept=DEPT)).json["code"] == code


async def test_the_picture_reads_back_as_the_signed_address(world: World, tmp_path):
    made = (await issued(world))["decision"]

    png = await world.ask("GET", f"/v1/codes/{made['code']}.png", dept=DEPT)
    svg = await world.ask("GET", f"/v1/codes/{made['code']}.svg", dept=DEPT)

    picture = tmp_path / "code.png"
    picture.write_bytes(png.body)
    assert zxingcpp.read_barcode(Image.open(picture)).text == made["qr_text"]
    assert (png.headers["content-type"], svg.headers["content-type"]) == (
        "image/png", "image/svg+xml",
    )  # fmt: skip


async def test_the_printed_page_names_no_officer(world: World):
    code = (await issued(world))["decision"]["code"]

    page = await world.ask("GET", f"/v1/codes/{code}/print", dept=DEPT)

    assert page.status == 200
    assert code in page.text
    assert "本年度第 1 次 / 上限 2 次" in page.text
    assert not [name for name in ("王小明", "李大力", "TJ0001") if name in page.text]


async def test_reading_certificates_is_written_down_without_naming_anybody(world: World):
    code = (await issued(world))["decision"]["code"]

    with structlog.testing.capture_logs() as lines:
        await world.ask("GET", f"/v1/codes/{code}", dept=DEPT)

    (line,) = [one for one in lines if one["event"] == "personal field read"]
    assert (line["field"], line["count"]) == ("officer.cert_no", 2)
    assert not [value for value in line.values() if value in (DEPT, "T-1", "TJ0001")]


PATHS = [
    "/v1/tasks/T-1?uscc={uscc}", "/v1/receipts/{receipt}", "/v1/codes/{code}",
    "/v1/codes/{code}.svg", "/v1/codes/{code}.png", "/v1/codes/{code}/print",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_another_department_finds_nothing_not_even_that_it_is_there(world: World, path):
    taken = await issued(world)
    code, receipt = taken["decision"]["code"], taken["receipt_id"]
    address = path.format(uscc=USCC, code=code, receipt=receipt)
    absent = path.format(uscc=USCC, code="00-A0", receipt="0" * 32).replace("T-1", "T-9")

    own = await world.ask("GET", address, dept=DEPT)
    others = await world.ask("GET", address, dept=OTHER)
    nobody = await world.ask("GET", address)
    nothing = await world.ask("GET", absent, dept=OTHER)

    assert (own.status, others.status, nobody.status) == (200, 404, 401)
    assert others.json == nothing.json


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/v1/tasks/T-1", 422, id="no credit code"),
        pytest.param("/v1/tasks/T-1?uscc=9112", 422, id="bad credit code"),
        pytest.param("/v1/receipts/zz", 422, id="no receipt's form"),
        pytest.param("/v1/codes/..%2F..%2Fetc", 404, id="path trick"),
        pytest.param("/v1/nothing", 404, id="no such address"),
        pytest.param("/v1/events", 405, id="wrong method"),
        pytest.param("/debug", 404, id="no debugging"),
        pytest.param("/table", 404, id="no tables of the engine"),
    ],
)
async def test_wrong_questions_get_problem_details(world: World, path, status):
    answer = await world.ask("GET", path, dept=DEPT)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"].startswith("urn:insp:problem:")


async def test_codes_cannot_be_tried_one_after_the_other(tmp_path):
    world = World(tmp_path, {"gateway_lookups_burst": 3})

    answers = [await world.ask("GET", "/v1/codes/00-A0", dept=DEPT) for _ in range(5)]

    assert [one.status for one in answers] == [404, 404, 404, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_no_answer_can_be_framed_sniffed_or_kept(world: World):
    for path, status in (("/healthz", 200), ("/docs", 200), ("/v1/codes/x", 401), ("/no", 404)):
        answer = await world.ask("GET", path)
        headers = answer.headers

        assert answer.status == status
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


async def test_a_mistake_of_ours_shows_no_trace(world: World):
    world.redis.hashes["insp:{0}:state"][USCC] = b"no state at all"

    answer = await world.ask("GET", f"/v1/tasks/T-1?uscc={USCC}", dept=DEPT)

    assert (answer.status, answer.json["reason"]) == (500, "FAULT")
    assert "incident" in answer.json["detail"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("gone", "status"), [(False, 200), (True, 503)])
async def test_readiness_tells_what_is_missing(world: World, gone, status):
    world.redis.gone = gone

    answer = await world.ask("GET", "/readyz")

    assert (answer.status, answer.json["redis"], answer.json["broker"]) == (status, not gone, True)
