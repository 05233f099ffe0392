"""What was written with a former schema, is it still read? And judged as in its day?

Here version 1 of `inspection.entry.recorded` had no `note`, and some departments still write it.
"""

import io
import json

import fastavro
import pytest

from schemas import avro_schemas, avro_wire
from schemas.avro_schemas import JOURNAL_PREFIX
from schemas.codec import AVRO, Malformed, decode, decode_journal, encode_avro
from schemas.messages import ENTRY_RECORDED
from schemas.reasons import Refusal

CACHED = (
    avro_schemas.by_id,
    avro_schemas.newest,
    avro_schemas.parsed,
    avro_wire.writer,
    avro_wire._plain_reader,
    avro_wire._journal_reader,
)
ENTRY = {"task_id": "T", "uscc": "U", "how": "SCANNED", "at": 1773104400123, "extra": None}


@pytest.fixture(autouse=True)
def _two_versions(tmp_path, monkeypatch):
    ids = {}
    for number, subject in ((3, ENTRY_RECORDED), (20, JOURNAL_PREFIX + ENTRY_RECORDED)):
        text = (avro_schemas.AVRO_DIR / avro_schemas.newest(subject).name).read_text("utf-8")
        newest = json.loads(text)
        former = json.loads(text)
        holder = former if number == 3 else former["fields"][-1]["type"]
        holder["fields"] = [field for field in holder["fields"] if field["name"] != "note"]
        for version, schema in ((1, former), (2, newest)):
            ids[str(number + 100 * (version - 1))] = f"{subject}.v{version}.avsc"
            (tmp_path / f"{subject}.v{version}.avsc").write_text(json.dumps(schema))
    (tmp_path / "ids.json").write_text(json.dumps(ids))
    with monkeypatch.context() as patch:
        patch.setattr(avro_schemas, "AVRO_DIR", tmp_path)
        patch.setattr(avro_schemas, "IDS_FILE", tmp_path / "ids.json")
        _forget()
        yield
    _forget()


def _forget():
    for found in CACHED:
        found.cache_clear()


def written_before(content, schema_id=3):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, avro_schemas.parsed(schema_id), content)
    return bytes([0, 0, 0, 0, schema_id]) + out.getvalue()


def test_the_newest_is_written():
    entry = decode(written_before(ENTRY), AVRO, ENTRY_RECORDED)

    assert encode_avro(entry, ENTRY_RECORDED)[:5] == bytes([0, 0, 0, 0, 103])


def test_a_field_that_was_not_there_has_its_default():
    entry = decode(written_before(ENTRY), AVRO, ENTRY_RECORDED)

    assert entry.note == ""
    assert entry.at.isoformat() == "2026-03-10T01:00:00.123000+00:00"


def test_crooked_bytes_are_refused_in_former_versions_too():
    value = written_before(ENTRY)

    for crooked in (value + b"\0", value[:-1], value[:-1] + b"\1", value[:-1] + b"\7"):
        with pytest.raises(Malformed) as caught:
            decode(crooked, AVRO, ENTRY_RECORDED)
        assert caught.value.reason is Refusal.UNDECODABLE


def test_a_field_known_today_is_not_slipped_in_as_an_unknown_one():
    value = written_before(ENTRY | {"extra": '{"note":"x"}'})

    with pytest.raises(Malformed) as caught:
        decode(value, AVRO, ENTRY_RECORDED)

    assert (caught.value.reason, caught.value.field) == (Refusal.INVALID_FIELD, "extra.note")


def test_the_journal_of_former_days_is_read_as_it_was_judged():
    content = {
        "id": "e", "type": ENTRY_RECORDED, "time": "t", "dept": "D", "policy_version": "p",
        "origin": {"topic": "t", "partition": 0, "offset": 1},
        "findings": {"dept_standing": "VALID", "officers": [], "in_territory": True,
                     "in_scope": True, "check_digit_ok": True, "subject": None,
                     "offsite_items": [], "whitelisted_items": [], "unknown_fields": ["note"]},
        "data": ENTRY | {"extra": '{"note":"not judged","seal":1}'},
    }  # fmt: skip

    record = decode_journal(written_before(content, 20))

    assert record.data.note == ""
    assert record.data.model_extra == {"seal": 1}
