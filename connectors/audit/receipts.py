"""Do the receipts say what was delivered, and is their chain whole?

Source: docs/delivery.md, receipt record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.decode import Decoder, UnreadableError
from connectors.audit.disclosed import Disclosed, Name
from connectors.audit.dump import Dump, Record
from connectors.audit.feeds import Feeds
from connectors.audit.report import Book
from connectors.audit.wire import (
    CE_TYPE,
    DISCLOSURE_RECEIPT,
    DLQ_DELIVER,
    DLQ_OFFSET,
    DLQ_PARTITION,
    DLQ_TOPIC,
    RECEIPT_PREFIX,
    SITES,
)

ACCEPTED, PROCESSED, OBSERVED, REJECTED = "ACCEPTED", "PROCESSED", "OBSERVED", "REJECTED"
_STAGES = frozenset({ACCEPTED, PROCESSED, OBSERVED, REJECTED})
_DONE = frozenset({PROCESSED, OBSERVED})
BY_HUB, BY_SITE = "HUB", "SITE"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt, where it lies."""

    where: str
    site: str
    name: Name
    body: Mapping[str, Any]


@dataclass(slots=True)
class Receipts:
    """All receipts of a dump.

    Attributes:
        kept: those that are true to what was decided; they may prove something.
        done: site and result -> versions that the site has processed, as the hub's chain says.
    """

    dump: Dump
    decoder: Decoder
    book: Book
    feeds: Feeds
    disclosed: Disclosed
    kept: list[Receipt] = field(default_factory=list)
    done: dict[tuple[str, Name], set[int]] = field(default_factory=dict)

    def run(self) -> None:
        """Check every record of every receipt topic."""
        unasked = self._dead_letters()
        for topic in self.dump.topics(RECEIPT_PREFIX):
            site = topic.removeprefix(RECEIPT_PREFIX)
            chain = Chain(self.book, self.dump)
            for partition, records in sorted(self.dump.records[topic].items()):
                for record in records:
                    where = f"{topic}/{partition}/{record.offset}"
                    self.book.ask("I8.keys")
                    self.book.saw("I8.keys")
                    body = self._body(record, where)
                    if body is None:
                        continue
                    if body.get("by") == BY_HUB:
                        chain.take(topic, partition, record, body)
                    self._take(site, record, body, where, is_dead=where in unasked)

    def is_proven(self, name: Name, version: int) -> bool:
        """Whether every site has processed this version of a result, or a later one."""
        return all(max(self.done.get((site, name), {0})) >= version for site in SITES)

    def _body(self, record: Record, where: str) -> dict[str, Any] | None:
        try:
            return self.decoder.body(record)
        except UnreadableError as cause:
            self.book.fail("I8.keys", where, f"unreadable: {cause}")
            return None

    def _take(
        self, site: str, record: Record, body: dict[str, Any], where: str, *, is_dead: bool
    ) -> None:
        try:
            fault = self._fault(site, record, body)
        except (KeyError, TypeError, ValueError) as cause:
            fault = f"incomplete: {cause!r}"
        if fault:
            # What a site says unasked is its own fault, if the hub put it aside.
            if not (is_dead and body.get("by") == BY_SITE):
                self.book.fail("I8.keys", where, fault)
            return
        name = (body["uscc"], body["result_id"])
        self.kept.append(Receipt(where, site, name, body))
        if body["stage"] in _DONE and body["by"] == BY_HUB:
            # What a site says of itself is proof once the hub has countersigned it in its chain.
            self.done.setdefault((site, name), set()).add(body["version"])

    def _fault(self, site: str, record: Record, body: Mapping[str, Any]) -> str:
        uscc, result_id, version = body["uscc"], body["result_id"], body["version"]
        if record.header(CE_TYPE) not in (None, DISCLOSURE_RECEIPT):
            return f"its type is {record.header(CE_TYPE)}"
        if site not in SITES or body["site"] != site or record.key_text() != result_id:
            return f"key {record.key_text()}, of {body['site']}, about {result_id}"
        if body["stage"] not in _STAGES or body["by"] not in (BY_HUB, BY_SITE):
            return f"stage {body['stage']} by {body['by']}"
        if body["key"] != delivery_key(site, (uscc, result_id), version):
            return f"key {body['key']} is not that of version {version} of {result_id}"
        change = self.disclosed.by_version((uscc, result_id)).get(version)
        if change is None:
            return f"version {version} of {result_id} was never decided"
        if body["state"] != change.state:
            return f"{result_id} version {version} is {change.state}, not {body['state']}"
        sent = self.feeds.sha256(site, (uscc, result_id), version)
        if sent is not None and body["body_sha256"] != sent:
            return f"body hash {body['body_sha256']}, on the feed {sent}"
        return ""

    def _dead_letters(self) -> set[str]:
        """Where the receipts lie that nobody asked for."""
        found = set()
        for _, _, records in self.dump.walk(DLQ_DELIVER):
            for record in records:
                parts = [record.header(name) for name in (DLQ_TOPIC, DLQ_PARTITION, DLQ_OFFSET)]
                found.add("/".join(part or "" for part in parts))
        return found


@dataclass(slots=True)
class Chain:
    """The chain of the hub's receipts on one topic: each names one before it.

    A record that was published twice is one; two writers may both follow the same record.
    """

    book: Book
    dump: Dump
    _known: set[str] = field(default_factory=set)

    def take(self, topic: str, partition: int, record: Record, body: Mapping[str, Any]) -> None:
        """Check the next chained record."""
        where = f"{topic}/{partition}/{record.offset}"
        self.book.ask("I8.chain")
        own, prev = body.get("hash"), body.get("prev")
        wrong = ""
        if own != chain_hash(body):
            wrong = f"hash {own}, its content hashes to {chain_hash(body)}"
        elif own in self._known:
            pass
        elif not prev:
            wrong = "" if self._may_begin(topic, body) else "it names no record before it"
        elif prev not in self._known and not self._is_first_kept(topic):
            wrong = f"it follows {prev}, which is not there"
        self.book.expect("I8.chain", where, wrong)
        self._known.add(str(own))

    def _may_begin(self, topic: str, body: Mapping[str, Any]) -> bool:
        return not self._known or (body.get("seq") in (0, 1) and len(self.dump.records[topic]) > 1)

    def _is_first_kept(self, topic: str) -> bool:
        """Whether retention took the record before it."""
        return not self._known and any(
            self.dump.begin(topic, partition) for partition in self.dump.records[topic]
        )


def delivery_key(site: str, name: Name, version: int) -> str:
    """The idempotency key of one version's delivery to a site."""
    text = f"{site}|{name[0]}|{name[1]}|{version}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def chain_hash(body: Mapping[str, Any]) -> str:
    """The hash of a receipt: over its canonical JSON without `hash` itself."""
    plain = {name: value for name, value in body.items() if name != "hash"}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
