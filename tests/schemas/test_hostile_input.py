"""Thousands of hostile records: does each end in a message or in words, at a small price?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import hostile_records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from schemas import border
from schemas.codec import decode
from schemas.dead_letter import DeadLetter, from_headers, refusal_message, to_headers
from schemas.envelope import Envelope, read_headers, read_record
from schemas.malformed import Malformed
from schemas.reasons import Refusal

ROOT = Path(__file__).parents[2]
RECORDS_A_RUN = 10_000
BATCH = 40


class Count:
    """How the hostile records of one run ended."""

    def __init__(self):
        self.models = self.refused = 0
        self.reasons = set()

    def judge(self, record):
        for read, kind in (
            (lambda: decode(record.value, record.content_type, record.type_name), BaseModel),
            (lambda: read_headers(record.headers), Envelope),
            (lambda: read_record(record.headers, record.value)[0], Envelope),
        ):
            try:
                assert isinstance(read(), kind)
            except Malformed as fault:
                self.refused += 1
                self.reasons.add(fault.reason)
                tell(fault)
            else:
                self.models += 1


def tell(fault):
    """Take a fault all the way to the department and back out of the dead letters."""
    letter = DeadLetter(
        stage="intake", reason=fault.reason, field=fault.field, message=fault.message,
        topic="insp.in.WJW-120116", partition=0, offset=1, timestamp_ms=0, first_failed_at_ms=0,
    )  # fmt: skip
    assert from_headers(to_headers(letter), b"") == letter
    assert refusal_message(letter).message.isprintable()


def test_ten_thousand_hostile_records_end_in_a_message_or_in_words():
    count = Count()

    @given(batch=st.lists(hostile_records, min_size=BATCH, max_size=BATCH))
    @settings(
        max_examples=RECORDS_A_RUN // BATCH,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def run(batch):
        for record in batch:
            count.judge(record)

    run()

    assert count.models + count.refused >= 3 * RECORDS_A_RUN
    assert count.models > RECORDS_A_RUN // 20
    assert count.reasons >= {
        Refusal.UNDECODABLE, Refusal.UNKNOWN_SCHEMA, Refusal.UNKNOWN_TYPE, Refusal.ENVELOPE,
        Refusal.TOO_DEEP, Refusal.EMPTY, Refusal.INVALID_FIELD,
    }  # fmt: skip


GREEDY = """
import resource, sys
from schemas import codec, envelope, malformed
from schemas.avro_schemas import newest, subjects
sys.path.insert(0, "tests")
from wire_builders import zigzag, avro_text
for name in subjects():
    codec.avro_wire._plain_reader(name)
used = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + 192 * 2**20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
{attack}
"""
ATTACK = """
size = codec.VALUE_SIZE_MAX_BYTES - 1000
texts = [b"[" * size, b'{"a":' * (size // 5), b'{"items":[' + b"1," * (size // 2) + b"1]}",
    b'{' + b",".join(b'"x%d":1' % n for n in range(20_000)) + b"}", b'{"x":' + b"9" * size + b"}",
    b'{"x":"' + b"\\\\u0000" * (size // 6) + b'"}', b'{"x":"' + b'\\\\"' * (size // 2), b'"' * size,
    b'{"a":1,' + b'"a":1,' * (size // 6) + b'"a":1}', b"[" + b"{}," * (size // 3) + b"{}]"]
refused = 0
def attack(values, *reads):
    global refused
    for value in values:
        for read in reads:
            try:
                read(value)
            except malformed.Malformed:
                refused += 1
# These two ask what a text says of itself: once is enough.
attack(texts, codec.decode_journal, envelope.read_structured)
for name in subjects():
    head = bytes([0]) + newest(name).schema_id.to_bytes(4, "big")
    numbers = [zigzag(n) for n in (2**20, 2**31, 2**40, 2**62, 2**63 - 1, -(2**40), -(2**63))]
    values = [head + avro_text("a") * n + number + b"\\x00" * size
              for n in range(12) for number in numbers]
    attack(texts + values, lambda value: codec.decode(value, None, name))
    attack(values, codec.decode_journal, envelope.read_structured)
print(refused)
"""


def greedy(attack):
    return subprocess.run(
        [sys.executable, "-c", GREEDY.replace("{attack}", attack)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip


def test_no_small_input_takes_much_memory_or_time():
    run = greedy(ATTACK)

    assert run.returncode == 0, run.stderr[-2000:]
    assert int(run.stdout) > 5000


def test_the_limit_would_be_felt():
    run = greedy("entries = [None for _ in range(2**40)]")

    assert "MemoryError" in run.stderr


def test_the_quick_look_for_names_given_twice_misses_none():
    """Were the quick look wrong, the exact one would not be asked: hold both against each other."""

    names = st.sampled_from(["a", 'b":', "c :"])
    held = st.sampled_from(['":', " :", ""])
    colons = st.sampled_from([":", " :", "\n:", "\t:", "\r:", ": "])

    @given(pairs=st.lists(st.tuples(names, held), max_size=5), colon=colons)
    @settings(max_examples=500, deadline=None)
    def run(pairs, colon):
        text = ",".join(f"{json.dumps(name)}{colon}{json.dumps(held)}" for name, held in pairs)
        different = len({name for name, _ in pairs})
        value = f"{{{text}}}".encode()
        if different == len(pairs):
            border.check_names(value, different)
        else:
            with pytest.raises(Malformed):
                border.check_names(value, different)

    run()
