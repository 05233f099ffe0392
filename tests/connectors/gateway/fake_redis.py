"""As much of Redis as the gateway uses, in memory."""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha1
from typing import Any

from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import NoScriptError


class FakeRedis:
    """As much of Redis as the gateway uses. `gone`: every command fails."""

    def __init__(self) -> None:
        self.strings: dict[str, bytes] = {}
        self.hashes: dict[str, dict[str, bytes]] = defaultdict(dict)
        self.sorted: dict[str, set[bytes]] = defaultdict(set)
        self.scripts: dict[str, str] = {}
        self.gone = False
        self.fail_sets_of_stored = False

    def _check(self) -> None:
        if self.gone:
            raise RedisGone("gone")

    async def ping(self) -> bool:
        self._check()
        return True

    async def get(self, key: str) -> bytes | None:
        self._check()
        return self.strings.get(key)

    async def getdel(self, key: str) -> bytes | None:
        self._check()
        return self.strings.pop(key, None)

    async def delete(self, key: str) -> None:
        self._check()
        self.strings.pop(key, None)

    async def set(self, key: str, value: bytes, *, nx: bool = False, ex: int = 0) -> bool | None:
        self._check()
        if self.fail_sets_of_stored and b'"stored":true' in value:
            raise RedisGone("gone between producing and marking")
        if nx and key in self.strings:
            return None
        self.strings[key] = value
        return True

    async def script_load(self, text: str) -> str:
        self._check()
        name = sha1(text.encode(), usedforsecurity=False).hexdigest()
        self.scripts[name] = text
        return name

    async def evalsha(self, name: str, count: int, *words: Any) -> Any:
        """The two scripts that the gateway has, told apart by what they do."""
        self._check()
        if name not in self.scripts:
            raise NoScriptError(name)
        keys, values, kept_s = words[:count], words[count:-1], words[-1]
        nx = "NX" in self.scripts[name]
        answers = []
        for key, value in zip(keys, values, strict=True):
            new = await self.set(key, value, nx=nx, ex=kept_s)
            answers.append(None if new else await self.get(key))
        return answers if nx else len(keys)

    async def hset(self, key: str, name: str, value: str) -> int:
        self._check()
        is_new = name not in self.hashes[key]
        self.hashes[key][name] = value.encode()
        return int(is_new)

    async def hget(self, key: str, name: str) -> bytes | None:
        self._check()
        return self.hashes[key].get(name)

    async def hmget(self, key: str, names: list[str]) -> list[bytes | None]:
        self._check()
        return [self.hashes[key].get(name) for name in names]

    async def zrange(
        self, key: str, start: str, end: str, *, bylex: bool, offset: int, num: int
    ) -> list[bytes]:
        self._check()
        assert bylex
        low, high = start[1:].encode(), end[1:].encode()
        found = [
            member
            for member in sorted(self.sorted[key])
            if (member > low or (member == low and start[0] == "["))
            and (end == "+" or member < high)
        ]
        return found[offset : offset + num]

    def pipeline(self, *, transaction: bool) -> FakePipeline:
        return FakePipeline(self)


class FakePipeline:
    """Commands that are carried out one after the other."""

    def __init__(self, redis: FakeRedis) -> None:
        self._redis = redis
        self._commands: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    async def __aenter__(self) -> FakePipeline:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._commands.clear()

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **options: self._commands.append((name, args, options))

    async def execute(self) -> list[Any]:
        return [await getattr(self._redis, n)(*a, **o) for n, a, o in self._commands]
