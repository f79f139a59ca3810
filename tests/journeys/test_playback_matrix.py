"""Every kind of recording plays in Chromium as one seamless stream."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as TookTooLong

from media_pipeline.parts import MadePart, Segment
from tests.media_clips import REAL_PATH, a_clip, make_clip
from tests.mp4_reader import read_fragments
from tests.odd_recordings import PLAYING
from tests.prepared_media import Prepared, prepare
from tests.services.files import served_folder

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
HLS_JS = HERE.parents[1] / "frontend" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
PATIENCE_MS = 30_000
NEAR_S = 0.05
SHORT_S = 0.12  # what a part's last segment may lack: a frame of the slowest picture, or of sound

REAL = (
    "browser_rec.webm",
    "cam.ts",
    "hevc10.mp4",
    "hlg10.mov",
    "nodur.webm",
    "odd444.mkv",
    "old.avi",
    "phone_rot90.mp4",
    "silent_video.mp4",
    "vfr.mp4",
    "big_buck_bunny_480.mp4",
    "audio_cover.mp3",
    "voice.ogg",
)


def a_portrait(path: Path) -> Path:
    """A picture that a phone filmed lying, with a note to turn it."""
    flat = a_clip(path.with_name("flat.mp4"), seconds=9)
    return make_clip(path, "-display_rotation", "90", "-i", str(flat), "-c", "copy")


def an_unsteady_clip(path: Path) -> Path:
    """A picture whose frames come at 25, then at 8 a second."""
    flat = a_clip(path.with_name("flat.mp4"), seconds=12, fps="25")
    unsteady = ["-vf", "select='lt(t,5)+not(mod(n,3))'", "-fps_mode", "vfr", "-g", "250"]
    return make_clip(path, "-i", str(flat), *unsteady, "-c:v", "libx264", "-c:a", "copy")


def a_tone(path: Path) -> Path:
    """Sound alone."""
    return make_clip(path, "-f", "lavfi", "-i", "sine=frequency=330:duration=13", "-c:a", "aac")


MADE: dict[str, Callable[[Path], Path]] = {
    "fit for remux.mp4": lambda path: a_clip(path, seconds=20.5),
    "portrait.mp4": a_portrait,
    "unsteady.mp4": an_unsteady_clip,
    "silent.mp4": lambda path: a_clip(path, seconds=13, sound=False),
    "sound alone.m4a": a_tone,
    "of one second.mp4": lambda path: a_clip(path, seconds=1),
}
ODD = (  # every other kind is decoded and measured in tests/integration/test_media_matrix.py
    "1000 frames a second.mp4",
    "clock jumps.ts",
    "film of ten bits, PQ.mov",
    "lost power.mkv",
    "old site.flv",
    "phone turned while recording.webm",
    "picture begins late.mp4",
    "picture ends early.mkv",
    "sound ends early.mp4",
    "tall.mp4",
    "trimmed by a phone.mp4",
)


@dataclass(frozen=True, slots=True)
class Playable:
    """A prepared source and where players find it."""

    media: Prepared
    url: str

    def opened(self, page: Page, level: int = 0) -> Page:
        """Open it in a page, and return the page when something is in the buffer."""
        page.goto(f"{self.url}/player.html")
        page.evaluate("([url, level]) => open_source(url, level)", ["multivariant.m3u8", level])
        return page


@pytest.fixture(scope="module", params=[*MADE, *ODD, *REAL])
def playable(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Playable]:
    """One source of the matrix; made when the first test asks for it."""
    name = request.param
    folder = tmp_path_factory.mktemp("matrix")
    maker = MADE.get(name) or PLAYING.get(name)
    source = maker(folder / name) if maker else REAL_PATH / name
    if not source.is_file():
        pytest.skip(f"needs the real recording {source}")
    shutil.copy(HLS_JS, folder)
    shutil.copy(HERE / "bare_player.html", folder / "player.html")
    media = prepare(source, folder)
    with served_folder(folder) as url:
        yield Playable(media, url)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def wait_for(page: Page, condition: str) -> None:
    """Wait until a condition of the page holds, or hls.js has given up."""
    page.wait_for_function(f"() => errors.length || ({condition})", timeout=PATIENCE_MS)
    assert page.evaluate("errors") == []


def plays_on_from(page: Page, at_s: float, for_s: float = 0.6) -> None:
    """Seek, and see time pass."""
    page.evaluate("at_s => { video.currentTime = at_s; return video.play(); }", at_s)
    wait_for(page, f"video.ended || (!video.seeking && video.currentTime >= {at_s + for_s})")


def whole_buffer(page: Page, duration_s: float) -> None:
    """Wait for everything to be in the buffer, and find one range over all of it."""
    with suppress(TookTooLong):  # then the ranges tell more
        wait_for(page, f"ranges().length === 1 && end_s() >= {duration_s - SHORT_S}")
    found = page.evaluate("ranges()")
    assert found == [[pytest.approx(0, abs=NEAR_S), pytest.approx(duration_s, abs=SHORT_S)]]
    assert page.evaluate("video.duration") == pytest.approx(duration_s, abs=SHORT_S)


def test_it_plays_from_the_first_second_to_the_last(playable: Playable, page: Page) -> None:
    duration_s = playable.media.duration_s

    playable.opened(page)

    wait_for(page, f"video.currentTime >= {min(1.0, duration_s / 2)}")
    whole_buffer(page, duration_s)
    plays_on_from(page, max(0.0, duration_s - 1.2), for_s=2)
    assert page.evaluate("video.ended")
    assert duration_s == pytest.approx(playable.media.info.duration_s, abs=SHORT_S)


def test_it_plays_from_the_middle_and_over_every_border_of_parts(
    playable: Playable, page: Page
) -> None:
    media = playable.media
    playable.opened(page)

    plays_on_from(page, media.duration_s / 2)
    for part in next(iter(media.pictures.values()), media.sound)[1:]:
        plays_on_from(page, part.start_s - 0.3)
        plays_on_from(page, part.start_s, for_s=0.2)

    page.evaluate("video.currentTime = 0")
    whole_buffer(page, media.duration_s)


def test_segments_of_all_renditions_make_one_range(playable: Playable, page: Page) -> None:
    level_count = needed_levels(playable)
    page.goto(f"{playable.url}/player.html")
    page.evaluate("mixes = true")

    page.evaluate("open_source('multivariant.m3u8', 0)")

    whole_buffer(page, playable.media.duration_s)
    segment_count = len(segments_of(playable.media))
    assert page.evaluate("loaded.size") >= min(level_count, segment_count)
    plays_on_from(page, playable.media.duration_s / 2)


def test_it_plays_on_across_every_change_of_rendition(playable: Playable, page: Page) -> None:
    level_count = needed_levels(playable)
    duration_s = playable.media.duration_s
    step_s = min(0.8, duration_s / 10)
    playable.opened(page)
    wait_for(page, "video.currentTime > 0")

    for way in ("nextLevel", "currentLevel"):
        for level in [*range(1, level_count), 0]:
            page.evaluate(f"hls.{way} = {level}")
            began_s = page.evaluate("video.currentTime")
            wanted_s = min(began_s + step_s, duration_s - SHORT_S)
            wait_for(page, f"video.currentTime >= {wanted_s}")

    wait_for(page, f"covers(video.currentTime, {duration_s - SHORT_S})")
    plays_on_from(page, max(0.0, duration_s - 1.2), for_s=2)
    assert page.evaluate("video.ended")


def needed_levels(playable: Playable) -> int:
    """Return how many renditions have pictures; skip the test if there is nothing to change."""
    level_count = len(playable.media.pictures)
    if level_count < 2:
        pytest.skip("has one rendition")
    return level_count


def segments_of(media: Prepared) -> list[Segment]:
    """Return the segments of the first rendition."""
    parts = next(iter(media.pictures.values()), media.sound)
    return [segment for part in parts for segment in part.segments]


def test_sound_and_picture_stand_at_the_same_time_in_every_segment(playable: Playable) -> None:
    media = playable.media
    if not (media.pictures and media.sound):
        pytest.skip("has not both")
    sound = timeline(media.sound)

    for name, parts in media.pictures.items():
        for at_s in moments(parts):
            shown_s = nearest(timeline(parts), at_s)
            assert abs(shown_s - at_s) <= NEAR_S, (name, at_s)
            if name != "remux":  # whose segments are cut at its own key frames
                assert abs(nearest(sound, at_s) - shown_s) <= NEAR_S, (name, at_s)
    encoded = [parts for name, parts in media.pictures.items() if name != "remux"]
    ends_s = [end_of(parts) for parts in (*encoded, media.sound)]
    assert max(ends_s) - min(ends_s) <= SHORT_S


def moments(parts: list[MadePart]) -> list[float]:
    """Return when each segment is to begin: the playlist's own times, from ten seconds."""
    starts_s, at_s = [], 10.0
    for part in parts:
        for segment in part.segments:
            starts_s.append(at_s)
            at_s += segment.duration_s
    return starts_s


def timeline(parts: list[MadePart]) -> list[float]:
    """Return when the first frame of each fragment is shown or heard, as its bytes say."""
    return [one.first_shown_s for part in parts for one in read_fragments(part.path.read_bytes())]


def nearest(times_s: list[float], at_s: float) -> float:
    return min(times_s, key=lambda time_s: abs(time_s - at_s))


def end_of(parts: list[MadePart]) -> float:
    """Return when the last segment ends, by its own start and the playlist's length."""
    return timeline(parts)[-1] + parts[-1].segments[-1].duration_s
