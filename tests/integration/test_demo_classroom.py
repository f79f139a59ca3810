"""The demo's classroom: pupils with something to do, made once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.demo.classroom import install_classroom
from server.demo.install import DemoSite, install_people
from server.models.people import Person
from server.services.pupil_tasks import tasks_of_pupil
from server.wiring import Wiring
from tests.builders import PASSWORD


def test_the_demo_student_has_a_lesson_to_do_and_it_is_made_once(
    session: Session, wiring: Wiring
) -> None:
    site = DemoSite(
        sessions=wiring.sessions, now=wiring.clock, store=wiring.store, tools=wiring.tools
    )
    install_people(site, PASSWORD)

    assert [install_classroom(site), install_classroom(site)] == ["ป.4/1", None]

    student = session.scalars(select(Person).where(Person.user_name == "student")).one()
    tasks = tasks_of_pupil(session, wiring.clock, person=student)
    assert [task.assignment.title for task in tasks.due] == ["ทบทวนเศษส่วน"]
