"""A class learns before one screen: what is done there counts for all who are ticked."""

import pytest
from playwright.sync_api import Browser, expect

from server.models.base import uuid7
from server.models.content import TextItem
from server.models.lessons import Visibility
from server.models.people import RoleName
from server.services.assignments import Recipients, Task, give_lesson
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names
from tests.builders import CLASS_NAMES, PASSWORD, a_lesson, a_person, a_version
from tests.journeys.story import Story
from tests.journeys.visits import sign_in
from tests.quizzes import a_quiz
from tests.services.product import Product

pytestmark = pytest.mark.slow


def a_given_lesson(product: Product) -> tuple[str, str]:
    """Return a teacher's name and her classroom of three, which has a text and a quiz to learn."""
    with product.session() as session, product.wired() as wiring:
        teacher, clock = a_person(session, RoleName.TEACHER), wiring.clock
        facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
        school_id = teacher.roles[0].school_id
        room = create_classroom(session, clock, school_id=school_id, facts=facts, by=teacher)
        add_names(session, clock, classroom_id=room.id, text=CLASS_NAMES, by=teacher)
        lesson = a_lesson(session, teacher, title="ใบไม้", visibility=Visibility.ME, published=True)
        a_version(session, lesson, TextItem(id=uuid7(), title="อ่านก่อน", markdown="ใบไม้"), a_quiz())
        to = [Recipients(classroom_id=room.id)]
        give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)
        return teacher.user_name, f"/classrooms/{room.id}"


def test_what_is_read_and_answered_before_one_screen_counts_for_those_who_are_there(
    browser: Browser, live_server: Product
) -> None:
    user_name, room = a_given_lesson(live_server)
    story = Story(browser, live_server)
    screen = story.begin(on_phone=False)
    sign_in(screen, user_name, PASSWORD)

    screen.goto(room)
    screen.get_by_role("link", name="เรียนพร้อมกันหน้าจอเดียว").click()
    screen.locator("[name=present]").last.uncheck()
    story.look_at(screen)
    screen.get_by_role("button", name="เริ่ม").click()
    expect(screen.locator(".class-screen")).to_contain_text("2")
    story.look_at(screen)

    screen.get_by_role("link", name="ใบไม้").click()
    screen.locator("main .actions .button", has_text="อ่านก่อน").first.click()
    screen.locator("a[rel=next]").click()
    screen.locator("a[href$='/hands']").click()
    screen.locator("input[name^=hands-]").nth(1).fill("2")
    screen.locator("main form.hands button").click()
    expect(screen.locator(".hands-right").first).to_contain_text("เขียว")
    story.look_at(screen)

    screen.locator("form[action$='/together/end'] button").click()
    expect(screen.locator(".class-screen")).to_have_count(0)
    screen.goto(f"{room}/grid")
    expect(screen.locator("td.cell-done")).to_have_count(2)
    story.look_at(screen)
    story.end()
