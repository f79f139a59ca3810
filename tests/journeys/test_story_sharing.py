"""Lessons outside the library: plain links, links for anyone who has them, other sites' pages."""

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.visits import Visits, open_demo_lesson, play, search
from tests.services.product import Product

pytestmark = pytest.mark.slow

FOR_EVERYONE = "เศษส่วนรอบตัวเรา"
FOR_THE_AREA = "วัฏจักรของน้ำ"
FOR_THE_SCHOOL = "Greetings: ทักทายเป็นภาษาอังกฤษ"
SCHOOL = "โรงเรียนบ้านหนองปลาไหล"


class SchoolSite(ThreadingHTTPServer):
    """A school's own site, on another host name; every page of it is the same."""

    body = ""

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class SchoolPage(BaseHTTPRequestHandler):
    """Answers with what its teacher pasted."""

    server: SchoolSite

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!DOCTYPE html><h1>โรงเรียน</h1>{self.server.body}".encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Say nothing."""


@pytest.fixture
def other_sites() -> Iterator[tuple[SchoolSite, SchoolSite]]:
    """Two sites that differ by their port."""
    with (
        SchoolSite(("127.0.0.1", 0), SchoolPage) as first,
        SchoolSite(("127.0.0.1", 0), SchoolPage) as second,
    ):
        for site in (first, second):
            threading.Thread(target=site.serve_forever, daemon=True).start()
        yield first, second
        first.shutdown()
        second.shutdown()


def preview_of(visits: Visits, address: str) -> dict[str, str]:
    """Return the Open Graph tags that LINE reads of a link: it never signs in, or runs scripts."""
    reader = visits.begin(java_script_enabled=False)
    reader.goto(address)
    tags = reader.locator("meta[property^='og:']").all()
    return {str(tag.get_attribute("property")): str(tag.get_attribute("content")) for tag in tags}


def edit_demo_lesson(visits: Visits, title: str) -> Page:
    """Sign the demo teacher in and open a lesson in the studio."""
    teacher = visits.begin("teacher")
    teacher.goto("/studio/")
    teacher.locator(".card-link", has_text=title).click()
    teacher.wait_for_url("**/studio/lessons/*")
    return teacher


def is_playing_allowed(product: Product, url: str) -> bool:
    """Ask what the byte path asks about the playback with this address."""
    _empty, _v, _signature, _expiry, session, asset, *_name = urlsplit(url).path.split("/")
    question = urlencode({"session": session, "asset": asset})
    try:
        urllib.request.urlopen(f"{product.url}/_/playback-check?{question}").close()  # noqa: S310
    except urllib.error.HTTPError as answer:
        answer.close()
        return False
    return True


def test_a_plain_link_has_a_preview_with_title_school_and_poster(visits: Visits) -> None:
    guest = visits.begin()
    address = open_demo_lesson(guest, FOR_EVERYONE)

    preview = preview_of(visits, address)

    assert preview["og:title"] == FOR_EVERYONE
    assert SCHOOL in preview["og:description"]
    assert preview["og:url"] == address
    poster = guest.context.request.get(preview["og:image"])
    assert poster.ok
    assert poster.headers["content-type"].startswith("image/")


@pytest.mark.parametrize("title", [FOR_THE_AREA, FOR_THE_SCHOOL])
def test_the_preview_of_a_lesson_that_is_not_for_everyone_is_neutral(
    visits: Visits, title: str
) -> None:
    address = open_demo_lesson(visits.begin("student"), title)
    guest = visits.begin()

    answer = guest.context.request.get(address)
    preview = preview_of(visits, address)

    assert title not in answer.text()
    assert preview["og:title"]
    assert "og:image" not in preview
    assert guest.context.request.get(f"{address}/poster").url.split("?")[0].endswith("/sign-in")


def test_a_link_for_anyone_who_has_it_is_unlisted_and_ends_when_withdrawn(
    visits: Visits, demo: Product
) -> None:
    teacher = edit_demo_lesson(visits, FOR_THE_SCHOOL)
    teacher.locator("form[action$='/share'] button").click()
    link = teacher.locator("#link-1").input_value()
    assert "/s/" in link

    guest = visits.begin()
    search(guest, "ทักทาย")
    expect(guest.locator(".card-link")).to_have_count(0)
    played: list[str] = []
    guest.on("request", lambda request: played.append(request.url))
    guest.goto(link)
    play(guest)
    playback = next(url for url in played if "/v/" in url)
    assert is_playing_allowed(demo, playback)
    assert preview_of(visits, link)["og:title"] == FOR_THE_SCHOOL

    teacher.locator("form[action$='/revoke'] button").click()
    teacher.wait_for_url("**/studio/lessons/*")

    assert not is_playing_allowed(demo, playback)
    answer = guest.goto(link)
    assert answer
    assert answer.status == 410
    expect(guest.locator(".message")).to_be_visible()
    assert FOR_THE_SCHOOL not in guest.content()


def test_an_embed_code_plays_on_allowed_sites_and_leads_to_the_lesson_from_others(
    visits: Visits, other_sites: tuple[SchoolSite, SchoolSite]
) -> None:
    allowed, not_allowed = other_sites
    administrator = visits.begin("school")
    administrator.goto("/admin/")
    administrator.locator("main .list-title a", has_text=SCHOOL).click()
    administrator.locator("[name=origin]").fill(f"{allowed.origin}/index.html")
    administrator.locator("[name=origin]").press("Enter")
    expect(administrator.locator("main")).to_contain_text(allowed.origin)
    teacher = edit_demo_lesson(visits, FOR_EVERYONE)
    allowed.body = not_allowed.body = teacher.locator("#embed-code").input_value()

    reader = visits.begin()
    reader.goto(allowed.origin)
    frame = reader.frames[1]
    play(frame)
    assert frame.evaluate("self.origin") == "null"

    stranger = visits.browser.new_context(locale="th-TH").new_page()
    stranger.goto(not_allowed.origin)
    expect(stranger.locator("iframe")).to_be_visible()
    stranger.wait_for_function("() => window.length === 1")
    assert stranger.frames[1].locator(".player").count() == 0
    stranger.locator("a", has_text=FOR_EVERYONE).click()
    expect(stranger.locator("h1")).to_have_text(FOR_EVERYONE)
    play(stranger)
    stranger.context.close()
