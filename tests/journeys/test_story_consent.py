"""Who is in the picture decides who sees it: a class is ticked off, and one pupil withdraws."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from server.models.classrooms import Classroom
from server.models.consents import MediaPeople
from server.models.lessons import Lesson, Visibility
from server.models.people import Person
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names
from tests.builders import CLASS_NAMES, a_lesson, an_original, at_noon
from tests.journeys.test_accessibility import faults_of
from tests.journeys.visits import (
    Visits,
    keep_screenshot,
    search,
    search_until_found,
    wait_until,
)
from tests.services.chromium import DESKTOP, PHONE

pytestmark = pytest.mark.slow

TITLE = "ทดลองหักเหแสงในแก้วน้ำ"


def a_recorded_class(visits: Visits) -> str:
    """Give the demo's teacher a class and a lesson of a file that nobody has answered for yet."""
    with visits.product.session() as session:
        teacher = session.scalars(select(Person).where(Person.user_name == "teacher")).one()
        facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
        school_id = teacher.roles[0].school_id
        with session.begin():
            session.execute(delete(Classroom))  # the demo's own: one class alone is proposed
        room = create_classroom(session, at_noon, school_id=school_id, facts=facts, by=teacher)
        add_names(session, at_noon, classroom_id=room.id, text=CLASS_NAMES, by=teacher)
        shows_file = select(Lesson).where(Lesson.original_id.is_not(None))
        shown = session.scalars(shows_file.where(Lesson.owner_id == teacher.id)).first()
        assert shown
        assert shown.original
        file = an_original(session, teacher, shown.original.asset)
        session.query(MediaPeople).filter(MediaPeople.original_id == file.id).delete()
        wish = Visibility.PUBLIC
        lesson = a_lesson(
            session, teacher, original=file, published=True, visibility=wish, title=TITLE
        )
        return str(lesson.id)


def test_a_class_agrees_and_one_parent_withdraws(visits: Visits) -> None:
    lesson_id = a_recorded_class(visits)
    teacher, guest = visits.begin("teacher", device=PHONE), visits.begin(device=DESKTOP)
    teacher.goto(f"/studio/lessons/{lesson_id}/people")
    assert faults_of(teacher) == []
    keep_screenshot(teacher, "people-in-the-picture-phone.png")
    teacher.get_by_role("button", name="บันทึกคำตอบ").click()  # "my classroom" was proposed
    expect(teacher.locator(".missing li")).to_have_count(3)
    guest.goto(f"/lessons/{lesson_id}")
    expect(guest.locator("form[action^='/sign-in']")).to_be_visible()

    teacher.locator(".missing a").first.click()
    teacher.get_by_role("link", name="พิมพ์ใบขอความยินยอม").click()
    expect(teacher.locator(".consent-paper")).to_have_count(3)
    assert faults_of(teacher) == []
    teacher.go_back()
    teacher.locator("[name=rest]").select_option("public")
    teacher.get_by_role("button", name="บันทึกความยินยอม").click()
    expect(teacher.get_by_text(re.compile(f"“{TITLE}”.*ทุกคน"))).to_be_visible()
    assert faults_of(teacher) == []
    search_until_found(guest, "หักเหแสง", TITLE)

    teacher.get_by_role("button", name=re.compile("ถอนความยินยอม.*มะลิ")).click()

    expect(teacher.get_by_text(re.compile(f"“{TITLE}”.*เฉพาะฉัน"))).to_be_visible()
    guest.reload()
    expect(guest.locator("form[action^='/sign-in']")).to_be_visible()
    guest.goto(f"/embed/{lesson_id}")
    expect(guest.locator("iframe, video, .player")).to_have_count(0)
    search(guest, "หักเหแสง")
    wait_until(guest, lambda: guest.locator(".card-link", has_text=TITLE).count() == 0)
