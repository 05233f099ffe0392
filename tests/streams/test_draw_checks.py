"""What was published of a draw never changes, and a seed is the one committed to, or refused."""

import pytest
from draw_events import DEPT, OTHER, a_record, committed, revealed
from fakes import FakeKafka

from schemas.dead_letter import from_headers
from schemas.inbound_draw import DrawCommitted
from schemas.malformed import Malformed
from schemas.messages import (
    DRAW_COMMITTED,
    DRAW_REVEALED,
    REGISTRY_DEPARTMENT,
    REGISTRY_SPECIAL,
)
from schemas.reasons import Refusal
from schemas.registry import RegistryDepartment, RegistrySpecial, SpecialParty
from schemas.special_words import ClaimStatus, SpecialStatus
from schemas.topics import CTL_REGISTRY, dlq_topic
from streams.draw_checks import check_draw
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.registry import Registry, ctl_key, read_ctl


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


def special(status=SpecialStatus.FILED, **fields) -> RegistrySpecial:
    plain = {"special_id": "ZX-1", "version": 1, "status": status, "planners": (DEPT,)}
    return RegistrySpecial(**{**plain, **fields})


CLAIMED = SpecialParty(dept=OTHER, status=ClaimStatus.CLAIMED)
WAITING = SpecialParty(dept=OTHER, status=ClaimStatus.WAITING)


@pytest.mark.parametrize(
    ("entry", "dept", "said"),
    [
        (None, DEPT, "SPECIAL_UNKNOWN"),
        (special(), DEPT, None),
        (special(parties=(CLAIMED,)), OTHER, None),
        (special(parties=(WAITING,)), OTHER, "SPECIAL_NOT_CLAIMED"),
        (special(), OTHER, "SPECIAL_NOT_A_PARTY"),
        (special(SpecialStatus.PROPOSED), DEPT, "SPECIAL_NOT_AGREED"),
        (special(SpecialStatus.CLOSED), DEPT, "SPECIAL_CLOSED"),
        (special(confidential=True), DEPT, "confidential"),
    ],
)
def test_a_commitment_names_a_special_inspection_that_stands(entry, dept, said):
    registry = Registry()
    if entry is not None:
        registry.put(REGISTRY_SPECIAL, entry)
    now = committed(dept=dept, special_id="ZX-1")

    if said is None:
        check_draw(dept, now, registry)
        return
    with pytest.raises(Malformed, match=said) as refused:
        check_draw(dept, now, registry)
    assert (refused.value.reason, refused.value.field) == (Refusal.DRAW_SPECIAL, "special_id")


def test_what_was_committed_to_stands_after_the_end_of_the_special_inspection():
    now = committed(special_id="ZX-1")
    registry = registry_with(now)
    registry.put(REGISTRY_SPECIAL, special(SpecialStatus.CLOSED))

    check_draw(DEPT, now, registry)


class AlwaysLevel:
    """Control topics with nothing new: what was published is not read back yet."""

    async def level(self, *, now=False):
        pass


@pytest.mark.parametrize("at_once", [True, False], ids=["one batch", "one after the other"])
async def test_what_was_just_published_does_not_change_before_it_is_read_back(at_once):
    registry, kafka = Registry(), FakeKafka()
    registry.put(REGISTRY_DEPARTMENT, RegistryDepartment.model_construct(dept=DEPT))
    handler = IntakeHandler(registry=registry, control=AlwaysLevel(), publisher=kafka)
    said = [
        (DRAW_COMMITTED, committed()),
        (DRAW_COMMITTED, committed(take=3)),
        (DRAW_REVEALED, revealed()),
        (DRAW_REVEALED, revealed(chosen_sha256="ee" * 32)),
    ]
    records = [kafka.append(a_record(*one)) for one in said]

    for batch in [records] if at_once else [[one] for one in records]:
        await handler.handle(Partition(records[0].topic, 0), batch)

    published = [read_ctl(one.key, one.value)[1] for one in kafka.all(CTL_REGISTRY)]
    refused = [
        from_headers(one.headers, one.value).reason for one in kafka.all(dlq_topic("intake"))
    ]
    assert published == [committed(), revealed()]
    assert refused == [Refusal.DRAW_TAKEN, Refusal.DRAW_TAKEN]
