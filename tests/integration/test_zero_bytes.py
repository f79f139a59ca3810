"""Zero bytes, which PostgreSQL keeps in no text, in what strangers may send."""

from server.app import create_app
from server.models.people import RoleName
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import a_person, an_office
from tests.write_guard import building


def test_zero_bytes_are_refused_or_lead_nowhere(world: Wiring) -> None:
    app = create_app(world)
    with building(world.engine) as session:
        an_office(session)
        a_person(session, RoleName.OFFICE_ADMIN)
    guest = Visitor(app)

    found = [
        guest.get("/join/%00").status_code,
        guest.get("/teach/a%00b").status_code,
        guest.send_form("/join", code="\x00" * 6).status_code,
        guest.send_form("/sign-in", user_name="a\x00b", password="\x00" * 9).status_code,
        guest.get("/search?q=%00").status_code,
    ]

    assert all(400 <= status < 500 for status in found[:-1]), found
    assert found[-1] == 200
