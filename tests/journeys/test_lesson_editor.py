"""A teacher writes a step of a lesson on a phone; the session ends before it is saved."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from server.models.people import RoleName, SignIn
from tests.builders import NOON, PASSWORD
from tests.services.product import Product

pytestmark = pytest.mark.slow

SignInAs = Callable[[Page, RoleName | str], str]


def end_sessions(product: Product) -> None:
    with product.session() as session:
        session.execute(update(SignIn).values(ended_at=NOON))
        session.commit()


def sign_in_again(page: Page, user_name: str) -> None:
    page.locator("[name=user_name]").fill(user_name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def test_what_is_written_survives_the_end_of_the_session(
    phone_page: Page, live_server: Product, sign_in_as: SignInAs
) -> None:
    page = phone_page
    user_name = sign_in_as(page, RoleName.TEACHER)
    page.goto("/studio/lessons/new")
    page.locator("[name=title]").fill("อ่านจับใจความ")
    page.locator("main button[type=submit]").click()
    page.get_by_role("button", name="เนื้อหา", exact=True).click()
    text = page.locator("#markdown")
    text.fill("อ่านหน้า 24")
    text.select_text()
    page.get_by_role("button", name="ตัวหนา").click()
    expect(text).to_have_value("**อ่านหน้า 24**")
    page.get_by_role("button", name="ดูตัวอย่าง").click()
    expect(page.locator(".markdown-preview strong")).to_have_text("อ่านหน้า 24")
    expect(page.get_by_text("เก็บอยู่ในเครื่องนี้จนกว่าจะบันทึก")).to_be_visible()

    end_sessions(live_server)
    page.get_by_role("button", name="เก็บการแก้ไข").click()
    page.locator("main").get_by_role("link", name="ลงชื่อเข้าใช้").click()
    sign_in_again(page, user_name)

    page.get_by_role("button", name="ใช้ข้อความที่ยังไม่ได้บันทึก").click()
    expect(text).to_have_value("**อ่านหน้า 24**")
    page.get_by_role("button", name="เก็บการแก้ไข").click()
    expect(page.locator(".item-row")).to_contain_text("อ่านหน้า 24")
    page.get_by_role("button", name="เผยแพร่").click()
    page.get_by_role("link", name="ดูตัวอย่าง").first.click()
    page.locator(".step-link").click()
    expect(page.locator(".prose strong")).to_have_text("อ่านหน้า 24")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
