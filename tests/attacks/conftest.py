"""The class in which pupils are attacked."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.models.lessons import Visibility
from server.models.people import Person, RoleName, School
from server.services.assignments import Recipients, Task, give_lesson
from server.services.enrolments import add_names
from tests.attacks.ways_in import (
    AT_HOME,
    VICTIM,
    Place,
    a_class,
)
from tests.builders import StoppedClock, a_lesson, a_person


@pytest.fixture
def place(
    app: Flask, session: Session, clock: StoppedClock, school: School, teacher: Person
) -> Place:
    """The pupil's home class, with work given there; nobody attacks yet."""
    home = a_class(session, clock, school, teacher, "ป.4/1")
    added = add_names(session, clock, classroom_id=home.id, text=VICTIM, by=teacher)
    lesson = a_lesson(session, teacher, title=AT_HOME, visibility=Visibility.ME)
    to = [Recipients(classroom_id=home.id)]
    give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)
    return Place(
        session=session,
        clock=clock,
        app=app,
        home=home,
        home_teacher=teacher,
        school_admin=a_person(session, RoleName.SCHOOL_ADMIN, school),
        victim=added[0].person,
        by=teacher,
        own=home,
    )
