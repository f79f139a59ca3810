"""Saving a lesson: who may, under which name, from anywhere in the file, and when not."""

from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.lessons import Lesson, Visibility
from server.models.library import Asset, AssetKind, AssetState, Part, Rendition, RenditionKind
from server.services.saving import file_stem
from server.wiring import Wiring
from storage.keys import original_key, part_key
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import NOON, a_lesson, a_person, a_share_link, an_original
from tests.media_clips import a_clip
from tests.prepared_media import Prepared, prepare

TITLE = 'การบวกเลข: "สองหลัก" ป.2/1'


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("saving")
    return prepare(a_clip(folder / "lesson.mp4", seconds=6), folder)


def _add_renditions(asset: Asset, prepared: Prepared, wiring: Wiring) -> None:
    made = {**prepared.pictures, "audio": prepared.sound}
    for name, parts in made.items():
        kind = {"audio": RenditionKind.AUDIO, "remux": RenditionKind.REMUX}.get(
            name, RenditionKind.VIDEO
        )
        rows = [
            Part(
                number=part.number,
                sha256=part.sha256,
                size_bytes=part.size_bytes,
                init_bytes=part.init_bytes,
                start_s=part.start_s,
                duration_s=part.duration_s,
                segments=part.segment_rows(),
            )
            for part in parts
        ]
        size_bytes = sum(part.size_bytes for part in parts)
        asset.renditions.append(
            Rendition(name=name, kind=kind, is_whole=True, parts=rows, size_bytes=size_bytes)
        )
        for part in parts:
            key = part_key(asset.id, part.sha256)
            wiring.store.put_file(key, part.path, content_type="video/mp4")


@pytest.fixture
def lesson(session: Session, wiring: Wiring, prepared: Prepared) -> Lesson:
    """A lesson whose parts are real."""
    owner = a_person(session)
    asset_id = uuid7()
    asset = Asset(
        id=asset_id,
        original_key=original_key(asset_id),
        size_bytes=1,
        kind=AssetKind.VIDEO,
        state=AssetState.READY,
        duration_s=prepared.duration_s,
        created_at=NOON,
    )
    _add_renditions(asset, prepared, wiring)
    session.add(asset)
    original = an_original(session, owner, asset)
    return a_lesson(
        session,
        owner,
        original=original,
        published=True,
        visibility=Visibility.PUBLIC,
        title=TITLE,
    )


@pytest.fixture
def phone(app: Flask, wiring: Wiring) -> AsgiClient:
    return AsgiClient(app, wiring)


def address_of(client: Visitor, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 303, answer.status_code
    return answer.headers["Location"]


def test_a_saved_file_has_its_thai_title_as_name(
    phone: AsgiClient, client: Visitor, lesson: Lesson, prepared: Prepared
) -> None:
    answer = phone.call("GET", address_of(client, f"/lessons/{lesson.id}/save/240p.mp4"))

    parts = [*prepared.pictures["240p"], *prepared.sound]
    name = quote("การบวกเลข สองหลัก ป.2 1.mp4", safe="")
    assert answer.status == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-disposition"] == (
        f"attachment; filename=\"lesson.mp4\"; filename*=UTF-8''{name}"
    )
    assert answer.headers["content-length"] == str(len(answer.body))
    assert len(answer.body) <= 1.01 * sum(part.size_bytes for part in parts)
    assert answer.body[4:8] == b"ftyp"


def test_a_cut_download_goes_on_where_it_was(
    phone: AsgiClient, client: Visitor, lesson: Lesson
) -> None:
    url = address_of(client, f"/lessons/{lesson.id}/save/240p.mp4")
    whole = phone.call("GET", url)
    etag = whole.headers["etag"]

    rest = phone.call("GET", url, range="bytes=5000-", if_range=etag)
    other = phone.call("GET", url, range="bytes=5000-", if_range='"other"')
    beyond = phone.call("GET", url, range=f"bytes={len(whole.body)}-")
    head = phone.call("HEAD", url)

    assert (rest.status, rest.body) == (206, whole.body[5000:])
    size = len(whole.body)
    assert rest.headers["content-range"] == f"bytes 5000-{size - 1}/{size}"
    assert (other.status, other.body) == (200, whole.body)
    assert beyond.status == 416
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(size))


def test_sound_alone_is_saved_as_m4a(phone: AsgiClient, client: Visitor, lesson: Lesson) -> None:
    answer = phone.call("GET", address_of(client, f"/lessons/{lesson.id}/save/audio.m4a"))
    wrong = phone.call("GET", address_of(client, f"/lessons/{lesson.id}/save/audio.mp4"))

    assert (answer.status, answer.headers["content-type"]) == (200, "audio/mp4")
    assert answer.body[8:12] == b"M4A "
    assert wrong.status == 404


def test_a_lesson_that_may_not_be_kept_is_not_saved(
    phone: AsgiClient, client: Visitor, session: Session, lesson: Lesson
) -> None:
    url = address_of(client, f"/lessons/{lesson.id}/save/240p.mp4")
    lesson.may_be_kept = False
    session.commit()

    assert phone.call("GET", url).status == 403
    assert "data-keep" not in client.get(f"/lessons/{lesson.id}").text


def test_the_page_says_the_size_before_the_tap(client: Visitor, lesson: Lesson) -> None:
    page = client.get(f"/lessons/{lesson.id}").text

    assert f"/lessons/{lesson.id}/save/240p.mp4" in page
    assert "KB" in page.split('class="save-name"', 1)[1][:80]


def test_a_share_link_saves_what_it_shows(
    phone: AsgiClient, client: Visitor, session: Session, lesson: Lesson
) -> None:
    link = a_share_link(session, lesson)

    answer = phone.call("GET", address_of(client, f"/s/{link.token}/save/240p.mp4"))

    assert answer.status == 200


def test_what_is_not_whole_is_not_saved(
    phone: AsgiClient, client: Visitor, session: Session, lesson: Lesson
) -> None:
    assert lesson.original
    url = address_of(client, f"/lessons/{lesson.id}/save/240p.mp4")
    chosen = next(row for row in lesson.original.asset.renditions if row.name == "240p")
    chosen.is_whole = False
    session.commit()

    assert phone.call("GET", url).status == 404
    assert "save/240p.mp4" not in client.get(f"/lessons/{lesson.id}").text


def test_a_part_that_is_lost_is_told_before_the_first_byte(
    phone: AsgiClient, client: Visitor, wiring: Wiring, lesson: Lesson, prepared: Prepared
) -> None:
    assert lesson.original
    sha256 = prepared.sound[0].sha256
    wiring.store.delete(part_key(lesson.original.asset_id, sha256))

    answer = phone.call("GET", address_of(client, f"/lessons/{lesson.id}/save/240p.mp4"))

    assert answer.status == 404


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("บทที่ 1/2: ไฟฟ้า", "บทที่ 1 2 ไฟฟ้า"),
        ("  ..\x00\u202egpj.exe ", "gpj.exe"),
        ("???", "lesson"),
        ("ก" * 200, "ก" * 60),
    ],
)
def test_names_fit_every_file_system(title: str, name: str) -> None:
    assert file_stem(title) == name


def test_signing_out_clears_what_the_browser_keeps(client: Visitor) -> None:
    answer = client.send_form("/sign-out")

    assert answer.headers["Clear-Site-Data"] == '"storage"'


def test_the_kept_page_of_the_device_names_nobody(client: Visitor) -> None:
    page = client.get("/kept?device").text

    assert "&#34;owner&#34;: null" in page


def test_the_worker_stands_at_the_root_and_is_asked_for_anew(client: Visitor) -> None:
    answer = client.get("/service_worker.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_worker_that_was_retired_takes_itself_off(
    client: Visitor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("server.web.saving.WORKER_PATH", tmp_path / "none.js")

    assert client.get("/service_worker.js").text == "self.registration.unregister();"
