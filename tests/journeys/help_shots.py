"""What the pictures of the help pages show: one function a picture, named as its file."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import delete

from server.models.library import Upload
from tests.journeys.visits import Visits, open_demo_lesson, slow_down, wait_for_video
from tests.services.chromium import PHONE
from tests.services.line import Line

HOST = "lessons.example.go.th"
# All of a page is seen: for pictures of more than that the browser forgets that it is touched.
TALL_PX = 2000
SMALL_PHONE: dict[str, Any] = {**PHONE, "viewport": {"width": 320, "height": TALL_PX}}
LARGE_PHONE: dict[str, Any] = {**PHONE, "viewport": {"width": 480, "height": TALL_PX}}
WALL: dict[str, Any] = {"viewport": {"width": 1024, "height": TALL_PX}}  # what a projector shows
VIDEO, STEPS = "เศษส่วนรอบตัวเรา", "ทบทวนเศษส่วน"
SEEN_TO_S = 11
FILE_BYTES, LINE_BPS = 3_000_000, 4_000_000
NAMES = "1\t1001\tด.ช.กล้าหาญ ใจดี\n2\t1002\tเด็กหญิงมะลิ ณ อยุธยา\n3\t1003\tด.ช.เกาะแก้ว วงศ์ใหญ่"


@dataclass(frozen=True, slots=True)
class Tour:
    """The demo, looked at in one language."""

    visits: Visits
    language: str
    line: Line
    room_path: str
    code: str

    def begin(self, user_name: str = "", device: dict[str, Any] = SMALL_PHONE) -> Page:
        """Open a tab of somebody."""
        page = self.visits.begin(user_name, device, base_url=f"http://{HOST}")
        page.context.add_cookies(
            [{"name": "lang", "value": self.language, "url": f"http://{HOST}"}]
        )
        return page


def names(tour: Tour) -> Locator:
    """Pasted names as they are read."""
    page = tour.begin("teacher")
    page.goto("/classrooms/new")
    page.locator("[name=names]").fill(NAMES)
    expect(page.locator(".names-read > li")).to_have_count(NAMES.count("\n") + 1)
    return page.locator(".preview")


def code(tour: Tour) -> Locator:
    """The class code with its QR code, large."""
    page = tour.begin("teacher", WALL)
    page.goto(tour.room_path)
    closed = page.locator("form:has([value=open_room]) button")
    if closed.count():
        closed.click()
        expect(closed).to_have_count(0)
    page.goto(f"{tour.room_path}/code")
    return page.locator(".breadcrumb")


def upload(tour: Tour) -> Locator:
    """A recording on its way when the line is cut."""
    page = tour.begin("teacher")
    page.goto("/studio/upload")
    slow_down(page, LINE_BPS)
    content = os.urandom(FILE_BYTES)
    file: FilePayload = {"name": "ทดลองเรื่องแสง.mp4", "mimeType": "video/mp4", "buffer": content}
    page.locator(".uploader__picker").set_input_files(file)
    page.wait_for_function("() => document.querySelector('.upload progress').value > 60")
    page.context.set_offline(True)
    tour.line.cut()  # what is on its way goes through otherwise
    expect(page.locator(".upload__status")).to_contain_text("%")
    tour.line.mend()
    with tour.visits.product.session() as session, session.begin():
        session.execute(delete(Upload))  # or the other language goes on with it
    return page.locator(".upload")


def people(tour: Tour) -> Locator:
    """The question who is in the picture."""
    page = tour.begin("teacher")
    path = open_demo_lesson(page, VIDEO).replace("/lessons/", "/studio/lessons/")
    page.goto(f"{path}/people")
    page.locator("[name=people]").nth(1).check()
    return page.locator(".people legend")


def giving(tour: Tour) -> Locator:
    """Giving, with a date."""
    page = tour.begin("teacher")
    page.goto(f"{open_demo_lesson(page, VIDEO)}/give")
    page.locator("[name=due]").nth(2).check()
    return page.locator("legend").last


def grid(tour: Tour) -> Locator:
    """Who of the class is how far."""
    page = tour.begin("teacher", LARGE_PHONE)
    page.goto(f"{tour.room_path}/grid")
    return page.locator(".class-grid")


def join(tour: Tour) -> Locator:
    """A code that is being typed."""
    page = tour.begin()
    page.goto("/join")
    page.locator("[name=code]").fill(tour.code[:-1])
    return page.locator("label[for=code]")


def start(tour: Tour) -> Locator:
    """What the teacher has given, on a pupil's own page."""
    page = tour.begin("student")
    page.goto("/home")
    return page.locator("h1")


def resume(tour: Tour) -> Locator:
    """A recording that goes on where it was left."""
    page = tour.begin("student", LARGE_PHONE)
    page.route("**/progress", lambda route: route.abort())  # the other language begins there too
    open_demo_lesson(page, VIDEO)
    page.locator(".player__start").click()
    wait_for_video(page, f"v.currentTime > {SEEN_TO_S}.2")
    return page.locator(".player")


def kept(tour: Tour) -> Locator:
    """An answer that waits for the line."""
    page = tour.begin("student")
    page.goto("/home")
    page.locator(".card-link", has_text=STEPS).click()
    page.locator(".step-link").last.click()
    for question in page.locator(".quiz-question:has(.quiz-choice)").all():
        question.locator("input").last.check()
    page.locator(".quiz-line").fill("3")
    page.context.set_offline(True)
    page.locator(".quiz-form button[type=submit]").click()
    expect(page.locator("[data-quiz-status]")).to_be_visible()
    return page.locator(".quiz-facts")


Shot = Callable[[Tour], Locator]
TEACHER: tuple[Shot, ...] = (names, code, upload, people, giving, grid)
PUPIL: tuple[Shot, ...] = (join, start, resume, kept)
