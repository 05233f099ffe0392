"""Is a department told what it must be after events that are no tasks? Worked out by hand."""

import orjson
from audit_history import POLICY, task
from audit_world import World

HEALTH, USCC = "WJW-120116", "91120116MA05X0001A"


def told(world, dept=HEALTH):
    """The updates a department got: event, outcome, state, reasons, year."""
    rows = world.dump.records.get(f"insp.out.{dept}", {}).get(0, [])
    bodies = [orjson.loads(r.value) for r in rows if r.header("ce_type") == "task.updated"]
    return [
        (
            body["about"].removeprefix("inspection."),
            body["outcome"],
            body["code_state"],
            [(r["code"], r["about"]) for r in body["reasons"]],
            body["year"],
        )
        for body in bodies
    ]


def send(world, kind, /, dept=HEALTH, **data):
    world.send(dept, f"inspection.{kind}", {"task_id": "T", "uscc": USCC, **data})


def test_a_department_is_told_of_its_own_events_and_why():
    world = World(POLICY)
    send(world, "task.submitted", **task(USCC, "T", "2026-12-30"))
    send(world, "task.cancelled")
    send(world, "task.cancelled")
    send(world, "entry.recorded", how="SCANNED", at="2026-12-31T10:00:00+08:00")
    send(world, "result.recorded", result_id="R", inspected_on="2027-01-02", items=[])

    assert told(world) == [
        ("task.cancelled", "APPLIED", "CANCELLED", [], 2026),
        ("task.cancelled", "REPEATED", "CANCELLED", [], 2026),
        ("entry.recorded", "APPLIED", "SCANNED", [("WAS_CANCELLED", "")], 2026),
        ("result.recorded", "APPLIED", "COMPLETED", [], 2027),
    ]


def test_a_result_without_a_code_and_a_move_over_the_cap_are_told():
    world = World(POLICY)
    for number in range(2):
        done = {"task_id": f"U-{number}", "result_id": "R", "inspected_on": "2027-01-01"}
        send(world, "result.recorded", items=[], **done)
    send(world, "entry.recorded", how="SCANNED", at="2026-12-31T10:00:00+08:00")
    send(world, "result.recorded", result_id="R", inspected_on="2027-01-02", items=[])
    reasons = [("NO_CODE", ""), ("OVER_CAP", "EACH@1")]

    assert told(world)[-1] == ("result.recorded", "APPLIED", "COMPLETED", reasons, 2027)


def test_what_the_hubs_timers_do_is_told_only_when_something_changed():
    world = World(POLICY)
    send(world, "task.submitted", **task(USCC, "T"))
    send(world, "code.expired", dept="HUB", on="2026-03-23")
    send(world, "code.expired", dept="HUB", on="2026-03-24")
    send(world, "code.expired", dept="HUB", on="2026-03-25")

    assert told(world) == [("code.expired", "APPLIED", "EXPIRED", [], 2026)]
    assert "insp.out.HUB" not in world.dump.records


def test_nobody_is_told_what_is_said_of_an_enterprise_as_such():
    world = World(POLICY)
    data = {"uscc": USCC, "scheme": "GENERAL_RISK", "class": "A", "as_of": "2026-01-01"}
    world.send(HEALTH, "subject.classified", data)

    assert told(world) == []
