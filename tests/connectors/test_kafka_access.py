"""What was arranged on a broker is told as it is there, also where the broker shows it later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors import kafka_access
from connectors.kafka_access import KafkaAccess
from schemas.access import grants


class BusyBroker(KafkaAccess):
    """Has every permission, and shows new users only at the third look after they were made."""

    def __init__(self, late: int) -> None:
        self._made, self._late = set[str](), late

    def _users(self, names: Iterable[str]) -> set[str]:
        self._late -= bool(self._made)
        return set(names) & self._made if self._late <= 0 else set()

    def _create_users(self, names: Sequence[str], passwords: Path) -> None:
        self._made = set(names)

    def _bindings(self) -> set[Any]:
        return {kafka_access._binding(one) for one in PLANNED}


PLANNED = grants(["WJW-120116"], [])


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_access, "AGAIN_S", 0.0)


def test_users_that_a_busy_broker_shows_later_have_their_passwords(tmp_path: Path):
    report = BusyBroker(late=3).apply(PLANNED, tmp_path)

    assert report.ok
    assert set(report.new_users) == {one.user for one in PLANNED}


def test_users_that_a_broker_never_shows_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kafka_access, "WAIT_S", 0.0)

    report = BusyBroker(late=1_000_000).apply(PLANNED, tmp_path)

    assert set(report.no_password) == {one.user for one in PLANNED}
