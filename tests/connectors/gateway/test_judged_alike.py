"""What was read before is judged as by intake: refused for the same reason, or let in the same."""

from __future__ import annotations

from itertools import islice
from typing import Any

from gateway_registry import DEPT, a_registry
from hostile import TYPES, HostileRecord, damaged, hostile_records, wrong_avro, wrong_json
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.console.traffic.event_lines import LineReader
from connectors.generate import city_year, generate
from schemas.codec import AVRO, JSON
from schemas.desk import Posted
from schemas.envelope import Content, Envelope, read_record, write_headers
from schemas.malformed import Malformed
from schemas.topics import in_topic
from streams.accept import ForControl, ForJournal, Passed, Refused, accept, pass_judgement
from streams.registry import Registry
from streams.replay import file_record

TIME, AT_MS = "2026-03-10T08:59:00+08:00", 4_000_000_000_000


def agree(record: Any, registry: Registry) -> Passed | Refused:
    """Fail unless both judge alike; gives the judgement."""
    accepted = accept(record, registry)
    try:
        envelope, content = read_record(record.headers, record.value)
    except Malformed:
        assert isinstance(accepted, Refused)
        return accepted
    judged = pass_judgement(record, envelope, content, registry)
    if isinstance(accepted, Refused):
        assert judged == accepted
    else:
        assert isinstance(judged, Passed)
        of_journal = isinstance(accepted, ForJournal)
        assert judged.key == (accepted.key if of_journal else None)
        assert judged.type == (accepted.record.type if of_journal else accepted.type)
        assert judged.data == (accepted.record.data if of_journal else accepted.entry)
    return judged


def test_all_that_a_city_sends_is_judged_alike() -> None:
    registry, reader = Registry(), LineReader()
    types: dict[type, set[str]] = {Passed: set(), Refused: set()}
    for number, line in enumerate(islice(generate(city_year(3_000), 7), 6_000), 1):
        record = file_record(reader.read(line), number)
        judged = agree(record, registry)
        types[type(judged)].add(dict(record.headers)["ce_type"].decode())
        accepted = accept(record, registry)
        if isinstance(accepted, ForControl):
            registry.put(accepted.type, accepted.entry)

    assert len(types[Passed]) >= 10
    assert types[Refused]


@settings(max_examples=300, deadline=None)
@given(
    type_=st.sampled_from(TYPES),
    value=st.one_of(wrong_json(), damaged(), wrong_avro()),
    media_type=st.sampled_from([JSON, AVRO]),
)
def test_hostile_content_is_judged_alike(type_: str, value: bytes, media_type: str) -> None:
    headers = write_headers(Envelope("E-1", DEPT, type_, TIME), media_type)

    if value:
        agree(Posted(in_topic(DEPT), AT_MS, value, headers), a_registry())


@settings(max_examples=300, deadline=None)
@given(hostile=hostile_records)
def test_what_is_written_of_an_envelope_reads_as_the_same(hostile: HostileRecord) -> None:
    try:
        envelope, content = read_record(hostile.headers, hostile.value)
    except Malformed:
        return
    written = write_headers(envelope, content.type or JSON)

    assert read_record(written, content.value) == (
        envelope,
        Content(content.value, content.type or JSON),
    )
