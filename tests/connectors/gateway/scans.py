"""What the tests of the scan page share: a code on its day, and where its task stands."""

from __future__ import annotations

from datetime import datetime

from gateway_world import USCC, World, an_event

from connectors.departments.gateway.parts import SHANGHAI

ON_THE_DAY = datetime(2026, 3, 16, 9, 30, tzinfo=SHANGHAI)


async def a_code(world: World, **fields) -> str:
    """The path that the QR code of a fresh task opens."""
    made = (await world.post(an_event(**fields), prefer="wait=1")).json["decision"]
    world.clock = ON_THE_DAY
    return made["qr_text"].removeprefix("https://hub.test")


def state_of(world: World, task_id: str = "T-1") -> str:
    state = world.redis.hashes["insp:{0}:state"][USCC]
    return world.desk.standing(task_id, state, USCC).code_state
