"""A teacher has lost the password: the administrator shows a link, and the old phone is out."""

import pytest
from playwright.sync_api import Browser, Page, expect

from server.models.people import RoleName
from tests.builders import PASSWORD, a_person, a_school
from tests.journeys.story import Story
from tests.journeys.visits import sign_in
from tests.services.product import Product

pytestmark = pytest.mark.slow

NEW = "ลมพัดใบตาลหน้าหนาว"
MOST_TAPS = 8


@pytest.fixture
def story(browser: Browser, live_server: Product) -> Story:
    return Story(browser, live_server)


def administrator_shows_link(story: Story, user_name: str) -> str:
    """Return what the QR code on the administrator's phone says."""
    page = story.begin()
    sign_in(page, user_name, PASSWORD)
    page.goto("/admin/")
    story.tap(page.get_by_role("link", name="โรงเรียนบ้านไร่"))
    somsri = page.locator(".list-item", has_text="ครูสมศรี")
    story.tap(somsri.get_by_role("button", name="ลิงก์ตั้งรหัสผ่านใหม่"))
    expect(page.locator(".notice-warning")).to_contain_text("อย่าส่งในกลุ่ม")
    expect(page.locator(".qr")).to_be_visible()
    story.look_at(page)
    return page.locator("#password-link").input_value()


def set_password(story: Story, page: Page, password: str) -> None:
    story.type_into(page.locator("[name=password]"), password)
    story.tap(page.get_by_role("button", name="ตั้งรหัสผ่านใหม่"))


def test_a_lost_password_is_replaced_from_phone_to_phone(
    story: Story, live_server: Product
) -> None:
    with live_server.session() as session:
        school = a_school(session, "โรงเรียนบ้านไร่")
        a_person(session, RoleName.TEACHER, school, user_name="somsri")
        a_person(
            session,
            RoleName.SCHOOL_ADMIN,
            school,
            user_name="wichai",
            display_name="ผอ.วิชัย รักเรียน",
        )
    old_phone = story.begin()
    sign_in(old_phone, "somsri", PASSWORD)
    new_phone = story.begin()
    new_phone.goto("/sign-in")
    story.tap(new_phone.get_by_text("ลืมรหัสผ่านหรือชื่อผู้ใช้"))
    expect(new_phone.locator("details")).to_contain_text("ผู้ดูแลโรงเรียน")
    story.look_at(new_phone)

    new_phone.goto(administrator_shows_link(story, "wichai"))  # the camera reads it
    expect(new_phone.locator("h1")).to_have_text("ตั้งรหัสผ่านใหม่ของ ครูสมศรี")
    set_password(story, new_phone, "ครูสมศรี 2512")
    expect(new_phone.locator("#password-fault")).to_contain_text("ชื่อที่คนอื่นรู้")
    story.look_at(new_phone)
    set_password(story, new_phone, NEW)

    expect(new_phone.locator(".notice-good")).to_contain_text("ชื่อผู้ใช้คือ somsri")
    told = new_phone.locator(".notice-warning")
    expect(told).to_contain_text("ผอ.วิชัย รักเรียน")
    story.look_at(new_phone)
    story.tap(new_phone.get_by_role("button", name="รับทราบ"))
    expect(told).to_have_count(0)
    old_phone.goto("/account")
    expect(old_phone.locator("[name=user_name]")).to_be_visible()  # asked to sign in
    story.end()
    assert story.tap_count <= MOST_TAPS
