"""What several departments are told is written once, and each of them gets all of it."""

from __future__ import annotations

import orjson
from joint_world import JOINT_ID, SCJG, WJW, XFJ, JointHub, draw_all

from schemas.topics import OUT_PREFIX
from streams import changes
from streams.changes import Changes
from streams.rules.outward import outward


def test_the_members_of_a_joint_task_get_the_same_bytes_written_once(monkeypatch):
    written = []
    encode = changes.encode_plain
    monkeypatch.setattr(changes, "encode_plain", lambda body: written.append(body) or encode(body))
    hub, gathered = JointHub(), Changes(0)
    draw_all(hub, WJW, XFJ, SCJG)
    hub.close()

    gathered.decide(hub.decided(), hub.state)

    told = [one for one in gathered.publications({}) if one.topic.startswith(OUT_PREFIX)]
    bodies = [one.body for one in outward(hub.decided(), hub.state)]
    assert {one.topic for one in told} == {OUT_PREFIX + dept for dept in (WJW, XFJ, SCJG)}
    assert [one.value for one in told] == [encode(body) for body in bodies]
    assert orjson.loads(told[0].value)["joint_id"] == JOINT_ID
    assert len(written) == 1


def test_what_each_is_told_by_itself_is_not_mixed_up():
    hub, gathered = JointHub(), Changes(0)
    for number, dept in enumerate((WJW, XFJ)):
        hub.draw(dept, draw_id=f"D-{number}")
        gathered.decide(hub.decided(), hub.state)

    told = [one for one in gathered.publications({}) if one.topic.startswith(OUT_PREFIX)]

    said = [(one.topic, orjson.loads(one.value)["dept"]) for one in told]
    assert said == [(OUT_PREFIX + dept, dept) for dept in (WJW, XFJ)]
