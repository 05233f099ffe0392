"""Ways in which feeds, receipts, the sites' own journals and the public list can be wrong."""

import copy
from dataclasses import replace

import orjson
from audit_damage import Damaged, leaves, other_value
from audit_world import bytes_of

from connectors.audit.receipts import chain_hash, delivery_key
from connectors.audit.wire import SEPARATOR, SITES

FREE_OF_RECEIPTS = {"attempt", "status", "errors", "at", "seq", "prev", "hash", "site_receipt_id"}


class DamagedDelivery(Damaged):
    """A copy of a delivered history that may be damaged."""

    def __init__(self, history, draw):
        super().__init__(history.world, draw)
        self.journals = copy.deepcopy(history.deliver.journals())

    def newest(self, site, *, stopped):
        """The newest feed record of a result that stands stopped, or disclosed, at a site."""
        rows = self.dump.records[f"insp.feed.{site}"][0]
        standing = {}
        for record in rows:
            if not record.key.startswith(b"digest:"):
                standing[record.key] = orjson.loads(record.value)
        wanted = [b for b in standing.values() if (b["state"] != "DISCLOSED") == stopped]
        return self.draw.choice(wanted)

    def some_site(self):
        return self.draw.choice(SITES)

    def receipt(self, wanted=lambda _body: True):
        """A place of a receipt and what it says."""
        place = self.pick("insp.receipt.", lambda r: wanted(orjson.loads(r.value)))
        return place, orjson.loads(self.get(place).value)

    def effect(self, site, wanted=lambda _effect: True):
        """Number in its journal of an effect at a site."""
        rows = self.journals[site].effects
        return self.draw.choice([at for at, effect in enumerate(rows) if wanted(effect)])


def is_disclosure(record):
    return record.header("ce_type") == "disclosure"


def feed_record_dropped(it):
    """The newest record of a stopped result is not on one site's feed, in no copy."""
    site = it.some_site()
    body = it.newest(site, stopped=True)
    rows = it.dump.records[f"insp.feed.{site}"][0]
    value = bytes_of(body)
    rows[:] = [r for r in rows if r.value != value]
    return f"{site} {body['result_id']}"


def feed_record_doubled(it):
    """One version twice, the second time with another column."""
    place = it.pick("insp.feed.", is_disclosure)
    body = orjson.loads(it.get(place).value)
    body["body"]["column"] += "X"
    it.append(*place[:2], it.get(place)._replace(value=bytes_of(body)))
    return f"{place}"


def feed_republished(it):
    """A result that stands stopped is disclosed under a further version that nobody decided."""
    site = it.some_site()
    body = it.newest(site, stopped=True)
    place = it.pick(
        f"insp.feed.{site}", lambda r: r.key.decode() == f"{body['uscc']}|{body['result_id']}"
    )
    body |= {"version": body["version"] + 1, "state": "DISCLOSED"}
    it.append(*place[:2], it.get(place)._replace(value=bytes_of(body)))
    return f"{place}"


def feed_version_falls(it):
    """A frozen worker's older record lies last, so that compaction would keep it."""
    place = it.pick("insp.feed.", lambda r: is_disclosure(r) and b'"version":1,' in r.value)
    site, key = place[0].removeprefix("insp.feed."), it.get(place).key
    rows = it.dump.records[f"insp.feed.{site}"][0]
    if not any(r.key == key and b'"version":2,' in r.value for r in rows):
        return None
    it.append(*place[:2], it.get(place))
    return f"{place}"


def buried_too_early(it):
    """A tombstone, though one site never receipted the stop."""
    site = it.some_site()
    body = it.newest(site, stopped=True)
    other = it.draw.choice(SITES)
    rows = it.dump.records[f"insp.receipt.{other}"][0]
    rows[:] = [r for r in rows if r.key.decode() != body["result_id"]]
    place = it.pick(
        f"insp.feed.{site}", lambda r: r.key.decode() == f"{body['uscc']}|{body['result_id']}"
    )
    it.append(*place[:2], it.get(place)._replace(value=None))
    return f"{site} {body['result_id']} {other}"


def digest_value(it):
    place = it.pick("insp.feed.", lambda r: r.header("ce_type") == "disclosure.digest")
    body = orjson.loads(it.get(place).value)
    name = it.draw.choice(["count", "sha256", "keyed_sha256", "site"])
    body[name] = other_value(body[name], it.draw)
    it.put(place, value=bytes_of(body))
    return f"{place}: {name}"


def receipt_value(it):
    """Any single value of a receipt of the hub: the chain tells."""
    place, body = it.receipt(lambda b: b["by"] == "HUB")
    name = it.draw.choice(sorted(body))
    body[name] = other_value(body[name], it.draw)
    it.put(place, value=bytes_of(body))
    return f"{place}: {name}"


def receipt_value_of_a_site(it):
    place, body = it.receipt(lambda b: b["by"] == "SITE")
    name = it.draw.choice(sorted(body.keys() - FREE_OF_RECEIPTS))
    body[name] = other_value(body[name], it.draw)
    it.put(place, value=bytes_of(body))
    return f"{place}: {name}"


def forged(change):
    """A last receipt that was changed, and its hash made anew: the chain cannot tell."""

    def damage(it):
        topic = f"insp.receipt.{it.some_site()}"
        rows = it.dump.records[topic][0]
        at = max(
            number
            for number, r in enumerate(rows)
            if orjson.loads(r.value)["stage"] == "PROCESSED" and b'"HUB"' in r.value
        )
        del rows[at + 1 :]
        body = orjson.loads(rows[at].value)
        change(body)
        body["hash"] = chain_hash(body)
        rows[at] = rows[at]._replace(value=bytes_of(body))
        return f"{topic} {at}"

    return damage


def other_hash(body):
    body["body_sha256"] = "0" * 64


def other_number(body):
    body["site_receipt_id"] = "X-1"


def other_key(body):
    body["key"] = "0" * 32


def chain_broken(it):
    """A receipt of the hub is taken away; the next one names it."""
    place, _ = it.receipt(lambda b: b["by"] == "HUB")
    rows = it.dump.records[place[0]][0]
    if place[2] == len(rows) - 1:
        return None
    it.drop(place)
    return f"{place}"


def false_receipt(it):
    """The site has nothing of a delivery that is receipted."""
    site = it.some_site()
    journal = it.journals[site]
    key = journal.effects[it.effect(site)].key
    journal.effects[:] = [e for e in journal.effects if e.key != key]
    journal.arrivals[:] = [a for a in journal.arrivals if a.key != key]
    return f"{site} {key}"


def other_body_at_the_site(it):
    site = it.some_site()
    at = it.effect(site)
    rows = it.journals[site].effects
    rows[at] = replace(rows[at], body_sha256="0" * 64)
    return f"{site} {at}"


def stop_at_two_sites_only(it):
    """One site was never brought the stop: no receipts, nothing in its journal."""
    site = it.some_site()
    body = it.newest(site, stopped=True)
    key = delivery_key(site, (body["uscc"], body["result_id"]), body["version"])
    rows = it.dump.records[f"insp.receipt.{site}"][0]
    rows[:] = [r for r in rows if orjson.loads(r.value)["key"] != key]
    journal = it.journals[site]
    journal.effects[:] = [e for e in journal.effects if e.key != key]
    journal.arrivals[:] = [a for a in journal.arrivals if a.key != key]
    return f"{site} {body['result_id']}"


def stop_that_is_not_in_effect(it):
    """Receipted, but the site still has to act on it."""
    site = it.some_site()
    body = it.newest(site, stopped=True)
    rows = it.journals[site].effects
    for at, effect in enumerate(rows):
        if effect.result_id == body["result_id"] and effect.version == body["version"]:
            rows[at] = replace(effect, effective_ms=None)
    return f"{site} {body['result_id']}"


def stop_after_its_day(it):
    """Receipted and in effect, but later than art. 13 allows."""
    site = it.some_site()
    body = it.newest(site, stopped=True)
    rows = it.journals[site].effects
    for at, effect in enumerate(rows):
        if effect.result_id == body["result_id"] and effect.state != "DISCLOSED":
            rows[at] = replace(effect, effective_ms=effect.effective_ms + 900 * 86_400_000)
    return f"{site} {body['uscc']} {body['result_id']}"


def stop_nobody_decided(it):
    """A site stopped what stands disclosed."""
    site = it.some_site()
    body = it.newest(site, stopped=False)
    rows = it.journals[site].effects
    name = (body["uscc"], body["result_id"])
    at = it.effect(site, lambda e: e.name == name)
    key = delivery_key(site, name, body["version"] + 1)
    more = {"version": body["version"] + 1, "state": "STOPPED", "key": key, "id": len(rows) + 1}
    rows.append(replace(rows[at], **more))
    return f"{site} {name}"


def shown_again(it):
    """A site shows an older version once more, after the stop."""
    site = it.some_site()
    rows = it.journals[site].effects
    stopped = {e.name for e in rows if e.state != "DISCLOSED" and e.changed}
    at = it.effect(site, lambda e: e.name in stopped and e.state == "DISCLOSED" and e.changed)
    rows.append(replace(rows[at], id=len(rows) + 1))
    return f"{site} {at}"


def twice_in_effect(it):
    site = it.some_site()
    rows = it.journals[site].effects
    at = it.effect(site, lambda e: e.changed and e.state != "DISCLOSED")
    rows.append(replace(rows[at], id=len(rows) + 1))
    return f"{site} {at}"


def left_on_the_public_list(it):
    body = it.newest(it.some_site(), stopped=True)
    partition = body["source"]["partition"]
    name = f"{body['uscc']}{SEPARATOR}{body['result_id']}"
    it.redis[partition].public[name] = bytes_of({"result_id": body["result_id"]})
    return name


def public_value(it):
    shard = it.shard("public")
    name = it.draw.choice(sorted(shard.public))
    body = orjson.loads(shard.public[name])
    path = it.draw.choice(list(leaves(body)))
    changed = body | {path[0]: other_value(body[path[0]], it.draw)}
    shard.public[name] = bytes_of(changed)
    return f"{name!r}: {path}"


def feed_key(body):
    """What a feed record is keyed by."""
    return f"{body['uscc']}|{body['result_id']}"
