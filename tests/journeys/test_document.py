"""A Thai document of forty pages, read on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.documents import a_document_lesson, a_thai_pdf
from tests.services.chromium import PHONE
from tests.services.product import Product

pytestmark = pytest.mark.slow

WIDTH_PX = 390
TOP = "document.querySelector('#page-{}').getBoundingClientRect().top"


@pytest.fixture
def document_path(live_server: Product, tmp_path: Path) -> str:
    """The path of a lesson with forty pages."""
    source = a_thai_pdf(tmp_path / "forty.pdf", pages=40)
    with live_server.wired() as wiring, live_server.session() as session:
        return f"/lessons/{a_document_lesson(session, wiring, source).id}"


@pytest.fixture(params=["th-TH", "en-US"])
def phone_page(
    request: pytest.FixtureRequest, browser: Browser, live_server: Product
) -> Iterator[Page]:
    """A tab on a phone, in Thai and in English."""
    device = {**PHONE, "viewport": {"width": WIDTH_PX, "height": 844}}
    context = browser.new_context(**device, base_url=live_server.url, locale=request.param)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def test_forty_pages_are_read_jumped_through_enlarged_and_gone_on_with(
    phone_page: Page, document_path: str
) -> None:
    page = phone_page
    page.goto(document_path)
    field = page.locator(".document-jump input")
    first = page.locator("#page-1 img").first
    expect(first).to_have_js_property("complete", value=True)
    assert page.evaluate("document.querySelectorAll('.pages img[data-src]').length") > 30

    field.fill("30")
    field.press("Enter")
    page.wait_for_function(f"() => {TOP.format(30)} >= 0 && {TOP.format(30)} < 200")
    page.wait_for_function(
        "() => document.querySelector('#page-30 img').currentSrc.startsWith('http')"
    )
    expect(field).to_have_value("30")

    page.locator("[data-zoom=in]").click()
    page.wait_for_function("() => document.querySelector('#page-30 img').naturalWidth === 1240")
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH_PX
    page.locator("[data-zoom=fit]").click()

    page.wait_for_timeout(3500)  # the place is kept when a page is read for a while
    page.goto(document_path)
    go_on = page.locator("[data-go-on] a")
    expect(go_on).to_contain_text("30")
    go_on.click()
    page.wait_for_function(f"() => {TOP.format(30)} > -300 && {TOP.format(30)} < 500")
    page.wait_for_function("() => document.querySelector('#page-1') !== null")


def test_pages_and_their_text_are_there_without_scripts(
    browser: Browser, live_server: Product, document_path: str
) -> None:
    context = browser.new_context(**PHONE, base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{document_path}?page=7#page-7")
    shown = page.locator("#page-7 img").first.get_attribute("src") or ""
    later = page.locator("#page-8 noscript img").count() or page.locator("#page-8 img").count()
    page.goto(f"{document_path}?view=text&page=7")

    assert shown.startswith("/v/")
    assert later
    assert "หน้าที่ 7" in page.locator("#page-7").inner_text()
    context.close()
