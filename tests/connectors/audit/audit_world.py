"""A hub made of paper: writes what a sound hub would have written for the events it is told.

It decides with the auditor's fold; that the fold itself is right is shown by the rows that were
worked out by hand. A test plants a fault by giving it another `decide`, or by damaging what was
written.
"""

import hashlib
import zlib
from base64 import urlsafe_b64encode
from datetime import date

import orjson
from audit_joints import told_of, view_joints
from audit_publicity import feed_value, view_publicity
from nacl.signing import SigningKey

from connectors.audit.decode import Entry
from connectors.audit.dump import Dump, Record, RedisShard
from connectors.audit.fold import decide
from connectors.audit.joint_checks import code_name
from connectors.audit.keyfiles import ALPHABET, KeyFiles, derive_code
from connectors.audit.policies import canonical, full_version, read_policy
from connectors.audit.state import Enterprise, apply
from connectors.audit.updates import addressee, task_updated
from connectors.audit.wire import (
    ABOUT_JOINTS,
    CTL_POLICY,
    CTL_REGISTRY,
    DECIDED,
    DECISION_MADE,
    DLQ_INTAKE,
    EVENT_REFUSED,
    FEED_PREFIX,
    HUB,
    JOURNAL,
    SITES,
    TASK_UPDATED,
)

SECRET = {2026: bytes(range(32)), 2027: bytes(range(1, 33)), 2025: bytes(range(2, 34))}
KEY_ID = {2025: "90", 2026: "A0", 2027: "B0"}
SIGNING = SigningKey(bytes(range(7, 39)))
KEYS = KeyFiles(
    {KEY_ID[year]: (year, secret) for year, secret in SECRET.items()}, {"S0": SIGNING.verify_key}
)
NOON_MS = 1_767_240_000_000  # 2026-01-01T12:00:00+08:00
MINUTE_MS = 60_000
PARTITIONS = 2


def bytes_of(message) -> bytes:
    return orjson.dumps(message)


def digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()[:16]


def place(key: str, count: int = PARTITIONS) -> int:
    return zlib.crc32(key.encode()) % count


def qr_text(code: str, until: date, signing: SigningKey = SIGNING) -> str:
    def number(symbols):
        return int("".join(f"{ALPHABET.index(s):05b}" for s in symbols), 2)

    shard, rest = code.split("-", 1)
    symbols = rest.replace("-", "")
    day = (until - date(2000, 1, 1)).days
    packed = 1
    for value, bits in (
        *((number("S0"), 10), (int(shard), 10), (number(symbols[:2]), 10)),
        *((number(symbols[2:22]), 100), (day, 16)),
    ):
        packed = packed << bits | value
    payload = packed.to_bytes(19, "big")
    signature = signing.sign(b"insp-qr-token-v1\x1fed25519\x1f" + payload).signature
    return "https://hub.example/c/" + urlsafe_b64encode(payload + signature).rstrip(b"=").decode()


class World:
    """A dump in the making, with the view in Redis that belongs to it."""

    def __init__(self, *policies, decide=decide, now_ms=NOON_MS):
        self.dump = Dump()
        self.redis = {number: RedisShard() for number in range(PARTITIONS)}
        self.states = {}
        self.policies = {}
        self.decide = decide
        self.now_ms = now_ms
        self.serial = 0
        for number in range(PARTITIONS):
            self.dump.partition(JOURNAL, number)
            self.dump.partition(DECIDED, number)
        for document in policies:
            self.publish(document)

    # What comes in ------------------------------------------------------------------------

    def publish(self, document):
        name = full_version(document)
        origin = self._receive("REGISTRY", "policy.published", document, name)
        self.append(CTL_POLICY, 0, name, canonical(document), ("hub-origin", origin))
        self.policies[name] = read_policy(document)
        self.policy_version = name

    def register(self, kind, name, data):
        origin = self._receive("REGISTRY", kind, data, name)
        self.append(CTL_REGISTRY, 0, f"{kind}:{name}", bytes_of(data), ("hub-origin", origin))

    def refuse(self, dept, value, reason="UNDECODABLE", kind="inspection.task.submitted"):
        origin = self._receive(dept, kind, value, "some key")
        topic, partition, offset = origin.rsplit("/", 2)
        parts = (("topic", topic), ("partition", partition), ("offset", offset))
        headers = [(f"kafka_dlt-original-{name}", text) for name, text in parts]
        letter = self.dump.partition(topic, int(partition))[-1]
        self.append(
            DLQ_INTAKE, 0, "some key", letter.value, *headers, ("hub-dlq-reason-code", reason)
        )
        message = {
            "event_id": letter.header("ce_id"),
            "event_type": kind,
            "reason": reason,
            "field": "",
            "message": "it was so",
            "advice": "do this",
            "origin_topic": topic,
            "origin_partition": int(partition),
            "origin_offset": int(offset),
        }
        self.append(
            f"insp.out.{dept}", 0, "some key", bytes_of(message), ("ce_type", EVENT_REFUSED)
        )

    def send(self, dept, kind, data, findings=None, *, time=None):
        """An accepted event of a department, or of the hub itself: journaled and decided."""
        if dept == HUB:
            self.serial += 1
            origin = f"insp.schedule/0/{self.serial}"
        else:
            origin = self._receive(dept, kind, data, data["uscc"], time)
        return self.journal(dept, kind, data, findings or {}, origin, time=time)

    def journal(self, dept, kind, data, findings, origin, *, time=None):
        topic, in_partition, in_offset = origin.rsplit("/", 2)
        record = {
            "id": f"{dept}-{origin}",
            "type": kind,
            "time": time or "2026-01-01T12:00:00+08:00",
            "dept": dept,
            "policy_version": self.policy_version,
            "origin": {"topic": topic, "partition": int(in_partition), "offset": int(in_offset)},
            "findings": findings,
            "data": data,
        }
        value = bytes_of(record)
        self.now_ms += MINUTE_MS
        partition = place(data["uscc"])
        headers = (("ce_id", record["id"]), ("ce_type", kind), ("content-type", "application/json"))
        at = self.append(JOURNAL, partition, data["uscc"], value, *headers)
        entry = Entry(
            *(data["uscc"], partition, at.offset, at.timestamp_ms, digest(value)),
            *(record["id"], kind, record["time"], dept, self.policy_version),
            *((topic, int(in_partition), int(in_offset)), findings, data),
        )
        return self._answer(entry)

    def _receive(self, dept, kind, body, key, time=None):
        topic, partition = f"insp.in.{dept}", place(key)
        rows = self.dump.partition(topic, partition)
        origin = f"{topic}/{partition}/{len(rows)}"
        value = body if isinstance(body, bytes) else bytes_of(body)
        self.append(
            *(topic, partition, key, value),
            ("ce_id", f"{dept}-{origin}"),
            *(("ce_source", dept), ("ce_type", kind)),
            ("ce_time", time or "2026-01-01T12:00:00+08:00"),
            ("content-type", "application/json"),
        )
        return origin

    # What is decided ----------------------------------------------------------------------

    def _answer(self, entry):
        state = self.states.setdefault(entry.key, Enterprise())
        facts = self.decide(entry, state, self.policies[entry.policy_version])
        before = state.tasks.get(entry.data.get("task_id"))
        status_before = before.status if before else "NONE"
        for fact in facts:
            if isinstance(fact.get("decision"), dict):
                self._complete(entry, fact["decision"], state)
        self._decided(entry, facts)
        for fact in facts:
            self._tell_decision(entry, fact, state)
            apply(state, fact, entry.offset)
            self._view(entry, fact, state)
            self._feed(entry, fact)
        told = told_of(entry, facts, state)
        for number, (to, kind, body) in enumerate(told):
            name = f"{entry.partition}-{entry.offset}-{number}"
            self._out(to, entry.key, kind, bytes_of(body), ("ce_id", name))
        silent = ("DECIDED", "REPEATED", "CONFLICT")
        if not told and entry.type not in ABOUT_JOINTS and facts[0]["fact"] not in silent:
            to = addressee(entry, facts, state)
            if to:
                update = task_updated(entry, facts, status_before, state, to)
                self._out(to, entry.key, TASK_UPDATED, bytes_of(update))
        return facts

    def _complete(self, entry, decision, state):
        decision["rules_version"] = 1
        if decision["decision"] == "ISSUED":
            name, year = code_name(entry, decision, state)
            task = (entry.key, name)
            code = derive_code(SECRET[year], KEY_ID[year], task, entry.partition)
            decision["code"] = code
            decision["qr_text"] = qr_text(code, date.fromisoformat(decision["valid_until"]))

    def _decided(self, entry, facts):
        source = {"topic": JOURNAL, "partition": entry.partition, "offset": entry.offset}
        record = {
            "src": source,
            "key": entry.key,
            "digest": entry.digest,
            "type": entry.type,
            "dept": entry.dept,
            "at": entry.at_ms,
            "rules_version": 1,
            "policy_version": entry.policy_version,
            "facts": facts,
        }
        at = self.append(DECIDED, entry.partition, entry.key, bytes_of(record))
        position = self.redis[entry.partition].position
        position.update(pos=str(entry.offset + 1), decided=str(at.offset + 1), fence="f")

    def _tell_decision(self, entry, fact, state):
        if fact["fact"] in ("DECIDED", "CONFLICT"):
            value = bytes_of(fact["decision"])
            self._out(entry.dept, entry.key, DECISION_MADE, value)
            if fact["fact"] == "DECIDED":
                name = f"{entry.key}\x1f{fact['decision']['task_id']}"
                self.redis[entry.partition].task[name] = value
        elif fact["fact"] == "REPEATED":
            name = f"{entry.key}\x1f{fact['task_id']}"
            value = self.redis[entry.partition].task[name]
            self._out(entry.dept, entry.key, DECISION_MADE, value)

    def _view(self, entry, fact, state):
        shard = self.redis[entry.partition]
        view_publicity(shard, entry, fact)
        shard.state[entry.key] = b"state of " + entry.key.encode()
        decision = fact["decision"] if fact["fact"] in ("DECIDED", "CONFLICT") else {}
        name = f"{entry.key}\x1f{decision.get('task_id') or fact.get('task_id')}"
        if fact["fact"] in ("DECIDED", "ENTERED", "COMPLETED"):
            task = state.tasks[name.partition("\x1f")[2]]
            shard.agenda["\x1f".join((task.dept, task.day.isoformat(), name))] = 0
        if decision.get("decision") == "ISSUED":
            shard.code[decision["code"]] = name
            shard.open[name] = date.fromisoformat(decision["valid_until"]).toordinal()
        elif fact["fact"] in ("CANCELLED", "EXPIRED", "COMPLETED") or (
            fact["fact"] == "ENTERED" and fact["how"] != "SHOWN_ONLY"
        ):
            shard.open.pop(name, None)
        view_joints(shard, entry, fact, state)

    def _feed(self, entry, fact):
        if fact["fact"] == "DISCLOSURE" and fact["version"]:
            for site in SITES:
                value = feed_value(site, entry, fact)
                topic, kind = FEED_PREFIX + site, ("ce_type", "disclosure")
                self.append(topic, 0, f"{entry.key}|{fact['result_id']}", value, kind)

    def _out(self, dept, key, kind, value, *headers):
        self.append(f"insp.out.{dept}", 0, key, value, ("ce_type", kind), *headers)

    # What a crash leaves behind -----------------------------------------------------------

    def publish_again(self, topic, partition, count):
        """The last records once more, as a worker does that died before its commit."""
        rows = self.dump.partition(topic, partition)
        for record in rows[len(rows) - count :]:
            rows.append(record._replace(offset=len(rows), timestamp_ms=self.now_ms))
        if topic == DECIDED:
            self.redis[partition].position["decided"] = str(len(rows))

    def append(self, topic, partition, key, value, *headers):
        rows = self.dump.partition(topic, partition)
        pairs = tuple((name, text.encode()) for name, text in headers)
        record = Record(len(rows), self.now_ms, key.encode(), value, pairs)
        rows.append(record)
        return record
