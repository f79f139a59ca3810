"""Courses: made, ordered, shown by the rights to their lessons, copied to the next term."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.courses import Course, CourseUnit
from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName, School
from server.services.tidy import remove_deleted_lessons
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import NOON, StoppedClock, a_lesson, a_person
from tests.web.test_pages_cost import counted

Browser = Callable[[Person], Visitor]
HOME = "/studio/courses/"


@pytest.fixture
def lessons(session: Session, teacher: Person) -> list[Lesson]:
    return [a_lesson(session, teacher, published=True, title=f"บทที่ {n}") for n in (1, 2, 3)]


def made(session: Session, browser: Visitor, *lessons: Lesson) -> Course:
    """Make a course of one unit with these lessons, by the pages."""
    home = browser.send_form(HOME, title="คณิตศาสตร์ ป.2", term="2026-2").headers["Location"]
    browser.send_form(f"{home}/units", title="การบวก", first_week="1", last_week="2")
    session.commit()
    unit = session.scalars(select(CourseUnit).order_by(CourseUnit.id.desc())).first()
    assert unit is not None
    for lesson in lessons:
        browser.send_form(f"{home}/units/{unit.id}/lessons", lesson_id=str(lesson.id))
    session.commit()
    session.expire_all()
    course = session.scalars(select(Course).order_by(Course.id.desc())).first()
    assert course is not None
    session.commit()  # the session may write next
    return course


def titles(page: str) -> list[str]:
    return re.findall(r"บทที่ \d", page)


def test_a_course_shows_its_lessons_in_order_with_weeks_and_dates(
    session: Session, teacher: Person, school: School, lessons: list[Lesson], sign_in: Browser
) -> None:
    browser = sign_in(teacher)
    course = made(session, browser, *lessons)
    place = course.units[0].lessons[2]

    browser.send_form(f"{HOME}{course.id}/lessons/{place.id}", action="up")
    pupil = sign_in(a_person(session, RoleName.STUDENT, school))
    page = pupil.get(f"/courses/{course.id}").text

    assert list(dict.fromkeys(titles(page))) == ["บทที่ 1", "บทที่ 3", "บทที่ 2"]
    assert "2/2569" in page
    # The term begins on Sunday 1 November, its first week on the Monday after.
    assert "2 พ.ย. 2569 ถึง 15 พ.ย. 2569" in page
    assert pupil.get(f"{HOME}{course.id}").status_code == 404


def test_a_course_is_seen_by_the_rights_to_its_lessons(
    session: Session, teacher: Person, lessons: list[Lesson], sign_in: Browser
) -> None:
    lessons[1].visibility = Visibility.AREA
    session.commit()
    course = made(session, sign_in(teacher), *lessons)
    stranger = sign_in(a_person(session, RoleName.STUDENT))

    page = stranger.get(f"/courses/{course.id}")
    assert page.status_code == 200
    assert page.text.count('class="card lesson-card"') == 1
    lessons[1].visibility = Visibility.SCHOOL
    session.commit()
    assert stranger.get(f"/courses/{course.id}").status_code == 404


def test_a_lesson_that_is_gone_is_said_to_be_gone(
    session: Session, teacher: Person, school: School, lessons: list[Lesson], sign_in: Browser
) -> None:
    browser = sign_in(teacher)
    course = made(session, browser, *lessons)
    lessons[0].deleted_at = NOON
    session.commit()
    session.delete(lessons[1])
    session.commit()

    pages = [browser.get(f"/courses/{course.id}"), browser.get(f"{HOME}{course.id}")]
    pupil = sign_in(a_person(session, RoleName.STUDENT, school)).get(f"/courses/{course.id}")

    for page in [*pages, pupil]:
        assert page.status_code == 200
        assert page.text.count("นำออกไปแล้ว") == 2


def test_a_course_is_copied_to_the_next_term_in_one_step(
    session: Session, teacher: Person, lessons: list[Lesson], sign_in: Browser
) -> None:
    browser = sign_in(teacher)
    course = made(session, browser, *lessons)
    lessons[0].deleted_at = NOON
    session.commit()

    answer = browser.send_form(f"{HOME}{course.id}/copy")

    assert answer.status_code == 303
    session.commit()
    copy = session.scalars(select(Course).where(Course.copied_from_id == course.id)).one()
    assert (copy.academic_year, copy.term_number) == (2027, 1)
    assert [unit.title for unit in copy.units] == ["การบวก"]
    assert [row.lesson_id for row in copy.units[0].lessons] == [one.id for one in lessons[1:]]
    assert len(course.units[0].lessons) == 3


def test_others_lessons_are_put_in_only_where_one_may_see_them(
    session: Session, teacher: Person, lessons: list[Lesson], sign_in: Browser
) -> None:
    hidden = a_lesson(session, published=True)
    shared = a_lesson(session, published=True, visibility=Visibility.AREA)

    course = made(session, sign_in(teacher), hidden, shared, shared)

    assert [row.lesson_id for row in course.units[0].lessons] == [shared.id]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "ก", "first_week": "3", "last_week": "2"},
        {"title": "ก", "first_week": "๙๙x"},
        {"title": "ก", "last_week": "99"},
        {"title": "ก", "last_week": "9" * 5000},
    ],
)
def test_a_unit_that_cannot_be_is_refused(
    session: Session, teacher: Person, sign_in: Browser, fields: dict[str, str]
) -> None:
    browser = sign_in(teacher)
    course = made(session, browser)

    answer = browser.send_form(f"{HOME}{course.id}/units", **fields)

    assert answer.status_code == 422
    session.commit()
    session.expire_all()
    assert len(session.get_one(Course, course.id).units) == 1


def test_units_move_and_go_and_the_course_is_deleted(
    session: Session, teacher: Person, lessons: list[Lesson], sign_in: Browser
) -> None:
    browser = sign_in(teacher)
    course = made(session, browser, *lessons)
    browser.send_form(f"{HOME}{course.id}/units", title="การลบ")
    session.commit()
    session.expire_all()
    second = session.get_one(Course, course.id).units[1]
    session.commit()

    browser.send_form(f"{HOME}{course.id}/units/{second.id}", action="up")
    session.commit()
    session.expire_all()
    units = session.get_one(Course, course.id).units
    assert [unit.title for unit in units] == ["การลบ", "การบวก"]
    session.commit()
    browser.send_form(f"{HOME}{course.id}/units/{second.id}", action="remove")
    browser.send_form(f"{HOME}{course.id}/delete")
    assert browser.get(f"/courses/{course.id}").status_code == 404
    assert browser.get(f"/lessons/{lessons[0].id}").status_code == 200
    refused = sign_in(a_person(session)).send_form(f"{HOME}{course.id}", title="x", term="2026-1")
    assert refused.status_code == 404


def test_a_deleted_course_is_brought_back_while_it_is_there(
    session: Session, teacher: Person, lessons: list[Lesson], sign_in: Browser, clock: StoppedClock
) -> None:
    browser = sign_in(teacher)
    course = made(session, browser, *lessons)
    browser.send_form(f"{HOME}{course.id}/delete")
    page = browser.get(HOME).text
    assert "ลบแล้ว นำกลับคืนได้ถึง 2 ธ.ค. 2569" in page
    clock.forward(days=29)
    remove_deleted_lessons(session, clock, undo_days=30)

    assert browser.send_form(f"{HOME}{course.id}/restore").status_code == 303

    assert browser.get(f"/courses/{course.id}").status_code == 200
    assert "ลบแล้ว" not in browser.get(HOME).text
    browser.send_form(f"{HOME}{course.id}/delete")
    clock.forward(days=31)
    assert "ลบแล้ว" not in sign_in(teacher).get(HOME).text
    remove_deleted_lessons(session, clock, undo_days=30)
    session.commit()
    assert session.scalar(select(CourseUnit)) is None


def test_a_course_of_many_lessons_asks_as_much_as_one_of_few(
    session: Session,
    teacher: Person,
    school: School,
    wiring: Wiring,
    lessons: list[Lesson],
    sign_in: Browser,
) -> None:
    hers, his = sign_in(teacher), sign_in(a_person(session, RoleName.STUDENT, school))
    few = made(session, hers, lessons[0])
    many = made(session, hers, *lessons)
    costs = []
    for course in (few, many):
        seen = [(hers, f"{HOME}{course.id}"), (his, f"/courses/{course.id}")]
        for browser, url in seen:
            browser.get(url)
            with counted(wiring.engine) as statements:
                browser.get(url)
            costs.append(len(statements))

    assert costs[:2] == costs[2:]
    assert max(costs) <= 30
