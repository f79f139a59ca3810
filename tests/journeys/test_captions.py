"""Captions as teachers have them: corrected beside the player, shown, found by their words."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.visits import Visits, play, search, wait_for_video, wait_until
from tests.services.chromium import DESKTOP, PHONE

pytestmark = pytest.mark.slow

LABELS = {"mfa": "ยาวี", "nod": "คำเมือง"}
FRACTIONS = "เศษส่วนรอบตัวเรา"
WITH_FAULTS = (
    "1\r\n00:00:01,000 --> 00:00:04,000\r\nวันนี้เราจะแบ่งขนมเปียกปูน\r\n\r\n"
    "2\r\n00:00:09,000 --> 00:00:05,000\r\nแบ่งให้เท่ากันสี่ชิ้น\r\n\r\n"
    "3\r\n00:00:3x,000 --> 00:00:34,000\r\nหนึ่งชิ้นคือเศษหนึ่งส่วนสี่\r\n"
)


def studio_page_of(page: Page, title: str) -> str:
    page.goto("/studio/")
    page.locator(".card-link", has_text=title).first.click()
    page.wait_for_url("**/studio/lessons/*")
    return page.url.partition("#")[0]


def has_room_for_all(page: Page) -> bool:
    """Return whether nothing sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def send_captions(page: Page, content: bytes, language: str = "mfa") -> None:
    page.locator("#captions-file").set_input_files(
        {"name": "คำบรรยาย.srt", "mimeType": "application/x-subrip", "buffer": content}
    )
    page.locator("#captions-language").select_option(language)
    page.locator("form[action$='/captions'] button[type=submit]").click()


def correct(page: Page) -> None:
    """See every fault with its line, correct both, and save by the keyboard."""
    faults = page.locator("#faults-title ~ ul li")
    expect(faults).to_have_count(2)
    expect(faults.nth(0)).to_contain_text("บรรทัด 6 ตัวที่ 18")
    expect(faults.nth(1)).to_contain_text("บรรทัด 10 ตัวที่ 1 อ่านเวลานี้ไม่ได้")
    rows = page.locator(".cue")
    expect(rows).to_have_count(3)
    assert has_room_for_all(page)
    type_time(page, row=1, field=1, time="12")
    type_time(page, row=2, field=0, time="0:30.5")
    expect(page.locator(".cue.is-faulty")).to_have_count(0)
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/captions/edit\?"))
    expect(page.locator(".cue")).to_have_count(3)


def type_time(page: Page, *, row: int, field: int, time: str) -> None:
    box = page.locator(".cue").nth(row).locator(".cue__time").nth(field)
    box.fill(time)
    box.press("Tab")


@pytest.mark.parametrize(
    ("device", "language", "cake"),
    [(DESKTOP, "mfa", "ขนมเปียกปูน"), (PHONE, "nod", "ขนมหม้อแกง")],
    ids=["desktop", "phone"],
)
def test_an_srt_in_cp874_with_faults_is_corrected_shown_and_found(
    visits: Visits, device: dict[str, object], language: str, cake: str
) -> None:
    teacher = visits.begin("teacher", device=device)
    studio_page_of(teacher, FRACTIONS)
    send_captions(teacher, WITH_FAULTS.replace("ขนมเปียกปูน", cake).encode("cp874"), language)
    teacher.wait_for_url("**/studio/captions-aside/*")
    correct(teacher)
    teacher.locator(".cue__play").first.click()
    wait_for_video(teacher, "v.currentTime > 1")

    student = visits.begin("student", device=device)
    search(student, cake)
    hit = student.locator(".card", has_text=FRACTIONS)
    wait_until(student, lambda: hit.count() > 0)
    expect(hit.first).to_contain_text(cake)
    hit.locator(".passage", has_text=cake).first.click()
    student.wait_for_url(re.compile(r"/lessons/.*[?&]t=1\b"))
    play(student, until="v.currentTime >= 1")
    student.locator(".player__button--settings").click()
    student.locator(".player__choice", has_text=LABELS[language]).click()
    student.keyboard.press("Escape")
    expect(student.locator(".player__caption")).to_contain_text(cake)
