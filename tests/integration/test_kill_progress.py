"""`kill -9` of the server under load: what was acknowledged is there afterwards."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.services.progress_passes import PassReader
from server.wiring import utc_now
from tests.reporters import Plan, a_full_hall, lost_reports, reporting, tally_of
from tests.services.product import Product, running_product

pytestmark = pytest.mark.slow
KILLS = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def product(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    """The server alone: nobody starts it again but the test."""
    options = {}
    if request.param == "postgresql":
        options["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    with running_product(tmp_path, options=options, arguments=("web",)) as product:
        yield product


def test_three_kills_lose_nothing_that_was_acknowledged(product: Product, tmp_path: Path) -> None:
    passes = a_full_hall(product, 60)
    moments = random.Random(2569)  # noqa: S311 (a moment, not a secret)
    devices = reporting(Plan(product.port, passes, per_second=60, seconds=300.0), tmp_path)

    for _ in range(KILLS):
        time.sleep(moments.uniform(0.6, 1.4))
        product.kill()
        product.start()
    time.sleep(1.0)
    tally = tally_of(devices, tmp_path, is_enough=True)

    reader = PassReader(product.settings.playback_keys)
    with product.session() as session:
        assert lost_reports(session, reader, tally, utc_now()) == 0
    assert sum(map(len, tally.told_s.values())) > 50
    assert tally.refused_count > 0  # the kills were felt
