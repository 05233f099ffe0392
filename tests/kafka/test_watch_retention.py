"""Records that a real broker deletes before they are read are told of in time, and afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from watched_hub import WatchedHub

from schemas.access import INTAKE_GROUP
from schemas.topics import JOURNAL, in_topic
from schemas.watch import Stage, Verdict

pytestmark = pytest.mark.kafka

DAY_MS = 86_400_000
DEPT = "WJW-120116"


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@pytest.fixture
def intake(hub: WatchedHub):
    """A department's topic that keeps its records for thirty days, and intake that reads it."""
    hub.topic(in_topic(DEPT), retention_ms=30 * DAY_MS)
    return hub.reader(INTAKE_GROUP, in_topic(DEPT))


def test_a_record_whose_time_is_more_than_half_over_is_told_of(hub, intake, status):
    hub.write(in_topic(DEPT), at=ago(16))
    intake.commit(0, 0)

    row = hub.row(hub.look(), Stage.INTAKE)

    assert row.verdict is Verdict.EXPIRING
    assert row.expires_ms == row.oldest_ms + 30 * DAY_MS
    assert status("intake") == ("EXPIRING", 2)


def test_a_retention_that_somebody_shortened_is_seen(hub, intake):
    hub.write(in_topic(DEPT), at=ago(0.02))
    intake.commit(0, 0)
    assert hub.row(hub.look(), Stage.INTAKE).verdict is Verdict.OK

    hub.keep_for(in_topic(DEPT), 40 * 60_000)

    assert hub.row(hub.look(), Stage.INTAKE).verdict is Verdict.EXPIRING


def test_what_is_gone_unread_is_counted_until_the_reader_has_passed_it(hub, intake, status):
    hub.write(in_topic(DEPT), 10)
    intake.commit(0, 3)
    hub.delete(in_topic(DEPT), 7)

    row = hub.row(hub.look(), Stage.INTAKE)
    assert (row.verdict, row.lost, row.lag) == (Verdict.EXPIRING, 4, 3)
    assert "4 records were deleted unread" in row.detail
    assert status("intake") == ("EXPIRING", 2)
    intake.commit(0, 10)

    after = hub.row(hub.look(), Stage.INTAKE)
    assert (after.verdict, after.lost) == (Verdict.OK, 0)


def test_what_was_read_before_it_was_deleted_and_what_is_kept_for_ever_is_well(hub, intake):
    hub.write(in_topic(DEPT), 10, at=ago(29))
    intake.commit(0, 10)
    hub.delete(in_topic(DEPT), 7)
    reader = hub.reader()
    hub.write(JOURNAL, at=ago(3000))
    reader.commit(0, 0)

    picture = hub.look()

    assert {hub.row(picture, one).verdict for one in (Stage.INTAKE, Stage.DECIDE)} == {Verdict.OK}
    assert {hub.row(picture, one).lost for one in (Stage.INTAKE, Stage.DECIDE)} == {0}
    assert hub.row(picture, Stage.DECIDE).expires_ms == 0
