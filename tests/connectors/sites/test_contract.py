"""All connectors, against sandboxes that really listen, and the fake keep one contract."""

from functools import partial
from pathlib import Path

import pytest
from contract import OpenWorld, PublicitySystemContract
from worlds import credit_tianjin, fake, national, tianjin_subjects

from connectors.broker import EmbeddedBroker


class TestFake(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        return partial(fake, tmp_path)


class TestNational(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        return partial(national, tmp_path)


class TestCreditTianjin(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        return partial(credit_tianjin, tmp_path)


class TestTianjinSubjects(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path, embedded_broker: EmbeddedBroker) -> OpenWorld:
        return partial(tianjin_subjects, tmp_path, embedded_broker.bootstrap)
