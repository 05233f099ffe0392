"""Is every decided disclosure on the feed of every site, once, and nothing else?

Source: docs/delivery.md, feed record; art. 5, 13.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from connectors.audit.days import as_day, as_instant, day_of_ms, instant_ms, moment
from connectors.audit.decode import Decoder, UnreadableError
from connectors.audit.digests import digest_fault
from connectors.audit.disclosed import Change, Disclosed, Name
from connectors.audit.dump import Dump, Record
from connectors.audit.report import Book
from connectors.audit.wire import CE_TYPE, DIGEST_PREFIX, DISCLOSURE, FEED_PREFIX, JOURNAL, SITES

_GRAVE = timedelta(days=30)
"""How long a tombstone is kept at least, so that a site that was away still sees it."""
_SAID = ("version", "state", "cause", "scope", "decision_no", "provisional")


@dataclass(frozen=True, slots=True)
class Fed:
    """One distinct feed record as a site sees it."""

    where: str
    partition: int
    offset: int
    sha256: str
    body: Mapping[str, Any]


@dataclass(slots=True)
class Feeds:
    """The feeds of all sites beside what was decided.

    Attributes:
        first: site, result and version -> its first record.
        newest: site and result -> version of its last record; None for a tombstone.
    """

    dump: Dump
    decoder: Decoder
    book: Book
    disclosed: Disclosed
    first: dict[tuple[str, Name, int], Fed] = field(default_factory=dict)
    newest: dict[tuple[str, Name], int | None] = field(default_factory=dict)
    _graves: set[tuple[str, str]] = field(default_factory=set)
    _home: dict[tuple[str, str], int] = field(default_factory=dict)

    def run(self) -> None:
        """Check every record of every feed."""
        self._ask()
        for site in SITES:
            for _, partition, records in self.dump.walk(FEED_PREFIX + site):
                owners: dict[str, Name] = {}
                for record in records:
                    self._take(site, partition, record, owners)
                self._judge_digests(site, partition, records)
        for topic in self.dump.topics(FEED_PREFIX):
            if topic.removeprefix(FEED_PREFIX) not in SITES:
                self.book.fail("I5.feed", topic, "a feed of a site that nobody knows")

    def close(self, is_proven: Callable[[Name, int], bool], today: date) -> None:
        """Check that no record is missing.

        Args:
            is_proven: Whether every site has processed a version: then it may have been buried.
            today: The day of the audit: graves are kept for a while.
        """
        for name in self.disclosed.changes:
            versions = self.disclosed.by_version(name)
            for site in SITES if versions else ():
                newest = versions[max(versions)]
                is_over = newest.stops and is_proven(name, newest.version)
                is_old = today - day_of_ms(newest.at_ms) > _GRAVE
                has_grave = is_old or (site, key_of(name)) in self._graves
                self._judge_complete(site, name, versions, is_over and has_grave)

    def sha256(self, site: str, name: Name, version: int) -> str | None:
        """The hash of the value of a version's record; None when it is not on the feed."""
        fed = self.first.get((site, name, version))
        return fed.sha256 if fed else None

    def _ask(self) -> None:
        if self.disclosed.changes:
            self.book.ask("I3.versions")
        if any(self.disclosed.by_version(name) for name in self.disclosed.changes):
            self.book.ask("I4.feed", "I5.feed", "I6.feed")

    def _take(self, site: str, partition: int, record: Record, owners: dict[str, Name]) -> None:
        where = f"{FEED_PREFIX}{site}/{partition}/{record.offset}"
        key = record.key_text()
        if key.startswith(DIGEST_PREFIX):
            return
        self.book.saw("I5.feed")
        if self._home.setdefault((site, key), partition) != partition:
            self.book.fail("I6.feed", where, f"{key} lies in two partitions of its feed")
        if record.value is None:
            self._graves.add((site, key))
            if key in owners:
                self.newest[site, owners[key]] = None
            return
        try:
            body = self.decoder.body(record)
            name = (body["uscc"], body["result_id"])
            change = self.disclosed.by_version(name).get(body["version"])
            fault = self._fault(site, record, body, change)
            owners[key] = name
            self._index(site, Fed(where, partition, record.offset, sha256_of(record), body))
        except (UnreadableError, KeyError, TypeError, ValueError) as cause:
            fault = f"unreadable: {cause!r}"
        if fault:
            self.book.fail("I5.feed", where, fault)

    def _index(self, site: str, fed: Fed) -> None:
        name = (fed.body["uscc"], fed.body["result_id"])
        version = fed.body["version"]
        self.newest[site, name] = version
        first = self.first.setdefault((site, name, version), fed)
        if first.sha256 != fed.sha256:
            text = f"other bytes than at {first.where}, for one version"
            self.book.fail("I5.feed", fed.where, text)

    def _fault(
        self, site: str, record: Record, body: Mapping[str, Any], change: Change | None
    ) -> str:
        """What a feed record says other than what was decided; empty when it says that."""
        if record.header(CE_TYPE) not in (None, DISCLOSURE):
            return f"its type is {record.header(CE_TYPE)}"
        if body["site"] != site or record.key_text() != key_of((body["uscc"], body["result_id"])):
            about = f"{body['result_id']} of {body['uscc']}"
            return f"key {record.key_text()}, for {body['site']}, about {about}"
        if change is None:
            return f"version {body['version']} of {body['result_id']} was never decided"
        if not isinstance(body["body"], dict):
            return "it has no body"
        for field_name, said in _expected(change).items():
            found = body.get(field_name)
            if found != said and (found or said):
                return f"{field_name}: decided {said!r} | on the feed {found!r}"
        return _instant_fault(body.get("approved_at"), change.fact.get("said_at"))

    def _judge_complete(
        self,
        site: str,
        name: Name,
        versions: Mapping[int, Change],
        is_buried: bool,  # noqa: FBT001 - a finding
    ) -> None:
        newest = max(versions)
        may_be_gone = self._was_compacted(site, name)
        for version, change in versions.items():
            self.book.saw("I4.feed")
            is_there = (site, name, version) in self.first
            if not is_there and not (may_be_gone and (version < newest or is_buried)):
                where = f"{JOURNAL}/{change.source[0]}/{change.source[1]}"
                what = f"version {version} of {name[1]} ({change.state})"
                text = f"{what} is not on {FEED_PREFIX}{site}"
                self.book.fail("I4.feed", where, text)
        last = self.newest.get((site, name), newest)
        wrong = ""
        if last is None and not is_buried:
            wrong = f"{name[1]} is buried, but version {newest} is not proven at every site"
        elif last not in (None, newest):
            wrong = f"the last record of {name[1]} is version {last}, the newest is {newest}"
        self.book.expect("I6.feed", FEED_PREFIX + site, wrong)

    def _was_compacted(self, site: str, name: Name) -> bool:
        """Whether compaction may have taken a record away: the feed has holes."""
        topic = FEED_PREFIX + site
        partition = self._home.get((site, key_of(name)), 0)
        there = len(self.dump.records.get(topic, {}).get(partition, []))
        return self.dump.end(topic, partition) > there

    def _judge_digests(self, site: str, partition: int, records: list[Record]) -> None:
        for record in records:
            if record.key_text().startswith(DIGEST_PREFIX) and record.value is not None:
                where = f"{FEED_PREFIX}{site}/{partition}/{record.offset}"
                self.book.ask("I5.digest")
                try:
                    fault = digest_fault(self.decoder, site, records, record)
                except (UnreadableError, KeyError, TypeError, ValueError) as cause:
                    fault = f"unreadable: {cause!r}"
                self.book.expect("I5.digest", where, fault)


def key_of(name: Name) -> str:
    """What the records of an enterprise's result are keyed by on every feed."""
    return "|".join(name)


def sha256_of(record: Record) -> str:
    """The hash of a record's value, in hex."""
    return hashlib.sha256(record.value or b"").hexdigest()


def _expected(change: Change) -> dict[str, Any]:
    """What a feed record must say of a change, besides the site's own columns."""
    fact = change.fact
    content = fact["content"]
    due_on = fact.get("due_on")
    named = {name: fact.get(name) for name in _SAID}
    return {
        **named,
        "stop_reason": fact.get("reason"),
        "uscc": change.name[0],
        "dept": content["dept"],
        "entity_name": content.get("entity_name") or "",
        "due_at": f"{as_day(due_on).isoformat()}T23:59:59+08:00" if due_on else None,
        "source": {"topic": JOURNAL, "partition": change.source[0], "offset": change.source[1]},
    }


def _instant_fault(found: object, said_at: int | None) -> str:
    """Why an instant on the feed is not the one decided, in the offset of Asia/Shanghai."""
    if said_at is None or not isinstance(found, str):
        return "" if found == said_at else f"approved_at: decided {said_at!r} | {found!r}"
    at = as_instant(found)
    same = instant_ms(at) == said_at and at.utcoffset() == moment(said_at).utcoffset()
    return "" if same else f"approved_at: decided {moment(said_at)} | on the feed {found}"
