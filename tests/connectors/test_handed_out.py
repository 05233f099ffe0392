"""Those who came together each hear what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from connectors.handed_out import hand_out


async def answers(given: Sequence[int] | Exception) -> Sequence[int]:
    if isinstance(given, Exception):
        raise given
    return given


def waiting(count: int) -> list[asyncio.Future[int]]:
    return [asyncio.get_running_loop().create_future() for _ in range(count)]


async def test_each_gets_its_own_answer_and_who_has_given_up_none():
    those = waiting(3)
    those[1].cancel()

    await hand_out(those, answers([1, 2, 3]))

    assert (those[0].result(), those[1].cancelled(), those[2].result()) == (1, True, 3)


async def test_a_failure_is_told_to_all_who_still_wait():
    those = waiting(3)
    those[1].cancel()

    await hand_out(those, answers(OSError("away")))

    assert [str(one.exception()) for one in (those[0], those[2])] == ["away", "away"]


async def test_an_answer_too_few_is_no_answer():
    with pytest.raises(ValueError, match="shorter"):
        await hand_out(waiting(2), answers([1]))
