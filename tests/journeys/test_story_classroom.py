"""A class comes in without the office: links, pasted names, a code, and slips, on phones."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from server.models.classrooms import Classroom
from server.models.people import RoleName
from server.services.pupil_keys import make_slips
from tests.builders import PASSWORD, a_person
from tests.journeys.test_accessibility import faults_of
from tests.journeys.visits import Visits, keep_screenshot, sign_in
from tests.services.chromium import DESKTOP, PHONE
from tests.services.product import Product

pytestmark = pytest.mark.slow

SCHOOL = "โรงเรียนบ้านหนองปลาไหล"
NAMES = "1\t1001\tด.ช.สมชาย ใจดี\n2\t1002\tเด็กหญิงมะลิ ณ อยุธยา\n3\t1003\tด.ช.ปิติ ชูใจ"
MOST_TAPS = 12  # of all persons together, from the office to a pupil who is in


class Story:
    """People of one story: their taps are counted, their pages looked through for faults."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.visits = Visits(browser, product)
        self.tap_count = 0
        self.faults: list[str] = []

    def begin(self, *, on_phone: bool = True) -> Page:
        return self.visits.begin(device=PHONE if on_phone else DESKTOP)

    def tap(self, place: Locator) -> None:
        self.tap_count += 1
        place.click()

    def look_at(self, page: Page) -> None:
        """Note what axe-core finds, and what sticks out at the side."""
        page.wait_for_load_state()
        self.faults += faults_of(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.faults.append(f"{page.url} is too wide")

    def introduce(self, page: Page, name: str, user_name: str) -> None:
        """Fill in who somebody is, and send it."""
        page.locator("[name=display_name]").fill(name)
        page.locator("[name=user_name]").fill(user_name)
        page.locator("[name=password]").fill(PASSWORD)
        self.look_at(page)
        self.tap(page.locator("main form button[type=submit]").first)


@pytest.fixture
def story(browser: Browser, live_server: Product) -> Story:
    return Story(browser, live_server)


def office_makes_link(story: Story, product: Product) -> str:
    """Return the link that makes a school's first administrator."""
    with product.session() as session:
        user_name = a_person(session, RoleName.OFFICE_ADMIN).user_name
    page = story.begin(on_phone=False)
    sign_in(page, user_name, PASSWORD)
    page.goto("/admin/")
    page.locator("form[action$='/schools'] [name=name]").fill(SCHOOL)
    story.tap(page.locator("form[action$='/schools'] button"))
    page.goto("/admin/")
    story.tap(page.locator("form[action$='/first-administrators'] button"))
    story.look_at(page)
    return page.locator(".slip-url").inner_text()


def school_makes_link(story: Story, link: str) -> str:
    """Return the link by which teachers come to the school."""
    page = story.begin()
    page.goto(link)
    story.introduce(page, "ผอ.วิชัย รักเรียน", "wichai")
    page.wait_for_url("**/admin/schools/*")
    story.look_at(page)
    story.tap(page.locator("form[action$='/teacher-link'] button"))
    return page.locator("#teacher-link").input_value()


def teacher_makes_classroom(story: Story, link: str) -> Page:
    """Return the teacher's phone with the new classroom."""
    page = story.begin()
    page.goto(link)
    story.introduce(page, "ครูสมศรี ใจดี", "somsri")
    page.wait_for_url("**/classrooms/")
    expect(page.locator(".hats")).to_contain_text(SCHOOL)
    story.look_at(page)
    story.tap(page.locator(".empty a[href='/classrooms/new']"))
    story.tap(page.locator("label.check", has_text="ป.4"))
    page.locator("[name=names]").fill(NAMES)
    story.tap(page.locator("button[value=look]"))
    expect(page.locator(".names-read > li")).to_have_count(3)
    story.look_at(page)
    story.tap(page.locator("button[value=save]"))
    page.wait_for_url("**/classrooms/*-*")
    story.look_at(page)
    return page


def pupil_waits(story: Story, code: str, given_name: str) -> Page:
    """Return the phone of a pupil who waits."""
    page = story.begin()
    page.goto("/join")
    page.locator("[name=code]").fill(code.lower())
    story.look_at(page)
    story.tap(page.locator("main form button"))
    story.look_at(page)
    story.tap(page.locator(".choice", has_text=given_name))
    page.wait_for_url("**/waiting")
    story.look_at(page)
    return page


def test_a_class_comes_in_without_the_office(story: Story, live_server: Product) -> None:
    teacher = teacher_makes_classroom(
        story, school_makes_link(story, office_makes_link(story, live_server))
    )
    keep_screenshot(teacher, "classroom-phone.png")
    code = teacher.locator(".class-code").inner_text()

    pupil = pupil_waits(story, code, "สมชาย")
    # Her page shows who waits by itself.
    story.tap(teacher.get_by_role("button", name="ยืนยันทั้งหมด"))
    pupil.wait_for_url("**/home")
    expect(pupil.locator("h1")).to_have_text("สวัสดี สมชาย")
    expect(pupil.locator(".card-title")).to_have_text("ป.4")
    story.look_at(pupil)
    assert story.tap_count <= MOST_TAPS

    teacher.locator("form[action$='/slips'] button").click()
    story.look_at(teacher)
    expect(teacher.locator(".slip")).to_have_count(3)
    lost = story.begin()
    lost.goto(slip_address(live_server))
    story.look_at(lost)
    lost.locator("main form button").click()
    lost.wait_for_url("**/home")

    story.visits.end()
    assert story.faults == []
    assert story.visits.faults == []


def slip_address(product: Product) -> str:
    """Return what a camera would read of a slip that is printed now."""
    with product.session() as session, product.wired() as wiring:
        room = session.scalars(select(Classroom)).one()
        teacher = room.teachers[0].person
        slips = make_slips(session, wiring.clock, classroom_id=room.id, by=teacher)
    return f"/in/{slips[1].token}"
