"""What does a sound hub keep and tell of draws and joint tasks, in the world made of paper?"""

import orjson

from connectors.audit.joint_checks import row_of
from connectors.audit.joint_told import owed_on_change, owed_on_joints
from connectors.audit.told import owed_answers
from connectors.audit.wire import ABOUT_JOINTS


def view_joints(shard, entry, fact, state):
    """Let a fact take its effect on the view."""
    if fact["fact"] in ("JOINT", "JOINT_CHANGED"):
        joint_id = fact["joint_id"]
        name = f"{entry.key}\x1f{joint_id}"
        joint = state.joints[joint_id]
        shard.joint[name] = orjson.dumps(row_of(entry.key, joint_id, joint))
        for dept in joint.members:
            shard.agenda[f"{dept}\x1f{joint.quarter}\x1f{name}"] = 0
    elif fact["fact"] in ("DRAWN", "WINDOW_CLOSED"):
        waits = f"{fact['quarter']}\x1f{entry.key}"
        shard.drawn.pop(waits, None)
        if not state.draws[fact["quarter"]].closed:
            shard.drawn[waits] = 0


def told_of(entry, facts, state):
    """The answers of a record beside its decision and the update of its task."""
    if entry.type in ABOUT_JOINTS:
        return list(owed_on_joints(entry, facts, state))
    if facts[0]["fact"] == "DECIDED":
        return [one for fact in facts[1:] for one in owed_on_change(entry, fact, state)]
    return list(owed_answers(entry, facts, state))
