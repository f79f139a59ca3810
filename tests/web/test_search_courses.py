"""Courses and steps of lessons on the page of results, in the interface and as suggestions."""

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy.orm import Session

from server.jobs.index_changes import drain_outbox
from server.models.content import TextItem
from server.models.lesson_versions import LessonStart
from server.models.lessons import Lesson
from server.models.people import Person
from server.services.clock import Clock
from server.services.index_courses import note_course_change
from server.services.index_lessons import note_change
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import NOON, a_course, a_person, a_version

Publish = Callable[..., Lesson]


def found(visitor: Visitor, address: str) -> str:
    answer = visitor.get(address)
    assert answer.status_code == 200
    return answer.text


def test_a_course_stands_among_the_results_and_leads_to_its_page(
    client: Visitor,
    session: Session,
    wiring: Wiring,
    clock: Clock,
    teacher: Person,
    publish: Publish,
) -> None:
    course = a_course(session, teacher, publish("บทที่ 1", grades=["P2"]))
    with session.begin():
        note_course_change(session, clock, course)
    drain_outbox(wiring.sessions, wiring.index)

    page = found(client, "/search?q=คณิตศาสตร์ ป.2")
    listed = found(client, "/search?kind=course")
    narrowed = found(client, "/search?q=คณิตศาสตร์&kind=course")
    program = client.get("/api/v1/lessons?q=คณิตศาสตร์").json
    offered = client.get("/api/v1/suggestions?q=คณิตศ").json

    for text in (page, listed, narrowed):
        assert f'class="card-link" href="/courses/{course.id}"' in text
        assert "2/2569" in text
    assert "<mark>คณิตศาสตร์</mark>" in page
    assert "พบ 1 รายการ" in narrowed
    assert program is not None
    assert [(one["id"], one["place"]) for one in program["courses"]] == [(str(course.id), 0)]
    assert program["courses"][0]["url"].endswith(f"/courses/{course.id}")
    assert offered is not None
    assert str(course.id) in [one["course_id"] for one in offered["suggestions"]]


def test_a_word_in_a_step_leads_to_the_step(
    client: Visitor, session: Session, wiring: Wiring, clock: Clock, publish: Publish
) -> None:
    lesson = publish("ชีวิตในทะเล")
    step = TextItem(id=uuid4(), title="อ่านก่อน", markdown="**นางเงือก** <b>ว่ายน้ำ</b>")
    a_version(session, lesson, step)
    with session.begin():
        note_change(session, clock, lesson.id)
    drain_outbox(wiring.sessions, wiring.index)

    page = found(client, "/search?q=นางเงือก")

    assert f'href="/lessons/{lesson.id}/items/{step.id}"' in page
    assert "<b>" not in page
    assert client.get(f"/lessons/{lesson.id}/items/{step.id}").status_code == 200


def test_who_began_an_older_version_is_led_to_the_lesson_where_a_step_is_new(
    session: Session, sign_in: Callable[[Person], Visitor], publish: Publish
) -> None:
    lesson = publish("ชีวิตในทะเล")
    older = a_version(session, lesson, TextItem(id=uuid4(), markdown="ปลา"))
    person = a_person(session)
    with session.begin():
        keys = {"person_id": person.id, "lesson_id": lesson.id}
        session.add(LessonStart(**keys, version_id=older.id, at=NOON))
    step = TextItem(id=uuid4(), markdown="วาฬ")
    a_version(session, lesson, step)
    visitor = sign_in(person)

    answer = visitor.get(f"/lessons/{lesson.id}/items/{step.id}")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/lessons/{lesson.id}")
    assert visitor.get(f"/lessons/{lesson.id}/items/{uuid4()}").status_code == 404
