"""A broker that still loads the offsets must not be taken for one where nothing was committed."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.protocol.commit import OffsetFetchRequest, OffsetFetchResponse_v3

from streams.committed_offsets import heed_group_errors

TP = TopicPartition("t", 0)
LOADING, NOT_COORDINATOR, NOT_AUTHORIZED = 14, 16, 30
KNOWN = OffsetFetchResponse_v3(0, [("t", [(0, 57, "", 0)])], 0)


class Coordinator(GroupCoordinator):
    """aiokafka's own, but for the network: these answers come, one after the other."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.group_id = "g"
        self._retry_backoff_ms = 1
        self.died = 0
        self.asked = []

    async def ensure_coordinator_known(self):
        """It is known."""

    def coordinator_dead(self):
        self.died += 1

    async def _send_req(self, request):
        self.asked.append(request)
        return self._answers.pop(0)


def failed(code):
    return OffsetFetchResponse_v3(0, [], code)


async def test_aiokafka_alone_takes_loading_for_nothing_committed():
    """When this fails aiokafka has learnt it, and streams/committed_offsets.py can go."""
    assert await Coordinator(failed(LOADING), KNOWN).fetch_committed_offsets([TP]) == {}


@pytest.mark.parametrize("code", [LOADING, NOT_COORDINATOR])
async def test_it_is_asked_again_until_the_offsets_are_there(code):
    coordinator = Coordinator(failed(code), failed(code), KNOWN)
    heed_group_errors(coordinator)

    async with asyncio.timeout(5):
        found = await coordinator.fetch_committed_offsets([TP])

    assert found[TP].offset == 57
    assert [type(one) for one in coordinator.asked] == [OffsetFetchRequest] * 3
    assert coordinator.died == (2 if code == NOT_COORDINATOR else 0)


async def test_what_no_waiting_mends_is_raised():
    coordinator = Coordinator(failed(NOT_AUTHORIZED))
    heed_group_errors(coordinator)

    with pytest.raises(GroupAuthorizationFailedError):
        await coordinator.fetch_committed_offsets([TP])
