"""A class learns, from an empty office on: links, a code, a lesson, a poor line, the grid."""

import codecs
import csv
import re
import zipfile
from operator import ge
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from server.demo.media import make_file
from server.demo.script import DemoLesson
from server.models.people import RoleName
from server.models.progress import WatchProgress
from server.models.quizzes import QuizAttempt
from server.services.lesson_changes import LessonChanges
from tests.builders import PASSWORD, a_person
from tests.documents import a_thai_pdf
from tests.journeys.player_page import PICTURE, wait_until
from tests.journeys.story import Story
from tests.journeys.visits import keep_screenshot, sign_in
from tests.journeys.visits import wait_until as reload_until
from tests.media_clips import TOOLS, make_clip
from tests.services.product import Product

pytestmark = pytest.mark.slow

SCHOOL = "โรงเรียนบ้านหนองปลาไหล"
HEAD = "ผอ.วิชัย รักเรียน"
NAMES = "1\t1001\tด.ช.สมชาย ใจดี\n2\t1002\tเด็กหญิงมะลิ ณ อยุธยา\n3\t1003\tด.ช.ปิติ ชูใจ"
TITLE = "การหักเหของแสง"
SHEET = "ใบงานการหักเห"
MOST_TAPS = 25  # of all persons together, from the empty office to a pupil's first minute
A_PAGE, A_QUARTER_S, MINUTE_S = 1, 19, 60
CLIP_S = 75


@pytest.fixture
def story(browser: Browser, live_server: Product) -> Story:
    return Story(browser, live_server)


def a_recording(folder: Path) -> Path:
    """Make a film of one slide, which is prepared in a few seconds."""
    slide = (TITLE, "แสงเบนเมื่อผ่านจากอากาศลงน้ำ")
    demo = DemoLesson(
        form="document",
        file_name="slide.pdf",
        title=TITLE,
        slides=(slide,),
        changes=LessonChanges(),
    )
    with pypdfium2.PdfDocument(make_file(demo, folder, TOOLS)) as document:
        document[0].render(scale=640 / document[0].get_width()).to_pil().save(folder / "slide.png")
    picture = ["-loop", "1", "-framerate", "10", "-t", str(CLIP_S), "-i", str(folder / "slide.png")]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={CLIP_S}"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20"]
    return make_clip(folder / f"{TITLE}.mp4", *picture, *tone, *coded, "-c:a", "aac")


def office_makes_link(story: Story, product: Product) -> str:
    """Return the link that makes a school's first administrator, who is named."""
    with product.session() as session:
        user_name = a_person(session, RoleName.OFFICE_ADMIN).user_name
    page = story.begin(on_phone=False)
    sign_in(page, user_name, PASSWORD)
    page.goto("/admin/")  # where the first run leads
    story.look_at(page)
    add = page.locator("form[action$='/schools']")
    story.type_into(add.locator("[name=name]"), SCHOOL)
    story.type_into(add.locator("[name=invited_name]"), HEAD)
    story.tap(add.locator("button"))
    story.look_at(page)
    return page.locator("#invitation-url").input_value()


def school_shows_link(story: Story, link: str) -> Page:
    """Return the phone of the school's head, whose page shows the link for teachers by itself."""
    page = story.begin()
    page.goto(link)
    expect(page.locator("[name=display_name]")).to_have_value(HEAD)
    story.introduce(page, "", "wichai")
    page.wait_for_url("**/admin/schools/*")
    story.look_at(page)
    return page


def teacher_makes_classroom(story: Story, head: Page) -> Page:
    """Return the teacher's phone with the new classroom; the school's head has confirmed her."""
    page = story.begin()
    page.goto(head.locator("#teacher-link").input_value())
    story.introduce(page, "ครูสมศรี ใจดี", "somsri")
    page.wait_for_url("**/account/asked")
    story.look_at(page)
    asked = head.locator(".waiting", has_text="ครูสมศรี ใจดี")
    asked.wait_for()  # the page of the school shows her by itself
    story.look_at(head)
    keep_screenshot(head, "asked-phone-th.png")
    story.tap(asked.get_by_role("button", name="ยืนยัน", exact=True))
    page.wait_for_url("**/classrooms/new")  # hers goes on by itself
    expect(page.locator(".hats")).to_contain_text(SCHOOL)
    story.tap(page.locator("label.check", has_text="ป.4"))
    story.type_into(page.locator("[name=names]"), NAMES)
    expect(page.locator(".names-read > li")).to_have_count(3)
    story.look_at(page)
    story.tap(page.locator("button[value=save]"))
    page.wait_for_url("**/classrooms/*-*")
    story.look_at(page)
    return page


def come_in(story: Story, teacher: Page, code: str, given_name: str) -> Page:
    """Return the phone of a pupil whom the teacher has let in."""
    page = story.begin()
    page.goto("/join")
    story.type_into(page.locator("[name=code]"), code.lower())  # goes on with its last sign
    name = page.locator(".choice", has_text=given_name)
    name.wait_for()
    story.look_at(page)
    story.tap(name)
    page.wait_for_url("**/waiting")
    story.look_at(page)
    picture = teacher.locator(".room-picture-name").inner_text()  # she says it
    story.tap(page.get_by_role("button", name=picture, exact=True))
    expect(page.get_by_role("status")).to_contain_text("ถูกแล้ว")
    story.tap(teacher.get_by_role("button", name="ยืนยันทั้งหมด"))  # her page shows it by itself
    page.wait_for_url("**/home")
    expect(page.locator("h1")).to_have_text(f"สวัสดี {given_name}")
    return page


def choose_file(story: Story, page: Page, button: Locator, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        story.tap(button)
    chooser.value.set_files(path)


def give_video(story: Story, page: Page, clip: Path) -> str:
    """Send a video, give it until tomorrow; return the lesson's page."""
    story.tap(page.get_by_role("link", name="อัปโหลดวิดีโอหรือใบงาน"))
    story.look_at(page)
    choose_file(story, page, page.locator(".uploader__choose"), clip)
    page.wait_for_url("**/studio/originals/*/lesson", timeout=60_000)
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    expect(page.locator(".state-ready, .state-partly")).to_be_visible(timeout=60_000)
    story.look_at(page)
    story.tap(page.get_by_role("button", name="ให้นักเรียนเรียน"))
    story.look_at(page)
    story.tap(page.locator("label.check", has_text="พรุ่งนี้"))
    story.tap(page.get_by_role("button", name="ให้เรียน", exact=True))
    post = page.locator("textarea[id^=post-]")
    expect(post).to_have_value(re.compile(rf"{TITLE}\nส่งภายใน.*25\d\d\nhttp"))
    story.look_at(page)
    return post.input_value().split()[-1]


def watch_to(page: Page, second: float) -> None:
    wait_until(page, f"(v.playbackRate = 2) && v.currentTime > {second} && !v.paused")


def wait_until_told(page: Page, product: Product, *wanted: int) -> None:
    """Wait until the server knows of so much that was watched or read, least first."""
    told: list[int] = []
    for _try in range(100):
        with product.session() as session:
            told = sorted(session.scalars(select(WatchProgress.covered_s)))
        if len(told) == len(wanted) and all(map(ge, told, wanted)):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{told}, not {wanted}")


def build_on(story: Story, page: Page, lesson: str, sheet: Path) -> None:
    """Put a question inside the video and a worksheet behind it; a quarter of it is enough."""
    page.goto(lesson)
    page.get_by_role("link", name="แก้ไขบทเรียนนี้").click()
    page.get_by_role("link", name="แก้ไขขั้นตอน").click()
    page.locator(".item-row").get_by_role("link", name="แก้ไข").click()
    page.locator("[name=min_share]").select_option("0.25")
    page.get_by_role("button", name="เก็บการแก้ไข").click()
    page.get_by_role("button", name="แบบทดสอบ", exact=True).click()
    story.look_at(page)
    page.locator("[name=at]").fill("0:05")
    page.get_by_role("button", name="เก็บการแก้ไข").click()
    page.get_by_role("link", name="ถูกหรือผิด").click()
    page.locator("[name=question_text]").fill("แสงเบนเมื่อผ่านจากอากาศลงน้ำ")
    page.locator("[name=is_true]").select_option("yes")
    story.look_at(page)
    page.get_by_role("button", name="เก็บคำถาม").click()
    page.locator(".breadcrumb a").click()
    page.get_by_role("link", name="ไฟล์", exact=True).click()
    choose_file(story, page, page.locator(".uploader__choose"), sheet)
    page.wait_for_url("**/items/file?original=*")
    page.get_by_role("button", name="เพิ่มไฟล์").click()
    page.get_by_role("button", name="เก็บการแก้ไข").click()
    story.look_at(page)
    page.get_by_role("button", name="ให้นักเรียนเห็น").click()
    expect(page.get_by_role("button", name="ให้นักเรียนเห็น")).to_have_count(0)


def attempt_count(product: Product) -> int:
    with product.session() as session:
        return session.query(QuizAttempt).count()


def learn_over_a_poor_line(story: Story, page: Page, product: Product) -> None:
    """Watch, answer without a line, watch on over a second cut, read the worksheet."""
    story.look_at(page)
    keep_screenshot(page, "start-phone-th.png")
    page.locator(".card-link", has_text=TITLE).click()
    page.locator(".player__start").click()
    watch_to(page, 2)
    page.context.set_offline(True)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("ถูก", exact=True).check()
    keep_screenshot(page, "question-phone-th.png")
    dialog.get_by_role("button", name="ส่งคำตอบ").click()
    expect(dialog.locator("[data-quiz-status]")).to_contain_text("เก็บคำตอบไว้ในเครื่องแล้ว")
    story.look_at(page)
    assert attempt_count(product) == 0
    dialog.get_by_role("button", name=re.compile("ทำทีหลัง|ดูต่อ")).click()
    watch_to(page, 8)
    page.context.set_offline(False)
    watch_to(page, 12)
    page.context.set_offline(True)
    watch_to(page, 16)
    page.context.set_offline(False)
    watch_to(page, 22)
    assert attempt_count(product) == 1
    page.locator("a[rel=next], .step-link").filter(has_text=SHEET).first.click()
    expect(page.locator("#page-1 img")).to_have_js_property("complete", value=True)
    story.look_at(page)
    page.get_by_role("link", name="กลับไปที่บทเรียน").click()
    done = page.locator(".step-link").filter(has_text=SHEET).filter(has_text="ทำแล้ว")
    reload_until(page, lambda: done.count() > 0)


def grid_of(page: Page) -> dict[str, list[str]]:
    """Return the cells of the class grid by the pupil's name, as they are read aloud."""
    rows = page.locator(".class-grid tbody tr").all()
    return {
        row.locator("th a").inner_text(): row.locator("td .visually-hidden").all_text_contents()
        for row in rows
    }


def take_along(page: Page, form: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=form).click()
    return Path(download.value.path())


def follow(story: Story, room: str) -> None:
    """See who is how far at a computer, and take it along."""
    page = story.begin(on_phone=False)
    sign_in(page, "somsri", PASSWORD)
    page.goto(room)
    page.locator(".register-line", has_text=TITLE).click()
    story.look_at(page)
    keep_screenshot(page, "grid-th.png")
    cells = grid_of(page)
    none = "ยังไม่เริ่ม"
    assert cells["2. ด.ญ. มะลิ ณ อยุธยา"] == ["ทำแล้ว", "ทำแล้ว, คะแนน 100%", "ทำแล้ว"]
    assert cells["1. ด.ช. สมชาย ใจดี"] == ["ทำแล้ว", none, none]
    assert cells["3. ด.ช. ปิติ ชูใจ"] == [none, none, none]

    raw = take_along(page, "CSV").read_bytes()
    assert raw.startswith(codecs.BOM_UTF8)
    head, *rows = csv.reader(raw.decode("utf-8-sig").splitlines())
    assert head[:3] == ["เลขที่", "ชื่อ", "ทำแล้ว"]
    assert {f"{row[0]}. {row[1]}": row[3:] for row in rows} == cells
    with zipfile.ZipFile(take_along(page, "XLSX")) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert all(name.partition(" ")[2] in strings for name in cells)


def test_a_class_learns_from_an_empty_office(
    story: Story, live_server: Product, tmp_path: Path
) -> None:
    clip = a_recording(tmp_path)
    teacher = teacher_makes_classroom(
        story, school_shows_link(story, office_makes_link(story, live_server))
    )
    code, room = teacher.locator(".class-code").inner_text(), teacher.url
    pupil = come_in(story, teacher, code, "สมชาย")
    story.look_at(pupil)
    lesson = give_video(story, teacher, clip)

    story.tap(pupil.locator(".card-link", has_text=TITLE))  # it appears by itself
    story.tap(pupil.locator(".player__start"))
    taps = story.tap_count
    watch_to(pupil, 1)  # and on, beside what the others do

    build_on(story, teacher, lesson, a_thai_pdf(tmp_path / f"{SHEET}.pdf", pages=1))
    teacher.goto(room)
    other = come_in(story, teacher, code, "มะลิ")
    learn_over_a_poor_line(story, other, live_server)

    wait_until(pupil, f"v.currentTime > {MINUTE_S + 1}")
    pupil.evaluate(f"() => {PICTURE}.pause()")
    wait_until_told(pupil, live_server, A_PAGE, A_QUARTER_S, MINUTE_S)
    assert taps <= MOST_TAPS
    follow(story, room)
    story.end()
