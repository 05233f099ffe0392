"""A special inspection is told from its filing to its end, whoever took which step (art. 4-6)."""

import json

import pytest
from builders import Hub, an_event, answered
from console_fakes import create_topic, write
from joint_world import JointHub
from special_world import CITY, CITY_TOO, HEXI, NANKAI, STREET, Special

from connectors.console import oversight
from connectors.console.context import Exit
from connectors.partitioner import partition_of
from schemas.codec import AVRO, encode_journal
from schemas.journal import Findings
from schemas.special_words import SpecialStanding
from schemas.topics import DECIDED, JOURNAL
from streams.answer import encode_decided
from streams.desks import oversight as rules
from streams.rules.relays import relays

PARTITIONS = 4
FIRST_OFFSET = 100
"""Where the builder begins to count."""


def a_course(**fields):
    """A joint plan, dispatched, claimed, refused, overdue; one dispatch is refused whole."""
    special = Special()
    special.file(departments=[CITY_TOO], **fields)
    special.agree()
    special.publish()
    special.dispatch(HEXI, CITY)
    special.dispatch(HEXI, NANKAI, STREET)
    special.claim(HEXI, platform="OWN")
    special.refuse(NANKAI)
    special.overdue(STREET)
    hub = Hub()
    for task_id, day in (("T-1", "2026-03-16"), ("T-2", "2026-04-16"), ("T-3", "2026-05-16")):
        findings = {"special": SpecialStanding.VALID}
        hub.submit(task_id, dept=HEXI, planned_on=day, special_id="ZX-2026-001", findings=findings)
        report(special, hub)
    hub.complete("T-1", dept=HEXI)
    report(special, hub)
    hub.cancel("T-2", dept=HEXI)
    report(special, hub)
    draw(special)
    special.close()
    return special


def draw(special):
    """Two enterprises were drawn for it, one of them on its list; told twice, it is once."""
    for uscc in ("91120116MA05ABCD0A", "91120116MA0000003A"):
        hub = JointHub(uscc=uscc)
        hub.draw(HEXI, special_id="ZX-2026-001", special=SpecialStanding.VALID)
        report(special, hub)
        report(special, hub)


def report(special, hub):
    """What became of a task goes on record with the special inspection."""
    for relay in relays(hub.decided(), hub.state):
        data = relay.data.model_dump(mode="json")
        fields = {"policy": special.hub.policy, "offset": len(special.hub.events) + 100}
        event = an_event(
            relay.type, data, dept=relay.dept, uscc=special.hub.uscc, findings=Findings(), **fields
        )
        special.hub.take(event)


@pytest.fixture
def laid_down(broker, console, request):
    oversight.register(console.app, rules)
    if request.node.get_closest_marker("kafka"):  # the embedded broker makes its own
        for topic in (JOURNAL, DECIDED):
            create_topic(broker, topic, PARTITIONS)

    def lay_down(special):
        hub = special.hub
        partition = partition_of(hub.uscc, PARTITIONS)
        own = {"key": hub.uscc.encode(), "partition": partition}
        other = {"key": b"91110000600037341L", "value": b"\x00other", "partition": partition}
        headers = [("content-type", AVRO.encode())]
        journal = [
            {**own, "value": encode_journal(event.record), "headers": headers}
            for event in hub.events
        ]
        decided = [
            {**own, "value": encode_decided(answered(*pair))}
            for pair in zip(hub.events, hub.answers, strict=True)
        ]
        write(broker, JOURNAL, [other] * FIRST_OFFSET + journal)
        write(broker, DECIDED, [other, *decided])
        return console

    return lay_down


def test_every_step_is_told(laid_down):
    answer = laid_down(a_course())("case", "special:ZX-2026-001")

    assert answer.status == 0
    assert answer.fits(80)
    for text in (
        "医疗机构专项检查", "CLOSED", "YJJ-120000 (agreed)", "津卫〔2026〕3号", "2 enterprises",
        "NOT_A_DISTRICT WJW-120000", "OVERDUE", "人手不足", "DISPATCHED WJW-120103, WJW-120104",
        "NOT_CLAIMED WJW-120103-01", "RESULTS_OWED WJW-120103", "T-3", "owed", "R-1",
    ):  # fmt: skip
        assert text in answer.said, text


def test_scripts_are_told_the_same(laid_down):
    told = laid_down(a_course())("case", "special:ZX-2026-001", "--json").json

    assert (told["status"], told["plan"]["departments"]) == ("CLOSED", [CITY_TOO])
    assert {one["dept"]: one["status"] for one in told["parties"]} == {
        HEXI: "CLAIMED", NANKAI: "REFUSED", STREET: "OVERDUE",
    }  # fmt: skip
    assert [one["type"] for one in told["timeline"]][:3] == [
        "special.filed", "special.agreed", "special.published",
    ]  # fmt: skip
    assert {one["task_id"]: one["owes_result"] for one in told["objects"]} == {
        "T-1": False, "T-2": False, "T-3": True,
    }  # fmt: skip
    assert told["content"]["basis_docs"][0]["reference"] == "津卫〔2026〕3号"


def test_what_was_drawn_for_it_is_told(laid_down):
    console = laid_down(a_course())
    shown = console("case", "special:ZX-2026-001")
    told = console("case", "special:ZX-2026-001", "--json").json

    assert "Random draws for it" in shown.said
    assert "DRAWN D-1, 91120116MA05ABCD0A" in shown.said
    (drawn,) = told["draws"]
    assert (drawn["dept"], drawn["draw_id"], drawn["listed"]) == (HEXI, "D-1", 1)
    assert drawn["objects"] == ["91120116MA05ABCD0A", "91120116MA0000003A"]


def test_of_a_confidential_one_neither_title_nor_content_is_told(laid_down):
    special = Special()
    special.file(confidential=True, objects=None, content="秘密内容")
    console = laid_down(special)

    for words in (("case", "special:ZX-2026-001"), ("case", "special:ZX-2026-001", "--json")):
        answer = console(*words)
        assert "医疗机构" not in answer.out
        assert "秘密内容" not in json.dumps(answer.out, ensure_ascii=False)
        assert "津卫" not in answer.out


def test_nothing_on_record_is_said_so(laid_down):
    answer = laid_down(a_course())("case", "special:ZX-2026-999")

    assert answer.status == Exit.FOUND
    assert "nothing is on record for special:ZX-2026-999" in answer.said
