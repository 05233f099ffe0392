"""Does the nightly digest of a feed say what was disclosed on it by then?

Source: docs/delivery.md, `disclosure.digest`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from connectors.audit.decode import Decoder, UnreadableError
from connectors.audit.dump import Record
from connectors.audit.results import DISCLOSED
from connectors.audit.wire import CE_TYPE, DIGEST_PREFIX, DISCLOSURE_DIGEST

Standing = tuple[int, str, int]
"""Version, state, and journal partition of the record that was decided."""


def digest_fault(decoder: Decoder, site: str, records: list[Record], digest: Record) -> str:
    """Why a digest is wrong; empty when it is right, or compaction took what it would take to tell.

    Raises:
        KeyError, TypeError, ValueError: It is no digest.
        UnreadableError: It is no message.
    """
    said = decoder.body(digest)
    if digest.header(CE_TYPE) not in (None, DISCLOSURE_DIGEST) or said["site"] != site:
        return f"type {digest.header(CE_TYPE)}, of {said['site']}, on the feed of {site}"
    number, as_of = int(digest.key_text().removeprefix(DIGEST_PREFIX)), said["as_of"]
    if as_of > digest.offset:
        return f"it is as of {as_of}, but lies at {digest.offset}"
    begin = min((record.offset for record in records), default=0)
    before = [record for record in records if record.offset < as_of]
    newest = _newest(decoder, before)
    found = (said["count"], said["sha256"], said.get("keyed_sha256"))
    rights = (digest_of(newest.items()), digest_of(_of_partition(newest, number)))
    # Digests of before there was a hash over keys have none.
    if found in rights or (found[2] is None and found[:2] in [right[:2] for right in rights]):
        return ""
    if begin or len(before) < as_of:
        return ""
    return f"says {found}, by then was disclosed {rights[0]}"


def digest_of(standings: Iterable[tuple[str, Standing]]) -> tuple[int, str, str]:
    """How many results are disclosed, and the hashes over their ids and keys with versions."""
    # Keys are `<credit code>|<result id>`; the list is sorted by id, as its writer sorts it.
    shown = sorted(
        (name.partition("|")[2], str(at[0]), name) for name, at in standings if at[1] == DISCLOSED
    )
    by_id = "".join(f"{result_id} {version}\n" for result_id, version, _ in shown)
    by_key = "".join(f"{name} {version}\n" for _, version, name in shown)
    return len(shown), _sha256(by_id), _sha256(by_key)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _of_partition(newest: dict[str, Standing], number: int) -> list[tuple[str, Standing]]:
    """What one journal partition decided: one feed may have a digest of each."""
    return [(name, at) for name, at in newest.items() if at[2] == number]


def _newest(decoder: Decoder, records: Iterable[Record]) -> dict[str, Standing]:
    newest: dict[str, Standing] = {}
    for record in records:
        name = record.key_text()
        if name.startswith(DIGEST_PREFIX):
            continue
        if record.value is None:
            newest.pop(name, None)
            continue
        try:
            body = decoder.body(record)
            at = (body["version"], body["state"], body["source"]["partition"])
        except (UnreadableError, KeyError, TypeError):
            continue
        if name not in newest or at[0] >= newest[name][0]:
            newest[name] = at
    return newest
