"""A draw's folder is whole or not there, and never changes, whoever works on it."""

from __future__ import annotations

import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.draws.folder import (
    Begun,
    DrawFileError,
    folder_of,
    last_sent,
    read_document,
)
from connectors.draws.told import commitment, differences, document_of, outcome_sha256, revealed
from schemas.draw import DrawFrame

DEPT, AT = "WJW-120116", datetime(2026, 4, 1, 1, tzinfo=UTC)


def begun(number: int = 1, draw_id: str = "D-1", dept: str = DEPT) -> Begun:
    frame = DrawFrame.model_validate({
        "draw_id": draw_id, "dept": dept, "quarter": "2026Q2", "plan_code": "P",
        "items": ("1101-001",), "scheme": "S", "policy_version": "v",
        "strata": ({"class": "D", "layer": "", "take": 1, "objects": ("O1", "O2")},),
        "officers": ("TJ1", "TJ2", "TJ3"),
    })  # fmt: skip
    seed = hashlib.sha256(str(number).encode()).hexdigest()
    return Begun(f"{number:064x}", frame, commitment(frame, seed, AT), seed)


def test_what_was_begun_is_read_again_as_it_was(tmp_path: Path):
    folder = folder_of(tmp_path, DEPT, "D-1")
    assert folder.begun() is None

    kept = folder.keep(begun())

    assert folder.begun() == kept == begun()
    assert stat.S_IMODE(folder.seed.stat().st_mode) == 0o400
    assert begun().seed not in repr(kept)


def test_of_many_who_begin_a_draw_one_does_and_all_hear_of_it(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        folders = [folder_of(tmp_path, DEPT, "D-1") for _ in range(8)]
        found = list(pool.map(lambda n: folders[n].keep(begun(n)), range(8)))

    assert all(one == found[0] for one in found)
    assert [one.name for one in (tmp_path / DEPT).iterdir()] == ["D-1"]


@pytest.mark.parametrize("last", ["seed", "frame.json", "committed.json", "the rename"])
def test_a_crash_anywhere_leaves_no_draw_behind(tmp_path: Path, monkeypatch, last: str):
    written = os.open

    def crash(path, *more, **options):
        if Path(path).name == last:
            raise KeyboardInterrupt
        return written(path, *more, **options)

    def no_rename(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as world:
        world.setattr(os, "open", crash)
        if last == "the rename":
            world.setattr(Path, "rename", no_rename)
        with pytest.raises(KeyboardInterrupt):
            folder_of(tmp_path, DEPT, "D-1").keep(begun(1))
    folder = folder_of(tmp_path, DEPT, "D-1")

    assert folder.begun() is None
    assert folder.keep(begun(2)) == begun(2)


def test_files_that_are_damaged_are_told_not_made_anew(tmp_path: Path):
    folder = folder_of(tmp_path, DEPT, "D-1")
    folder.keep(begun())
    folder.frame.write_text("{", encoding="ascii")

    with pytest.raises(DrawFileError, match=r"D-1.*cannot be read"):
        folder.begun()


def test_a_draw_is_drawn_once(tmp_path: Path):
    folder, known = folder_of(tmp_path, DEPT, "D-1"), begun()
    folder.keep(known)
    first = document_of(known.frame, known.committed, known.seed, "", AT)
    later = first.model_copy(update={"revealed_at": "2026-05-01T09:00:00+08:00"})

    assert folder.drawn() is None
    assert folder.keep_document(first) == first
    assert folder.keep_document(later) == first == folder.drawn()
    assert sorted(one.name for one in folder.path.iterdir()) == [
        "committed.json", "draw.json", "frame.json", "seed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "draw_id", ["..", ".x", "a/b", "a\\b", "a:b", "", " a", "a\n", "抽" * 70, "a|b"]
)
def test_an_id_that_is_no_name_of_a_folder_opens_none(tmp_path: Path, draw_id: str):
    with pytest.raises(DrawFileError, match="draw_id"):
        folder_of(tmp_path, DEPT, draw_id)


@pytest.mark.parametrize("dept", ["..", "", "a/b", "部门"])
def test_a_department_that_is_none_opens_none(tmp_path: Path, dept: str):
    with pytest.raises(DrawFileError, match="dept"):
        folder_of(tmp_path, dept, "D-1")


def test_who_went_last_is_read_from_the_departments_own_draws(tmp_path: Path):
    for number, (draw_id, dept, day) in enumerate(
        [("D-1", DEPT, 1), ("D-2", DEPT, 3), ("D-3", DEPT, 2), ("D-4", "XFJ-120116", 9)]
    ):
        known = begun(number, draw_id, dept)
        folder = folder_of(tmp_path, dept, draw_id)
        folder.keep(known)
        at = datetime(2026, 4, day, 1, tzinfo=UTC)
        folder.keep_document(document_of(known.frame, known.committed, known.seed, "", at))
    latest = read_document(folder_of(tmp_path, DEPT, "D-2").document)
    third = read_document(folder_of(tmp_path, DEPT, "D-3").document)

    told = last_sent(tmp_path, DEPT, "D-9")
    without = last_sent(tmp_path, DEPT, "D-2")

    (chosen,) = latest.chosen
    assert told[chosen.uscc] == chosen.officers
    assert without[third.chosen[0].uscc] == third.chosen[0].officers
    assert last_sent(tmp_path / "none", DEPT, "D-9", [latest]) == {chosen.uscc: chosen.officers}


def test_a_document_is_compared_with_all_that_was_published():
    known = begun()
    draw = document_of(known.frame, known.committed, known.seed, "", AT)
    told = revealed(draw)

    assert differences(draw, known.committed, told) == []
    assert differences(draw, None, None) == ["nobody committed to it"]
    assert differences(draw, known.committed, None) == ["its seed was not published"]
    other = known.committed.model_copy(update={"frame_sha256": "0" * 64, "dept": "XFJ-120116"})
    assert differences(draw, other, told) == [
        "another department than was published", "another frame than was published",
    ]  # fmt: skip
    wrong = told.model_copy(update={"chosen_sha256": "0" * 64})
    assert differences(draw, known.committed, wrong) == ["another outcome than was published"]
    assert outcome_sha256(draw) == told.chosen_sha256
