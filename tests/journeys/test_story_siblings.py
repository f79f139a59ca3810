"""Two children of one home on one phone: each comes back with pictures, and nothing mixes."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from server.models.people import RoleName
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names
from server.services.pupil_keys import make_slips
from tests.builders import CLASS_NAMES, a_person, a_school
from tests.journeys.story import Story
from tests.services.product import Product

pytestmark = pytest.mark.slow

HIS = ("ปลา", "เรือ")


def slips_of(product: Product) -> list[str]:
    """Return the links on the slips of Somchai and Mali."""

    def now() -> datetime:
        return datetime.now(UTC)

    with product.session() as session:
        school = a_school(session)
        by = a_person(session, RoleName.TEACHER, school)
        facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
        room = create_classroom(session, now, school_id=school.id, facts=facts, by=by)
        add_names(session, now, classroom_id=room.id, text=CLASS_NAMES, by=by)
        made = make_slips(session, now, classroom_id=room.id, by=by)
        return [f"/in/{slip.token}" for slip in made]


def come_in(story: Story, page: Page, slip: str, name: str) -> None:
    page.goto(slip)
    story.tap(page.get_by_role("button", name="ใช่ เข้าห้อง"))
    expect(page.locator("h1")).to_have_text(f"สวัสดี {name}")


def tap_pictures(story: Story, page: Page, *names: str) -> None:
    for name in names:
        story.look_at(page)
        story.tap(page.get_by_role("button", name=name, exact=True))


def test_two_children_share_a_phone(browser: Browser, live_server: Product) -> None:
    story = Story(browser, live_server)
    his, hers, *_others = slips_of(live_server)
    page = story.begin()
    come_in(story, page, his, "สมชาย")

    story.tap(page.get_by_role("link", name="เปลี่ยนนักเรียน"))
    story.look_at(page)
    story.tap(page.get_by_role("button", name="ให้นักเรียนคนอื่นเข้า"))
    tap_pictures(story, page, *HIS)
    page.wait_for_url("**/join")
    come_in(story, page, hers, "มะลิ")

    story.tap(page.get_by_role("link", name="เปลี่ยนนักเรียน"))
    story.look_at(page)
    story.tap(page.get_by_role("link", name="สมชาย"))
    tap_pictures(story, page, *reversed(HIS))
    expect(page.get_by_role("alert")).to_contain_text("ยังไม่ถูก")
    tap_pictures(story, page, *HIS)
    expect(page.locator("h1")).to_have_text("สวัสดี สมชาย")

    story.tap(page.get_by_role("link", name="เปลี่ยนนักเรียน"))
    story.tap(page.get_by_role("button", name=re.compile("เอา สมชาย .*ออก")))
    expect(page.locator("main")).to_contain_text("มะลิ")
    expect(page.locator("main")).not_to_contain_text("สมชาย")
    story.end()
