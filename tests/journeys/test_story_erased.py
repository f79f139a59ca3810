"""A teacher removes a lesson for good: she reads what hangs on it, and the class keeps its work."""

import os
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from server.models.classrooms import Classroom, Enrolment
from server.models.lesson_versions import LessonVersion
from server.models.people import Person
from server.services.assignments import Recipients, Task, give_lesson
from server.services.hand_ins import hand_in
from tests.builders import PASSWORD
from tests.journeys.story import Story
from tests.journeys.test_story_following import a_class
from tests.journeys.visits import sign_in
from tests.services.product import Product

pytestmark = pytest.mark.slow


@pytest.fixture
def story(browser: Browser, live_server: Product) -> Story:
    return Story(browser, live_server)


def a_class_that_handed_in(product: Product) -> tuple[str, str, str]:
    """Return a teacher's name, the address of her lesson in the studio, and a pupil's slip."""
    user_name, lesson, slip = a_class(product)
    with product.session() as session, product.wired() as wiring:
        teacher = session.scalars(select(Person).where(Person.user_name == user_name)).one()
        room = session.scalars(select(Classroom)).one()
        first = select(Person).join(Enrolment, Enrolment.person_id == Person.id)
        pupil = session.scalars(first.order_by(Enrolment.list_number).limit(1)).one()
        version = session.scalars(select(LessonVersion)).one()
        session.commit()
        to, clock = [Recipients(classroom_id=room.id)], wiring.clock
        give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)
        hand_in(
            session,
            clock,
            lesson_id=lesson.id,
            item_id=UUID(version.content["items"][1]["id"]),
            text="23 + 45 = 68",
            original_ids=(),
            by=pupil,
        )
    return user_name, f"/studio/lessons/{lesson.id}", slip


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look: SCREENS names the folder."""
    if "SCREENS" in os.environ:
        page.screenshot(path=Path(os.environ["SCREENS"]) / f"{name}.png", full_page=True)


def test_an_erased_lesson_leaves_the_work_to_the_class(story: Story, live_server: Product) -> None:
    user_name, address, slip = a_class_that_handed_in(live_server)
    teacher, pupil = story.begin(), story.begin()
    sign_in(teacher, user_name, PASSWORD)

    erase(story, teacher, address)
    mark(story, teacher)

    pupil.goto(slip)
    pupil.locator("main form button").click()
    pupil.wait_for_url("**/home")
    story.look_at(pupil)
    picture(pupil, "pupil-home")
    pupil.locator("#gone a").click()
    expect(pupil.locator(".hand-in-mark")).to_have_text("ได้ 9 จาก 10 คะแนน")
    expect(pupil.locator("main")).to_contain_text("ถ่ายภาพสมุด")
    story.look_at(pupil)
    picture(pupil, "pupil-work")
    story.end()


def erase(story: Story, page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="ลบบทเรียน").click()
    expect(page.locator("main")).to_contain_text("งานของนักเรียน 1 ชิ้น")
    story.look_at(page)
    picture(page, "delete")
    page.get_by_role("button", name="ลบบทเรียน").click()
    page.locator("#deleted").get_by_role("link", name="ลบถาวร").click()
    expect(page.locator("main")).to_contain_text("รอตรวจ 1 ชิ้น")
    expect(page.locator("main")).to_contain_text("งานของนักเรียนยังเก็บไว้")
    story.look_at(page)
    picture(page, "erase")
    page.get_by_role("button", name="ลบถาวร").click()
    expect(page.locator("#deleted")).to_have_count(0)


def mark(story: Story, page: Page) -> None:
    """Find the work in the grid of the class, and give it back."""
    page.goto("/classrooms/")
    page.locator("main .card-link, main li a").first.click()
    page.get_by_role("link", name="ใครเรียนถึงไหน").first.click()
    page.locator("thead a").first.click()
    story.look_at(page)
    picture(page, "grid")
    page.get_by_role("link", name="ใบงานที่ 1").click()
    expect(page.locator("main")).to_contain_text("23 + 45 = 68")
    page.locator("[name=mark]").fill("9")
    page.get_by_role("button", name="ส่งคืนนักเรียน").click()
