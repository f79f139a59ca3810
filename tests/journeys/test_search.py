"""Searching in Thai in a real browser: a misspelt word, a suggestion, a grade, the second."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.test_accessibility import faults_of
from tests.journeys.visits import Visits, keep_screenshot, wait_until
from tests.services.chromium import DESKTOP, PHONE

pytestmark = pytest.mark.slow

TITLE = "เศษส่วนรอบตัวเรา"
MISSPELT = "เสดส่วน"
SUGGESTIONS = "**/api/v1/suggestions?*"


def facet(page: Page, label: str) -> Locator:
    return page.locator(".facet").filter(has=page.get_by_text(label, exact=True))


def type_slowly(page: Page, text: str) -> None:
    page.get_by_role("combobox").press_sequentially(text, delay=40)


def wait_until_indexed(page: Page) -> None:
    page.goto(f"/search?q={TITLE}")
    wait_until(page, lambda: page.locator(".card-link", has_text="เศษส่วน").count() > 1)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_misspelt_word_leads_to_the_second_where_it_is_said(
    visits: Visits, device: dict[str, Any]
) -> None:
    page = visits.begin(device=device)
    wait_until_indexed(page)
    page.goto("/")

    type_slowly(page, MISSPELT)
    page.get_by_role("option", name="เศษส่วน", exact=True).click()
    page.wait_for_url("**/search?*")
    keep_screenshot(page, f"search-{'phone' if device is PHONE else 'desktop'}.png")
    if device is PHONE:
        page.get_by_text("กรองผลการค้น").click()
    facet(page, "ชั้น").get_by_role("link", name="ป.4").click()
    page.wait_for_url(re.compile("grade=P4"))
    assert faults_of(page) == []
    passage = page.locator(".result", has_text=TITLE).locator(".passage").last
    second = float((passage.get_attribute("href") or "").partition("?t=")[2])
    passage.click()

    page.wait_for_url("**/lessons/*")
    page.locator(".player__start").click()
    page.wait_for_function(
        f"() => document.querySelector('.player video')?.currentTime >= {second}", timeout=60_000
    )
    at_s = page.evaluate("document.querySelector('.player video').currentTime")
    assert second <= at_s < second + 15


def test_suggestions_are_chosen_by_keys_and_typing_is_never_in_the_way(visits: Visits) -> None:
    page = visits.begin()
    wait_until_indexed(page)
    page.goto("/")
    box = page.get_by_role("combobox")

    type_slowly(page, "เศษส่ว")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert faults_of(page) == []
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_count(1)
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("เศษส่ว")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")  # around to the last one
    last = page.get_by_role("option").last.inner_text()
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("/search|/lessons/"))
    assert last


def test_enter_searches_at_once_however_slow_suggestions_are(visits: Visits) -> None:
    page = visits.begin()
    held: list[Route] = []
    page.route(SUGGESTIONS, lambda route: held.append(route))  # noqa: PLW0108 (marked by Playwright)
    page.goto("/")

    type_slowly(page, "เศษส่วน")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")

    page.wait_for_url("**/search?*")
    assert held
    expect(page.get_by_role("status")).to_contain_text("พบ")


def test_without_scripts_everything_but_suggestions_works(visits: Visits) -> None:
    page = visits.begin(java_script_enabled=False)
    page.goto("/")

    page.locator("[name=q]").fill("เศษส่วน")
    page.locator("[name=q]").press("Enter")
    page.wait_for_url("**/search?*")
    page.get_by_text("กรองผลการค้น").click()
    facet(page, "ชนิด").get_by_role("link", name="เอกสาร").click()
    page.wait_for_url("**kind=document*")
    page.get_by_role("link", name=re.compile("เอาออก")).click()

    page.wait_for_url(lambda url: "kind=" not in url)
    page.go_back()
    page.wait_for_url("**kind=document*")
