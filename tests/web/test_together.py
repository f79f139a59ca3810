"""A class before one screen: attendance once, and what is done counts for all who are there."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.class_sessions import RaisedHands
from server.models.classrooms import Classroom, Enrolment
from server.models.content import TextItem
from server.models.lesson_versions import ItemProgress
from server.models.lessons import Lesson, Visibility
from server.models.people import Person
from server.models.progress import WatchProgress
from server.services.class_sessions import LASTS
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    a_school,
    a_version,
    an_original,
)
from tests.quizzes import with_quiz
from tests.web.test_progress import a_report, begin

Browse = Callable[[Person], Visitor]


@dataclass(frozen=True)
class Class:
    """A teacher's screen, and the classroom of three before it."""

    screen: Visitor
    room: Classroom
    places: list[Enrolment]
    server: AsgiClient

    @property
    def url(self) -> str:
        return f"/classrooms/{self.room.id}/together"

    def start(self, count: int = 3) -> None:
        """Begin with the first of the register."""
        ticked = [str(place.id) for place in self.places[:count]]
        assert self.screen.send_form(self.url, present=ticked).status_code == 303

    def report(self, progress_pass: str) -> None:
        answer = self.server.call("POST", "/progress", body=[a_report(progress_pass)])
        assert answer.status == 204


@pytest.fixture
def lesson(session: Session, teacher: Person) -> Lesson:
    original = an_original(session, teacher, a_ready_asset(session, duration_s=600))
    return a_lesson(
        session, teacher, original=original, published=True, visibility=Visibility.PUBLIC
    )


@pytest.fixture
def group(
    session: Session, app: Flask, wiring: Wiring, sign_in: Browse, teacher: Person, room: Classroom
) -> Class:
    wanted = select(Enrolment).where(Enrolment.classroom_id == room.id)
    with session.begin():
        places = list(session.scalars(wanted.order_by(Enrolment.list_number)))
    return Class(sign_in(teacher), room, places, AsgiClient(app, wiring))


def fields_of(page: str) -> list[str]:
    return re.findall(r'name="(hands-[^"]+)"', page)


def watchers(session: Session) -> set[object]:
    session.expire_all()
    return set(session.scalars(select(WatchProgress.person_id)))


def test_what_is_watched_counts_for_all_who_are_there_and_for_nobody_else(
    session: Session, clock: StoppedClock, group: Class, teacher: Person, lesson: Lesson
) -> None:
    group.start(2)
    signed = begin(group.screen, lesson)
    clock.forward(minutes=1)

    group.report(signed)

    assert watchers(session) == {teacher.id, *(place.person_id for place in group.places[:2])}


def test_after_the_class_the_teacher_watches_alone(
    session: Session, clock: StoppedClock, group: Class, teacher: Person, lesson: Lesson
) -> None:
    group.start()
    signed = begin(group.screen, lesson)
    assert "class-screen" in group.screen.get("/").text
    clock.forward(seconds=LASTS.total_seconds() + 60)

    group.report(signed)
    later = begin(group.screen, lesson)
    clock.forward(minutes=1)
    group.report(later)

    assert watchers(session) == {teacher.id}
    assert "class-screen" not in group.screen.get("/").text


def test_the_class_ends_when_the_teacher_says_so(
    session: Session, clock: StoppedClock, group: Class, teacher: Person, lesson: Lesson
) -> None:
    group.start()
    group.screen.send_form("/classrooms/together/end")
    signed = begin(group.screen, lesson)
    clock.forward(minutes=1)

    group.report(signed)

    assert watchers(session) == {teacher.id}


def test_who_teaches_elsewhere_meanwhile_watches_alone(
    session: Session, clock: StoppedClock, group: Class, teacher: Person, lesson: Lesson
) -> None:
    group.start()
    teacher.roles[0].school = a_school(session, "โรงเรียนอื่น")
    session.commit()
    signed = begin(group.screen, lesson)
    clock.forward(minutes=1)

    group.report(signed)

    assert watchers(session) == {teacher.id}


def test_a_text_that_is_shown_is_read_by_all_who_are_there(
    session: Session, group: Class, lesson: Lesson
) -> None:
    text = TextItem(id=uuid7(), markdown="อ่านหน้า 4")
    a_version(session, lesson, text)
    group.start()

    group.screen.get(f"/lessons/{lesson.id}/items/{text.id}", buffered=True)

    rows = session.scalars(select(ItemProgress).where(ItemProgress.item_id == text.id)).all()
    assert {row.person_id for row in rows if row.done_at} == {
        place.person_id for place in group.places
    }


def test_raised_hands_are_kept_and_the_quiz_is_done_for_all_there_without_a_score(
    session: Session, group: Class, lesson: Lesson
) -> None:
    quiz = with_quiz(session, lesson)
    group.start()
    url = f"/lessons/{lesson.id}/items/{quiz.id}/hands"
    before = group.screen.get(url).text

    answer = group.screen.send_form(url, **dict.fromkeys(fields_of(before), "1"))

    assert "hands-right" not in before
    assert answer.status_code == 303
    assert "hands-right" in group.screen.get(url).text
    assert len(session.scalars(select(RaisedHands)).all()) == 2
    rows = session.scalars(select(ItemProgress).where(ItemProgress.item_id == quiz.id)).all()
    assert {row.person_id for row in rows} == {place.person_id for place in group.places}
    assert all(row.done_at and row.score is None for row in rows)


def test_more_hands_than_pupils_are_asked_again(
    session: Session, group: Class, lesson: Lesson
) -> None:
    quiz = with_quiz(session, lesson)
    group.start()
    url = f"/lessons/{lesson.id}/items/{quiz.id}/hands"
    first = fields_of(group.screen.get(url).text)[0]

    assert group.screen.send_form(url, **{first: "4"}).status_code == 422
    assert not session.scalars(select(RaisedHands)).all()


def test_nobody_ticked_is_no_class(group: Class) -> None:
    assert group.screen.send_form(group.url).status_code == 422
    assert "class-screen" not in group.screen.get("/").text


def test_another_teachers_classroom_cannot_be_begun(
    session: Session, sign_in: Browse, group: Class
) -> None:
    stranger = sign_in(a_person(session))

    answer = stranger.send_form(group.url, present=[str(place.id) for place in group.places])

    assert answer.status_code == 404
