"""Do the Avro schemas follow from the models, and can every reader read what every writer wrote?"""

import json
from enum import StrEnum

import fastavro
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse
from pydantic import create_model

from schemas import avro_derive, inbound
from schemas.avro_derive import (
    RELEASED_DIR,
    derive,
    derive_all,
    plan_ids,
    plan_versions,
    read_released,
    render,
)
from schemas.avro_schemas import (
    AVRO_DIR,
    IDS_FILE,
    JOURNAL_PREFIX,
    by_id,
    newest,
    parse_file_name,
    subjects,
)
from schemas.avro_shape import record_shape
from schemas.base import Inbound
from schemas.dead_letter import DEAD_LETTER
from schemas.journal import JournalRecord

FULL, BACKWARD = "FULL_TRANSITIVE", "BACKWARD_TRANSITIVE"


def reads(reader, written):
    """Can the first schema read what was written with the second?"""
    found = ReaderWriterCompatibilityChecker().get_compatibility(
        parse(json.dumps(reader)), parse(json.dumps(written))
    )
    return found.compatibility is SchemaCompatibilityType.compatible


def breaks(schema, predecessors, mode):
    """Which of the released predecessors does a schema break with?"""
    return [
        version
        for version, former in predecessors.items()
        if not reads(schema, former) or (mode == FULL and not reads(former, schema))
    ]


def mode_of(subject):
    """The hub alone reads its journal and its dead letters; all else is read by others too."""
    return BACKWARD if subject.startswith(JOURNAL_PREFIX) or subject == DEAD_LETTER else FULL


def test_the_committed_schemas_are_those_that_follow_from_the_models():
    stale = [
        path.name for path, text in render().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]  # fmt: skip

    assert not stale, f"run `python -m schemas.avro_derive`: {stale}"


def test_every_schema_has_one_id_and_every_id_a_schema():
    files = {path.name for path in AVRO_DIR.glob("*.avsc")}
    names = [file.name for file in by_id().values()]

    assert sorted(names) == sorted(files)
    assert {file.subject for file in by_id().values()} == set(subjects())


def test_ids_once_given_stay_as_they_are():
    given = json.loads(IDS_FILE.read_text(encoding="utf-8"))

    assert given["1"] == "inspection.task.submitted.v1.avsc"
    assert given["14"] == "policy.published.v1.avsc"
    assert given["18"] == "journal.inspection.task.submitted.v1.avsc"
    assert plan_ids({"1": "a.v1.avsc", "7": "b.v1.avsc"}, ["b.v2.avsc", "a.v1.avsc"]) == {
        "1": "a.v1.avsc", "7": "b.v1.avsc", "8": "b.v2.avsc",
    }  # fmt: skip


def test_a_released_schema_never_changes():
    released = {path.name: path for path in (AVRO_DIR / RELEASED_DIR).glob("*.avsc")}

    assert {parse_file_name(name)[0] for name in released} == set(subjects())
    for name, path in released.items():
        assert (AVRO_DIR / name).read_bytes() == path.read_bytes(), name


@pytest.mark.parametrize("subject", sorted(subjects()))
def test_every_schema_stands_by_all_its_released_predecessors(subject):
    predecessors = read_released(AVRO_DIR / RELEASED_DIR)[subject]
    schema = json.loads((AVRO_DIR / newest(subject).name).read_text(encoding="utf-8"))

    assert predecessors
    assert not breaks(schema, predecessors, mode_of(subject)), mode_of(subject)


@pytest.mark.parametrize("subject", sorted(subjects()))
def test_both_avro_libraries_accept_every_schema(subject):
    schema = derive_all()[subject]

    assert schema["namespace"] == "inspection"
    assert fastavro.parse_schema(schema)
    assert parse(json.dumps(schema))


class TestTheCheckCanFail:
    """Every change that breaks somebody is seen, and none that does not."""

    FORMER = {1: derive(record_shape(inbound.TaskCancelled))}  # noqa: RUF012 - never changed

    def with_fields(self, **fields):
        own = inbound.TaskCancelled.model_fields
        changed = {name: (info.annotation, info) for name, info in own.items()} | fields
        kept = {name: field for name, field in changed.items() if field is not None}
        return derive(record_shape(create_model("TaskCancelled", __base__=Inbound, **kept)))

    @pytest.mark.parametrize(
        ("change", "full", "backward"),
        [
            pytest.param({}, [], [], id="no change"),
            pytest.param({"why": (str, "")}, [], [], id="a field with a default more"),
            pytest.param({"why": (str | None, None)}, [], [], id="an optional field more"),
            pytest.param({"why": (str, ...)}, [1], [1], id="a required field more"),
            pytest.param({"uscc": None}, [1], [], id="a required field less"),
            pytest.param({"reason": None}, [], [], id="a field with a default less"),
            pytest.param({"uscc": (int, ...)}, [1], [1], id="another type"),
            pytest.param({"uscc": (str | None, None)}, [1], [], id="required, now optional"),
            pytest.param({"reason": (str, ...)}, [], [], id="the default taken away"),
        ],
    )
    def test_what_breaks(self, change, full, backward):
        schema = self.with_fields(**change)

        assert breaks(schema, self.FORMER, FULL) == full
        assert breaks(schema, self.FORMER, BACKWARD) == backward

    def test_a_break_with_any_predecessor_counts(self):
        narrower = self.with_fields(why=(str, ""))
        wider = self.with_fields(why=(str | None, None))

        assert breaks(wider, {1: self.FORMER[1], 2: narrower}, FULL) == [2]


def test_a_word_more_is_no_change_on_the_wire():
    def task(*words):
        mode = StrEnum("Mode", {word: word for word in words})
        return derive(record_shape(create_model("Task", __base__=Inbound, mode=(mode, ...))))

    assert task("ONSITE") == task("ONSITE", "REMOTE")


def test_a_model_that_changed_after_its_release_is_the_next_version():
    first = {"t": {"fields": [1]}}
    released = {"t": {1: {"fields": [0]}, 2: {"fields": [1]}}}

    assert plan_versions(first, released) == {"t": 2}
    assert plan_versions({"t": {"fields": [2]}}, released) == {"t": 3}
    assert plan_versions({"new": {}}, released) == {"new": 1}


def test_writing_the_schemas_touches_only_what_changed(tmp_path, capsys):
    assert avro_derive.main(["--release"], tmp_path) == 0
    assert avro_derive.main([], tmp_path) == 0
    assert avro_derive.main(["--what"], tmp_path) == 2

    assert len(list((tmp_path / RELEASED_DIR).glob("*.avsc"))) == len(subjects())
    assert f"{len(subjects())} schemas, 0 files written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "annotation", "default"),
    [
        ("extra", str, ...),
        ("x", float, ...),
        ("x", int | str, ...),
        ("x", tuple[int, str], ...),
        ("x", str | None, "not None"),
    ],
)
def test_what_avro_cannot_carry_here_is_said_at_once(name, annotation, default):
    model = create_model("Odd", __base__=Inbound, **{name: (annotation, default)})

    with pytest.raises(ValueError, match="Odd"):
        record_shape(model)


def test_wire_names_and_defaults_reach_the_schema():
    cap = next(
        field for field in derive_all()["policy.published"]["fields"] if field["name"] == "cap"
    )["type"]["items"]
    fields = {field["name"]: field for field in cap["fields"]}

    assert {"from", "match", "max"} <= fields.keys()
    assert fields["modes"]["default"] == ["ONSITE"]
    assert fields["match"]["default"] == {
        "industry": [], "class": None, "items": [], "object_types": [],
    }  # fmt: skip
    assert "default" not in fields["from"]
    assert record_shape(JournalRecord[inbound.TaskCancelled]).name == "TaskCancelledJournalRecord"
