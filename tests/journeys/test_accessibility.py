"""axe-core finds nothing serious on any page, and keys alone do the main things."""

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from server.demo.install import demo_password
from server.models.people import Person
from tests.builders import a_lesson, an_asset, an_original
from tests.journeys.visits import Visits, open_demo_lesson, play, wait_for_video
from tests.services.chromium import DESKTOP, PHONE
from tests.services.product import Product

pytestmark = pytest.mark.slow

AXE_PATH = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LOOK = "() => axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"
SERIOUS = {"serious", "critical"}
MOST_TABS = 60
EMPTY_FILE: FilePayload = {"name": "ว่าง.mp4", "mimeType": "video/mp4", "buffer": b""}
FOCUS_OUTLINE = """() => {
  const link = document.activeElement;
  const styles = [link, link.closest(".card") ?? link].map(each => getComputedStyle(each));
  return styles.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
}"""
# The middle of what has the focus belongs to it, or to something inside or around it. Two sliders
# may lie over one another: each lets through all but its handle.
WHAT_COVERS_THE_FOCUS = """() => {
  const focused = document.activeElement;
  if (focused === document.body || focused.matches("input[type=range]")) return "";
  const box = focused.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  if (box.width < 2 || x < 0 || x > innerWidth) return "";
  if (y < 0 || y > innerHeight) {
    return box.bottom > 0 && box.top < innerHeight ? "" : focused.outerHTML.slice(0, 150);
  }
  const top = document.elementFromPoint(x, y);
  if (!top || focused.contains(top) || top.contains(focused)) return "";
  return `${focused.outerHTML.slice(0, 150)} behind ${top.outerHTML.slice(0, 80)}`;
}"""
VIDEO_LESSON = "เศษส่วนรอบตัวเรา"
NO_LESSON = UUID(int=0)
PDF_LESSON = "ใบความรู้เรื่องเศษส่วน"

LOOKS = {
    "thai desktop": ("th", DESKTOP),
    "thai phone": ("th", PHONE),
    "english desktop": ("en", DESKTOP),
    "english phone": ("en", PHONE),
    "thai phone dark": ("th", {**PHONE, "color_scheme": "dark"}),
}


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def look(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """A language and a device."""
    language, device = request.param
    return language, device


@cache
def axe() -> str:
    return AXE_PATH.read_text()


def faults_of(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical, with the place."""
    page.evaluate(axe())
    return [
        f"{page.url} {found['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
        for found in page.evaluate(LOOK)
        for node in found["nodes"]
        if found["impact"] in SERIOUS
    ]


def begin(visits: Visits, look: tuple[str, dict[str, Any]], user_name: str = "") -> Page:
    language, device = look
    page = visits.begin(user_name, device)
    url = visits.product.url
    page.context.add_cookies([{"name": "lang", "value": language, "url": url}])
    return page


def faults_at(page: Page, paths: list[str]) -> list[str]:
    """Return the faults of these pages; each must fit the screen, too."""
    found = []
    for path in paths:
        page.goto(path)
        found += faults_of(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{path}: something sticks out at the side")
    return found


@pytest.fixture(scope="module")
def unfinished_things(demo: Product) -> list[str]:
    """Addresses of a teacher's lesson that failed, one in preparation, and a file without one."""
    with demo.session() as session:
        teacher = session.query(Person).filter_by(user_name="teacher").one()
        failed = an_asset(session, state="failed", error_code="not_media")
        waiting = a_lesson(session, teacher, ready=False)
        broken = a_lesson(session, teacher, original=an_original(session, teacher, failed))
        file = an_original(session, teacher)
        return [
            f"/studio/lessons/{waiting.id}",
            f"/studio/lessons/{broken.id}",
            f"/studio/originals/{file.id}/lesson",
        ]


def test_axe_core_sees_a_fault_where_there_is_one(visits: Visits) -> None:
    page = visits.begin()
    page.goto("/")
    page.evaluate("() => document.querySelector('main').append(document.createElement('img'))")

    assert [fault for fault in faults_of(page) if "image-alt" in fault]


def test_pages_of_guests(visits: Visits, look: tuple[str, dict[str, Any]]) -> None:
    page = begin(visits, look)
    video = open_demo_lesson(page, VIDEO_LESSON)
    document = open_demo_lesson(page, PDF_LESSON)

    frames = [video.replace("/lessons/", "/embed/"), f"/embed/{NO_LESSON}"]
    lists = ["/", "/search?q=เศษส่วน", "/search?q=qqqqqqqq", "/browse", "/browse/ค"]
    lists += ["/help/teacher", "/help/pupil"]
    errors = ["/no-such-page", "/s/no-such-link"]
    found = faults_at(page, [*lists, video, document, *frames, "/sign-in", *errors])

    assert found == []


def test_the_player_when_it_plays_and_its_menu(
    visits: Visits, look: tuple[str, dict[str, Any]]
) -> None:
    page = begin(visits, look)
    open_demo_lesson(page, VIDEO_LESSON)
    play(page)

    found = faults_of(page)
    page.locator(".player__button--settings").click()
    expect(page.locator(".player__panel--settings")).to_be_visible()
    found += faults_of(page)

    assert found == []


def test_pages_of_teachers(
    visits: Visits, look: tuple[str, dict[str, Any]], unfinished_things: list[str]
) -> None:
    page = begin(visits, look, "teacher")
    page.goto("/studio/")
    page.locator(".card-link", has_text=VIDEO_LESSON).click()
    page.wait_for_url("**/studio/lessons/*")

    found = faults_at(
        page,
        [
            *("/studio/", page.url, f"{page.url}/items", "/studio/courses/"),
            *(*unfinished_things, "/studio/queue", "/account", "/studio/upload"),
        ],
    )
    page.locator(".uploader__picker").set_input_files(
        {"name": "ว่าง.mp4", "mimeType": "", "buffer": b""}
    )
    expect(page.locator(".upload[data-state=stopped]")).to_be_visible()
    found += faults_of(page)

    assert found == []


def test_pages_for_work_on_a_lesson(visits: Visits, look: tuple[str, dict[str, Any]]) -> None:
    page = begin(visits, look, "teacher")
    page.goto("/studio/")
    page.locator(".card-link", has_text=VIDEO_LESSON).click()
    page.wait_for_url("**/studio/lessons/*")
    lesson = page.url
    work = ["trim", "poster", "chapters", "captions/edit?language=th&kind=captions", "replace"]

    found = faults_at(page, [f"{lesson}/{name}" for name in work])
    found += faults_at(page, [f"{lesson}/results"])
    saving = open_demo_lesson(page, VIDEO_LESSON)
    expect(page.locator(".save-name").first).to_be_visible()
    found += faults_at(page, [saving, "/kept"])

    assert found == []


def test_nothing_that_gets_the_focus_is_hidden_behind_a_bar(visits: Visits) -> None:
    page = visits.begin("teacher", PHONE)
    page.goto("/studio/")
    page.locator(".card-link", has_text=VIDEO_LESSON).click()
    page.wait_for_url("**/studio/lessons/*")
    lesson = page.url
    document = open_demo_lesson(page, PDF_LESSON)

    hidden = []
    for path in (f"{lesson}/captions/edit?language=th&kind=captions", f"{lesson}/trim", document):
        page.goto(path)
        for _press in range(MOST_TABS):
            page.keyboard.press("Tab")
            if covered := page.evaluate(WHAT_COVERS_THE_FOCUS):
                hidden.append(f"{path}: {covered}")

    assert hidden == []


def test_pages_of_administrators(visits: Visits, look: tuple[str, dict[str, Any]]) -> None:
    school = begin(visits, look, "school")
    school.goto("/admin/")
    school.locator("main .list-title a").first.click()
    school_url = school.url
    office = begin(visits, look, "office")

    found = faults_at(school, ["/admin/", school_url])
    found += faults_at(
        office,
        [
            "/admin/",
            school_url,
            "/admin/office",
            "/admin/queue",
            "/admin/search/",
            "/admin/curriculum/",
            "/admin/storage",
        ],
    )
    office.goto(school_url)
    office.locator("[name=invited_name]").fill("ครูมะลิ งามตา")
    office.locator("form[action*='invit'] button").click()
    expect(office.locator("#invitation-url")).to_be_visible()
    found += faults_of(office)
    found += faults_at(begin(visits, look), [office.locator("#invitation-url").input_value()])

    assert found == []


def test_the_first_page_of_all(fresh_server: Product, browser: Browser) -> None:
    context = browser.new_context(**PHONE, base_url=fresh_server.url)
    page = context.new_page()

    found = faults_at(page, ["/first-run"])

    context.close()
    assert found == []


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus, and can be seen to have it."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            assert has_visible_focus(page), selector
            return
    raise AssertionError(f"the Tab key does not reach {selector} on {page.url}")


def has_visible_focus(page: Page) -> bool:
    """Return whether the focused element, or the card that it stands for, has an outline."""
    return bool(page.evaluate(FOCUS_OUTLINE))


def sign_in_by_keys(page: Page, user_name: str, password: str) -> None:
    tab_to(page, "[name=user_name]")
    page.keyboard.type(user_name)
    tab_to(page, "[name=password]")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_keys_alone_sign_in_search_and_play(visits: Visits) -> None:
    page = visits.begin()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    tab_to(page, "a[href^='/sign-in']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in*")

    sign_in_by_keys(page, "student", demo_password(visits.product.data_path))
    tab_to(page, "[name=q]")
    page.keyboard.insert_text("เศษส่วน")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    number = page.locator(".card-link").all_inner_texts().index(VIDEO_LESSON)
    tab_to(page, f"li:nth-child({number + 1}) .card-link")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lessons/*")

    tab_to(page, ".player__start")
    page.keyboard.press("Enter")
    wait_for_video(page, "v.currentTime > 0.5")
    page.keyboard.press("Space")
    wait_for_video(page, "v.paused")
    tab_to(page, ".player__button--settings")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")  # from the first choice round to the last: sound only
    wait_for_video(page, "v.videoHeight === 0")
    page.keyboard.press("Escape")
    expect(page.locator(".player__button--settings")).to_be_focused()
