"""What was published of a draw is never revealed otherwise, whatever became of its folder."""

import shutil
from pathlib import Path

import pytest
from console_fakes import read_all
from draw_world import AT, DEPT, PLAN, commit, laid_out

from connectors.console.context import Exit
from connectors.draws.folder import Begun, folder_of
from connectors.draws.told import commitment, document_of
from schemas.topics import in_topic


@pytest.fixture
def hub(console, broker, redis_url, intake, tmp_path):
    return laid_out(console, broker, redis_url, intake, tmp_path)


def test_a_draw_whose_document_is_lost_is_made_again_as_it_was_published_or_not_at_all(
    hub, broker, tmp_path
):
    (tmp_path / "plan.toml").write_text(PLAN + 'public_source = "上证综指收盘"\n', encoding="utf-8")
    commit(hub)
    drawn = hub("draw", "reveal", "D-1", "--public-value", "3204.56", "--json")
    document = Path(drawn.json["file"])
    before, sent = document.read_bytes(), len(read_all(broker, in_topic(DEPT)))
    document.unlink()

    other = hub("draw", "reveal", "D-1", "--public-value", "3204.57")
    assert other.status == Exit.FOUND
    assert "3204.56" in other.said
    assert not document.exists()
    assert len(read_all(broker, in_topic(DEPT))) == sent

    again = hub("draw", "reveal", "D-1", "--public-value", "3204.56", "--json")
    assert again.json == drawn.json
    assert document.read_bytes() == before


def test_a_draw_whose_folder_is_lost_is_neither_begun_once_more_nor_revealed(hub, broker, tmp_path):
    commit(hub)
    folder = folder_of(tmp_path / "run" / "draws", DEPT, "D-1")
    begun = folder.begun()
    shutil.rmtree(folder.path)
    sent = len(read_all(broker, in_topic(DEPT)))

    again, lost = commit(hub), hub("draw", "reveal", "D-1")
    assert (again.status, lost.status) == (Exit.FOUND, Exit.FOUND)
    assert "committed to by WJW-120116 before" in again.said
    assert "is not here" in lost.said
    assert not folder.path.exists()

    seed = "5e" * 32
    folder.keep(Begun(begun.asked, begun.frame, commitment(begun.frame, seed, AT), seed))
    other = hub("draw", "reveal", "D-1")
    assert other.status == Exit.FOUND
    assert "holds another draw D-1" in other.said
    assert begun.committed.seed_sha256 in other.said
    assert not folder.document.exists()
    assert len(read_all(broker, in_topic(DEPT))) == sent


def test_a_document_that_is_not_what_was_published_is_not_submitted(hub, broker, tmp_path):
    commit(hub)
    drawn = hub("draw", "reveal", "D-1", "--json")
    document, sent = Path(drawn.json["file"]), len(read_all(broker, in_topic(DEPT)))
    folder = folder_of(tmp_path / "run" / "draws", DEPT, "D-1")
    begun = folder.begun()
    frame = begun.frame.model_copy(update={"officers_each": 1})
    made = document_of(frame, commitment(frame, begun.seed, AT), begun.seed, "", AT)
    document.write_text(made.model_dump_json(by_alias=True), encoding="utf-8")

    other = hub("draw", "reveal", "D-1")

    assert other.status == Exit.FOUND
    assert "another frame than was published" in other.said
    assert len(read_all(broker, in_topic(DEPT))) == sent
