"""Does the auditor take the contract's own bytes? The paper hub's messages by the real models."""

import orjson
import pytest
from audit_history import POLICY, History, task
from audit_repairs import RepairHistory
from audit_world import DECIDED, JOURNAL, KEYS, World, digest

from connectors.audit import Options, render, run_audit
from connectors.audit.policies import canonical, full_version
from schemas.codec import decode, encode_avro, encode_journal
from schemas.decision import DecisionMade, EventRefused, TaskUpdated
from schemas.facts import Decided
from schemas.inbound import (
    ChoiceRecorded,
    CodeExpired,
    EntryRecorded,
    JointFormed,
    RatingSubmitted,
    ResultRecorded,
    SubjectClassified,
    TaskCancelled,
    TaskSubmitted,
    WhitelistChanged,
)
from schemas.inbound_joint import DrawObject, JointAbsent, JointWithdrawn, WindowClosed
from schemas.inbound_repair import (
    RepairAccepted,
    RepairApplied,
    RepairDecided,
    ResultCorrected,
    ResumeOrdered,
    StopOrdered,
    SupplementAsked,
    SupplementReceived,
)
from schemas.joint_answers import DrawUpdated, JointUpdated
from schemas.journal import JournalRecord
from schemas.policy import PolicyDocument
from schemas.public_answers import DisclosureUpdated, RepairUpdated

ANSWERS = {
    "decision.made": DecisionMade,
    "task.updated": TaskUpdated,
    "event.refused": EventRefused,
    "repair.updated": RepairUpdated,
    "disclosure.updated": DisclosureUpdated,
    "draw.updated": DrawUpdated,
    "joint.updated": JointUpdated,
}
EVENTS = {
    "inspection.task.submitted": TaskSubmitted,
    "inspection.task.cancelled": TaskCancelled,
    "inspection.entry.recorded": EntryRecorded,
    "inspection.result.recorded": ResultRecorded,
    "inspection.choice.recorded": ChoiceRecorded,
    "inspection.code.expired": CodeExpired,
    "subject.classified": SubjectClassified,
    "whitelist.changed": WhitelistChanged,
    "joint.formed": JointFormed,
    "inspection.rating.submitted": RatingSubmitted,
    "draw.object": DrawObject,
    "draw.window.closed": WindowClosed,
    "joint.withdrawn": JointWithdrawn,
    "joint.absent": JointAbsent,
    "inspection.result.corrected": ResultCorrected,
    "disclosure.stop.ordered": StopOrdered,
    "disclosure.resume.ordered": ResumeOrdered,
    "repair.applied": RepairApplied,
    "repair.accepted": RepairAccepted,
    "repair.supplement.asked": SupplementAsked,
    "repair.supplement.received": SupplementReceived,
    "repair.decided": RepairDecided,
}


def written(model, value):
    """A message as the contract's model writes it, defaults and all."""
    return model.model_validate_json(value).model_dump_json(by_alias=True).encode()


def rewrite(world, journal_bytes):
    """Every message of the hub written anew by the contract's models, digests following."""
    digests = {}
    for number, rows in world.dump.records[JOURNAL].items():
        for index, record in enumerate(rows):
            value, headers = journal_bytes(record)
            digests[number, record.offset] = digest(value)
            rows[index] = record._replace(value=value, headers=headers)
    for rows in world.dump.records[DECIDED].values():
        for index, record in enumerate(rows):
            body = orjson.loads(record.value)
            place = (body["src"]["partition"], body["src"]["offset"])
            body["digest"] = digests[place]
            rows[index] = record._replace(value=written(Decided, orjson.dumps(body)))
    for _, _, rows in world.dump.walk("insp.out."):
        for index, record in enumerate(rows):
            model = ANSWERS[record.header("ce_type")]
            rows[index] = record._replace(value=written(model, record.value))
    for shard in world.redis.values():
        shard.task = {name: written(DecisionMade, v) for name, v in shard.task.items()}


def as_json(record):
    body = orjson.loads(record.value)
    model = JournalRecord[EVENTS[body["type"]]]
    return written(model, record.value), record.headers


def as_avro(record):
    body = orjson.loads(record.value)
    model = JournalRecord[EVENTS[body["type"]]]
    headers = tuple(pair for pair in record.headers if pair[0] != "content-type")
    return encode_journal(model.model_validate_json(record.value)), headers


@pytest.mark.parametrize("journal_bytes", [as_json, as_avro])
@pytest.mark.parametrize("seed", range(3))
def test_what_the_contracts_models_write_is_audited_as_sound(journal_bytes, seed):
    world = History(seed=20 + seed, publish=False).world
    rewrite(world, journal_bytes)

    report = run_audit(world.dump, world.redis, KEYS)

    assert report.ok, render(report)


@pytest.mark.parametrize("journal_bytes", [as_json, as_avro])
def test_what_the_contracts_models_write_of_repairs_is_audited_as_sound(journal_bytes):
    made = RepairHistory(3)
    made.delivered()
    rewrite(made.world, journal_bytes)
    options = Options(site_journals=made.deliver.journals(), is_settled=True)

    report = run_audit(made.world.dump, made.world.redis, KEYS, options)

    assert report.ok, render(report)


def test_a_policys_version_carries_the_hash_that_the_contract_takes():
    document = PolicyDocument.model_validate_json(orjson.dumps(POLICY))
    plain = orjson.loads(document.canonical())

    assert canonical(plain) == document.canonical()
    assert full_version(plain) == document.full_version


def test_an_input_in_avro_with_fields_nobody_knows_is_what_the_journal_says():
    data = task("91120116MA05X0001A", "T-1", clue_no="C", colour="red")
    approval = {**data["approval"], "stamp": 7}
    model = TaskSubmitted.model_validate_json(orjson.dumps(data))
    world = World(POLICY)
    world.send("WJW-120116", "inspection.task.submitted", data)
    rows = next(r for t, _, r in world.dump.walk("insp.in.WJW") if r)
    kind = "inspection.task.submitted"
    headers = tuple(p for p in rows[0].headers if p[0] != "content-type")
    rows[0] = rows[0]._replace(value=encode_avro(model, kind), headers=headers)
    rewrite(world, as_avro)
    empty = frozenset({"I1'", "I4.refusals", "I5.dlq"})

    assert decode(rows[0].value, "application/avro", kind).model_extra == {"colour": "red"}
    assert run_audit(world.dump, world.redis, KEYS, Options(may_be_empty=empty)).ok
    other = TaskSubmitted.model_validate_json(orjson.dumps({**data, "approval": approval}))
    rows[0] = rows[0]._replace(value=encode_avro(other, kind))
    assert not run_audit(world.dump, world.redis, KEYS, Options(may_be_empty=empty)).ok
