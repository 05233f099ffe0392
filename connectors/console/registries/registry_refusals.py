"""Did intake refuse what the administrators published? Then it would refuse the rest as well."""

from __future__ import annotations

from connectors.console.context import CommandError
from connectors.console.dead_letters.letters import Letter, letter_of
from connectors.console.traffic.logs import LogRecord, read, spans_of
from connectors.kafka_admin import KafkaAdmin
from schemas.registry import REGISTRY_SOURCE
from schemas.topics import dlq_topic

_DEAD = dlq_topic("intake")


class RegistryRefusals:
    """Looks at the dead letters that came since it was made."""

    def __init__(self, bootstrap: str, admin: KafkaAdmin) -> None:
        self._bootstrap = bootstrap
        self._admin = admin
        self._before = spans_of(admin, [_DEAD])

    def expect_none(self) -> None:
        """Return when intake refused nothing of the administrators' since then.

        Raises:
            CommandError: it did.
        """
        found: list[Letter] = []

        def take(record: LogRecord) -> None:
            letter = letter_of(record)
            if letter.cause is not None and letter.cause.dept == REGISTRY_SOURCE:
                found.append(letter)

        spans = {
            at: (self._before[at][1] if at in self._before else first, end)
            for at, (first, end) in spans_of(self._admin, [_DEAD]).items()
        }
        read(self._bootstrap, spans, take)
        if found and (cause := found[0].cause):
            where = f" {cause.field}:" if cause.field else ""
            raise CommandError(
                f"intake refused {len(found):,} of the leading registry lines, so nothing else was "
                f"sent. The first: {cause.event_id}: {cause.reason.value}:{where} {cause.message}. "
                f"See `hub dlq ls --dept {REGISTRY_SOURCE}`; --lenient sends the rest all the same"
            )
