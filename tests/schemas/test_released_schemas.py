"""Data of every released version is read today, and today's by every released version."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import pytest
from avro_fields import fields_of, filled
from pydantic import create_model

from schemas import avro_derive, inbound
from schemas.avro_derive import RELEASED_DIR, derive, read_released
from schemas.avro_schemas import AVRO_DIR, newest
from schemas.avro_shape import record_shape
from schemas.base import Inbound

RELEASED = read_released(AVRO_DIR / RELEASED_DIR)
PAIRS = [
    pytest.param(subject, schema, id=f"{subject} v{version}")
    for subject, versions in sorted(RELEASED.items())
    for version, schema in versions.items()
]


def today(subject: str) -> Any:
    return json.loads((AVRO_DIR / newest(subject).name).read_text("utf-8"))


def carried(datum: Any, written: Any, read: Any) -> Any:
    """A datum, written with one schema and read with another."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(written), datum)
    out.seek(0)
    return fastavro.schemaless_reader(
        out, fastavro.parse_schema(written), fastavro.parse_schema(read)
    )


def lost(sent: Any, found: Any, path: str = "") -> list[str]:
    """What a reader knows and did not find as it was sent."""
    if isinstance(sent, dict) and isinstance(found, dict):
        known = sent.keys() & found.keys()
        return [
            one for name in sorted(known) for one in lost(sent[name], found[name], f"{path}.{name}")
        ]
    if isinstance(sent, list) and isinstance(found, list) and len(sent) == len(found):
        return [one for a, b in zip(sent, found, strict=True) for one in lost(a, b, path)]
    return [] if sent == found else [f"{path}: {sent!r} sent, {found!r} found"]


def changed(former: Any, later: Any) -> list[str]:
    """Which fields of a former schema the later one has no more, or means something else by."""
    before, after = fields_of(former), fields_of(later)
    return sorted(
        path for path, (_, default) in before.items()
        if path not in after or (default and after[path][1] != default)
    )  # fmt: skip


@pytest.mark.parametrize(("subject", "former"), PAIRS)
def test_data_is_carried_between_a_released_version_and_today_both_ways(subject, former):
    now = today(subject)

    for written, read in ((former, now), (now, former)):
        sent = filled(written)
        assert lost(sent, carried(sent, written, read)) == []


@pytest.mark.parametrize(("subject", "former"), PAIRS)
def test_what_was_released_neither_goes_nor_means_something_else(subject, former):
    assert changed(former, today(subject)) == []


class TestTheseCanFail:
    FORMER = derive(record_shape(inbound.TaskCancelled))

    def with_fields(self, **fields):
        own = inbound.TaskCancelled.model_fields
        changes = {name: (info.annotation, info) for name, info in own.items()} | fields
        kept = {name: field for name, field in changes.items() if field is not None}
        return derive(record_shape(create_model("TaskCancelled", __base__=Inbound, **kept)))

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            pytest.param({}, [], id="no change"),
            pytest.param({"why": (str, "")}, [], id="a field more"),
            pytest.param({"reason": None}, [".reason"], id="a field with a default less"),
            pytest.param({"reason": (str, "none")}, [".reason"], id="another default"),
            pytest.param({"reason": (str, ...)}, [".reason"], id="the default taken away"),
        ],
    )
    def test_what_avro_allows_and_we_do_not(self, change, found):
        later = self.with_fields(**change)

        assert changed(self.FORMER, later) == found
        sent = filled(self.FORMER)
        assert lost(sent, carried(sent, self.FORMER, later)) == []

    def test_a_value_that_does_not_arrive_is_seen(self):
        assert lost({"a": [{"b": 1}]}, {"a": [{"b": 2}]}) == [".a.b: 1 sent, 2 found"]


class TestIds:
    """An id is in the head of every record that was ever written."""

    @pytest.fixture
    def folder(self, tmp_path):
        assert avro_derive.main(["--release"], tmp_path) == 0
        return tmp_path

    def test_every_released_schema_has_the_id_it_was_released_with(self):
        given = json.loads((AVRO_DIR / "ids.json").read_text("utf-8"))
        released = json.loads((AVRO_DIR / RELEASED_DIR / "ids.json").read_text("utf-8"))

        assert given.items() >= released.items()
        assert sorted(released.values()) == sorted(
            path.name for path in (AVRO_DIR / RELEASED_DIR).glob("*.avsc")
        )

    def test_ids_that_were_exchanged_are_not_released(self, folder, capsys):
        ids = json.loads((folder / "ids.json").read_text())
        ids["1"], ids["2"] = ids["2"], ids["1"]
        (folder / "ids.json").write_text(json.dumps(ids))

        assert avro_derive.main(["--release"], folder) == 1
        assert "1, 2" in capsys.readouterr().err
        assert json.loads((folder / RELEASED_DIR / "ids.json").read_text())["1"] == ids["2"]
