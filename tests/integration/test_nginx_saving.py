"""Trimmed and saved lessons through the deployed nginx, before a real store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import urllib3
from pydantic import SecretStr

from media_pipeline.probe import probe_file
from server.delivery.tokens import sign
from server.models.lessons import Lesson, Visibility
from server.services.play import open_playback
from server.services.trims import TrimDraft, save_trim
from server.wiring import utc_now
from tests.builders import a_lesson, a_person, an_arrived_file
from tests.integration.test_nginx import NEW, Site, site
from tests.media_clips import TOOLS, a_clip
from tests.working import work_until_idle

__all__ = ["site"]  # the fixture
pytestmark = pytest.mark.slow

SECONDS = 10
TRIMMED_S = 6.1


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A prepared lesson of ten seconds, of which 2.3 to 5 and 6.1 to 9.5 are shown."""

    site: Site
    lesson_id: UUID
    asset_id: UUID

    def base(self, *, wants_all: bool = False) -> str:
        """Return the address of a new playback, of all of it for its teacher."""
        with self.site.product.session() as session:
            lesson = session.get_one(Lesson, self.lesson_id)
            person = lesson.owner if wants_all else None
            session.commit()
            playback = open_playback(
                session, utc_now, lesson=lesson, person=person, wants_all=wants_all
            )
        until = utc_now() + timedelta(hours=12)
        return self.site.nginx.url + sign({"k2": SecretStr(NEW)}, playback.id, self.asset_id, until)


@pytest.fixture(scope="module")
def trimmed(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Trimmed:
    clip = a_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=SECONDS)
    with site.product.wired() as wiring, site.product.session() as session:
        teacher = a_person(session)
        original = an_arrived_file(session, wiring.store, clip, owner=teacher)
        public = Visibility.PUBLIC
        lesson = a_lesson(session, teacher, original=original, visibility=public, published=True)
        work_until_idle(wiring)
        session.expire_all()
        draft = TrimDraft(start_s=2.3, end_s=9.5, cut_out=[(5.0, 6.1)])
        save_trim(session, utc_now, lesson_id=lesson.id, draft=draft, version=0, by=teacher)
        work_until_idle(wiring)
        session.expire_all()
        assert lesson.is_trim_exact
        return Trimmed(site, lesson.id, original.asset_id)


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    manager = urllib3.PoolManager(retries=False)
    yield manager
    manager.clear()


def seconds_in(playlist: bytes) -> float:
    lines = playlist.decode().splitlines()
    return sum(float(line[8:].partition(",")[0]) for line in lines if line.startswith("#EXTINF"))


def test_who_sees_the_whole_and_who_sees_the_trim_get_their_own_playlists(
    trimmed: Trimmed, http: urllib3.PoolManager
) -> None:
    whole, cut = trimmed.base(wants_all=True), trimmed.base()

    shown_s = [
        seconds_in(http.request("GET", f"{base}240p.m3u8").data) for base in (whole, cut, whole)
    ]
    parts = [
        line
        for line in http.request("GET", f"{cut}240p.m3u8").data.decode().splitlines()
        if line.endswith(".m4s")
    ]

    assert shown_s == [pytest.approx(each, abs=0.2) for each in (SECONDS, TRIMMED_S, SECONDS)]
    assert {http.request("GET", cut + part).status for part in parts} == {200}


def test_a_trimmed_lesson_is_saved_as_it_is_shown_and_goes_on_after_a_cut_line(
    trimmed: Trimmed, http: urllib3.PoolManager, tmp_path: Path
) -> None:
    url = f"{trimmed.base()}240p.mp4"

    whole = http.request("GET", url)
    etag = whole.headers["ETag"]
    asked = {"Range": "bytes=5000-", "If-Range": etag}
    rest = http.request("GET", f"{trimmed.base()}240p.mp4", headers=asked)
    path = tmp_path / "saved.mp4"
    path.write_bytes(whole.data)

    assert whole.status == 200
    assert probe_file(path, TOOLS).duration_s == pytest.approx(TRIMMED_S, abs=0.1)
    assert (rest.status, rest.data) == (206, whole.data[5000:])
    all_of_it = http.request("GET", f"{trimmed.base(wants_all=True)}240p.mp4")
    assert len(all_of_it.data) > len(whole.data)


def test_nginx_saves_nothing_without_a_good_token(
    trimmed: Trimmed, http: urllib3.PoolManager
) -> None:
    base = trimmed.base()

    forged = http.request("GET", f"{base.replace('/k2.', '/k1.')}240p.mp4")
    unknown = http.request("GET", f"{base}999p.mp4")

    assert (forged.status, unknown.status) == (403, 404)
