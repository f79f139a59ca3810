"""Removing a lesson for good through pages: asked first, said what is kept, found again."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.assignments import Assignment, HandIn
from server.models.base import uuid7
from server.models.classrooms import Classroom
from server.models.content import FileItem, HandInItem
from server.models.lessons import Lesson
from server.models.people import Person, RoleName
from server.services.assignments import Recipients, Task, give_lesson
from server.services.enrolments import list_pupils
from server.services.hand_ins import hand_in
from server.services.work_removing import remove_due_work
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_lesson, a_person, a_sign_in, a_version

Browse = Callable[[Person], Visitor]
TASK = HandInItem(id=uuid7(), title="ใบงานที่ 1", markdown="เขียน **สามบรรทัด**")


@pytest.fixture
def lesson(session: Session, clock: StoppedClock, teacher: Person, room: Classroom) -> Lesson:
    """Return a lesson that is given; one pupil has handed in."""
    made = a_lesson(session, teacher, published=True, title="การบวกเลข")
    a_version(session, made, FileItem(id=made.id), TASK)
    to = [Recipients(classroom_id=room.id)]
    give_lesson(session, clock, lesson_id=made.id, to=to, task=Task(), by=teacher)
    send(session, clock, made, pupils(session, clock, room)[0])
    return made


def pupils(session: Session, clock: StoppedClock, room: Classroom) -> list[Person]:
    return [row.enrolment.person for row in list_pupils(session, clock, classroom=room)]


def send(session: Session, clock: StoppedClock, lesson: Lesson, by: Person) -> HandIn:
    return hand_in(
        session,
        clock,
        lesson_id=lesson.id,
        item_id=TASK.id,
        text="งานของฉัน",
        original_ids=(),
        by=by,
    )


def mark_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_what_hangs_on_a_lesson_is_read_before_it_is_deleted_and_before_it_is_erased(
    at_school: Visitor, lesson: Lesson, session: Session
) -> None:
    place = f"/studio/lessons/{lesson.id}"
    assert f'href="{place}/delete"' in at_school.get(place).text
    asked = at_school.get(f"{place}/delete").text
    assert "ให้เรียนในห้อง ป.4/1" in asked
    assert "งานของนักเรียน 1 ชิ้น" in asked
    assert "รอตรวจ 1 ชิ้น" in asked
    at_school.send_form(f"{place}/delete")
    assert f'href="{place}/erase"' in at_school.get("/studio/").text
    page = at_school.get(f"{place}/erase").text
    assert "งานของนักเรียนยังเก็บไว้" in page

    answer = at_school.send_form(f"{place}/erase", seen=mark_in(page))

    assert answer.status_code == 303
    session.expire_all()
    assert session.scalars(select(HandIn.text)).all() == ["งานของฉัน"]


def test_without_having_read_the_page_nothing_is_erased(
    at_school: Visitor, lesson: Lesson, session: Session, clock: StoppedClock, room: Classroom
) -> None:
    place = f"/studio/lessons/{lesson.id}"
    at_school.send_form(f"{place}/delete")
    seen = mark_in(at_school.get(f"{place}/erase").text)
    send(session, clock, lesson, pupils(session, clock, room)[1])

    answers = [at_school.send_form(f"{place}/erase", **fields) for fields in ({}, {"seen": seen})]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "มีเรื่องใหม่เข้ามาระหว่างนี้" in answers[1].text
    assert "งานของนักเรียน 2 ชิ้น" in answers[1].text
    session.expire_all()
    assert session.get(Lesson, lesson.id) is not None


def test_the_pupil_is_led_from_the_old_address_to_the_work(
    sign_in: Browse,
    at_school: Visitor,
    lesson: Lesson,
    session: Session,
    clock: StoppedClock,
    room: Classroom,
) -> None:
    lesson_id, given_id = lesson.id, session.scalars(select(Assignment.id)).one()
    work_id = session.scalars(select(HandIn.id)).one()
    session.commit()
    at_school.send_form(f"/studio/lessons/{lesson_id}/delete")
    seen = mark_in(at_school.get(f"/studio/lessons/{lesson_id}/erase").text)
    at_school.send_form(f"/studio/lessons/{lesson_id}/erase", seen=seen)
    at_school.send_form(f"/hand-ins/{work_id}/mark", comment="เขียนสวย", mark="9")
    pupil = sign_in(pupils(session, clock, room)[0])

    for address in (f"/lessons/{lesson_id}", f"/lessons/{lesson_id}/items/{TASK.id}"):
        answer = pupil.get(address)
        assert answer.headers["Location"] == f"/assignments/{given_id}/work"
    page = pupil.get(f"/assignments/{given_id}/work").text
    for words in ("การบวกเลข", "<strong>สามบรรทัด</strong>", "งานของฉัน", "9", "เขียนสวย"):
        assert words in page
    assert f'href="/assignments/{given_id}/work"' in pupil.get("/home").text
    stranger = sign_in(a_person(session, RoleName.STUDENT))
    assert stranger.get(f"/lessons/{lesson_id}").status_code == 404
    assert at_school.get(f"/lessons/{lesson_id}").status_code == 404


def test_all_work_of_a_class_is_downloaded_as_one_file_also_of_an_erased_lesson(
    at_school: Visitor, lesson: Lesson, room: Classroom
) -> None:
    lesson_id = lesson.id
    at_school.send_form(f"/studio/lessons/{lesson_id}/delete")
    seen = mark_in(at_school.get(f"/studio/lessons/{lesson_id}/erase").text)
    at_school.send_form(f"/studio/lessons/{lesson_id}/erase", seen=seen)
    assert f"/classrooms/{room.id}/work.zip" in at_school.get(f"/classrooms/{room.id}/work").text

    answer = at_school.get(f"/classrooms/{room.id}/work.zip")

    with ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == ["คะแนน.xlsx", "001 การบวกเลข/งานที่ส่ง.csv"]
        text = archive.read(names[1]).decode("utf-8-sig")
    assert "งานของฉัน" in text
    assert "ใบงานที่ 1" in text


def test_a_class_is_told_on_its_page_and_keeps_its_work_longer(
    at_school: Visitor, lesson: Lesson, room: Classroom, session: Session, clock: StoppedClock
) -> None:
    clock.at = datetime(2028, 4, 20, 5, tzinfo=UTC)
    remove_due_work(session, clock)
    at_school.sign_in_with(a_sign_in(session, lesson.owner, clock()))
    page = f"/classrooms/{room.id}"
    assert "งานของห้องนี้ครบกำหนดเก็บ" in at_school.get(page).text
    assert "รอตรวจ 1 ชิ้น" in at_school.get(f"{page}/work").text

    at_school.send_form(f"{page}/work/prolong")

    assert "งานของห้องนี้ครบกำหนดเก็บ" not in at_school.get(page).text
