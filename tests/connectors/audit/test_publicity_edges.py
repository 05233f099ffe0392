"""What looks wrong and is not, and what departments are told of repairs. Worked out by hand."""

import orjson
import pytest
from audit_history import POLICY
from audit_publicity import PaperDeliver
from audit_repairs import DOCUMENTS
from audit_world import KEYS, World

from connectors.audit import Options, run_audit
from connectors.audit.dump import Bounds
from connectors.audit.wire import DLQ_DELIVER, HUB, REGISTRY, SITES

HEALTH, DRUGS, USCC = "WJW-120116", "YJJ-120116", "91120116MA05X0001A"
EARLY, LATE = "2025-12-01T09:00:00+08:00", "2026-03-02T09:00:00+08:00"


def publish(world, result_id="R", **changes):
    data = {
        "task_id": f"T-{result_id}",
        "result_id": result_id,
        "uscc": USCC,
        "inspected_on": "2026-01-01",
        "outcomes": ["2"],
        "found_problem": True,
        "negative": True,
        "publish": True,
        "items": [],
        **changes,
    }
    world.send(HEALTH, "inspection.result.recorded", data)


def repair(world, kind, dept=HEALTH, **data):
    more = {"channel": "ONSITE"} if kind == "applied" else {}
    world.send(dept, f"repair.{kind}", {"repair_id": "C", "uscc": USCC, **more, **data})


def approve(world, at=LATE):
    repair(world, "applied", result_ids=["R"], documents=DOCUMENTS, applied_at=EARLY)
    repair(world, "accepted", accepted_at=LATE)
    data = {"result_ids": [], "decision": "APPROVED", "decision_no": "D", "decided_at": at}
    repair(world, "decided", **data)


def order(world, dept=HEALTH, at=LATE, result_id="R"):
    data = {"result_id": result_id, "uscc": USCC, "stop_reason": "EXPIRED", "ordered_at": at}
    world.send(dept, "disclosure.stop.ordered", data | {"scope": "PUBLIC_ONLY"})


def told(world, dept=HEALTH, kind="repair.updated"):
    rows = world.dump.records.get(f"insp.out.{dept}", {}).get(0, [])
    return [orjson.loads(r.value) for r in rows if r.header("ce_type") == kind]


def said(body, *names):
    return [*(body[name] for name in names), [(r["code"], r["about"]) for r in body["reasons"]]]


def violated(world, **options):
    report = run_audit(world.dump, world.redis, KEYS, Options(**options))
    return {check.name for check in report.checks if check.violations_total}


def test_a_department_is_told_where_its_repair_stands():
    world = World(POLICY)
    publish(world)
    documents = [d for d in DOCUMENTS if d["kind"] != "PLEDGE"]
    repair(world, "applied", result_ids=["R", "X"], documents=documents, applied_at=EARLY)
    repair(world, "accepted", accepted_at=LATE)
    repair(world, "supplement.received", at=LATE, documents=DOCUMENTS)
    repair(world, "accepted", accepted_at=LATE)
    data = {"result_ids": ["R"], "decision": "APPROVED", "decision_no": "D", "decided_at": LATE}
    repair(world, "decided", **data)
    missing = [("DOCUMENT_MISSING", "PLEDGE")]

    found = [said(b, "outcome", "status", "missing", "due_on", "decision_no") for b in told(world)]

    assert found == [
        ["APPLIED", "APPLIED", ["PLEDGE"], None, None, [*missing, ("UNKNOWN_RESULT", "X")]],
        ["REFUSED", "APPLIED", ["PLEDGE"], None, None, missing],
        ["APPLIED", "APPLIED", [], None, None, []],
        ["APPLIED", "ACCEPTED", [], "2026-03-11", None, []],
        ["APPLIED", "APPROVED", [], None, "D", []],
    ]


def test_an_early_step_is_held_and_its_sender_told_for_what_it_waits():
    world = World(POLICY)
    repair(world, "accepted", accepted_at=LATE)
    repair(world, "applied", result_ids=["R"], documents=DOCUMENTS, applied_at=EARLY)

    found = [said(body, "outcome", "status") for body in told(world)]

    assert found == [
        ["HELD", None, [("NOT_APPLIED_YET", "")]],
        ["APPLIED", "APPLIED", [("UNKNOWN_RESULT", "R")]],
        ["APPLIED", "ACCEPTED", []],
    ]


def test_what_was_approved_too_long_ago_is_carried_out_and_called_late():
    world = World(POLICY)
    publish(world)
    publish(world, "S")
    approve(world, at=EARLY)
    order(world, at=EARLY, result_id="S")
    (body,) = told(world, kind="disclosure.updated")

    assert said(told(world)[-1], "status") == ["APPROVED", [("LATE_UPSTREAM", "")]]
    assert said(body, "state", "version") == ["STOPPED", 2, [("LATE_UPSTREAM", "")]]
    assert violated(world) == set()


@pytest.mark.parametrize(("dept", "to"), [(REGISTRY, [REGISTRY, HEALTH]), (HUB, [HEALTH])])
def test_the_owner_is_told_of_what_others_ordered(dept, to):
    world = World(POLICY)
    publish(world)
    order(world, dept)

    names = [
        name for name in (HUB, REGISTRY, HEALTH, DRUGS) if told(world, name, "disclosure.updated")
    ]

    assert set(names) == set(to)
    assert violated(world) == set()


def test_a_taken_result_id_is_told():
    world = World(POLICY)
    publish(world)
    data = {"task_id": "T-9", "result_id": "R", "uscc": USCC, "inspected_on": "2026-01-01"}
    world.send(DRUGS, "inspection.result.recorded", data | {"publish": True, "items": []})

    (body,) = told(world, DRUGS, "task.updated")

    assert said(body, "outcome") == ["APPLIED", [("NO_CODE", ""), ("RESULT_ID_TAKEN", "")]]
    assert violated(world) == set()


def test_a_credit_code_that_is_only_the_key_is_filled_in_and_no_invention():
    world = World(POLICY)
    publish(world)
    order(world)
    for _, _, rows in world.dump.walk("insp.in.WJW"):
        for at, record in enumerate(rows):
            if record.header("ce_type") == "disclosure.stop.ordered":
                body = orjson.loads(record.value)
                del body["uscc"]
                rows[at] = record._replace(value=orjson.dumps(body))
    assert violated(world) == set()

    for _, _, rows in world.dump.walk("insp.in.WJW"):
        for at, record in enumerate(rows):
            rows[at] = record._replace(key=b"other")
    assert "I5.journal" in violated(world)


def stopped_everywhere():
    world = World(POLICY)
    publish(world)
    approve(world)
    deliver = PaperDeliver(world)
    deliver.run()
    return world, deliver


def test_a_stop_may_be_buried_once_every_site_has_receipted_it():
    world, deliver = stopped_everywhere()
    for code in SITES:
        topic = f"insp.feed.{code}"
        world.append(topic, 0, world.dump.records[topic][0][-1].key.decode(), None)
        rows = world.dump.records[topic][0]
        world.dump.bounds[topic, 0] = Bounds(0, len(rows))
        del rows[:2]

    assert violated(world, is_settled=True, site_journals=deliver.journals()) == set()
    del world.dump.records["insp.receipt.CREDIT-TJ"]
    assert "I4.feed" in violated(world)


def test_a_grave_is_forgotten_only_after_it_was_kept_for_thirty_days():
    world, _ = stopped_everywhere()
    rows = world.dump.records["insp.feed.CREDIT-TJ"][0]
    world.dump.bounds["insp.feed.CREDIT-TJ", 0] = Bounds(0, len(rows) + 1)
    rows.clear()

    assert "I4.feed" in violated(world)
    assert "I4.feed" not in violated(world, now_ms=world.now_ms + 32 * 86_400_000)


def test_an_overtaken_version_may_have_been_compacted_away():
    world, _ = stopped_everywhere()
    rows = world.dump.records["insp.feed.CREDIT-TJ"][0]
    del rows[0]

    assert violated(world) == set()


def test_a_receipt_that_nobody_asked_for_is_no_violation_once_it_was_put_aside():
    world, deliver = stopped_everywhere()
    value = world.dump.records["insp.feed.SUBJECTS-TJ"][0][0].value
    deliver.receipt("SUBJECTS-TJ", value, "PROCESSED", "X", by="SITE", version=9)
    assert violated(world) == {"I8.keys"}

    topic = "insp.receipt.SUBJECTS-TJ"
    offset = len(world.dump.records[topic][0]) - 1
    place = {"topic": topic, "partition": "0", "offset": str(offset)}
    names = [(f"kafka_dlt-original-{name}", text) for name, text in place.items()]
    world.append(DLQ_DELIVER, 0, "R", b"{}", *names)

    assert violated(world) == set()


def test_the_hubs_chain_may_begin_late_only_where_retention_took_its_beginning():
    world, _ = stopped_everywhere()
    topic = "insp.receipt.GSXT-TJ"
    rows = world.dump.records[topic][0]
    del rows[:2]
    assert violated(world) == {"I8.chain"}

    world.dump.bounds[topic, 0] = Bounds(2, rows[-1].offset + 1)
    assert violated(world) == set()


def test_a_stop_that_came_before_its_result_is_never_on_a_feed_nor_on_the_list():
    world = World(POLICY)
    order(world)
    publish(world)

    report = run_audit(world.dump, world.redis, KEYS)

    assert violated(world, is_settled=True) == set()
    assert not any(name.startswith("insp.feed.") for name in world.dump.records)
    assert report.check("I7.public").looked_at == 1
    assert not report.check("I4.feed").is_asked


def test_a_revoked_repair_owes_no_stop_any_more():
    world = World(POLICY)
    publish(world)
    approve(world)
    data = {"decision": "REVOKED", "decision_no": "V", "decided_at": LATE, "result_ids": []}
    repair(world, "decided", **data)

    assert "I7.receipts" not in violated(world, is_settled=True)
    name = f"{USCC}\x1fR"
    assert any(name in shard.public for shard in world.redis.values())
