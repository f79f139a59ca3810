"""A teacher sends a file over a bad line, from a browser."""

import hashlib
import os
import re
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from server.models.library import Asset, Original
from server.models.people import RoleName
from tests.journeys.visits import slow_down
from tests.media_clips import a_clip
from tests.services.line import Line
from tests.services.product import Product

pytestmark = pytest.mark.slow

SignIn = Callable[[Page, RoleName | str], str]
SLOW_BPS = 8_000_000
LESSON_PAGE = re.compile(r"/studio/(originals/.+/lesson|lessons/.+)")


def a_large_clip(folder: Path, name: str = "คลิปบทเรียน.mp4") -> Path:
    """A clip that plays, with bytes behind it that players pass over.

    It is just too small to be offered smaller.
    """
    path = a_clip(folder / name, seconds=6)
    padding = os.urandom(6_000_000)
    with path.open("ab") as file:
        file.write((len(padding) + 8).to_bytes(4, "big") + b"free" + padding)
    return path


def choose(page: Page, path: Path) -> None:
    page.locator(".uploader__picker").set_input_files(path)


def wait_for_percent(page: Page, percent: int) -> None:
    page.wait_for_function(
        "least => document.querySelector('.upload__progress').value >= least", arg=percent
    )


def stored_hashes(product: Product) -> list[str]:
    """Return the hashes of what was stored; the worker makes them after a server was killed."""
    deadline = time.monotonic() + 60
    while True:
        with product.session() as session:
            found = list(session.scalars(select(Asset.sha256).join(Original)))
        if all(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_upload_goes_on_by_itself_after_the_server_was_killed(
    page: Page, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    clip = a_large_clip(tmp_path)
    sign_in_as(page, "teacher")
    page.goto("/studio/upload")
    slow_down(page, SLOW_BPS)
    choose(page, clip)
    wait_for_percent(page, 25)

    live_server.kill()
    expect(page.locator(".upload__status")).not_to_be_empty(timeout=30_000)
    live_server.start()

    page.wait_for_url(LESSON_PAGE, timeout=90_000)
    assert stored_hashes(live_server) == [sha256_of(clip)]


def test_an_upload_waits_for_the_line_and_goes_on_by_itself(
    page: Page, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    clip = a_large_clip(tmp_path)
    sign_in_as(page, "teacher")
    with closing(Line(live_server.port)) as line:
        page.goto(f"{line.url}/studio/upload")
        slow_down(page, SLOW_BPS)
        choose(page, clip)
        wait_for_percent(page, 20)

        line.cut()
        expect(page.locator(".upload__status")).not_to_be_empty(timeout=30_000)
        line.mend()

        page.wait_for_url(LESSON_PAGE, timeout=90_000)
    assert stored_hashes(live_server) == [sha256_of(clip)]


def test_the_same_file_chosen_again_goes_on_from_its_last_byte(
    page: Page, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    clip = a_large_clip(tmp_path)
    sign_in_as(page, "teacher")
    page.goto("/studio/upload")
    slow_down(page, SLOW_BPS)
    choose(page, clip)
    wait_for_percent(page, 40)
    page.locator(".upload__pause").click()
    page.context.new_page().goto("/studio/upload")  # the first tab is closed, without warning
    page.close()
    again = page.context.pages[-1]
    expect(again.locator(".uploader__unfinished .upload")).to_have_count(1)

    sent_bytes: list[int] = []
    again.on(
        "request",
        lambda request: (
            sent_bytes.append(int(request.headers.get("upload-offset", "0")))
            if request.method == "PATCH"
            else None
        ),
    )
    choose(again, clip.rename(tmp_path / "ชื่ออื่น.mp4"))

    again.wait_for_url(LESSON_PAGE, timeout=90_000)
    assert sent_bytes[0] > 3_000_000
    assert len(stored_hashes(live_server)) == 1


def test_an_upload_that_is_cancelled_leaves_nothing(
    page: Page, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    sign_in_as(page, "teacher")
    page.goto("/studio/upload")
    slow_down(page, SLOW_BPS)
    choose(page, a_large_clip(tmp_path))
    wait_for_percent(page, 10)

    page.locator(".upload__cancel").click()
    expect(page.locator(".upload[data-state=gone]")).to_be_visible()
    page.reload()

    expect(page.locator(".uploader__choose")).to_be_visible()
    expect(page.locator(".uploader__unfinished .upload")).to_have_count(0)


def test_an_empty_file_and_a_changed_file_get_a_message(
    page: Page, sign_in_as: SignIn, tmp_path: Path
) -> None:
    sign_in_as(page, "teacher")
    page.goto("/studio/upload")
    slow_down(page, SLOW_BPS)
    empty = tmp_path / "ว่าง.mp4"
    empty.touch()
    changing = a_large_clip(tmp_path)

    choose(page, empty)
    expect(page.locator(".upload[data-state=stopped]")).to_have_count(1)
    choose(page, changing)
    page.wait_for_function("() => document.querySelectorAll('.upload__progress')[1].value >= 10")
    with changing.open("ab") as file:
        file.write(b"more")
    page.locator(".upload__pause").click()
    page.locator(".upload__resume").click()

    expect(page.locator(".upload[data-state=stopped]")).to_have_count(2, timeout=60_000)
