"""The indexer dies at any moment: nothing is lost, nothing is doubled."""

import pytest
from sqlalchemy.orm import Session

from server.settings import Settings
from server.wiring import Wiring
from tests.indexer_kills import count_lost

KILLS = 20


@pytest.mark.slow
def test_kills_of_the_indexer_lose_and_double_nothing(
    settings: Settings, wiring: Wiring, session: Session
) -> None:
    assert count_lost(settings, wiring, session, kills=KILLS) == 0
