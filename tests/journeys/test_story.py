"""From a teacher's file to a student's screen, as the README shows it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.demo.media import make_file
from server.demo.script import DemoLesson
from server.services.lesson_changes import LessonChanges
from tests.journeys.visits import (
    Visits,
    choose_in_player,
    keep_screenshot,
    open_demo_lesson,
    play,
    search,
    search_until_found,
    slow_line,
    wait_for_video,
    wait_until,
)
from tests.media_clips import TOOLS, make_clip
from tests.services.chromium import DESKTOP, PHONE

pytestmark = pytest.mark.slow

TRIANGLES = "หาพื้นที่สามเหลี่ยมจากกระดาษพับ"
FRACTIONS = "เศษส่วนรอบตัวเรา"
STREET = 6_000_000  # bits per second
IN_README: dict[str, object] = {"viewport": {"width": 1280, "height": 850}}


def a_recording(folder: Path, title: str, *, padding_bytes: int = 0) -> Path:
    """A recording that browsers do not play, so it must be encoded; padding is passed over."""
    slides = ((title, "บันทึกจากห้องเรียน"),)
    demo = DemoLesson(
        form="video", file_name="slides.mp4", title=title, slides=slides, changes=LessonChanges()
    )
    path = folder / f"{title.replace(' ', '_')}.mp4"
    make_clip(path, "-i", str(make_file(demo, folder, TOOLS)), "-c:v", "mpeg4", "-q:v", "3")
    with path.open("ab") as file:
        file.write((padding_bytes + 8).to_bytes(4, "big") + b"free" + bytes(padding_bytes))
    return path


def upload(page: Page, clip: Path) -> None:
    """Send a file and wait for the page that makes it a lesson."""
    page.goto("/studio/upload")
    page.locator(".uploader__picker").set_input_files(clip)
    page.wait_for_url("**/studio/originals/*/lesson", timeout=60_000)


def upload_and_publish(page: Page, clip: Path) -> None:
    """Make a lesson for everyone; return when its page of the studio is there."""
    upload(page, clip)
    expect(page.locator(".state-ready, .state-partly")).to_be_visible(timeout=60_000)
    page.locator("[name=visibility]").select_option("public")
    page.locator("[name=people][value=nobody]").check()
    page.locator("button[value=publish]").click()
    page.wait_for_url("**/studio/lessons/*")
    expect(page.locator("form[action$='/unpublish']")).to_be_visible()


def has_room_for_all(page: Page) -> bool:
    """Return whether nothing sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_library_shows_lessons_that_were_really_prepared(visits: Visits) -> None:
    guest = visits.begin(device=IN_README)
    teacher = visits.begin("teacher", device=IN_README)

    guest.goto("/")
    teacher.goto("/")
    teacher.wait_for_load_state("networkidle")
    keep_screenshot(teacher, "library.png")

    posters = "[...document.querySelectorAll('.poster img')].map(each => each.naturalWidth)"
    guest_titles = guest.locator(".card-link").all_inner_texts()
    teacher_titles = teacher.locator(".card-link").all_inner_texts()
    assert FRACTIONS in guest_titles
    assert set(guest_titles) < set(teacher_titles)
    assert all(width_px >= 320 for width_px in teacher.evaluate(posters))


def test_a_teachers_file_reaches_a_guest_in_three_taps(visits: Visits, tmp_path: Path) -> None:
    clip = a_recording(tmp_path, TRIANGLES, padding_bytes=6_000_000)
    teacher = visits.begin("teacher", device=PHONE)
    teacher.goto("/studio/upload")
    with slow_line(teacher, STREET):
        teacher.locator(".uploader__picker").set_input_files(clip)
        teacher.wait_for_function("() => document.querySelector('.upload__progress').value >= 40")
        expect(teacher.locator(".upload__figures")).to_contain_text(re.compile(r"MB.*MB.*MB"))
        keep_screenshot(teacher, "upload-phone.png")
        teacher.wait_for_url("**/studio/originals/*/lesson", timeout=60_000)

    expect(teacher.locator("[name=title]")).to_have_value(TRIANGLES)
    expect(teacher.locator(".state-ready, .state-partly")).to_be_visible(timeout=60_000)
    teacher.locator("[name=people][value=nobody]").check()  # a first tap; the rest is as before
    teacher.locator("button[value=publish]").click()  # a second
    teacher.locator("[data-copy='#lesson-url']").click()  # a third
    address = teacher.locator("#lesson-url").input_value()

    guest = visits.begin(device=PHONE)
    search_until_found(guest, "สามเหลี่ยม", TRIANGLES)
    assert guest.url == address
    play(guest)
    wait_for_video(guest, "Math.abs(v.duration - 15) < 1 && v.currentTime > 2")
    keep_screenshot(guest, "lesson-phone.png")


def test_a_student_chooses_how_to_watch_and_goes_on_from_the_same_second(visits: Visits) -> None:
    at_school = visits.begin("student", device=IN_README)
    address = open_demo_lesson(at_school, FRACTIONS)
    play(at_school)
    at_school.locator(".player__button--captions").click()
    wait_for_video(at_school, "v.textTracks[0]?.activeCues?.[0]?.text.includes('เศษส่วน')")
    keep_screenshot(at_school, "lesson.png")
    choose_in_player(at_school, "saver")
    at_school.reload()  # what was fetched is played to its end: nothing is paid for twice
    play(at_school)
    wait_for_video(at_school, "v.videoHeight > 0 && v.videoHeight <= 360 && v.readyState > 2")
    with at_school.expect_request("**/progress") as kept:
        at_school.locator(".player__track .player__range").evaluate(
            "range => { range.value = 30; range.dispatchEvent(new Event('change')); }"
        )
        wait_for_video(at_school, "v.currentTime > 31")
        at_school.locator(".player__button--play").click()
    kept.value.response()

    at_home = visits.begin("student", device=PHONE)
    at_home.goto(address)
    play(at_home, until="v.currentTime > 31 && v.currentTime < 40 && v.readyState > 2")
    choose_in_player(at_home, "sound")
    wait_for_video(at_home, "v.videoHeight === 0 && v.currentTime > 31 && v.readyState > 2")


def test_a_lesson_is_edited_taken_back_and_deleted_with_undo(
    visits: Visits, tmp_path: Path
) -> None:
    teacher, guest = visits.begin("teacher", device=IN_README), visits.begin()
    upload_and_publish(teacher, a_recording(tmp_path, "แมลงในสวน"))
    address = teacher.locator("#lesson-url").input_value()
    teacher.goto("/studio/")
    keep_screenshot(teacher, "studio.png")
    teacher.locator(".card-link", has_text="แมลงในสวน").click()

    teacher.locator("[name=title]").fill("ชีวิตของผีเสื้อในสวนโรงเรียน")
    teacher.locator("button[value=keep]").click()
    search_until_found(guest, "ผีเสื้อ", "ชีวิตของผีเสื้อในสวนโรงเรียน")
    assert guest.url == address

    teacher.locator("form[action$='/unpublish'] button").click()
    expect(teacher.locator("form[action$='/publish']")).to_be_visible()
    guest.goto(address)
    expect(guest.locator("form[action^='/sign-in']")).to_be_visible()
    search(guest, "ผีเสื้อ")
    expect(guest.locator(".card-link", has_text="ผีเสื้อ")).to_have_count(0)

    teacher.locator("form[action$='/publish'] button").click()
    teacher.locator("form[action$='/delete'] button").click()
    expect(teacher.locator("#deleted")).to_contain_text("ผีเสื้อ")
    guest.goto(address)
    expect(guest.locator("form[action^='/sign-in']")).to_be_visible()

    teacher.locator("#deleted form[action$='/restore'] button").click()
    guest.goto(address)
    expect(guest.locator("h1")).to_have_text("ชีวิตของผีเสื้อในสวนโรงเรียน")


def test_the_same_file_again_is_ready_at_once(visits: Visits, tmp_path: Path) -> None:
    clip = a_recording(tmp_path, "การทดลองเรื่องแรง", padding_bytes=1000)
    teacher = visits.begin("teacher")
    upload(teacher, clip)
    expect(teacher.locator(".state-ready")).to_be_visible(timeout=60_000)

    upload(teacher, clip.rename(tmp_path / "อีกครั้ง.mp4"))

    wait_until(teacher, lambda: teacher.locator(".state-ready").count() > 0)


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_changes_to_english_reads_english_everywhere(
    visits: Visits, device: dict[str, object]
) -> None:
    page = visits.begin("teacher", device=device)
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "th")
    expect(page.locator(".brand-name")).to_have_text("คลังบทเรียน")

    page.locator("button[name=lang][value=en]").click()

    for path in ("/", "/search?q=เศษส่วน", "/studio/", "/studio/upload", "/account"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator(".brand-name")).to_have_text("Lesson library")
        assert has_room_for_all(page), path
    page.locator("button[name=lang][value=th]").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")
