"""A lesson's page with its player, as tests make it and look at it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.lessons import Chapter, Lesson, Visibility
from server.models.library import Asset, AssetState
from server.models.people import EmbedSite
from server.services.captions import add_captions
from server.wiring import utc_now
from tests.builders import a_lesson, a_person, an_arrived_file
from tests.media_clips import make_clip
from tests.services.product import Product

STARTS_AT_ONCE_S = 60
PREPARED_S = 120
NOT_LOADED_S = 200  # of the long lesson: far behind what a player keeps ahead
PICTURE = "document.querySelector('.player video')"


def an_old_camera_clip(path: Path, *, seconds: int, size: str = "1280x720") -> Path:
    """A clip that must be encoded: browsers do not play this codec, so nothing is copied."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    return make_clip(path, *picture, *tone, "-c:v", "mpeg4", "-q:v", "4", "-c:a", "aac")


def publish(product: Product, clip: Path, *, framed_by: str = "") -> str:
    """Make a lesson for everyone of a clip that has just arrived; return its page's path.

    The site `framed_by`, if any, may show it in a frame.
    """
    with product.wired() as wiring, product.session() as session:
        teacher = a_person(session)
        original = an_arrived_file(session, wiring.store, clip, owner=teacher)
        lesson = a_lesson(
            session,
            teacher,
            original=original,
            visibility=Visibility.PUBLIC,
            published_at=datetime.now(UTC),
        )
        if framed_by and lesson.school_id:
            session.add(EmbedSite(school_id=lesson.school_id, origin=framed_by))
            session.commit()
        return f"/lessons/{lesson.id}"


def state_of(product: Product) -> str:
    with product.session() as session:
        return session.query(Asset).one().state


def wait_until(page: Page, condition: str, *, at_most_s: int = 60) -> None:
    """Wait for a condition about `v`, the video. Errors of the page are told in the failure."""
    page.wait_for_function(
        f"() => {{ const v = {PICTURE}; return v && ({condition}); }}", timeout=at_most_s * 1000
    )


def video(page: Page, expression: str) -> float:
    return float(page.evaluate(f"() => {{ const v = {PICTURE}; return {expression}; }}"))


def open_when_watchable(page: Page, path: str) -> None:
    """Open the lesson and press play as soon as there is something to press."""
    page.goto(path)
    page.locator(".player__start").click()


def a_long_clip(path: Path, *, seconds: int = 240, sound: bool = True) -> Path:
    """A clip that browsers cannot load whole at once, and that is prepared in a few seconds."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=10:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if sound else []
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20"]
    return make_clip(path, *picture, *tone, *coded, "-c:a", "aac")


def wait_until_watchable(product: Product) -> None:
    """Wait until the beginning of the only file can be played."""
    _wait_for_assets(product, lambda asset: asset.watchable_at is not None, STARTS_AT_ONCE_S)


def wait_until_prepared(product: Product, *, at_most_s: int = PREPARED_S) -> None:
    """Wait until everything has been made of all files."""
    _wait_for_assets(product, lambda asset: asset.state == AssetState.READY, at_most_s)


def _wait_for_assets(product: Product, is_so: Callable[[Asset], bool], at_most_s: int) -> None:
    def are_all(session: Session) -> bool:
        assets = session.scalars(select(Asset)).all()
        return bool(assets) and all(map(is_so, assets))

    product.wait_until(are_all, at_most_s=at_most_s)


def add_chapters(product: Product, path: str, chapters: Sequence[tuple[float, str]]) -> None:
    """Give the lesson at `path` chapters."""
    with product.session() as session, session.begin():
        lesson = session.query(Lesson).one()
        assert path.endswith(str(lesson.id))
        lesson.chapters = [Chapter(start_s=start_s, title=title) for start_s, title in chapters]


def play(page: Page, path: str, *, until: str = "v.currentTime > 0.2") -> None:
    """Open the lesson, press play, and wait until it plays."""
    open_when_watchable(page, path)
    wait_until(page, until, at_most_s=STARTS_AT_ONCE_S)


def seek(page: Page, position_s: float) -> None:
    """Go to a second as the browser does."""
    page.evaluate(f"() => {{ {PICTURE}.currentTime = {position_s}; }}")


def caption(product: Product, path: str, vtt: str, language: str = "th") -> None:
    """Give the lesson at `path` captions."""
    with product.wired() as wiring, product.session() as session:
        lesson = session.query(Lesson).one()
        assert path.endswith(str(lesson.id))
        owner, lesson_id = lesson.owner, lesson.id
        session.commit()
        add_captions(
            session,
            utc_now,
            wiring.store,
            lesson_id=lesson_id,
            language=language,
            raw=vtt.encode(),
            by=owner,
        )


def goes_on(page: Page) -> None:
    """Wait until it plays where it was told to, without a wheel or a message."""
    wait_until(page, f"v.currentTime > {NOT_LOADED_S} + 0.5 && !v.paused && v.readyState > 2")
    assert video(page, "v.currentTime") < NOT_LOADED_S + 20
    expect(page.locator(".player.is-waiting")).to_have_count(0)
    expect(page.locator(".player__message")).to_be_hidden()
