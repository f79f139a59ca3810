"""The deployed nginx configuration, run by a real nginx before a real store and application."""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
import urllib3
from pydantic import SecretStr

from server.delivery.tokens import sign
from server.models.lessons import Lesson, Visibility
from server.services.play import open_playback
from server.wiring import utc_now
from storage.keys import part_key
from tests.builders import a_lesson
from tests.services.nginx import Nginx, running_nginx
from tests.services.product import Product, running_product
from tests.services.s3 import S3Server

OLD, NEW = "only-for-tests-old", "only-for-tests-new"
KEYS = f"k2:{NEW},k1:{OLD}"
MIB = 2**20
LARGE_BYTES = 64 * MIB
ASK_AGAIN_S = 2


@dataclass(frozen=True, slots=True)
class Site:
    """nginx, application and store, with one public lesson in them."""

    nginx: Nginx
    product: Product
    bucket: str
    s3: S3Server
    lesson_id: UUID
    asset_id: UUID
    part_name: str
    part: bytes

    def base(
        self, *, expires_at: datetime | None = None, key: str = "k2", session: str = ""
    ) -> str:
        """Return the address of a playback session, new if none is named."""
        secret = {"k1": OLD, "k2": NEW}.get(key, "")
        until = expires_at or utc_now() + timedelta(hours=12)
        keys = {key: SecretStr(secret)}
        return self.nginx.url + sign(keys, session or self.playback(), self.asset_id, until)

    def playback(self) -> str:
        """Begin a guest's playback session; return its id."""
        with self.product.session() as session:
            lesson = session.get_one(Lesson, self.lesson_id)
            session.commit()
            return open_playback(session, utc_now, lesson=lesson, person=None).id


@pytest.fixture(scope="module")
def site(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with s3_server.fresh_bucket() as bucket:
        s3_server.prepare_bucket(bucket)
        options = {
            "OBJECT_STORE_URL": s3_server.url(bucket),
            "BYTE_DELIVERY": "nginx",
            "PLAYBACK_KEYS": KEYS,
            "TRUSTED_PROXY_COUNT": "1",
            "WORKER_COUNT": "0",
        }
        with (
            running_product(folder, options=options) as product,
            running_nginx(
                folder / "nginx",
                app_port=product.port,
                s3_port=s3_server.port,
                bucket=bucket,
                keys=KEYS,
                ask_again_s=ASK_AGAIN_S,
            ) as nginx,
        ):
            yield _with_lesson(nginx, product, s3_server, bucket)


def _with_lesson(nginx: Nginx, product: Product, s3: S3Server, bucket: str) -> Site:
    with product.wired() as wiring, product.session() as session:
        lesson = a_lesson(session, store=wiring.store, published=True, visibility=Visibility.PUBLIC)
        assert lesson.original is not None
        asset = lesson.original.asset
        part = asset.renditions[0].parts[0]
        content = wiring.store.read_range(part_key(asset.id, part.sha256), 0, part.size_bytes)
        name = f"{part.sha256}.m4s"
        return Site(nginx, product, bucket, s3, lesson.id, asset.id, name, content)


@pytest.fixture
def http() -> Iterator[urllib3.PoolManager]:
    manager = urllib3.PoolManager(retries=False)
    yield manager
    manager.clear()


def test_a_token_opens_the_parts_of_its_asset(site: Site, http: urllib3.PoolManager) -> None:
    answer = http.request("GET", site.base() + site.part_name)

    assert (answer.status, answer.data) == (200, site.part)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "video/mp4"


def test_ranges_are_cut_as_asked(site: Site, http: urllib3.PoolManager) -> None:
    answer = http.request(
        "GET", site.base() + site.part_name, headers={"Range": "bytes=100-299", "Origin": "null"}
    )

    assert (answer.status, answer.data) == (206, site.part[100:300])
    assert answer.headers["Content-Range"] == f"bytes 100-299/{len(site.part)}"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("signature", 403),
        ("expiry", 403),
        ("session", 403),
        ("asset", 403),
        ("unknown key", 403),
        ("expired", 410),
        ("traversal", 404),
        ("listing", 404),
        ("never begun", 403),
    ],
)
def test_a_changed_token_opens_nothing(
    site: Site, http: urllib3.PoolManager, change: str, status: int
) -> None:
    answer = http.request("GET", _changed(site, change), preload_content=False)

    assert answer.status == status
    answer.drain_conn()


def _changed(site: Site, change: str) -> str:
    base, name = site.base(), site.part_name
    key, expiry, session, asset = base.removeprefix(f"{site.nginx.url}/v/").strip("/").split("/")
    new = {
        "signature": f"{_other(key)}/{expiry}/{session}/{asset}/{name}",
        "expiry": f"{key}/{int(expiry) + 1}/{session}/{asset}/{name}",
        "session": f"{key}/{expiry}/{_other(session)}/{asset}/{name}",
        "asset": f"{key}/{expiry}/{session}/{_other(asset)}/{name}",
        "traversal": f"{key}/{expiry}/{session}/{asset}/%2e%2e/{asset}/originals",
        "listing": f"{key}/{expiry}/{session}/{asset}/",
    }
    if change in new:
        return f"{site.nginx.url}/v/{new[change]}"
    if change == "unknown key":
        return site.base(key="k9") + name  # an attacker signs with an empty secret
    if change == "expired":
        return site.base(expires_at=utc_now() - timedelta(seconds=5)) + name
    return site.base(session="0" * 32) + name


def _other(word: str) -> str:
    """Return it with its last but one character changed."""
    return f"{word[:-2]}{'0' if word[-2] != '0' else '1'}{word[-1]}"


def test_the_key_before_the_last_still_opens(site: Site, http: urllib3.PoolManager) -> None:
    assert http.request("GET", site.base(key="k1") + site.part_name).status == 200


def test_the_application_is_asked_once_for_many_ranges(
    site: Site, http: urllib3.PoolManager
) -> None:
    playback = site.playback()
    base, began_s = site.base(session=playback), time.monotonic()

    for start in range(0, 200 * 10, 10):
        asked = {"Range": f"bytes={start}-{start + 9}"}
        assert http.request("GET", base + site.part_name, headers=asked).status == 206

    lasted_s = time.monotonic() - began_s
    assert len(site.nginx.reached_app(playback)) <= 1 + lasted_s // ASK_AGAIN_S
    assert site.nginx.reached_app(site.part_name) == []
    assert len(site.nginx.reached_store(site.part_name)) == 1


def test_playlists_and_state_come_from_the_application(
    site: Site, http: urllib3.PoolManager
) -> None:
    base = site.base()

    playlist = http.request("GET", base + "multivariant.m3u8")
    state = http.request("GET", base + "state.json")

    assert playlist.data.startswith(b"#EXTM3U")
    assert state.json()["is_whole"] is True
    assert playlist.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("name", ["multivariant.m3u8", "state.json"])
def test_viewers_share_what_the_application_said_a_moment_ago(
    site: Site, http: urllib3.PoolManager, name: str
) -> None:
    first = http.request("GET", site.base() + name).data
    asked_before = len(site.nginx.reached_app(f"/{name} "))

    for encoding in ("gzip", "br, gzip", "identity"):
        answer = http.request("GET", site.base() + name, headers={"Accept-Encoding": encoding})
        assert answer.data == first
        assert answer.headers["Cache-Control"].startswith("private")

    assert len(site.nginx.reached_app(f"/{name} ")) == asked_before


def test_a_shared_playlist_is_for_those_who_may_play_it(
    site: Site, http: urllib3.PoolManager
) -> None:
    url = site.base() + "multivariant.m3u8"
    assert http.request("GET", url).status == 200

    forged = http.request("GET", url.replace("/k2.", "/k1."))
    never_begun = http.request("GET", site.base(session="f" * 32) + "multivariant.m3u8")
    _set_published(site, at=None)
    time.sleep(ASK_AGAIN_S + 1)
    withdrawn = http.request("GET", url)
    _set_published(site, at=datetime.now(UTC))

    refused = (forged, never_begun, withdrawn)
    assert [answer.status for answer in refused] == [403, 403, 403]
    # A player in a frame is to read that it was refused.
    assert [answer.headers["Access-Control-Allow-Origin"] for answer in refused] == ["*"] * 3


def test_a_cold_range_near_the_end_fetches_only_its_megabytes(
    site: Site, http: urllib3.PoolManager, tmp_path: Path
) -> None:
    content = os.urandom(MIB) * (LARGE_BYTES // MIB)
    name = f"{hashlib.sha256(content).hexdigest()}.m4s"
    (tmp_path / "large").write_bytes(content)
    site.s3.client.fput_object(
        site.bucket, f"assets/{site.asset_id}/{name}", str(tmp_path / "large")
    )
    start = LARGE_BYTES - 3 * MIB // 2

    asked = {"Range": f"bytes={start}-{start + 99_999}"}
    answer = http.request("GET", site.base() + name, headers=asked)

    assert (answer.status, answer.data) == (206, content[start : start + 100_000])
    sent_bytes = sum(int(line.split()[-1]) for line in site.nginx.reached_store(name))
    assert sent_bytes < 2.1 * MIB


def test_originals_are_not_open_to_anyone(site: Site, http: urllib3.PoolManager) -> None:
    store = f"http://127.0.0.1:{site.s3.port}/{site.bucket}"
    site.s3.client.put_object(site.bucket, "originals/x", data=_one_byte(), length=1)

    assert http.request("GET", f"{store}/originals/x").status == 403
    assert http.request("GET", f"{store}/?list-type=2").status == 403
    assert http.request("GET", f"{store}/assets/{site.asset_id}/{site.part_name}").status == 200


def test_playing_goes_on_while_the_application_is_down(
    site: Site, http: urllib3.PoolManager
) -> None:
    url = site.base() + site.part_name
    assert http.request("GET", url).status == 200

    site.product.stop()
    time.sleep(ASK_AGAIN_S + 1)
    meanwhile = http.request("GET", url).status
    site.product.start()

    assert meanwhile == 200


def test_withdrawn_rights_end_playback_at_the_next_question(
    site: Site, http: urllib3.PoolManager
) -> None:
    url = site.base() + site.part_name
    assert http.request("GET", url).status == 200

    _set_published(site, at=None)
    time.sleep(ASK_AGAIN_S + 1)
    refused = http.request("GET", url).status
    _set_published(site, at=datetime.now(UTC))

    assert refused == 403


def test_the_log_holds_no_token(site: Site, http: urllib3.PoolManager) -> None:
    playback = site.playback()

    http.request("GET", site.base(session=playback) + site.part_name)

    assert site.part_name in site.nginx.log()
    assert playback not in site.nginx.log()


def test_pages_and_uploads_go_to_the_application(site: Site, http: urllib3.PoolManager) -> None:
    page = http.request("GET", f"{site.nginx.url}/sign-in")
    check = http.request("GET", f"{site.nginx.url}/_/playback-check?session=a&asset=b")
    body = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    patch = http.request("PATCH", f"{site.nginx.url}/files/{site.asset_id}", headers=body)

    assert page.status == 200
    assert check.status == 404  # nginx alone asks
    assert patch.status in {401, 403, 404}
    assert site.nginx.reached_app("PATCH /files/")


def _set_published(site: Site, *, at: datetime | None) -> None:
    with site.product.session() as session, session.begin():
        session.get_one(Lesson, site.lesson_id).published_at = at


def _one_byte() -> BytesIO:
    return BytesIO(b"x")
