"""What tests/conftest.py promises to the other tests."""

import asyncio

import pytest
import redis
from side_by_side import Lanes


@pytest.mark.xfail(strict=True, raises=ZeroDivisionError)
async def test_an_async_test_is_run_to_its_end():
    await asyncio.sleep(0)

    _ = 1 / 0


async def test_an_async_test_gets_its_fixtures(redis_url, tmp_path):
    assert redis_url.startswith("redis://127.0.0.1:")
    assert tmp_path.is_dir()


@pytest.mark.parametrize("run", [1, 2])
def test_each_test_gets_an_empty_redis(redis_url, run):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left behind", run)


def test_redis_is_up_again_for_the_test_after_one_that_killed_it(redis_node, request):
    redis_node.start()
    redis_node.kill()

    url = request.getfixturevalue("redis_url")

    with redis.Redis.from_url(url) as client:
        assert client.ping()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("tests/chaos/test_a.py::test_x", "tests/chaos/test_b.py::test_y[a::b]", True),
        ("tests/browser/test_a.py::test_x", "tests/browser/test_b.py::test_y", True),
        ("tests/kafka/test_a.py::test_x[1]", "tests/kafka/test_a.py::test_y", True),
        ("tests/kafka/test_a.py::test_x", "tests/kafka/test_b.py::test_x", False),
        ("tests/chaos/test_a.py::test_x", "tests/browser/test_a.py::test_x", False),
        ("tests/rules/test_tokens.py::test_x", "tests/schemas/test_tokens.py::test_x", False),
    ],
)
def test_campaigns_and_browsers_and_the_tests_of_a_file_stay_with_one_process(one, other, same):
    lanes = Lanes.__new__(Lanes)

    assert (lanes._split_scope(one) == lanes._split_scope(other)) is same
