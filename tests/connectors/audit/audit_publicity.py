"""The paper hub's publicity side: feeds, the view's public list, three paper sites, receipts."""

import hashlib
import json
from datetime import date

import orjson

from connectors.audit.days import moment
from connectors.audit.receipts import chain_hash, delivery_key
from connectors.audit.sitejournal import Arrival, Effect, SiteJournal
from connectors.audit.wire import JOURNAL, SEPARATOR, SITES

OPEN = ("APPLIED", "ACCEPTED", "SUPPLEMENT")
SITE_WRITES = "SUBJECTS-TJ"


def sha256(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def feed_value(site, entry, fact):
    """A feed record's value as the hub makes it of one fact."""
    said_at, due_on = fact["said_at"], fact["due_on"]
    content = fact["content"]
    names = ("result_id", "version", "state", "cause", "scope", "decision_no")
    return orjson.dumps(
        {
            "site": site,
            **{name: fact[name] for name in names},
            "stop_reason": fact["reason"],
            "uscc": entry.key,
            "dept": content["dept"],
            "approved_at": None if said_at is None else moment(said_at).isoformat(),
            "due_at": f"{due_on}T23:59:59+08:00" if due_on else None,
            "provisional": bool(fact["provisional"]),
            "entity_name": content["entity_name"],
            "body": {"column": content["inspected_on"]},
            "source": {"topic": JOURNAL, "partition": entry.partition, "offset": entry.offset},
        }
    )


def view_publicity(shard, entry, fact):
    """What one fact changes in the view."""
    if fact["fact"] == "DISCLOSURE":
        name = f"{entry.key}{SEPARATOR}{fact['result_id']}"
        shard.result[fact["result_id"]] = entry.key
        shard.public.pop(name, None)
        if fact["state"] == "DISCLOSED":
            shard.public[name] = _public_entry(entry, fact)
    elif fact["fact"] == "REPAIR":
        name = f"{entry.key}{SEPARATOR}{fact['repair_id']}"
        shard.case[fact["repair_id"]] = name
        shard.case_due.pop(name, None)
        if fact["status"] in OPEN and fact["due_on"]:
            shard.case_due[name] = date.fromisoformat(fact["due_on"]).toordinal()


def _public_entry(entry, fact):
    content = fact["content"]
    names = ("entity_name", "dept", "inspected_on", "outcomes", "found_problem", "negative")
    shown = {name: content[name] for name in names}
    own = {"result_id": fact["result_id"], "uscc": entry.key, "version": fact["version"]}
    return orjson.dumps({**own, **shown})


class PaperSite:
    """One publicity system: keeps the highest version, and a journal of all that came."""

    def __init__(self, code):
        self.code = code
        self.journal = SiteJournal()
        self.shown = {}
        self.standing = {}

    def take(self, value, now_ms):
        """The site's own receipt number of one delivery."""
        body = orjson.loads(value)
        name = (body["uscc"], body["result_id"])
        key = delivery_key(self.code, name, body["version"])
        self.journal.arrivals.append(Arrival(key, name[1], body["version"], sha256(value)))
        before = self.shown.get(name)
        if body["version"] > self.standing.get(name, 0):
            self.standing[name] = body["version"]
            self.shown[name] = body["version"] if body["state"] == "DISCLOSED" else None
        number = len(self.journal.effects) + 1
        receipt_id = f"{self.code}-{number}"
        self.journal.effects.append(
            Effect(
                *(number, key, *name, body["version"], body["state"], sha256(value)),
                *(now_ms, receipt_id, int(self.shown.get(name) != before)),
            )
        )
        return receipt_id


class PaperDeliver:
    """Brings every feed record to its site, and writes down what the site answered."""

    def __init__(self, world):
        self.world = world
        self.sites = {code: PaperSite(code) for code in SITES}
        self._done = dict.fromkeys(SITES, 0)
        self._last = dict.fromkeys(SITES, "")
        self._seq = dict.fromkeys(SITES, 0)

    def run(self, *codes):
        """Deliver what lies on the feeds of these sites, all of them if none is named."""
        for code in codes or SITES:
            rows = self.world.dump.records.get(f"insp.feed.{code}", {}).get(0, [])
            for record in rows[self._done[code] :]:
                if not record.key.startswith(b"digest:"):
                    self._deliver(code, record.value)
            self._done[code] = len(rows)

    def journals(self):
        """What the sites themselves wrote down."""
        return {code: site.journal for code, site in self.sites.items()}

    def _deliver(self, code, value):
        receipt_id = self.sites[code].take(value, self.world.now_ms)
        if code == SITE_WRITES:
            self.receipt(code, value, "PROCESSED", receipt_id, by="SITE")
        else:
            self.receipt(code, value, "ACCEPTED", None)
        self.receipt(code, value, "PROCESSED", receipt_id)
        self.receipt(code, value, "OBSERVED", None)

    def receipt(self, code, value, stage, receipt_id, *, by="HUB", **changes):
        """One receipt record; the hub's own are chained."""
        told = orjson.loads(value)
        name = (told["uscc"], told["result_id"])
        body = {
            **{n: told[n] for n in ("site", "uscc", "result_id", "version", "state")},
            "stage": stage,
            "by": by,
            "key": delivery_key(code, name, told["version"]),
            "body_sha256": sha256(value),
            "attempt": 1,
            "status": "202",
            "site_receipt_id": receipt_id,
            "errors": [],
            "at": self.world.now_ms,
            "seq": None,
            "prev": "",
            "hash": "",
            **changes,
        }
        if by == "HUB":
            self._seq[code] += 1
            body |= {"seq": self._seq[code], "prev": self._last[code]}
            body["hash"] = self._last[code] = chain_hash(body)
        self.world.append(
            *(f"insp.receipt.{code}", 0, told["result_id"], json.dumps(body).encode()),
            ("ce_type", "disclosure.receipt"),
        )


def digest(world, code):
    """The nightly digest of a site's feed."""
    rows = world.dump.partition(f"insp.feed.{code}", 0)
    newest = {}
    for record in rows:
        if not record.key.startswith(b"digest:"):
            body = orjson.loads(record.value)
            newest[record.key.decode()] = body
    shown = sorted(
        (b["result_id"], str(b["version"]), b["uscc"])
        for b in newest.values()
        if b["state"] == "DISCLOSED"
    )
    by_id = "".join(f"{name} {version}\n" for name, version, _ in shown)
    by_key = "".join(f"{uscc}|{name} {version}\n" for name, version, uscc in shown)
    message = {"site": code, "count": len(shown), "sha256": sha256(by_id.encode())}
    message["keyed_sha256"] = sha256(by_key.encode())
    message["as_of"] = len(rows)
    value, kind = orjson.dumps(message), ("ce_type", "disclosure.digest")
    world.append(f"insp.feed.{code}", 0, "digest:0", value, kind)
