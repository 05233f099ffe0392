"""`hub special tasks`: from a special inspection's list to a department's tasks (art. 5, 6)."""

import json

import pytest
from builders import APPROVAL, Hub, answered
from console_fakes import create_topic, read_all, write
from special_world import CITY, FAR, HEXI, NANKAI, Special
from test_special_case import report

from connectors.console.context import Exit
from connectors.generate.subjects import credit_code
from connectors.partitioner import partition_of
from schemas.codec import AVRO, encode_journal
from schemas.special_words import SpecialStanding, task_for_object
from schemas.topics import CTL_REGISTRY, DECIDED, JOURNAL, in_topic
from streams.answer import encode_decided

ID = "ZX-2026-001"
PARTITIONS = 4
MINE = [credit_code("91", "120103", number) for number in range(4)]
GONE, ELSEWHERE, UNKNOWN = (credit_code("91", "120104", number) for number in (7, 8, 9))
LIST = [MINE[0], ELSEWHERE, MINE[1], GONE, UNKNOWN, MINE[2], MINE[3]]
WISH = ("--dept", HEXI, "--item", "1101-001", "--officer", "TJ0001", "--officer", "TJ0002")
TWO_DAYS = ("--on", "2026-03-20", "--on", "2026-03-23")


def a_subject(uscc, region="120103", status="ACTIVE"):
    return {"uscc": uscc, "name": f"企业{uscc[-4:]}", "object_type": "91", "region": region,
            "industry": "5110", "status": status}  # fmt: skip


def a_department(dept, region, level="DISTRICT"):
    return {"dept": dept, "name": "某局", "region": region, "level": level, "system": "WJW",
            "listed": True, "valid_from": "2020-01-01"}  # fmt: skip


REGISTRY = [
    *((f"registry.subject:{one}", a_subject(one)) for one in MINE),
    (f"registry.subject:{GONE}", a_subject(GONE, status="DEREGISTERED")),
    (f"registry.subject:{ELSEWHERE}", a_subject(ELSEWHERE, region="120104")),
    (f"registry.department:{HEXI}", a_department(HEXI, "120103")),
    (f"registry.department:{NANKAI}", a_department(NANKAI, "120104")),
    (f"registry.department:{CITY}", a_department(CITY, "120000", "CITY")),
]


def dispatched(**fields):
    """A special inspection that a district claimed, and another did not yet."""
    special = Special()
    special.file(**{"objects": LIST, **fields})
    special.dispatch(HEXI, NANKAI)
    special.claim(HEXI)
    return special


def standing(special):
    """The entries that decide puts on the registry topic, one a version."""
    state = special.state
    parties = [{"dept": dept, "status": one.status} for dept, one in state.parties.items()]
    entry = {"special_id": ID, "version": 7, "status": state.status,
             "planners": [state.dept, *state.departments], "parties": parties}  # fmt: skip
    before = {**entry, "version": 3, "parties": []}
    # The highest version counts, whichever lies last.
    return [(f"registry.special:{ID}:{one['version']}", one) for one in (entry, before)]


@pytest.fixture
def laid_down(broker, console, request):
    if request.node.get_closest_marker("kafka"):  # the embedded broker makes its own
        for topic in (JOURNAL, DECIDED):
            create_topic(broker, topic, PARTITIONS)
    console("topics", "apply", "--dept", HEXI, "--dept", CITY)

    def lay_down(special):
        hub = special.hub
        own = {"key": hub.uscc.encode(), "partition": partition_of(hub.uscc, PARTITIONS)}
        headers = [("content-type", AVRO.encode())]
        filler = {
            "key": b"91110000600037341L",
            "value": b"\x00other",
            "partition": own["partition"],
        }
        journal = [
            {**own, "value": encode_journal(one.record), "headers": headers} for one in hub.events
        ]
        decided = [
            {**own, "value": encode_decided(answered(*pair))}
            for pair in zip(hub.events, hub.answers, strict=True)
        ]
        write(broker, JOURNAL, [filler] * 100 + journal)
        write(broker, DECIDED, decided)
        write(broker, CTL_REGISTRY, [
            {"key": key, "value": json.dumps(entry).encode(), "partition": 0}
            for key, entry in [*REGISTRY, *standing(special)]
        ])  # fmt: skip
        return console

    return lay_down


def submitted(broker, dept=HEXI):
    """What lies on the department's topic, in the order of the list: ids, keys and tasks."""
    sent = [
        (dict(one.headers())["ce_id"].decode(), one.key().decode(), json.loads(one.value()))
        for one in read_all(broker, in_topic(dept))
    ]
    return sorted(sent, key=lambda one: LIST.index(one[1]))


def test_each_object_of_the_territory_gets_one_task_and_the_others_a_reason(
    laid_down, broker, intake
):
    hub = laid_down(dispatched())
    intake()

    answer = hub("special", "tasks", ID, *WISH, *TWO_DAYS, "--json")

    assert answer.status == 0, answer.said
    assert answer.json["submitted"] == 4
    assert {one["uscc"]: one["not_submitted"] for one in answer.json["objects"]} == {
        **dict.fromkeys(MINE), ELSEWHERE: "OUT_OF_TERRITORY", GONE: "SUBJECT_DEREGISTERED",
        UNKNOWN: "UNKNOWN_SUBJECT",
    }  # fmt: skip
    sent = submitted(broker)
    assert [(key, task["task_id"]) for _, key, task in sent] == [
        (one, f"{ID}:{HEXI}:{one}") for one in MINE
    ]
    assert [task["planned_on"] for *_, task in sent] == ["2026-03-20", "2026-03-23"] * 2
    task = sent[0][2]
    assert task["entity_name"] == f"企业{MINE[0][-4:]}"
    assert (task["kind"], task["trigger"], task["special_id"]) == ("SPECIAL", "PLAN", ID)
    assert (task["items"], task["officers"]) == (["1101-001"], ["TJ0001", "TJ0002"])
    assert (task["premises_region"], task["approval"]["no"]) == ("120103", APPROVAL["no"])


def test_asked_twice_it_sends_the_same_events_and_once_on_record_none(laid_down, broker, intake):
    special = dispatched()
    hub = laid_down(special)
    intake()

    first = hub("special", "tasks", ID, *WISH, *TWO_DAYS, "--json")
    again = hub("special", "tasks", ID, *WISH, *TWO_DAYS, "--json")
    sent = submitted(broker)

    assert first.json == again.json
    assert len(sent) == 8
    assert sent[::2] == sent[1::2], "the same ids and the same content: the fold knows them again"


@pytest.fixture
def with_tasks():
    """Three objects have a task already: issued, refused, cancelled."""
    special = dispatched()
    named = {"dept": HEXI, "special_id": ID}
    for number, (mode, findings) in enumerate(
        [("ONSITE", {}), ("ONSITE", {"in_scope": False}), ("ONSITE", {})]
    ):
        hub = Hub(uscc=MINE[number])
        name = task_for_object(ID, HEXI, MINE[number], 0)
        hub.submit(
            name, mode=mode, findings={**findings, "special": SpecialStanding.VALID}, **named
        )
        report(special, hub)
        if number == 2:
            hub.cancel(name, dept=HEXI)
            report(special, hub)
    return special


def test_what_has_its_task_is_left_alone(laid_down, broker, intake, with_tasks):
    hub = laid_down(with_tasks)
    intake()

    answer = hub("special", "tasks", ID, *WISH, *TWO_DAYS)
    told = hub("special", "tasks", ID, *WISH, *TWO_DAYS, "--dry-run", "--json").json["objects"]

    assert answer.status == 0
    assert answer.fits(80)
    assert "1 tasks submitted for 7 objects of the list, 3 MADE" in answer.said
    assert [task["task_id"] for *_, task in submitted(broker)] == [f"{ID}:{HEXI}:{MINE[3]}"]
    # The day follows from the place on the list, not from what is left of it.
    assert submitted(broker)[0][2]["planned_on"] == "2026-03-23"
    made = {one["uscc"]: one["not_submitted"] for one in told}
    assert made[MINE[1]] == f"MADE {ID}:{HEXI}:{MINE[1]}"


def test_again_gives_another_task_to_what_was_refused_or_cancelled(
    laid_down, broker, intake, with_tasks
):
    hub = laid_down(with_tasks)
    intake()

    hub("special", "tasks", ID, *WISH, *TWO_DAYS, "--again")

    assert [task["task_id"] for *_, task in submitted(broker)] == [
        f"{ID}:{HEXI}:{MINE[1]}:2", f"{ID}:{HEXI}:{MINE[2]}:2", f"{ID}:{HEXI}:{MINE[3]}",
    ]  # fmt: skip


def test_officers_and_items_by_district_come_from_a_sheet(laid_down, broker, intake, tmp_path):
    hub = laid_down(dispatched())
    intake()
    sheet = "district,officers,items\n120103,TJ3;TJ4,\n120104,TJ5,1101-004\n"
    (tmp_path / "who.csv").write_text(sheet, encoding="utf-8")
    wish = ("--dept", CITY, "--item", "1101-001", "--on", "2026-03-20")

    neither = hub("special", "tasks", ID, "--dept", CITY, "--on", "2026-03-20")
    hub("special", "tasks", ID, *wish, "--by-district", "who.csv")

    assert (neither.status, "--by-district" in neither.said) == (Exit.USAGE, True)
    assert [(task["officers"], task["items"]) for *_, task in submitted(broker, CITY)] == [
        (["TJ5"], ["1101-004"]) if key == ELSEWHERE else (["TJ3", "TJ4"], ["1101-001"])
        for _, key, _ in submitted(broker, CITY)
    ]
    assert len(submitted(broker, CITY)) == 5


def test_a_dry_run_sends_nothing(laid_down, broker):
    answer = laid_down(dispatched())("special", "tasks", ID, *WISH, *TWO_DAYS, "--dry-run")

    assert "4 tasks would be submitted for 7 objects" in answer.said
    assert submitted(broker) == []


def test_what_a_superior_ordered_and_an_approval_of_its_own(laid_down, broker, intake):
    hub = laid_down(dispatched(deployed_by_superior=True))
    intake()

    own = ("--approval", "B-9", "负责人", "2026-03-11T09:00:00+08:00")
    wish = ("--dept", CITY, "--item", "i", "--officer", "TJ1", "--on", "2026-03-20")
    hub("special", "tasks", ID, *wish, *own)

    sent = submitted(broker, CITY)
    assert len(sent) == 5, "a city department's territory is the city"
    assert {task["trigger"] for *_, task in sent} == {"SUPERIOR_SPECIAL"}
    assert {task["approval"]["no"] for *_, task in sent} == {"B-9"}


REFUSED = [
    pytest.param(dispatched, ("--dept", NANKAI), "has not claimed", id="not claimed"),
    pytest.param(dispatched, ("--dept", FAR), "was not dispatched", id="not a party"),
    pytest.param(dispatched, ("--on", "2026-05-01"), "lies outside", id="after its end"),
    pytest.param(dispatched, ("--item", "a b"), "items", id="no item's name"),
    pytest.param(lambda: dispatched(survey=True, objects=None), (), "no list", id="a survey"),
    pytest.param(
        lambda: dispatched(confidential=True, objects=None), (), "no list", id="confidential"
    ),
]


@pytest.mark.parametrize(("filed", "more", "why"), REFUSED)
def test_nothing_is_sent_where_it_does_not_stand(laid_down, broker, filed, more, why):
    hub = laid_down(filed())

    answer = hub("special", "tasks", ID, *WISH, *TWO_DAYS, *more)

    assert answer.status in (Exit.FOUND, Exit.USAGE)
    assert why in answer.said
    assert submitted(broker) == []


def test_one_that_is_closed_or_unknown_is_said_so(laid_down, broker):
    special = dispatched()
    special.close()
    hub = laid_down(special)

    assert "is closed" in hub("special", "tasks", ID, *WISH, *TWO_DAYS).said
    assert "never filed" in hub("special", "tasks", "ZX-9", *WISH, *TWO_DAYS).said
    assert submitted(broker) == []


@pytest.mark.parametrize(
    ("special_id", "made", "name"),
    [
        ("ZX-1", 0, f"ZX-1:D:{MINE[0]}"),
        ("ZX-1", 2, f"ZX-1:D:{MINE[0]}:3"),
        ("X" * 128, 0, None),
    ],
)
def test_a_tasks_id_follows_from_what_it_is_for(special_id, made, name):
    named = task_for_object(special_id, "D", MINE[0], made)

    assert len(named) <= 128
    assert named == task_for_object(special_id, "D", MINE[0], made)
    assert named == name or name is None
    assert len({named, *(task_for_object(special_id, "D", one, made) for one in MINE[1:])}) == 4
