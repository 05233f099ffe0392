"""What gateways tell of departments: when their ways in end, and how much of quotas was used."""

from __future__ import annotations

from datetime import date

import redis.asyncio as aioredis

from connectors.departments.gateway.ways_in.quota_report import QuotaReport, Use
from connectors.departments.gateway.ways_in.seen_certificates import KEY, SeenCertificates
from connectors.departments.gateway.ways_in.token_file import (
    FILE_NAME,
    issue_token,
    read_tokens,
    revoke_token,
)
from connectors.departments.gateway.ways_in.tokens_told import TokensTold
from connectors.watch.gateway_told import ask_gateways

NOON_MS = 1_773_115_200_000
"""Of 2026-03-10 in Shanghai."""
DAY_S = 86_400
A, B = "WJW-120116", "SW-120116"


def in_days(days):
    return NOON_MS // 1000 + days * DAY_S


async def test_of_several_ways_in_the_one_that_lasts_longest_counts(redis_url, tmp_path):
    tokens = tmp_path / FILE_NAME
    for dept, days, officer in ((A, 3, ""), (A, 9, ""), (A, 90, "TJ0001"), (B, 5, "")):
        issue_token(tokens, dept, in_days(days), officer)
    async with aioredis.from_url(redis_url) as client:
        seen = SeenCertificates(client, lambda: NOON_MS / 1000)
        for serial, days in (("1A", 40), ("2B", 2), ("3C", -1)):
            await seen.saw(A, serial, in_days(days))
        await TokensTold(client, tokens).tell()
        told = await ask_gateways(client, NOON_MS)

    assert told.tokens == {A: date(2026, 3, 19), B: date(2026, 3, 15)}
    assert told.certificates == {A: date(2026, 4, 19)}


async def test_a_certificate_that_ended_is_told_of_for_a_month_and_then_struck_off(redis_url):
    async with aioredis.from_url(redis_url) as client:
        seen = SeenCertificates(client, lambda: NOON_MS / 1000)
        await seen.saw(A, "1A", in_days(-29))
        await seen.saw(B, "2B", in_days(-31))
        told = await ask_gateways(client, NOON_MS)

        assert told.certificates == {A: date(2026, 2, 9)}
        assert list(await client.hgetall(KEY)) == [f"{A} 1A".encode()]


async def test_a_share_is_of_what_the_gateways_say_they_enforce(redis_url):
    async with aioredis.from_url(redis_url) as client:
        before = await ask_gateways(client, NOON_MS)
        uses = {A: Use(4000, 12)}
        await QuotaReport(client, (5, 5000), lambda: uses, lambda: date(2026, 3, 10)).tell()
        after = await ask_gateways(client, NOON_MS)

    assert (before.share(A), before.used(A)) == (0.0, Use())
    assert (after.share(A), after.used(A), after.share(B)) == (0.8, Use(4000, 12), 0.0)
    assert after.quotas.per_s == 5


async def test_a_token_that_was_revoked_is_told_of_no_more(redis_url, tmp_path):
    tokens = tmp_path / FILE_NAME
    for dept in (A, B):
        issue_token(tokens, dept, in_days(3))
    async with aioredis.from_url(redis_url) as client:
        told = TokensTold(client, tokens)
        await told.tell()
        for row in read_tokens(tokens).values():
            revoke_token(tokens, row.id)
            await told.tell()
            assert row.dept not in (await ask_gateways(client, NOON_MS)).tokens


async def test_a_file_of_tokens_that_cannot_be_read_leaves_what_was_told(redis_url, tmp_path):
    tokens = tmp_path / FILE_NAME
    issue_token(tokens, A, in_days(3))
    async with aioredis.from_url(redis_url) as client:
        told = TokensTold(client, tokens)
        await told.tell()
        tokens.chmod(0o644)
        await told.tell()

        assert (await ask_gateways(client, NOON_MS)).tokens == {A: date(2026, 3, 13)}
