"""What was published of a draw never changes, and a seed is the one committed to, or refused."""

import hashlib
from datetime import UTC, datetime

import pytest

from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.malformed import Malformed
from schemas.messages import DRAW_COMMITTED, DRAW_REVEALED
from schemas.reasons import Refusal
from streams.draw_checks import check_draw
from streams.registry import Registry, ctl_key, read_ctl

DEPT, OTHER = "WJW-120116", "XFJ-120116"
SEED = "5e" * 32
AT = datetime(2026, 4, 1, 1, tzinfo=UTC)


def committed(**fields) -> DrawCommitted:
    plain = {
        "draw_id": "D-1", "dept": DEPT, "quarter": "2026Q2", "frame_sha256": "ab" * 32,
        "seed_sha256": hashlib.sha256(bytes.fromhex(SEED)).hexdigest(), "objects": 10, "take": 2,
        "officers": 5, "committed_at": AT,
    }  # fmt: skip
    return DrawCommitted(**{**plain, **fields})


def revealed(**fields) -> DrawRevealed:
    plain = {
        "draw_id": "D-1", "dept": DEPT, "seed": SEED, "chosen_sha256": "cd" * 32, "revealed_at": AT,
    }  # fmt: skip
    return DrawRevealed(**{**plain, **fields})


def registry_with(*entries) -> Registry:
    registry = Registry()
    for entry in entries:
        type_ = DRAW_COMMITTED if isinstance(entry, DrawCommitted) else DRAW_REVEALED
        registry.put(type_, entry)
    return registry


TABLE = [
    # said before, said now, by whom, refused for
    ([], committed(), DEPT, None),
    ([committed()], committed(), DEPT, None),
    ([committed()], committed(take=3), DEPT, Refusal.DRAW_TAKEN),
    ([committed()], committed(dept=OTHER), OTHER, Refusal.DRAW_TAKEN),
    ([], committed(dept=OTHER), DEPT, Refusal.FOREIGN_SOURCE),
    ([], revealed(), DEPT, Refusal.DRAW_NOT_COMMITTED),
    ([committed()], revealed(), DEPT, None),
    ([committed()], revealed(dept=OTHER), OTHER, Refusal.DRAW_NOT_COMMITTED),
    ([committed()], revealed(seed="00" * 32), DEPT, Refusal.DRAW_SEED),
    ([committed()], revealed(public_value="3204"), DEPT, Refusal.DRAW_SEED),
    ([committed(public_source="index")], revealed(), DEPT, Refusal.DRAW_SEED),
    ([committed(public_source="index")], revealed(public_value="3204"), DEPT, None),
    ([committed(), revealed()], revealed(), DEPT, None),
    ([committed(), revealed()], revealed(chosen_sha256="ee" * 32), DEPT, Refusal.DRAW_TAKEN),
]


@pytest.mark.parametrize(("before", "now", "dept", "reason"), TABLE)
def test_what_may_be_published(before, now, dept, reason):
    registry = registry_with(*before)

    if reason is None:
        check_draw(dept, now, registry)
        return
    with pytest.raises(Malformed) as refused:
        check_draw(dept, now, registry)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("type_", "entry"), [(DRAW_COMMITTED, committed()), (DRAW_REVEALED, revealed())]
)
def test_both_are_kept_side_by_side_on_the_registry_topic(type_, entry):
    key = ctl_key(type_, entry).encode()

    assert read_ctl(key, entry.model_dump_json().encode()) == (type_, entry)
    assert key == f"{type_}:D-1".encode()
