"""What must hold of joint inspections whatever happens?"""

from __future__ import annotations

from typing import Any

from beside_the_auditor import differences, policy_of
from hypothesis import given
from joint_world import JOINT_ID, QUARTER, JointHub, a_joint_document, say
from random_joints import logs, play, policies
from random_logs import many

from schemas.facts import DecidedFact
from schemas.joint_facts import JointFact
from schemas.policy import PolicyDocument
from streams.rules.apply import apply
from streams.rules.calendar import day_at, quarter_of
from streams.rules.joint.state import binds
from streams.rules.joint.visit import live_tasks_of
from streams.rules.letters import is_onsite
from streams.rules.state import EMPTY, SubjectState, decode_state, encode_state, is_live


def states(hub: JointHub) -> list[tuple[SubjectState, Any]]:
    """The state before each record, with what was answered to it; rebuilt from facts alone."""
    state, found = EMPTY, []
    for event, facts in zip(hub.events, hub.answers, strict=True):
        found.append((state, facts))
        for fact in facts:
            state = apply(state, fact, event.source.offset)
    assert state == hub.state
    return found


@many
@given(policies, logs)
def test_the_auditor_comes_to_the_same_facts(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    assert differences(play(document, log), policy_of(document)) == []


@many
@given(policies, logs)
def test_two_runs_are_identical_and_states_survive_their_bytes(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    one, other = play(document, log), play(document, log)

    assert one.answers == other.answers
    assert decode_state(encode_state(one.state)) == one.state


@many
@given(policies, logs)
def test_a_joint_task_has_one_lead_among_its_members(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)

    for joint in hub.state.joints.values():
        assert joint.lead in joint.members if joint.members else joint.lead == ""
        assert not set(joint.left) & set(joint.members)


@many
@given(policies, logs)
def test_a_joint_task_is_made_of_those_who_drew(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    for state, facts in states(play(document, log)):
        for fact in facts:
            if isinstance(fact, JointFact) and fact.joint_id == JOINT_ID:
                drew = {draw.dept for draw in state.draws[QUARTER].draws}
                assert {*fact.members, *fact.left} == drew
                assert fact.kind == ("CROSS" if len(fact.members) > 1 else "INTERNAL")


@many
@given(policies, logs)
def test_a_joint_visit_has_one_code_one_day_and_one_task_a_member(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    if not hub.policy.joint_refuses or JOINT_ID not in hub.state.joints:
        return
    tasks = [task for _, task in live_tasks_of(hub.state, JOINT_ID) if task.code]

    assert len({task.code for task in tasks}) <= 1
    assert len({task.dept for task in tasks}) == len(tasks)


@many
@given(policies, logs)
def test_nobodys_separate_visit_slips_through(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    if not hub.policy.joint_refuses:
        return
    for state, facts in states(hub):
        fact = facts[0]
        if not isinstance(fact, DecidedFact) or fact.decision.decision != "ISSUED":
            continue
        dept, seed = fact.decision.dept, fact.task
        barring = [
            name
            for name, joint in state.joints.items()
            if joint.quarter == quarter_of(seed.day) and binds(joint, dept)
        ]
        own = state.joints.get(seed.joint_id or "")
        assert not barring or (own is not None and dept in own.members)


@many
@given(policies, logs)
def test_when_a_joint_task_is_formed_no_member_keeps_a_plan_of_its_own(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    if not hub.policy.joint_refuses:
        return
    state = EMPTY
    for event, facts in zip(hub.events, hub.answers, strict=True):
        for fact in facts:
            state = apply(state, fact, event.source.offset)
        for fact in facts:
            if isinstance(fact, JointFact) and fact.kind is not None:
                for task in state.tasks.values():
                    separate = (
                        task.dept in fact.members
                        and task.nature[2] == "P"
                        and is_onsite(task.nature)
                        and is_live(task)
                        and task.joint_id not in state.joints
                        and quarter_of(day_at(task.day)) == fact.quarter
                    )
                    assert not separate


@many
@given(logs)
def test_a_window_closed_again_changes_nothing(log: list[dict[str, Any]]) -> None:
    hub = play(a_joint_document(), log)
    hub.close()
    before = hub.state

    assert say(hub.close()) == ["REPEATED NOT_OPEN"]
    assert hub.state == before
