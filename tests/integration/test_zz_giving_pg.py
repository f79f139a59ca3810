import pytest
from server.wiring import wire
from server.migrations import upgrade
from tests.integration.test_giving import *
from tests.integration.test_class_life import *
from tests.integration.test_hand_ins import *
from tests.web.test_class_grid import test_grid_start_page_and_announcements_ask_as_much_for_many_as_for_few
from tests.web.conftest import at_school, pupil, phone

@pytest.fixture
def wiring(settings, clock, empty_postgres_url):
    s = settings.model_copy(update={"database_url": empty_postgres_url})
    s.data_path.mkdir(parents=True, exist_ok=True)
    w = wire(s, clock=clock)
    upgrade(w.engine)
    yield w
    w.engine.dispose()
